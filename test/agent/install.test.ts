import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { AGENT_FLAGS, buildAgent } from '../../server/build-agent.ts'
import { OWN_FILES } from '../../agent/cli/uninstall-command.ts'
import { fillInstaller } from '../../server/platform/instance/downloads.ts'
import { openCertificates, type Certificates } from '../../server/platform/instance/certificates.ts'
import { newDeviceId } from '../../shared/ids.ts'
import { startTestBroker, type TestBroker } from './test-broker.ts'
import { startEnrolServer, type EnrolServer } from './test-server.ts'
import { waitFor } from './wait-for.ts'

const deviceId = newDeviceId()
const pathOf = (name: string) => fileURLToPath(new URL(`../../agent/install/${name}`, import.meta.url))
const textOf = (name: string) => readFileSync(pathOf(name), 'utf8')
const library = readFileSync(pathOf(`runtime-libraries/linux-${process.arch}/libatomic.so.1`))
/** A program that runs and says what a loader says. */
const STRANGER = Buffer.from(
  '#!/bin/sh\necho "node: error while loading shared libraries: libatomic.so.1: cannot open shared object file" >&2\nexit 127\n',
)
/** What a 64-bit program is where only a 32-bit system stands around its kernel. */
const LOADERLESS = Buffer.from('#!/no/such/loader\n')
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
  server.files.set(`/download/runtime/linux-${process.arch}/libatomic.so.1`, library)
  server.files.set('/download/runtime/LICENCE.txt', readFileSync(pathOf('runtime-libraries/LICENCE.txt')))
})
afterEach(async () => {
  if (existsSync(wrapper())) await run(wrapper(), ['uninstall'])
  await server.close()
  await broker.close()
  rmSync(folder, { recursive: true, force: true })
})

const prefix = () => join(folder, 'trial')
const wrapper = () => join(prefix(), 'usr/local/bin/kioskeeper-agent')

function run(file: string, args: string[], env: Record<string, string> = {}): Promise<{ code: number; out: string }> {
  return new Promise(resolve => {
    const child = execFile(file, args, { env: { PATH: process.env.PATH ?? '', ...env } }, (_error, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, out: stdout + stderr }),
    )
  })
}

/** Fills the installer as the server does and runs it below the trial folder; `signal` tells when to end it. */
async function install(args: string[], change: Record<string, string> = {}): Promise<{ code: number; out: string }> {
  return run('sh', [await writeInstaller(change), '--prefix', prefix(), ...args])
}

async function writeInstaller(change: Record<string, string>): Promise<string> {
  const values: Record<string, string> = {
    SERVER_URL: server.url,
    CA_PEM: certificates.ca?.trim() ?? '',
    PIN: certificates.pin,
    AGENT_SHA256: sha256(bundle),
    RUNTIME_SHA256_X64: process.arch === 'x64' ? runtimeSum : '',
    RUNTIME_SHA256_ARM64: process.arch === 'arm64' ? runtimeSum : '',
    LIBRARY_SHA256_X64: process.arch === 'x64' ? sha256(library) : '',
    LIBRARY_SHA256_ARM64: process.arch === 'arm64' ? sha256(library) : '',
    ...change,
  }
  const script = join(folder, 'install.sh')
  writeFileSync(script, await fillInstaller(pathOf('install.sh'), values))
  chmodSync(script, 0o700)
  return script
}

/** Everything below the test's folder but the installer itself: names, and what the files hold. */
function listing(): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .map(entry => `${join(entry.parentPath, entry.name)} ${entry.isFile() ? sha256(readFileSync(join(entry.parentPath, entry.name))) : ''}`)
    .filter(line => !line.startsWith(`${join(folder, 'install.sh')} `))
    .toSorted()
}

const THIS_MACHINE = process.arch === 'x64' ? 'X64' : 'ARM64'

describe('the installer', () => {
  it('is one text: service files, uninstaller and flags as the bundle is measured with; nothing is left to fill in', async () => {
    const text = readFileSync(await writeInstaller({}), 'utf8')
    for (const name of [
      'kioskeeper-agent.service',
      'kioskeeper-agent-helper.socket',
      'kioskeeper-agent-helper.service',
      'running-pid.sh',
      'data-folder.sh',
    ])
      expect(text).toContain(textOf(name))
    expect(text).toContain(`\nFLAGS='${AGENT_FLAGS.join(' ')}'\n`)
    // what is left is for the machine it runs on
    expect([...new Set(text.match(/@[A-Z0-9_:]+@/g))].toSorted()).toEqual([
      '@AGENT_USER@',
      '@ALLOW_DIR@',
      '@DATA_DIR@',
      '@HOME_DIR@',
      '@UNIT_DIR@',
      '@WRAPPER@',
    ])
    expect((await run('sh', ['-n', join(folder, 'install.sh')])).code).toBe(0)
  })

  it('uses no variable that nothing sets: also where this machine does not come along, such as the service', async () => {
    const text = readFileSync(await writeInstaller({}), 'utf8').replaceAll(/^\s*#.*$/gm, '')
    const used = [...text.matchAll(/(?<!\\)\$\{?([A-Z][A-Z0-9_]*)(?!\w|:[-+])/g)].map(([, name = '']) => name)
    const set = new Set([...text.matchAll(/\b([A-Z][A-Z0-9_]*)=/g)].map(([, name = '']) => name))
    expect([...new Set(used)].filter(name => !set.has(name)).toSorted()).toEqual([])
    expect(used).toContain('UNIT_DIR')
  })

  it('removes the same files of the data folder as the agent does where it runs without an installer', () => {
    const patterns = /^OWN_FILES='(.*)'$/m.exec(textOf('data-folder.sh'))?.[1]?.split(' ') ?? []
    const examples = patterns.map(pattern => pattern.replace('[0-9]*', '4711').replace('*', ''))
    for (const name of examples) expect(name).toMatch(OWN_FILES)
    // each alternative of the agent's list has its pattern
    const ours = OWN_FILES.source
      .match(/[a-z-]+\\?\.?[a-z]*/g)
      ?.filter(word => /^(agent|spool|run|inventory|stop-note|drives|remedies|kiosk-app|recorder)/.test(word))
    for (const word of ours ?? []) expect(patterns.some(pattern => pattern.startsWith(word.split('\\')[0] ?? word))).toBe(true)
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
    expect(gone.out).toMatch(/Removed the data folder [^]*Removed the program /)
    expect(listing()).toEqual([])
  }, 120_000)

  it('removes also where the runtime cannot start, and what a broken installation left', async () => {
    expect((await install(['--token', 'ket_one'])).code).toBe(0)
    writeFileSync(join(prefix(), 'opt/kioskeeper-agent/broken'), '')
    rmSync(join(prefix(), 'opt/kioskeeper-agent/node'))
    expect((await run(wrapper(), ['status'])).code).not.toBe(0)
    const gone = await run(wrapper(), ['uninstall'])
    expect(gone.out).toMatch(/The agent is gone/)
    expect(listing()).toEqual([])

    expect((await install(['--token', 'ket_one'])).code).toBe(0)
    rmSync(wrapper())
    rmSync(join(prefix(), 'opt/kioskeeper-agent/uninstall.sh'))
    const second = await install(['--uninstall'])
    expect(second.out).toMatch(/The agent is gone/)
    // folders that were made on the way are known from the installation, which is still there
    expect(listing()).toEqual([])
  }, 120_000)

  it('leaves the running agent alone when an upgrade cannot work', async () => {
    expect((await install(['--token', 'ket_one'])).code).toBe(0)
    const pid = () => readFileSync(join(prefix(), 'var/lib/kioskeeper-agent/agent.pid'), 'utf8')
    const [before, program] = [pid(), listing().filter(line => line.includes('/opt/'))]
    for (const change of [{ AGENT_SHA256: '0'.repeat(64) }, { [`RUNTIME_SHA256_${THIS_MACHINE}`]: '1'.repeat(64) }]) {
      const failed = await install([], change)
      expect(failed.code).toBe(1)
      expect(failed.out.trimEnd().split('\n').at(-1)).toMatch(/nothing was changed on this machine/)
    }
    expect(pid()).toBe(before)
    expect(listing().filter(line => line.includes('/opt/'))).toEqual(program)
  }, 120_000)

  it('installs a device that must wait, says why with exit code 3, and the agent enters by itself', async () => {
    server.outcome = 'waiting'
    const done = await install(['--token', 'ket_one'])
    expect(done.code).toBe(3)
    expect(done.out).toMatch(/Device limit reached[^]*enters by itself/)
    server.outcome = 'active'
    await waitFor('the birth', () => broker.of('birth').length > 0, 45_000)
  }, 120_000)

  /** Each thing that can break, what the last line says of it, and how it is mended for the second try. */
  it.each<{ why: string; args?: string[]; change?: Record<string, string>; broken?(): void; mended?(): void; code: number; says: RegExp }>([
    {
      why: 'the token is refused',
      broken: () => (server.outcome = 'token-refused'),
      mended: () => (server.outcome = 'active'),
      code: 4,
      says: /refused the token; make a new one/,
    },
    {
      why: 'the server answers nonsense when it is asked for a place',
      broken: () => (server.outcome = 'broken'),
      mended: () => (server.outcome = 'active'),
      code: 1,
      says: /could not be enrolled; the reason is above/,
    },
    { why: 'there is no token', args: [], code: 2, says: /Give the enrolment token: --token/ },
    {
      why: 'the agent was changed on the way',
      change: { AGENT_SHA256: '0'.repeat(64) },
      code: 1,
      says: /downloaded agent is not.*SHA-256 differs/,
    },
    {
      why: 'the runtime was changed on the way',
      change: { [`RUNTIME_SHA256_${THIS_MACHINE}`]: '0'.repeat(64) },
      code: 1,
      says: /downloaded runtime is not.*SHA-256 differs/,
    },
    {
      why: 'the library was changed on the way',
      change: { [`LIBRARY_SHA256_${THIS_MACHINE}`]: '0'.repeat(64) },
      code: 1,
      says: /downloaded library is not.*SHA-256 differs/,
    },
    {
      why: 'the line is cut in the middle of the runtime',
      broken: () => server.files.set(`/download/runtime/linux-${process.arch}/node.gz`, runtime.subarray(0, runtime.length / 2)),
      mended: () => server.files.set(`/download/runtime/linux-${process.arch}/node.gz`, runtime),
      code: 1,
      says: /could not be unpacked.*MiB are free/,
    },
    {
      why: 'the library is not on the server',
      broken: () => server.files.delete(`/download/runtime/linux-${process.arch}/libatomic.so.1`),
      mended: () => server.files.set(`/download/runtime/linux-${process.arch}/libatomic.so.1`, library),
      code: 1,
      says: /library could not be downloaded.*run the install command again/,
    },
    {
      why: 'the runtime is whole and does not run on this machine',
      broken: () => server.files.set(`/download/runtime/linux-${process.arch}/node.gz`, gzipSync(STRANGER)),
      mended: () => server.files.set(`/download/runtime/linux-${process.arch}/node.gz`, runtime),
      change: { [`RUNTIME_SHA256_${THIS_MACHINE}`]: sha256(STRANGER) },
      code: 1,
      says: /needs libatomic\.so\.1, which this machine lacks\. Run: apt-get install libatomic1; then/,
    },
    {
      why: 'the server has another key',
      change: { PIN: `sha256//${Buffer.alloc(32).toString('base64')}` },
      code: 1,
      says: /could not be downloaded/,
    },
    {
      why: 'there is no runtime for the machine',
      change: { RUNTIME_SHA256_X64: '', RUNTIME_SHA256_ARM64: '' },
      code: 1,
      says: /no runtime/,
    },
    { why: 'the app has a user but no command', args: ['--app-user', 'root'], code: 2, says: /needs --app-command/ },
    {
      why: 'the app has a user who is not here',
      args: ['--app-user', 'nobody-here', '--app-command', 'true'],
      code: 2,
      says: /no user nobody-here/,
    },
    {
      why: 'the loader of 64-bit programs is not on this machine',
      broken: () => server.files.set(`/download/runtime/linux-${process.arch}/node.gz`, gzipSync(LOADERLESS)),
      mended: () => server.files.set(`/download/runtime/linux-${process.arch}/node.gz`, runtime),
      change: { [`RUNTIME_SHA256_${THIS_MACHINE}`]: sha256(LOADERLESS) },
      code: 1,
      says: /programs are not 64-bit ones.*needs a 64-bit Debian or Ubuntu$/,
    },
    { why: 'an option is unknown', args: ['--colour'], code: 2, says: /unknown option/ },
  ])(
    'stops with $code when $why: the disk is as before, and a second try works when the cause is gone',
    async ({ args = ['--token', 'ket_one'], change = {}, broken, mended, code, says }) => {
      broken?.()
      const before = listing()
      const done = await install(args, change)
      expect(done.out.trimEnd().split('\n').at(-1)).toMatch(says)
      expect(done.out).toMatch(/nothing was changed on this machine/)
      expect(done.code).toBe(code)
      expect(listing()).toEqual(before)
      expect(broker.connects).toBe(0)
      // what was wrong with the command itself is mended by giving the right one, which other tests do
      if (!mended) return
      mended()
      const again = await install(['--token', 'ket_one'])
      expect(again.out).toMatch(/Installed\. The agent is running/)
      expect(again.code).toBe(0)
    },
    120_000,
  )

  it.each(['it"s', "it's", '$HOME', 'a`b', 'a%n', 'a:b', 'a\\b', 'a\nb'])(
    'refuses a data folder called %j, which no script could name',
    async name => {
      const done = await install(['--token', 'ket_one', '--data-dir', join(folder, name)])
      expect(done.out).toMatch(/a folder's name must not have quotes/)
      expect(done.code).toBe(2)
      expect(listing()).toEqual([])
    },
  )

  it('refuses a data folder with files of others and leaves its mode alone; what the file system puts there does not count', async () => {
    const data = join(folder, 'photos')
    mkdirSync(data, { mode: 0o755 })
    mkdirSync(join(data, 'lost+found'))
    writeFileSync(join(data, 'me.jpg'), '')
    const refused = await install(['--token', 'ket_one', '--data-dir', data])
    expect(refused.out).toMatch(/photos holds files of others \(me\.jpg\)/)
    expect(refused.code).toBe(2)
    expect(statSync(data).mode & 0o777).toBe(0o755)
    rmSync(join(data, 'me.jpg'))
    expect((await install(['--token', 'ket_one', '--data-dir', `${data}/`])).code).toBe(0)
    const gone = await run(wrapper(), ['uninstall'])
    expect(gone.out).toMatch(/Emptied the data folder \S+photos, which is a link or a disk of its own and stays/)
    expect(gone.code).toBe(0)
    expect(readdirSync(data)).toEqual(['lost+found'])
  }, 120_000)

  it('keeps to the data folder it was installed with, with blanks and behind a link: upgrade, refusal of another, removal', async () => {
    mkdirSync(join(folder, 'disk of data'))
    const data = join(folder, 'li nk')
    symlinkSync(join(folder, 'disk of data'), data)
    const before = listing()
    expect((await install(['--token', 'ket_one', '--data-dir', data])).code).toBe(0)
    const upgrade = await install([])
    expect(upgrade.out).toMatch(/Enrolment: unchanged/)
    expect(upgrade.code).toBe(0)
    expect(server.requests).toHaveLength(1)
    const other = await install(['--data-dir', join(folder, 'other')])
    expect(other.out).toMatch(/has its data in \S+li nk\. Leave --data-dir out, or uninstall it first/)
    expect(other.code).toBe(2)
    const { pid } = JSON.parse(readFileSync(join(data, 'agent.pid'), 'utf8')) as { pid: number }
    const gone = await install(['--uninstall'])
    expect(gone.out).toMatch(/Emptied the data folder/)
    expect(gone.code).toBe(0)
    // what has ended and was not asked for its exit code yet has no command line
    expect(existsSync(`/proc/${pid}`) ? readFileSync(`/proc/${pid}/cmdline`, 'utf8') : '').toBe('')
    expect(listing()).toEqual(before)
  }, 120_000)

  it('installs and removes whatever the environment says of Node, of temporary folders and of programs', async () => {
    const odd = { NODE_OPTIONS: '--require /no/such.js', TMPDIR: '/no/such/folder', PATH: '/usr/bin:/bin', CDPATH: '/', LC_ALL: 'C' }
    const script = await writeInstaller({})
    const done = await run('sh', [script, '--prefix', prefix(), '--token', 'ket_one'], odd)
    expect(done.out).toMatch(/Installed\. The agent is running/)
    expect((await run(wrapper(), ['status', '--json'], odd)).code).toBe(0)
    expect((await run(wrapper(), ['uninstall'], odd)).code).toBe(0)
    expect(listing()).toEqual([])
  }, 120_000)

  it('lets one installation pass at a time and leaves the other alone', async () => {
    const release = server.hold(`/download/runtime/linux-${process.arch}/node.gz`)
    const first = install(['--token', 'ket_one'])
    await waitFor('the first', () => existsSync(join(prefix(), 'opt/kioskeeper-agent.new/kioskeeper-agent.mjs')))
    const before = listing()
    const second = await install(['--token', 'ket_one'])
    expect(second.out).toMatch(/another installation is under way/)
    expect(second.code).toBe(1)
    expect(listing()).toEqual(before)
    release()
    expect((await first).code).toBe(0)
  }, 120_000)

  it('is whole, or as before with its agent running, when nobody listens any more', async () => {
    const deaf = (script: string, ...args: string[]) =>
      run('bash', ['-c', '{ "$@"; echo "$?" >&2; } | true', 'bash', 'sh', script, ...args])
    const script = await writeInstaller({})
    const first = await deaf(script, '--prefix', prefix(), '--token', 'ket_one')
    expect(first.out).toMatch(/^141$/m)
    expect(listing()).toEqual([])
    expect((await install(['--token', 'ket_one'])).code).toBe(0)
    await deaf(script, '--prefix', prefix())
    await waitFor('the agent', async () => (JSON.parse((await run(wrapper(), ['status', '--json'])).out) as { running: boolean }).running)
    expect(listing().filter(line => /kioskeeper-agent\.(new|old|work)/.test(line))).toEqual([])
    await deaf(wrapper(), 'uninstall')
    expect(listing()).toEqual([])
  }, 120_000)

  it('takes everything back when it is interrupted in the middle of a download', async () => {
    const release = server.hold(`/download/runtime/linux-${process.arch}/node.gz`)
    const script = await writeInstaller({})
    const child = execFile('sh', [script, '--prefix', prefix(), '--token', 'ket_one'], { env: { PATH: process.env.PATH ?? '' } })
    let out = ''
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: string) => void (out += chunk))
    await waitFor('the download', () => out.includes('Runtime: downloading'))
    child.kill('SIGTERM')
    release()
    const code = await new Promise<number | null>(resolve => child.once('close', resolve))
    expect(code).toBe(143)
    expect(out).toMatch(/nothing was changed on this machine: it ended while downloading/)
    expect(listing()).toEqual([])
  }, 120_000)
})
