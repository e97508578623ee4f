import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openCertificates } from '../../server/platform/instance/certificates.ts'
import { newDeviceId } from '../../shared/ids.ts'
import { runAgentCommand, startAgentCommand } from './agent-process.ts'
import { startTestBroker, type TestBroker } from './test-broker.ts'
import { startEnrolServer, type EnrolServer, type Outcome } from './test-server.ts'
import { waitFor } from './wait-for.ts'

const deviceId = newDeviceId()
const token = 'ket_test-token'
let folder: string
let dataDir: string
let broker: TestBroker
let server: EnrolServer

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kk-cli-'))
  dataDir = join(folder, 'data')
  broker = await startTestBroker()
  server = await startEnrolServer({ deviceId, mqttUrl: `mqtt://127.0.0.1:${broker.port}` })
})
afterEach(async () => {
  await server.close()
  await broker.close()
  rmSync(folder, { recursive: true, force: true })
})

const state = () => JSON.parse(readFileSync(join(dataDir, 'agent.json'), 'utf8')) as Record<string, unknown>
const enrol = (...more: string[]) => runAgentCommand(['enrol', '--server', server.url, '--token', token, '--data-dir', dataDir, ...more])

describe('enrol', () => {
  it.each([
    { outcome: 'active', code: 0, says: /^Enrolled\. Device id: .*state: active\)\n$/ },
    {
      outcome: 'additional',
      code: 0,
      says: /state: additional[^]*all devices that the plan includes are in use[^]*billed separately, per device and day/,
    },
    {
      outcome: 'waiting',
      code: 3,
      says: /Device limit reached[^]*includes 5 devices, 5 are covered[^]*Device id: [0-9a-z]{26} \(state: waiting\)[^]*retire a device/,
    },
    { outcome: 'token-refused', code: 4, says: /Token refused: The enrolment token is unknown, used up or expired/ },
    { outcome: 'broken', code: 1, says: /Enrolment failed: The server answered 500/ },
    { outcome: 'nonsense', code: 1, says: /names no broker address/ },
  ] satisfies { outcome: Outcome; code: number; says: RegExp }[])(
    'ends with $code when the server answers $outcome',
    async ({ outcome, code, says }) => {
      server.outcome = outcome
      const done = await enrol()
      expect(done.code).toBe(code)
      expect(code === 0 ? done.out : done.err).toMatch(says)
      expect(server.requests).toHaveLength(1)
      expect(server.requests[0]).toMatchObject({
        token,
        machineId: expect.stringMatching(/^[0-9a-f]{64}$/),
        agentVersion: expect.any(String),
        platform: expect.stringMatching(/^linux-/),
      })
    },
  )

  it('keeps the secret readable by the owner only, and erases the token once it is in', async () => {
    server.outcome = 'waiting'
    await enrol()
    expect(state()).toMatchObject({ token, enrolment: 'waiting', deviceId })
    server.outcome = 'active'
    await enrol()
    expect(state()).toMatchObject({ token: null, enrolment: 'active', deviceId })
    for (const file of ['agent.json', 'agent.json.bak']) {
      expect(readFileSync(join(dataDir, file), 'utf8')).not.toContain(token)
      expect(statSync(join(dataDir, file)).mode & 0o777).toBe(0o600)
    }
    expect(statSync(dataDir).mode & 0o777).toBe(0o700)
  })

  it('leaves an admitted device as it is when a later token is refused', async () => {
    await enrol()
    const before = state()
    server.outcome = 'token-refused'
    expect((await enrol()).code).toBe(4)
    expect(state()).toEqual(before)
  })

  it('waits for a place with --wait and enters when one is freed', async () => {
    server.outcome = 'waiting'
    const run = startAgentCommand(['enrol', '--server', server.url, '--token', token, '--data-dir', dataDir, '--wait'])
    await waitFor('the words about waiting', () => run.output().includes('waits for a free place'))
    server.outcome = 'active'
    const done = await run.finished
    expect(done.code).toBe(0)
    expect(done.err.match(/Device limit reached/g)).toHaveLength(1)
  }, 30_000)

  it('gives each machine id its own identity, the same one each time', async () => {
    for (const id of ['a', 'b', 'a'])
      await runAgentCommand(['enrol', '--server', server.url, '--token', token, '--data-dir', dataDir], {
        environment: { KIOSKEEPER_AGENT_MACHINE_ID: id },
      })
    const ids = server.requests.map(request => request.machineId)
    expect(ids[0]).toBe(ids[2])
    expect(ids[0]).not.toBe(ids[1])
  })

  it.each([
    { why: 'no server', args: ['--token', token], code: 2, says: /--server/ },
    { why: 'no token', args: ['--server', 'https://127.0.0.1:1'], code: 2, says: /--token/ },
    { why: 'plain text over the net', args: ['--server', 'http://kioskeeper.example:8080', '--token', token], code: 2, says: /plain text/ },
    {
      why: 'nothing listens',
      args: ['--server', 'http://127.0.0.1:1', '--token', token],
      code: 1,
      says: /Nothing answers at http:\/\/127\.0\.0\.1:1/,
    },
    { why: 'an unknown option', args: ['--colour', 'red'], code: 2, says: /--help/ },
    {
      why: 'a CA file that is none',
      args: ['--server', 'https://127.0.0.1:1', '--token', token, '--ca-file', '/etc/hostname'],
      code: 2,
      says: /no certificate/,
    },
  ])('refuses with a clear text: $why', async ({ args, code, says }) => {
    const done = await runAgentCommand(['enrol', ...args, '--data-dir', dataDir])
    expect(done.code).toBe(code)
    expect(done.err).toMatch(says)
  })

  it('trusts a server of its own authority only with --ca-file, and says so', async () => {
    const certificates = await openCertificates({
      folder: join(folder, 'tls'),
      certFile: null,
      keyFile: null,
      listenHost: '127.0.0.1',
      publicHost: null,
      nowMs: Date.now(),
    })
    const tls = await startEnrolServer({
      deviceId,
      mqttUrl: `mqtt://127.0.0.1:${broker.port}`,
      tls: { key: certificates.key, cert: certificates.cert },
    })
    const args = ['enrol', '--server', tls.url, '--token', token, '--data-dir', dataDir]
    const refused = await runAgentCommand(args)
    expect(refused.code).toBe(1)
    expect(refused.err).toMatch(/not known to this machine.*install command.*--ca-file/)
    expect(tls.requests).toEqual([])
    const caFile = join(folder, 'ca.pem')
    writeFileSync(caFile, certificates.ca ?? '')
    expect((await runAgentCommand([...args, '--ca-file', caFile])).code).toBe(0)
    expect(state().caPem).toBe(certificates.ca)
    await tls.close()
  })
})

describe('the command line', () => {
  it('explains every command', async () => {
    const overview = await runAgentCommand(['--help'])
    expect(overview.code).toBe(0)
    for (const name of ['enrol', 'run', 'status', 'doctor', 'uninstall', 'inventory', 'version']) {
      expect(overview.out).toContain(name)
      const help = await runAgentCommand([name, '--help'])
      expect(help.code).toBe(0)
      expect(help.out).toContain(`Usage: kioskeeper-agent ${name}`)
    }
    expect((await runAgentCommand(['dance'])).code).toBe(2)
    expect((await runAgentCommand(['version'])).out).toMatch(/^\d+\.\d+\.\d+\n$/)
  }, 60_000)

  it('runs, tells its status, passes its own check, refuses a second self, and is uninstalled without a trace', async () => {
    await enrol()
    const agent = startAgentCommand(['run', '--data-dir', dataDir])
    await waitFor('the birth', () => broker.of('birth').length === 1)
    const doctor = await runAgentCommand(['doctor', '--data-dir', dataDir])
    expect(doctor.out).not.toContain('FAIL')
    expect(doctor.code).toBe(0)
    expect(broker.connects).toBe(1)
    const status = await runAgentCommand(['status', '--json', '--data-dir', dataDir])
    expect(JSON.parse(status.out)).toMatchObject({ enrolment: 'active', deviceId, running: true, connected: true, configRev: 0 })
    expect((await runAgentCommand(['status', '--data-dir', dataDir])).out).toMatch(/Agent: .*running[^]*Line: +connected since/)
    const second = await runAgentCommand(['run', '--data-dir', dataDir])
    expect(second.code).toBe(1)
    expect(second.err).toContain('already running')
    const gone = await runAgentCommand(['uninstall', '--data-dir', dataDir])
    expect(gone.code).toBe(0)
    expect((await agent.finished).code).toBe(0)
    expect(existsSync(dataDir)).toBe(false)
    expect(broker.of('will').map(will => [will.message.bye, will.message.reason])).toEqual([[true, 'maintenance']])
  }, 60_000)

  it('finds what is wrong: not enrolled, server gone, waiting', async () => {
    const empty = await runAgentCommand(['doctor', '--data-dir', dataDir])
    expect(empty.code).toBe(1)
    expect(empty.out).toMatch(/FAIL enrolment: not enrolled/)
    server.outcome = 'waiting'
    await enrol()
    await server.close()
    const waiting = await runAgentCommand(['doctor', '--data-dir', dataDir])
    expect(waiting.out).toMatch(/FAIL enrolment: device .* waits for a free place/)
    expect(waiting.out).toMatch(/FAIL server reachable: Nothing answers/)
    server = await startEnrolServer({ deviceId, mqttUrl: 'mqtt://127.0.0.1:1' })
  }, 60_000)

  it('run keeps asking while the device waits and starts to work when a place is freed', async () => {
    server.outcome = 'waiting'
    await enrol()
    server.outcome = 'active'
    const agent = startAgentCommand(['run', '--data-dir', dataDir])
    await waitFor('the birth', () => broker.of('birth').length === 1, 40_000)
    agent.child.kill('SIGTERM')
    expect((await agent.finished).code).toBe(0)
  }, 60_000)

  it('names the reason an installer left for the stop', async () => {
    await enrol()
    const agent = startAgentCommand(['run', '--data-dir', dataDir])
    await waitFor('the birth', () => broker.of('birth').length === 1)
    writeFileSync(join(dataDir, 'stop-note.json'), JSON.stringify({ reason: 'update', expectedBackAt: null, at: Date.now() }))
    agent.child.kill('SIGTERM')
    await agent.finished
    expect(broker.of('will')[0]?.message).toMatchObject({ bye: true, reason: 'update' })
    expect(existsSync(join(dataDir, 'stop-note.json'))).toBe(false)
  }, 60_000)
})
