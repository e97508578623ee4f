import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { AGENT_FLAGS, buildAgent } from '../../server/build-agent.ts'
import { openCertificates, type Certificates } from '../../server/instance/certificates.ts'
import { newDeviceId } from '../../shared/ids.ts'
import { startTestBroker, type TestBroker } from './test-broker.ts'
import { startEnrolServer, type EnrolServer } from './test-server.ts'
import { waitFor } from './wait-for.ts'

const deviceId = newDeviceId()
const template = readFileSync(fileURLToPath(new URL('../../agent/install/install.sh', import.meta.url)), 'utf8')
const unitOf = (name: string) => readFileSync(fileURLToPath(new URL(`../../agent/install/${name}`, import.meta.url)), 'utf8')
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

let shared: string
let bundle: Buffer
let runtime: Buffer
let runtimeSum: string
let certificates: Certificates
let folder: string
let broker: TestBroker
let server: EnrolServer

beforeAll(async () => {
  shared = mkdtempSync(join(tmpdir(), 'kk-install-files-'))
  bundle = readFileSync((await buildAgent(shared)).file)
  const node = readFileSync(process.execPath)
  runtimeSum = sha256(node)
  runtime = gzipSync(node, { level: 1 })
  certificates = await openCertificates({
    folder: join(shared, 'tls'),
    certFile: null,
    keyFile: null,
    listenHost: '127.0.0.1',
    publicHost: null,
    nowMs: Date.now(),
  })
}, 120_000)
afterAll(() => rmSync(shared, { recursive: true, force: true }))

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kk-install-'))
  broker = await startTestBroker()
  server = await startEnrolServer({
    deviceId,
    mqttUrl: `mqtt://127.0.0.1:${broker.port}`,
    tls: { key: certificates.key, cert: certificates.cert },
  })
  server.files.set('/download/agent/kioskeeper-agent.mjs', bundle)
  server.files.set(`/download/runtime/linux-${process.arch}/node.gz`, runtime)
})
afterEach(async () => {
  if (existsSync(wrapper())) await run(wrapper(), ['uninstall'])
  await server.close()
  await broker.close()
  rmSync(folder, { recursive: true, force: true })
})

const prefix = () => join(folder, 'trial')
const wrapper = () => join(prefix(), 'usr/local/bin/kioskeeper-agent')

function run(file: string, args: string[]): Promise<{ code: number; out: string }> {
  return new Promise(resolve => {
    const child = execFile(file, args, { env: { PATH: process.env.PATH ?? '' } }, (_error, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, out: stdout + stderr }),
    )
  })
}

/** Fills the template as the server does and runs it below the trial folder. */
function install(args: string[], change: Record<string, string> = {}): Promise<{ code: number; out: string }> {
  const values: Record<string, string> = {
    SERVER_URL: server.url,
    CA_PEM: certificates.ca?.trim() ?? '',
    PIN: certificates.pin,
    AGENT_SHA256: sha256(bundle),
    RUNTIME_SHA256_X64: process.arch === 'x64' ? runtimeSum : '',
    RUNTIME_SHA256_ARM64: process.arch === 'arm64' ? runtimeSum : '',
    ...change,
  }
  const script = join(folder, 'install.sh')
  writeFileSync(
    script,
    template.replaceAll(/@([A-Z0-9_]+)@/g, (whole, name: string) => values[name] ?? whole),
  )
  chmodSync(script, 0o700)
  return run('sh', [script, '--prefix', prefix(), ...args])
}

describe('the installer', () => {
  it('carries the service files as they are in the repository, and the flags the bundle is measured with', () => {
    for (const name of ['kioskeeper-agent.service', 'kioskeeper-agent-helper.socket', 'kioskeeper-agent-helper.service'])
      expect(template).toContain(`<<'KIOSKEEPER_UNIT'\n${unitOf(name)}KIOSKEEPER_UNIT\n`)
    expect(template).toContain(`/node" ${AGENT_FLAGS.join(' ')} "`)
    for (const name of ['SERVER_URL', 'CA_PEM', 'PIN', 'AGENT_SHA256', 'RUNTIME_SHA256_X64', 'RUNTIME_SHA256_ARM64'])
      expect([name, template.split(`@${name}@`).length]).toEqual([name, 2])
  })

  it('installs, enrols over the pinned line, runs, passes its self-test; a second run upgrades; uninstall leaves nothing', async () => {
    const first = await install(['--token', 'ket_one'])
    expect(first.out).toMatch(/Enrolled\. Device id/)
    expect(first.out).toMatch(/no systemd here/)
    expect(first.out).toMatch(/PASS server trusted: .*pinned authority/)
    expect(first.out).not.toMatch(/FAIL/)
    expect(first.code).toBe(0)
    await waitFor('the birth', () => broker.of('birth').length > 0)

    const second = await install([])
    expect(second.out).toMatch(/Runtime: unchanged[^]*Enrolment: unchanged/)
    expect(second.code).toBe(0)
    await waitFor('the goodbye', () => broker.of('will').length > 0)
    expect(broker.of('will')[0]?.message).toMatchObject({ bye: true, reason: 'update' })
    expect(server.requests).toHaveLength(1)

    const status = await run(wrapper(), ['status', '--json'])
    expect(JSON.parse(status.out)).toMatchObject({ running: true, connected: true, deviceId })
    const gone = await run(wrapper(), ['uninstall'])
    expect(gone.out).toMatch(/The agent is gone/)
    expect(gone.code).toBe(0)
    const left = readdirSync(prefix(), { recursive: true, withFileTypes: true }).filter(entry => !entry.isDirectory())
    expect(left).toEqual([])
  }, 120_000)

  it('installs a device that must wait, says why with exit code 3, and the agent enters by itself', async () => {
    server.outcome = 'waiting'
    const done = await install(['--token', 'ket_one'])
    expect(done.code).toBe(3)
    expect(done.out).toMatch(/Device limit reached[^]*enters by itself/)
    server.outcome = 'active'
    await waitFor('the birth', () => broker.of('birth').length > 0, 45_000)
  }, 120_000)

  it.each([
    {
      why: 'the token is refused',
      args: ['--token', 'ket_bad'],
      change: {},
      outcome: 'token-refused' as const,
      code: 4,
      says: /refused the token/,
    },
    { why: 'there is no token', args: [], change: {}, outcome: 'active' as const, code: 2, says: /--token/ },
    {
      why: 'the agent was changed on the way',
      args: ['--token', 'ket_one'],
      change: { AGENT_SHA256: '0'.repeat(64) },
      outcome: 'active' as const,
      code: 1,
      says: /SHA-256 differs/,
    },
    {
      why: 'the server has another key',
      args: ['--token', 'ket_one'],
      change: { PIN: `sha256//${Buffer.alloc(32).toString('base64')}` },
      outcome: 'active' as const,
      code: 1,
      says: /could not be downloaded/,
    },
    {
      why: 'there is no runtime for the machine',
      args: ['--token', 'ket_one'],
      change: { RUNTIME_SHA256_X64: '', RUNTIME_SHA256_ARM64: '' },
      outcome: 'active' as const,
      code: 1,
      says: /no runtime/,
    },
    {
      why: 'the app has a user but no command',
      args: ['--app-user', 'root'],
      change: {},
      outcome: 'active' as const,
      code: 2,
      says: /needs --app-command/,
    },
    { why: 'an option is unknown', args: ['--colour'], change: {}, outcome: 'active' as const, code: 2, says: /unknown option/ },
  ])(
    'stops with $code when $why',
    async ({ args, change, outcome, code, says }) => {
      server.outcome = outcome
      const done = await install(args, change)
      expect(done.out).toMatch(says)
      expect(done.code).toBe(code)
      expect(broker.connects).toBe(0)
    },
    120_000,
  )
})
