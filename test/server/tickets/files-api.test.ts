/** Files over HTTP: who may give and read which, hostile bytes and names, files in mails, and photos by a technician's link. */
import PostalMime from 'postal-mime'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Attachment } from '../../../shared/api/mail/intake-api.ts'
import type { Job, JobLive, Visit } from '../../../shared/api/visits/visit-api.ts'
import { makeCallers, type CallerName, type Callers } from '../../support/callers.ts'
import { enrolledDevice } from '../../support/scripted-device.ts'
import { until } from '../../support/until.ts'
import { ADMIN_TOKEN, makeWorld, type World } from '../../support/world.ts'

const PNG = Buffer.from('89504e470d0a1a0a00ff', 'hex')
const HTML = Buffer.from('<html><script>alert(1)</script></html>')
const report = { level: 3, subject: 'S', description: 'D', channel: 'portal', reporter: { name: 'Eve', email: 'eve@shop.example' } }

describe('files over HTTP', () => {
  let world: World
  let callers: Callers
  const ids = { mine: '', other: '' }
  const give = async (ticketId: string, token: string, bytes: Buffer, name = 'screen.png', type = 'application/octet-stream') => {
    const response = await fetch(`${world.url}/api/v1/tickets/${ticketId}/attachments?name=${encodeURIComponent(name)}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': type },
      body: new Uint8Array(bytes),
    })
    return { status: response.status, body: (await response.json()) as Attachment }
  }
  const read = (id: string, token: string, query = '') =>
    fetch(`${world.url}/api/v1/attachments/${id}${query}`, { headers: { authorization: `Bearer ${token}` } })

  beforeAll(async () => {
    world = await makeWorld()
    callers = await makeCallers(world)
    ids.mine = (await world.ok('POST', '/tickets', { ...report, customerId: callers.mine })).id
    ids.other = (await world.ok('POST', '/tickets', { ...report, customerId: callers.other })).id
  })
  afterAll(() => world.stop())

  it.each<[CallerName, number, number]>([
    ['desk', 201, 201],
    ['limited desk', 201, 404],
    ['viewer', 403, 403],
    ['customer', 201, 404],
    ['other customer', 404, 201],
    ['partner', 404, 404],
  ])('%s: gives to a ticket of mine %i, of another %i', async (who, mine, other) => {
    expect((await give(ids.mine, callers.tokens[who], PNG)).status).toBe(mine)
    expect((await give(ids.other, callers.tokens[who], PNG)).status).toBe(other)
  })

  it('what waits is for its giver alone, what is internal for staff, what is public for everybody of the ticket', async () => {
    const { tokens } = callers
    const { body: file } = await give(ids.mine, tokens.desk, PNG)
    const seen = async (id: string) => ({
      desk: (await read(id, tokens.desk)).status,
      viewer: (await read(id, tokens.viewer)).status,
      customer: (await read(id, tokens.customer)).status,
      other: (await read(id, tokens['other customer'])).status,
      partner: (await read(id, tokens.partner)).status,
    })
    expect(await seen(file.id)).toEqual({ desk: 200, viewer: 404, customer: 404, other: 404, partner: 404 })
    expect((await world.api('DELETE', `/attachments/${file.id}`, undefined, tokens.customer)).status).toBe(404)
    const send = (id: string, visibility: string, token: string) =>
      world.api<{ id: string }>('POST', `/tickets/${ids.mine}/messages`, { visibility, body: 'See', attachments: [id] }, token)
    expect((await send(file.id, 'public', tokens.customer)).status).toBe(400)
    const sent = await send(file.id, 'internal', tokens.desk)
    expect(sent.status).toBe(201)
    expect(await seen(file.id)).toEqual({ desk: 200, viewer: 200, customer: 404, other: 404, partner: 404 })
    const theirs = (await give(ids.mine, tokens.customer, PNG)).body
    expect((await send(theirs.id, 'public', tokens.customer)).status).toBe(201)
    expect(await seen(theirs.id)).toEqual({ desk: 200, viewer: 200, customer: 200, other: 404, partner: 404 })
    expect((await world.api('DELETE', `/attachments/${theirs.id}`, undefined, tokens.customer)).status).toBe(404)
    const listed = await world.api<{ items: Attachment[] }>('GET', `/tickets/${ids.mine}/attachments`, undefined, tokens.customer)
    expect(listed.body.items.map(item => item.id)).toEqual([theirs.id])
    expect(listed.body.items[0]?.messageId).toBeTruthy()
  })

  it('nothing of a file runs here: pictures are shown when asked for, a page in disguise is saved', async () => {
    const token = callers.tokens.desk
    const picture = (await give(ids.mine, token, PNG, 'a".png\r\nSet-Cookie: x')).body
    const page = (await give(ids.mine, token, HTML, 'photo.png')).body
    expect(page.contentType).toBe('application/octet-stream')
    for (const [id, query, kind] of [
      [picture.id, '', 'attachment'],
      [picture.id, '?show=true', 'inline'],
      [page.id, '?show=true', 'attachment'],
    ] as const) {
      const { headers } = await read(id, token, query)
      expect(headers.get('content-disposition')).toMatch(new RegExp(`^${kind}; filename\\*=UTF-8''[A-Za-z0-9._%-]+$`))
      expect(headers.get('content-security-policy')).toBe("default-src 'none'; sandbox")
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('set-cookie')).toBe(null)
    }
  })

  it.each([
    ['another type', HTML, 'x', 'text/html', 415],
    ['JSON', Buffer.from('{}'), 'x', 'application/json', 415],
    ['nothing', Buffer.alloc(0), 'x', 'application/octet-stream', 400],
    ['a name without end', PNG, 'x'.repeat(501), 'application/octet-stream', 400],
    ['too much', Buffer.alloc(10 * 1024 * 1024 + 1), 'x', 'application/octet-stream', 413],
  ])('%s is refused', async (_reason, bytes, name, type, status) =>
    expect((await give(ids.mine, ADMIN_TOKEN, bytes, name, type)).status).toBe(status),
  )

  it('goes with the mail that tells of the message', async () => {
    const file = (await give(ids.mine, ADMIN_TOKEN, PNG, 'ö.png')).body
    await world.ok('POST', `/tickets/${ids.mine}/messages`, { visibility: 'public', body: 'With a picture', attachments: [file.id] })
    const mail = await until('the mail', async () => {
      for (const one of world.mailbox.mails) {
        const parsed = await PostalMime.parse(one.text)
        if (parsed.text?.includes('With a picture')) return parsed
      }
      return undefined
    })
    expect(mail.attachments.map(one => [one.filename, one.mimeType])).toEqual([['ö.png', 'image/png']])
    expect(Buffer.from(mail.attachments[0]?.content as ArrayBuffer)).toEqual(PNG)
  })

  describe('photos of a visit', () => {
    const makeJob = async () => {
      const ticket = await world.ok('POST', '/tickets', { ...report, customerId: callers.mine })
      const visit = await world.ok<Visit>('POST', `/tickets/${ticket.id}/dispatch`, { partnerId: callers.partnerId })
      return { ticketId: ticket.id, visitId: visit.id, token: visit.link?.split('/job/')[1] ?? '' }
    }
    const photo = async (token: string, bytes: Buffer) => {
      const response = await fetch(`${world.url}/api/v1/jobs/${token}/photos`, {
        method: 'POST',
        headers: { 'content-type': 'application/octet-stream' },
        body: new Uint8Array(bytes),
      })
      return { status: response.status, body: (await response.json()) as Job }
    }
    const move = (token: string, to: string) =>
      fetch(`${world.url}/api/v1/jobs/${token}/transitions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ to }),
      })

    it('are taken by the link from acceptance on, each once, and shown to whoever sees the visit', async () => {
      const job = await makeJob()
      expect((await photo(job.token, PNG)).status).toBe(409)
      await move(job.token, 'accepted')
      expect((await photo(job.token, PNG)).body).toMatchObject({ mayAddPhotos: true, photos: [{}] })
      const again = await photo(job.token, PNG)
      expect(again.body.photos.length).toBe(1)
      const shown = await fetch(world.url + (again.body.photos[0]?.url ?? ''))
      expect([shown.status, shown.headers.get('content-type')]).toEqual([200, 'image/png'])
      const visit = await world.ok<Visit>('GET', `/visits/${job.visitId}`)
      expect(visit).toMatchObject({ photos: [{}], customer: 'Corner shop', partner: 'North', subject: 'S' })
      const url = (visit.photos[0]?.url ?? '').replace('/api/v1', '')
      for (const [who, status] of [
        ['desk', 200],
        ['customer', 200],
        ['partner', 200],
        ['other customer', 404],
      ] as const)
        expect((await fetch(`${world.url}/api/v1${url}`, { headers: { authorization: `Bearer ${callers.tokens[who]}` } })).status).toBe(
          status,
        )
    })

    it('are pictures, and of this visit alone', async () => {
      const job = await makeJob()
      const other = await makeJob()
      await move(job.token, 'accepted')
      expect((await photo(job.token, HTML)).status).toBe(400)
      expect((await photo('x'.repeat(43), PNG)).status).toBe(404)
      const { body } = await photo(job.token, PNG)
      const id = body.photos[0]?.id ?? ''
      expect((await fetch(`${world.url}/api/v1/jobs/${other.token}/photos/${id}`)).status).toBe(404)
      expect((await fetch(`${world.url}/api/v1/jobs/${job.token}/pictures/${id}`)).status).toBe(404)
    })

    it('the page tells of the display from plug to picture, and what to do about what fails', async () => {
      const enrolment = await world.enrolmentToken({ customerId: callers.mine, siteId: callers.siteId })
      const device = await enrolledDevice(world.url, enrolment, 'shown')
      await world.ok('PUT', '/rules/display.disconnected', {
        signal: 'display.disconnected',
        enabled: true,
        level: 1,
        holdSeconds: 0,
        clearSeconds: 1,
        fixedBy: 'remote',
        remedies: [],
        ladderSeconds: 0,
      })
      await device.connect()
      await device.birth()
      await device.event('display.disconnected', 'failing', 'No display on HDMI-1')
      const ticket = await until(
        'ticket',
        async () => (await world.ok<{ items: { id: string }[] }>('GET', `/tickets?deviceId=${device.id}`)).items[0],
      )
      const visit = await world.ok<Visit>('POST', `/tickets/${ticket.id}/dispatch`, { partnerId: callers.partnerId })
      const token = visit.link?.split('/job/')[1] ?? ''
      const job = (await (await fetch(`${world.url}/api/v1/jobs/${token}`)).json()) as Job
      expect(job.display).toMatchObject({ signals: [{ signal: 'display.disconnected', state: 'failing' }] })
      const live = (await (await fetch(`${world.url}/api/v1/jobs/${token}/live`)).json()) as JobLive
      expect(live.failing).toMatchObject([{ signal: 'display.disconnected', advice: null }])
      await device.goodbye()
    })
  })
})
