import { X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import tls, { type TLSSocket } from 'node:tls'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openCertificates } from '../../../server/platform/instance/certificates.ts'
import { openInstance } from '../../../server/platform/instance/instance-file.ts'
import { startScheduler } from '../../../server/platform/instance/scheduler.ts'
import { takeErrorLines, testLog } from '../../support/test-log.ts'
import { until } from '../../support/until.ts'

const DAY_MS = 86_400_000
let folder: string
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'kioskeeper-instance-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('certificates', () => {
  const open = (publicHost: string | null = null, nowMs = Date.now()) =>
    openCertificates({ folder: join(folder, 'tls'), certFile: null, keyFile: null, listenHost: '127.0.0.1', publicHost, nowMs })

  it('are trusted through their own authority and nothing else', async () => {
    const made = await open('kiosks.example.org')
    const server = tls.createServer({ key: made.key, cert: made.cert }).listen(0, '127.0.0.1')
    await new Promise(resolve => server.once('listening', resolve))
    const { port } = server.address() as { port: number }
    const connect = (options: tls.ConnectionOptions): Promise<string> =>
      new Promise(resolve => {
        const socket: TLSSocket = tls.connect({ host: '127.0.0.1', port, ...options }, () => {
          resolve('trusted')
          socket.destroy()
        })
        socket.on('error', error => resolve((error as NodeJS.ErrnoException).code ?? 'error'))
      })
    expect(await connect({ ca: made.ca ?? '', servername: 'kiosks.example.org' })).toBe('trusted')
    expect(await connect({ ca: made.ca ?? '', servername: 'localhost' })).toBe('trusted')
    expect(await connect({ ca: made.ca ?? '', servername: 'other.example.org' })).toBe('ERR_TLS_CERT_ALTNAME_INVALID')
    expect(await connect({ servername: 'localhost' })).not.toBe('trusted')
    server.close()
  })

  it('are renewed before they end and for a new name, with the same key, so that copied commands stay right', async () => {
    const first = await open()
    expect((await open()).cert).toBe(first.cert)
    const later = await open(null, Date.now() + 350 * DAY_MS)
    const renamed = await open('new.example.org')
    for (const next of [later, renamed]) {
      expect(next.cert).not.toBe(first.cert)
      expect(next.pin).toBe(first.pin)
      expect(next.ca).toBe(first.ca)
    }
    expect(new X509Certificate(renamed.cert).checkHost('new.example.org')).toBeDefined()
  })

  it('keep their keys from other accounts', async () => {
    await open()
    for (const file of ['ca-key.pem', 'server-key.pem']) expect(statSync(join(folder, 'tls', file)).mode & 0o077).toBe(0)
  })
})

describe('the instance file', () => {
  it('keeps its key, and never makes a new one in place of a broken file', () => {
    const file = join(folder, 'instance.json')
    const first = openInstance(file)
    expect(openInstance(file)).toEqual(first)
    expect(statSync(file).mode & 0o077).toBe(0)
    writeFileSync(file, '{"installationId": "x", "signing')
    expect(() => openInstance(file)).toThrow('JSON')
  })
})

describe('the scheduler', () => {
  it('runs a job again and again, never twice at once, and waits for it at the end', async () => {
    let running = 0
    let most = 0
    let runs = 0
    const scheduler = startScheduler(testLog(), [
      {
        name: 'work',
        everyMs: 1,
        run: async () => {
          running += 1
          most = Math.max(most, running)
          await new Promise(resolve => setTimeout(resolve, 5))
          running -= 1
          runs += 1
        },
      },
    ])
    for (let index = 0; index < 50; index += 1) scheduler.wake('work')
    await until('five runs', () => runs >= 5)
    await scheduler.stop()
    expect(most).toBe(1)
    expect(running).toBe(0)
    const after = runs
    await new Promise(resolve => setTimeout(resolve, 20))
    expect(runs).toBe(after)
  })

  it('says when a job fails and goes on', async () => {
    let runs = 0
    const scheduler = startScheduler(testLog(), [
      {
        name: 'fragile',
        everyMs: 1,
        run: () => {
          runs += 1
          return runs === 1 ? Promise.reject(new Error('first time')) : Promise.resolve()
        },
      },
    ])
    await until('a second run', () => runs >= 2)
    await scheduler.stop()
    expect(takeErrorLines().join('')).toContain('first time')
  })
})
