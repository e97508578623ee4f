import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SETTINGS } from '../../../server/config.ts'
import { makeWorld, type World } from '../../support/world.ts'

const CLI = join(import.meta.dirname, '../../../server/cli/kioskeeper.ts')

async function run(
  words: readonly string[],
  environment: Record<string, string> = {},
): Promise<{ status: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, [CLI, ...words], { env: { ...process.env, ...environment } })
  let out = ''
  let err = ''
  child.stdout.on('data', (chunk: Buffer) => void (out += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => void (err += chunk.toString()))
  const status = await new Promise<number | null>(resolve => child.once('close', resolve))
  return { status, out, err }
}

describe('the command line', () => {
  let world: World
  let folder: string
  let environment: Record<string, string>

  beforeAll(async () => {
    world = await makeWorld()
    folder = mkdtempSync(join(tmpdir(), 'kioskeeper-cli-'))
    environment = {
      KIOSKEEPER_DATA_DIR: world.dataDir,
      KIOSKEEPER_HTTP_PORT: String(world.server.ports.http),
      KIOSKEEPER_MQTT_PORT: String(world.server.ports.mqtt),
    }
    await world.makeCustomer('ombori-free')
  })
  afterAll(async () => {
    await world.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  it('makes a token that works, while the server runs', async () => {
    const made = await run(['token', 'create', '--role', 'viewer', '--name', 'wall'], environment)
    expect(made.status, made.err).toBe(0)
    const token = made.out.trim()
    expect((await world.api('GET', '/customers', undefined, token)).status).toBe(200)
    expect((await world.api('POST', '/customers', { name: 'x', planId: 'ombori-free', timeZone: 'Etc/UTC' }, token)).status).toBe(403)
  })

  it.each([
    { why: 'an unknown role', words: ['token', 'create', '--role', 'king', '--name', 'x'], status: 2, says: 'admin, manager' },
    {
      why: 'a customer token without customer',
      words: ['token', 'create', '--role', 'customer', '--name', 'x'],
      status: 1,
      says: 'customer',
    },
    {
      why: 'a customer there is not',
      words: ['token', 'create', '--role', 'customer', '--name', 'x', '--customer', 'nobody'],
      status: 1,
      says: 'no customer nobody',
    },
    { why: 'an unknown command', words: ['dance'], status: 1, says: 'unknown command' },
    { why: 'a backup that is none', words: ['restore', '/etc/hostname'], status: 1, says: 'database already' },
  ])('refuses $why and says so', async ({ words, status, says }) => {
    const refused = await run(words, environment)
    expect(refused.status).toBe(status)
    expect(refused.err).toContain(says)
  })

  it('lists every setting and hides secrets', async () => {
    const listed = await run(['settings'], { ...environment, KIOSKEEPER_SMTP_URL: 'smtp://user:hunter2@mail.example' })
    for (const setting of SETTINGS) expect(listed.out).toContain(setting.variable)
    expect(listed.out).not.toContain('hunter2')
  })

  it('copies the installation while it runs and brings it back whole, or not at all', async () => {
    const file = join(folder, 'copy.kioskeeper')
    const copied = await run(['backup', file], environment)
    expect(copied.status, copied.err).toBe(0)
    expect(statSync(file).mode & 0o077).toBe(0)
    expect((await run(['backup', file], environment)).status, 'a backup is never overwritten').toBe(1)
    const broken = join(folder, 'broken')
    writeFileSync(broken, readFileSync(file).subarray(0, 5000))
    const other = join(folder, 'other')
    expect((await run(['restore', broken], { KIOSKEEPER_DATA_DIR: other })).status).toBe(1)
    expect(existsSync(join(other, 'kioskeeper.db'))).toBe(false)
    expect((await run(['restore', file], { KIOSKEEPER_DATA_DIR: other })).status).toBe(0)
    expect(readFileSync(join(other, 'instance.json'), 'utf8')).toBe(readFileSync(join(world.dataDir, 'instance.json'), 'utf8'))
    expect((await run(['token', 'create', '--role', 'viewer', '--name', 'x'], { KIOSKEEPER_DATA_DIR: other })).status).toBe(0)
  })

  it('checks an installation, a line each', async () => {
    const well = await run(['doctor'], environment)
    expect(well.out).not.toContain('FAIL')
    expect(well.status).toBe(0)
    const ill = await run(['doctor'], {
      KIOSKEEPER_DATA_DIR: join(folder, 'nothing'),
      KIOSKEEPER_HTTP_PORT: '1',
      KIOSKEEPER_MQTT_PORT: '1',
    })
    expect(ill.out).toMatch(/FAIL {2}data folder/)
    expect(ill.status).toBe(1)
  })

  it('stops with exit code 2 and one line per wrong setting', async () => {
    const refused = await run(['doctor'], { KIOSKEEPER_HTTP_PORT: 'x', KIOSKEEPER_LOG_LEVEL: 'loud' })
    expect(refused.status).toBe(2)
    expect(refused.err.trim().split('\n')).toHaveLength(2)
  })

  it('carries the agent', async () => {
    expect((await run(['agent', 'version'])).status).toBe(0)
    expect((await run(['agent', 'enrol', '--server', world.url, '--token', 'ket_wrong', '--data-dir', join(folder, 'agent')])).status).toBe(
      4,
    )
  })
})
