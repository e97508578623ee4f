/** Evidence and commands over real HTTP: an agent's uploads through a line that breaks anywhere, hostile requests, and who may see what. */
import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import pino from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../../agent/platform/agent-clock.ts'
import { openBundles, type Bundle } from '../../../agent/recorder/bundles.ts'
import { makeUploader, type UploadOrder } from '../../../agent/recorder/uploader.ts'
import { newTimedId } from '../../../shared/ids.ts'
import type { CommandMessage } from '../../../shared/messages.ts'
import { makeAccounts } from '../../../server/accounts/accounts.ts'
import { openStore } from '../../../server/database/database.ts'
import { enrolledDevice, type ScriptedDevice } from '../../support/scripted-device.ts'
import { until } from '../../support/until.ts'
import { ADMIN_TOKEN, makeWorld, type World } from '../../support/world.ts'

const folder = mkdtempSync(join(tmpdir(), 'kioskeeper-evidence-api-'))
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const PNG = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64')
let world: World
let device: ScriptedDevice
let place: { customerId: string; siteId: string }

beforeAll(async () => {
  world = await makeWorld()
  place = await world.makeCustomer('ombori-production')
  device = await enrolledDevice(world.url, await world.enrolmentToken(place), 'm')
  await device.connect()
  await device.birth()
})
afterAll(async () => {
  device.kill()
  await world.stop()
  rmSync(folder, { recursive: true, force: true })
})

const commandFor = (bundleId: string): Promise<CommandMessage> =>
  until('the command', () =>
    device.received
      .filter(item => item.topic.endsWith('/cmd'))
      .map(item => JSON.parse(Buffer.from(item.payload.toString().split('.')[0] ?? '', 'base64url').toString()) as CommandMessage)
      .find(message => message.payload['bundleId'] === bundleId),
  )
async function announce(parts: { name: string; kind: string; bytes: number; sha256: string }[], id = newTimedId(Date.now()), signal = '') {
  await device.publish('res', device.envelope('res', { id, state: 'evidence-ready', signal, parts }))
  return { id, order: { bundleId: id, ...(await commandFor(id)).payload } as UploadOrder }
}
const partOf = (name: string, kind: string, bytes: Buffer) => ({ name, kind, bytes: bytes.length, sha256: sha256(bytes) })
const patch = (address: string, offset: number | string, body: Buffer, type = 'application/offset+octet-stream'): Promise<Response> =>
  fetch(address, { method: 'PATCH', headers: { 'upload-offset': String(offset), 'content-type': type }, body: new Uint8Array(body) })
const get = (path: string, token = ADMIN_TOKEN): Promise<Response> =>
  fetch(`${world.url}${path}`, { headers: { authorization: `Bearer ${token}` } })

describe('evidence over HTTP', () => {
  it('arrives whole through a line that breaks after any number of bytes', async () => {
    const store = openBundles(join(folder, 'bundles'))
    const bytes = [randomBytes(300_000), PNG]
    const bundle: Bundle = {
      id: newTimedId(Date.now()),
      signal: '',
      component: '',
      text: '',
      stamp: { ts: Date.now(), up: 1, bid: 'b' },
      isWhole: true,
      parts: [],
      announcedAtMs: null,
    }
    const [log, picture] = bytes as [Buffer, Buffer]
    const saved = store.save(bundle, [
      { name: 'log', kind: 'log', bytes: gzipSync(log) },
      { name: 'picture', kind: 'screenshot', bytes: picture },
    ])
    const { order } = await announce(saved.parts, bundle.id)
    let breaks = 0
    // every connection but each sixth is cut after some bytes, at no tidy place
    const line = createServer(near => {
      const far = new Socket()
      const end = (): void => {
        near.destroy()
        far.destroy()
      }
      for (const socket of [near, far]) socket.on('error', end).on('close', end)
      let left = breaks % 6 === 5 ? Infinity : 100 + ((breaks * 48_611) % 120_000)
      breaks++
      far.connect(world.server.ports.http, '127.0.0.1')
      near.on('data', (chunk: Buffer) => {
        far.write(chunk.subarray(0, Math.max(0, Math.min(chunk.length, left))))
        left -= chunk.length
        if (left <= 0) setImmediate(end)
      })
      far.pipe(near)
    })
    await new Promise<void>(resolve => line.listen(0, '127.0.0.1', resolve))
    const address = line.address()
    const port = typeof address === 'object' && address ? address.port : 0
    const uploader = makeUploader({
      bundles: store,
      clock: systemClock,
      log: pino({ level: 'silent' }),
      caPem: null,
      serverMs: () => Date.now(),
      random: () => 0.001,
    })
    const outcome = await uploader.send({ ...order, url: order.url.replace(/:\d+/, `:${port}`) })
    line.close()
    expect(outcome).toEqual({ state: 'done', text: '2 files sent' })
    expect(breaks).toBeGreaterThan(5)
    expect(store.list()).toEqual([])
    const shown = await until('the picture', async () => (await world.device(device.id)).picture)
    expect(Buffer.from(await (await get(shown.url)).arrayBuffer())).toEqual(PNG)
  }, 60_000)

  it('is not taken from strangers, at a wrong place, of a wrong type, twice, or with a path for a name', async () => {
    const text = gzipSync('a log')
    const { order } = await announce([partOf('log', 'log', text)])
    const address = `${order.url}/${order.token}/log`
    expect((await fetch(address, { method: 'HEAD' })).headers.get('upload-offset')).toBe('0')
    expect((await patch(`${order.url}/${'x'.repeat(43)}/log`, 0, text)).status).toBe(404)
    for (const name of ['..%2f..%2finstance.json', '%2e%2e', 'log%00', 'state'])
      expect((await patch(`${order.url}/${order.token}/${name}`, 0, text)).status, name).toBe(404)
    expect((await patch(address, 0, text, 'application/json')).status).toBe(400)
    expect((await patch(address, -1, text)).status).toBe(400)
    expect((await patch(address, 'x', text)).status).toBe(400)
    const ahead = await patch(address, 5, text)
    expect([ahead.status, ahead.headers.get('upload-offset')]).toEqual([409, '0'])
    const tooMuch = await patch(address, 0, Buffer.alloc(text.length * 1000))
    expect(tooMuch.status).toBe(413)
    const other = Buffer.from(text)
    other[15] = (other[15] ?? 0) ^ 0xff
    const { headers } = await fetch(address, { method: 'HEAD' })
    const from = Number(headers.get('upload-offset'))
    expect((await patch(address, from, other.subarray(from))).status).toBe(422)
    expect((await patch(address, 0, text)).status).toBe(204)
    expect((await patch(address, text.length, text)).status).toBe(410)
  })

  it('is shown to those who may see the device, as what it is, and a text that says it is a picture as no picture', async () => {
    const lie = Buffer.from('<html><script>alert(document.cookie)</script></html>')
    const { order } = await announce([partOf('picture', 'screenshot', lie)])
    expect((await patch(`${order.url}/${order.token}/picture`, 0, lie)).status).toBe(204)
    const timeline = await world.ok<{ items: { kind: string; evidenceIds?: string[] }[] }>('GET', `/devices/${device.id}/timeline`)
    const id = timeline.items.find(item => item.kind === 'evidence')?.evidenceIds?.[0]
    const response = await get(`/api/v1/evidence/${id}`)
    expect(response.headers.get('content-type')).toBe('application/octet-stream')
    expect(response.headers.get('content-disposition')).toMatch(/^attachment/)
    expect(response.headers.get('content-security-policy')).toBe("default-src 'none'; sandbox")
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    const stranger = await world.makeCustomer('ombori-free')
    const store = await openStore(join(world.dataDir, 'kioskeeper.db'))
    const accounts = makeAccounts({ db: store.db, now: () => Date.now(), adminToken: null })
    const token = async (customerId: string): Promise<string> =>
      (await accounts.createToken({ name: 'c', role: 'customer', customerId, partnerId: null, createdBy: null })).token
    const [own, foreign] = [await token(place.customerId), await token(stranger.customerId)]
    await store.close()
    expect((await get(`/api/v1/evidence/${id}`, own)).status).toBe(200)
    expect((await get(`/api/v1/evidence/${id}`, foreign)).status).toBe(404)
    expect((await get('/api/v1/evidence/unknown', own)).status).toBe(404)
    expect((await world.api('POST', `/devices/${device.id}/commands`, { kind: 'take-picture' }, own)).status).toBe(403)
    expect((await get(`/api/v1/devices/${device.id}/commands`, foreign)).status).toBe(404)
  })

  it('commands are checked, sent and audited', async () => {
    for (const wrong of [
      {},
      { kind: 'upload-evidence' },
      { kind: 'run-remedy' },
      { kind: 'run-remedy', id: '../x' },
      { kind: 'take-picture', extra: 1 },
    ])
      expect((await world.api('POST', `/devices/${device.id}/commands`, wrong)).status, JSON.stringify(wrong)).toBe(400)
    const order = await world.api<{ id: string }>('POST', `/devices/${device.id}/commands`, {
      kind: 'run-remedy',
      id: 'reload-page',
      signal: 'app.frozen',
    })
    expect(order.status).toBe(202)
    const store = await openStore(join(world.dataDir, 'kioskeeper.db'))
    const notes = await store.db.selectFrom('audit').selectAll().where('action', '=', 'device.command').execute()
    await store.close()
    expect(notes).toMatchObject([{ actor_kind: 'bootstrap', subject_id: device.id }])
    expect(notes[0]?.detail).toContain('reload-page')
    expect((await world.api('POST', '/devices/unknown/commands', { kind: 'take-picture' })).status).toBe(404)
    await until('it arrives', () =>
      device.received.some(
        item =>
          item.topic.endsWith('/cmd') &&
          Buffer.from(item.payload.toString().split('.')[0] ?? '', 'base64url')
            .toString()
            .includes(order.body.id),
      ),
    )
  })
})
