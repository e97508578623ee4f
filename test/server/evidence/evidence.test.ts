/** Evidence on its way in, on both databases: announced, sent in pieces, linked to its incident, let go. */
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, expect, it } from 'vitest'
import { encodeMessage } from '../../../shared/decode.ts'
import { newEpoch, newTimedId } from '../../../shared/ids.ts'
import type { CommandMessage } from '../../../shared/messages.ts'
import { DEVICE_EVIDENCE_BYTES, EVIDENCE_KEEP_MS, UPLOAD_LIFE_MS } from '../../../server/evidence/rules/evidence-rules.ts'
import type { Store } from '../../../server/database/database.ts'
import { eachStore } from '../../support/stores.ts'
import { makeTestHouse } from '../../support/test-house.ts'
import { until } from '../../support/until.ts'

const START_MS = Date.parse('2026-03-02T09:00:00Z')
const MINUTE_MS = 60_000
const base = mkdtempSync(join(tmpdir(), 'kioskeeper-evidence-'))
afterAll(() => rmSync(base, { recursive: true, force: true }))

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const LOG = gzipSync(JSON.stringify({ lines: ['a', 'b'] }))
/** One pixel. */
const PNG = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64')
type Part = { name: string; kind: string; bytes: Uint8Array }
const BUNDLE: Part[] = [
  { name: 'log', kind: 'log', bytes: LOG },
  { name: 'picture', kind: 'screenshot', bytes: PNG },
]
async function* inPieces(bytes: Uint8Array, size = 7): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function makeSite(store: Store) {
  let nowMs = START_MS
  const folder = mkdtempSync(join(base, 'data-'))
  const sent: { deviceId: string; message: CommandMessage }[] = []
  let isThere = true
  const house = makeTestHouse(store, () => nowMs, {
    deskEmail: null,
    evidenceFolder: folder,
    publish(deviceId, kind, payload) {
      if (kind === 'cmd' && isThere)
        sent.push({ deviceId, message: JSON.parse(Buffer.from(payload.split('.')[0] ?? '', 'base64url').toString()) as CommandMessage })
      return isThere
    },
  })
  await house.catalogue.load()
  const customer = await house.customers.create({ name: 'Shop', planId: 'ombori-production', timeZone: 'Europe/Stockholm' })
  const site = await house.sites.createSite(customer.id, { name: 'Street' })
  const { token } = await house.enrolment.createToken({
    customerId: customer.id,
    siteId: site.id,
    maxUses: 5,
    expiresAtMs: null,
    createdBy: 'test',
  })
  const epoch = newEpoch()
  let sequence = 0
  const enrol = async (machineId: string): Promise<string> => {
    const outcome = await house.enrolment.enrol({ token, machineId, hostname: machineId, platform: 'linux', agentVersion: '1' })
    if (!outcome.admitted) throw new Error('not admitted')
    house.presence.admitted(outcome.answer.deviceId, customer.id)
    return outcome.answer.deviceId
  }
  const deviceId = await enrol('m')
  /** Sent now, made `ageMs` ago. */
  const say = (kind: 'res' | 'evt' | 'birth', d: object, ageMs = 0, from = deviceId): Promise<void> => {
    const head = { v: 1, t: kind, e: epoch, q: ++sequence, ts: nowMs - ageMs, up: 100_000_000 - ageMs, su: 100_000_000, bid: 'b1' }
    return house.ingest.commit([{ deviceId: from, kind, payload: encodeMessage({ ...head, d }), receivedAtMs: nowMs }])
  }
  await say('birth', { sid: 's', agentVersion: '1', hostname: 'k', platform: 'linux' })
  const announce = async (
    options: { id?: string; signal?: string; component?: string; parts?: Part[]; ageMs?: number; from?: string } = {},
  ) => {
    const { id = newTimedId(nowMs), signal = 'app.crashed', component = '', parts = BUNDLE, ageMs = 0, from = deviceId } = options
    const before = sent.length
    await say(
      'res',
      {
        id,
        state: 'evidence-ready',
        signal,
        component,
        parts: parts.map(part => ({ ...part, bytes: part.bytes.length, sha256: sha256(part.bytes) })),
      },
      ageMs,
      from,
    )
    // what waits is sent after the commit, not within it
    const told = await until('the command', () => sent.slice(before).find(item => item.message.payload['bundleId'] === id)?.message)
    return { id, told, token: String(told.payload['token']) }
  }
  const send = (address: string, part: Part, size?: number): Promise<unknown> =>
    house.intake.append(address, part.name, 0, inPieces(part.bytes, size))
  const answer = (message: CommandMessage | undefined, state = 'done'): Promise<void> => say('res', { id: message?.id ?? '', state })
  return {
    ...house,
    db: store.db,
    folder,
    customer,
    deviceId,
    enrol,
    say,
    announce,
    send,
    answer,
    sent,
    leave: () => void (isThere = false),
    back: () => void (isThere = true),
    pass: (ms: number) => void (nowMs += ms),
  }
}
const refusal = (slug: string) => expect.objectContaining({ slug })

eachStore('evidence', open => {
  it('is asked for with a signed one-time address, taken in pieces, and there as it was sent', async () => {
    const site = await makeSite(await open())
    const { told, token } = await site.announce()
    expect(told).toMatchObject({ kind: 'upload-evidence', deviceId: site.deviceId })
    expect(token.length * 6).toBeGreaterThanOrEqual(128)
    for (const part of BUNDLE) {
      expect(await site.intake.offsetOf(token, part.name)).toEqual({ offset: 0, length: part.bytes.length })
      await site.send(token, part)
      expect(await site.intake.offsetOf(token, part.name)).toEqual({ offset: part.bytes.length, length: part.bytes.length })
      await expect(site.intake.append(token, part.name, part.bytes.length, inPieces(LOG))).rejects.toEqual(refusal('upload-finished'))
    }
    const rows = await site.db.selectFrom('evidence_files').selectAll().orderBy('part').execute()
    expect(rows.map(row => [row.kind, row.content_type, row.at_ms])).toEqual([
      ['log', 'application/gzip', START_MS],
      ['screenshot', 'image/png', START_MS],
    ])
    const { stream, name } = await site.evidence.open(rows[1]?.id ?? '')
    expect(Buffer.concat(await stream.toArray())).toEqual(PNG)
    expect(name).toBe('screenshot-2026-03-02T090000.png')
    const uploads = await site.db.selectFrom('evidence_uploads').selectAll().execute()
    expect(JSON.stringify(uploads)).not.toContain(token)
  })

  it('goes on at any byte, says the right offset to a wrong one, and lets a newer line take over from a hanging one', async () => {
    const site = await makeSite(await open())
    const { token } = await site.announce()
    async function* broken(): AsyncIterable<Uint8Array> {
      yield LOG.subarray(0, 10)
      throw new Error('the line broke')
    }
    await expect(site.intake.append(token, 'log', 0, broken())).rejects.toThrow('the line broke')
    expect(await site.intake.offsetOf(token, 'log')).toMatchObject({ offset: 10 })
    await expect(site.intake.append(token, 'log', 0, inPieces(LOG))).rejects.toMatchObject({
      slug: 'upload-offset-wrong',
      extra: { offset: 10 },
    })
    let release = (): void => undefined
    async function* hanging(): AsyncIterable<Uint8Array> {
      yield LOG.subarray(10, 12)
      await new Promise<void>(resolve => (release = resolve))
    }
    const hung = site.intake.append(token, 'log', 10, hanging()).catch((error: unknown) => error)
    while ((await site.intake.offsetOf(token, 'log')).offset < 12) await new Promise(resolve => setImmediate(resolve))
    await site.intake.append(token, 'log', 12, inPieces(LOG.subarray(12)))
    expect(await hung).toEqual(refusal('upload-interrupted'))
    release()
    expect(await site.db.selectFrom('evidence_files').selectAll().execute()).toHaveLength(1)
  })

  it('does not take other bytes, more bytes, other parts or foreign tokens', async () => {
    const site = await makeSite(await open())
    const { token } = await site.announce()
    const wrong = Buffer.from(LOG)
    wrong[20] = (wrong[20] ?? 0) ^ 1
    await expect(site.send(token, { ...(BUNDLE[0] as Part), bytes: wrong })).rejects.toEqual(refusal('checksum-mismatch'))
    expect(await site.intake.offsetOf(token, 'log')).toMatchObject({ offset: 0 })
    await expect(site.intake.append(token, 'log', 0, inPieces(Buffer.alloc(LOG.length + 1), 9999))).rejects.toEqual(refusal('too-large'))
    for (const name of ['../../instance.json', 'log/../log', '', 'metrics', '__proto__', 'LOG'])
      await expect(site.intake.append(token, name, 0, inPieces(LOG)), name).rejects.toEqual(refusal('not-found'))
    for (const other of ['', 'x'.repeat(43), `${token}x`, token.toLowerCase()])
      await expect(site.intake.offsetOf(other, 'log'), other).rejects.toEqual(refusal('not-found'))
    expect(await site.db.selectFrom('evidence_files').selectAll().execute()).toEqual([])
    expect(existsSync(join(site.folder, 'files'))).toBe(false)
  })

  it.each([
    ['screenshot', Buffer.from('<script>alert(1)</script>'), 'application/octet-stream', 'a text that says it is a picture'],
    ['screenshot', PNG.subarray(0, 50), 'application/octet-stream', 'a picture without its end'],
    [
      'screenshot',
      Buffer.concat([PNG.subarray(0, 16), Buffer.from('ffffffffffffffff', 'hex'), PNG.subarray(24)]),
      'application/octet-stream',
      'a picture of 4 billion by 4 billion',
    ],
    ['log', Buffer.from('plain'), 'application/octet-stream', 'a log that is not packed'],
    ['log', gzipSync(Buffer.alloc(100 * 1024 * 1024)), 'application/gzip', 'a bomb: kept as it is, never unpacked here'],
  ])('keeps a %s for what its bytes are', async (kind, bytes, contentType, reason) => {
    const site = await makeSite(await open())
    const part: Part = { name: 'x', kind, bytes }
    const { token } = await site.announce({ parts: [part] })
    await site.send(token, part, 4096)
    const row = await site.db.selectFrom('evidence_files').selectAll().executeTakeFirstOrThrow()
    expect(row.content_type, reason).toBe(contentType)
    expect((await site.fleet.read(site.deviceId)).picture).toBeNull()
  })

  it('ends an address after a day; asked again the device gets a new one and goes on where it was', async () => {
    const site = await makeSite(await open())
    const first = await site.announce()
    await site.intake.append(first.token, 'log', 0, inPieces(LOG.subarray(0, 5))).catch(() => undefined)
    site.pass(UPLOAD_LIFE_MS + 1)
    await expect(site.intake.offsetOf(first.token, 'log')).rejects.toEqual(refusal('not-found'))
    expect(await site.commands.expire()).toBe(1)
    const second = await site.announce({ id: first.id })
    expect(second.token).not.toBe(first.token)
    await expect(site.intake.offsetOf(first.token, 'log')).rejects.toEqual(refusal('not-found'))
    expect(await site.intake.offsetOf(second.token, 'log')).toMatchObject({ offset: 5 })
  })

  it('tells a device that announces again while its address is on the way the same one, and bounds what may wait', async () => {
    const site = await makeSite(await open())
    const first = await site.announce()
    const again = await site.announce({ id: first.id })
    expect(again.told.id).toBe(first.told.id)
    expect(again.token).toBe(first.token)
    for (let more = 0; more < 60; more++)
      await site.say('res', {
        id: newTimedId(START_MS + more),
        state: 'evidence-ready',
        signal: 'app.crashed',
        parts: [{ name: 'x', kind: 'log', bytes: 100, sha256: sha256(LOG) }],
      })
    expect(await site.db.selectFrom('evidence_uploads').selectAll().execute()).toHaveLength(40)
    const other = await site.enrol('other')
    expect((await site.announce({ from: other })).told).toBeDefined()
  })

  it('puts malformed announcements into quarantine', async () => {
    const site = await makeSite(await open())
    const part = { name: 'log', kind: 'log', bytes: 10, sha256: sha256(LOG) }
    for (const wrong of [
      { name: '../../etc/passwd' },
      { name: 'UPPER' },
      { kind: 'program' },
      { bytes: 3 * 1024 * 1024 },
      { bytes: 0 },
      { sha256: '../files' },
    ])
      await site.say('res', { id: 'x', state: 'evidence-ready', signal: 'app.crashed', parts: [{ ...part, ...wrong }] })
    await site.say('res', { id: 'x', state: 'evidence-ready', signal: 'app.crashed', parts: Array.from({ length: 9 }, () => part) })
    expect(await site.db.selectFrom('quarantine').selectAll().execute()).toHaveLength(7)
    expect(await site.db.selectFrom('evidence_uploads').selectAll().execute()).toEqual([])
  })

  it('belongs to the incident whose time it is of, also when the incident comes later, and to no other', async () => {
    const site = await makeSite(await open())
    const age = 5 * 60 * MINUTE_MS
    const { token } = await site.announce({ ageMs: age })
    for (const part of BUNDLE) await site.send(token, part)
    expect(await site.evidence.linkLoose()).toBe(0)
    // told late: the device was away for five hours
    await site.say('evt', { signal: 'app.crashed', state: 'failing', text: 'gone' }, age + 1_000)
    site.pass(10 * MINUTE_MS)
    await site.deadlines.runDue()
    expect(await site.evidence.linkLoose()).toBe(2)
    const [incident] = await site.db.selectFrom('incidents').selectAll().execute()
    expect(incident?.signal).toBe('app.crashed')
    const rows = await site.db.selectFrom('evidence_files').selectAll().execute()
    expect(rows.map(row => [row.incident_id, row.at_ms])).toEqual(rows.map(() => [incident?.id, START_MS - age]))
    const ticket = await site.ticketing.read(incident?.ticket_id ?? '')
    expect(
      ticket.evidence
        .filter(item => item.url.startsWith('/api/v1/evidence/'))
        .map(item => item.kind)
        .toSorted(),
    ).toEqual(['log', 'screenshot'])
    // of the same signal, but hours after its end
    await site.say('evt', { signal: 'app.crashed', state: 'ok', text: 'back' })
    site.pass(age)
    await site.deadlines.runDue()
    const later = await site.announce()
    for (const part of BUNDLE) await site.send(later.token, part)
    await site.evidence.linkLoose()
    expect((await site.ticketing.read(ticket.id)).evidence).toHaveLength(ticket.evidence.length)
  })

  it('keeps a bundle that was whole on the disk when the server ended before its row', async () => {
    const site = await makeSite(await open())
    const { token } = await site.announce()
    await site.send(token, BUNDLE[0] as Part)
    // the moment between the last byte and the row, made by hand: the bytes are there, the row is not
    const { id } = await site.db.selectFrom('evidence_uploads').select('id').executeTakeFirstOrThrow()
    writeFileSync(join(site.folder, 'partial', `${id}.1`), PNG)
    expect(await site.intake.offsetOf(token, 'picture')).toEqual({ offset: PNG.length, length: PNG.length })
    expect(await site.db.selectFrom('evidence_files').select('part').orderBy('part').execute()).toEqual([
      { part: 'log' },
      { part: 'picture' },
    ])
  })

  it('lets the oldest of a device go over its limit, everything after 90 days, and bytes only when no row needs them', async () => {
    const site = await makeSite(await open())
    const one = await site.announce()
    for (const part of BUNDLE) await site.send(one.token, part)
    const files = (): string[] => readdirSync(join(site.folder, 'files', site.deviceId))
    await site.db.updateTable('evidence_files').set({ bytes: DEVICE_EVIDENCE_BYTES }).where('part', '=', 'picture').execute()
    site.pass(MINUTE_MS)
    // the same picture again: the old row goes, its bytes stay
    const two = await site.announce({ parts: [BUNDLE[1] as Part] })
    await site.send(two.token, BUNDLE[1] as Part)
    expect(await site.db.selectFrom('evidence_files').select('bundle_id').execute()).toEqual([{ bundle_id: two.id }])
    expect(files()).toEqual([sha256(PNG)])
    site.pass(EVIDENCE_KEEP_MS + 1)
    await site.evidence.forget()
    expect(await site.db.selectFrom('evidence_files').selectAll().execute()).toEqual([])
    expect(files()).toEqual([])
    expect(readdirSync(join(site.folder, 'partial'))).toEqual([])
  })
})
