/** A customer with one of everything a customer can have, each word of it carrying a mark that can be looked for in what others get. */
import { createHash } from 'node:crypto'
import { newTimedId } from '../../shared/ids.ts'
import type { Attachment } from '../../shared/api/mail/intake-api.ts'
import type { Relations } from '../../shared/api/tickets/relation-api.ts'
import type { Ticket } from '../../shared/api/tickets/ticket-api.ts'
import type { Job, Visit } from '../../shared/api/visits/visit-api.ts'
import type { CommandMessage } from '../../shared/messages.ts'
import { SETUPS } from '../server/servicedesks/sync-rig.ts'
import { rawMail, withFiles } from '../support/raw-mail.ts'
import { enrolledDevice, type ScriptedDevice } from '../support/scripted-device.ts'
import { until } from '../support/until.ts'
import { ADMIN_TOKEN, type World } from '../support/world.ts'

export const PNG = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64')
/** What only staff may ever read. */
export const INTERNAL = 'INTERNAL-WHISPER'
/** What a technician notes for the desk: for staff and the partner. */
export const NOTE = 'NOTE-MURMUR'

const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']

export type Things = Record<string, string>
type Items<Item> = { items: Item[]; total: number }
type Named = { id: string }

/** A call whose body is bytes. */
export async function sendBytes(url: string, bytes: Uint8Array, token: string, type = 'application/octet-stream'): Promise<Response> {
  return fetch(url, { method: 'POST', headers: { authorization: `Bearer ${token}`, 'content-type': type }, body: new Uint8Array(bytes) })
}

async function bytesAnswer<Body>(response: Promise<Response>): Promise<Body> {
  const answer = await response
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${answer.url}: ${answer.status} ${text}`)
  return JSON.parse(text) as Body
}

/** A picture that a device sends as evidence, bound to the incident of `signal`. */
async function sendEvidence(device: ScriptedDevice, signal: string): Promise<void> {
  const id = newTimedId(Date.now())
  const parts = [{ name: 'picture', kind: 'screenshot', bytes: PNG.length, sha256: createHash('sha256').update(PNG).digest('hex') }]
  await device.publish('res', device.envelope('res', { id, state: 'evidence-ready', signal, parts }))
  const command = await until('the order to upload', () =>
    device.received
      .filter(item => item.topic.endsWith('/cmd'))
      .map(item => JSON.parse(Buffer.from(item.payload.toString().split('.')[0] ?? '', 'base64url').toString()) as CommandMessage)
      .find(message => message.payload['bundleId'] === id),
  )
  const answer = await fetch(`${String(command.payload['url'])}/${String(command.payload['token'])}/picture`, {
    method: 'PATCH',
    headers: { 'upload-offset': '0', 'content-type': 'application/offset+octet-stream' },
    body: new Uint8Array(PNG),
  })
  if (answer.status !== 204) throw new Error(`evidence: ${answer.status} ${await answer.text()}`)
}

/** Addresses of the customer's people; lower case as mail is. */
export const mailOf = (mark: string, who: string): string => `${who}@${mark.toLowerCase()}.example`

/** Furnishes a customer. `mark` is in every name and text of it; `partner` has the visit. */
export async function furnish(world: World, mark: string, partnerMark: string): Promise<{ ids: Things; device: ScriptedDevice }> {
  const ids: Things = {}
  const { ok } = world
  const token = async (facts: Record<string, unknown>): Promise<string> => (await ok<{ token: string }>('POST', '/tokens', facts)).token
  const report = (subject: string, more: Record<string, unknown> = {}) => ({
    customerId: ids['customer'],
    level: 2,
    subject: `${mark} ${subject}`,
    description: `${mark} ${subject} in full`,
    channel: 'portal',
    reporter: { name: `${mark} Carl`, email: mailOf(mark, 'carl'), phone: '+46 70 123 45 67' },
    ...more,
  })

  // Who they are.
  // Closed today, so that a critical ticket calls whoever is on call.
  const openOn = WEEKDAYS[(new Date().getUTCDay() + 3) % 7] ?? 'mon'
  ids['customer'] = (
    await ok('POST', '/customers', {
      name: `${mark} customer`,
      planId: 'ombori-enterprise',
      timeZone: 'Europe/Stockholm',
      overrides: {
        hours: { [openOn]: [['09:00', '17:00']] },
        afterHours: { kind: 'levels', levels: [1], channels: ['email'] },
        entitlements: [{ id: mark.toLowerCase(), name: `${mark} training`, unit: 'hours', amount: 10, per: 'year', addOn: false }],
      },
    })
  ).id
  const customer = `/customers/${ids['customer']}`
  ids['site'] = (await ok('POST', `${customer}/sites`, { name: `${mark} site`, address: `${mark} street 1`, region: mark })).id
  ids['contact'] = (await ok('POST', `${customer}/contacts`, { name: `${mark} Carl`, email: mailOf(mark, 'carl'), phone: '+46 70 1' })).id
  ids['partner'] = (
    await ok('POST', '/partners', {
      name: `${partnerMark} partner`,
      email: mailOf(partnerMark, 'desk'),
      regions: [partnerMark],
      skills: [],
    })
  ).id
  ids['customerToken'] = await token({ name: `${mark} token`, role: 'customer', customerId: ids['customer'] })
  ids['partnerToken'] = await token({ name: `${partnerMark} token`, role: 'partner', partnerId: ids['partner'] })
  for (const role of ['admin', 'manager', 'desk', 'viewer'])
    ids[`${role}Token`] = await token({ name: `${mark} ${role}`, role, customerId: ids['customer'] })
  ids['person'] = (
    await ok('POST', '/people', { email: mailOf(mark, 'pia'), name: `${mark} Pia`, role: 'customer', customerIds: [ids['customer']] })
  ).id
  ids['partnerPerson'] = (
    await ok('POST', '/people', {
      email: mailOf(partnerMark, 'pia'),
      name: `${partnerMark} Pia`,
      role: 'partner',
      partnerId: ids['partner'],
    })
  ).id

  // What they have, and what is wrong with it.
  const enrolment = await ok<{ id: string; token: string }>('POST', '/enrolment-tokens', {
    customerId: ids['customer'],
    siteId: ids['site'],
    maxUses: 5,
  })
  ids['enrolment'] = enrolment.id
  await ok('PUT', `/rules/display.disconnected?scope=customer:${ids['customer']}`, {
    enabled: true,
    level: 2,
    holdSeconds: 0,
    clearSeconds: 0,
    fixedBy: 'remote',
    remedies: [],
    ladderSeconds: 0,
  })
  const device = await enrolledDevice(world.url, enrolment.token, mark.toLowerCase())
  ids['device'] = device.id
  await ok('PATCH', `/devices/${device.id}`, { name: `${mark} kiosk` })
  // Its own signs of life are rarer than a test is long: they would change what is seen of it.
  await device.connect({ keepalive: 300 })
  await device.birth()
  await device.metrics({ [`diskUsedPercent:${mark}`]: 7, cpuPercent: 77 })
  await device.publish(
    'evt',
    device.envelope('evt', { signal: 'display.disconnected', state: 'failing', text: `${mark} display is gone`, evidence: { seen: mark } }),
  )
  const incident = await until('the incident', async () =>
    (await ok<Items<{ id: string; ticketId: string | null }>>('GET', `/incidents?deviceId=${device.id}`)).items.find(one => one.ticketId),
  )
  ids['incident'] = incident.id
  ids['machineTicket'] = incident.ticketId ?? ''
  await sendEvidence(device, 'display.disconnected')
  const evidence = await until('the evidence', async () => {
    const { evidence: all } = await ok<Ticket>('GET', `/tickets/${ids['machineTicket']}`)
    const file = all.find(one => one.url.startsWith('/api/v1/evidence/'))
    return file && { file, told: all.find(one => one !== file) }
  })
  ids['evidence'] = evidence.file.id
  ids['toldEvidence'] = evidence.told?.id ?? ''
  ids['command'] = (await ok('POST', `/devices/${device.id}/commands`, { kind: 'take-picture' })).id

  // What they said and were told.
  const ticket = (ids['ticket'] = (await ok('POST', '/tickets', report('screen is dark', { deviceId: device.id }))).id)
  ids['reference'] = (await ok<Ticket>('GET', `/tickets/${ticket}`)).reference
  ids['email'] = mailOf(mark, 'carl')
  ids['merged'] = (await ok('POST', '/tickets', report('screen is dark again'))).id
  ids['child'] = (await ok('POST', '/tickets', report('cable'))).id
  ids['resolved'] = (await ok('POST', '/tickets', report('till is slow'))).id
  const given = (name: string, who: string) =>
    bytesAnswer<Attachment>(
      sendBytes(`${world.url}/api/v1/tickets/${ticket}/attachments?name=${name}`, Buffer.from(`${name} content`), who),
    )
  const file = await given(`${mark}-file.txt`, ADMIN_TOKEN)
  const secretFile = await given(`${INTERNAL}-${mark}.txt`, ADMIN_TOKEN)
  ids['waitingFile'] = (await given(`${mark}-waiting.txt`, ids['customerToken'])).id
  await ok('POST', `/tickets/${ticket}/messages`, { visibility: 'public', body: `${mark} answer`, attachments: [file.id] })
  await ok('POST', `/tickets/${ticket}/messages`, {
    visibility: 'internal',
    body: `${INTERNAL} ${mark} note`,
    attachments: [secretFile.id],
  })
  ids['attachment'] = file.id
  ids['secretAttachment'] = secretFile.id
  await ok('PATCH', `/tickets/${ticket}`, { line: 2, reason: `${INTERNAL} ${mark} hand-over` })
  await ok('POST', `/tickets/${ids['merged']}/merge`, { intoTicketId: ticket, reason: `${INTERNAL} ${mark} merge` })
  const related = await ok<Relations>('POST', `/tickets/${ticket}/links`, { kind: 'related', ticketId: ids['child'] })
  ids['link'] = related.related[0]?.linkId ?? ''
  const watched = await ok<Relations>('POST', `/tickets/${ticket}/watchers`, { contactId: ids['contact'] })
  ids['watcher'] = watched.watchers[0]?.id ?? ''
  const mail = await bytesAnswer<{ ticketId: string; mailId: string }>(
    sendBytes(
      `${world.url}/api/v1/intake/mail`,
      rawMail({
        from: `${mark} Carl <${mailOf(mark, 'carl')}>`,
        subject: `${mark} mail`,
        mime: withFiles(`${mark} words`, [[`${mark}.txt`, 'text/plain', Buffer.from(mark)]]),
      }),
      ADMIN_TOKEN,
      'message/rfc822',
    ),
  )
  ids['mail'] = mail.mailId
  ids['mailTicket'] = mail.ticketId
  const door = await ok<{ key: string }>('PUT', `${customer}/chat`, { origins: [`https://${mark.toLowerCase()}.example`] })
  ids['chatKey'] = door.key
  ids['conversation'] = (
    await ok<{ token: string }>('POST', `/chat/${door.key}/conversations`, { name: `${mark} Vera`, text: `${mark} hello` })
  ).token

  // What their partner does.
  const visit = await ok<Visit & { link: string }>('POST', `/tickets/${ticket}/dispatch`, { partnerId: ids['partner'] })
  ids['visit'] = visit.id
  ids['job'] = visit.link.split('/').at(-1) ?? ''
  const move = (body: Record<string, unknown>) => world.api<Job>('POST', `/visits/${visit.id}/job/transitions`, body, ids['partnerToken'])
  await move({ to: 'accepted' })
  await move({ to: 'on-site' })
  const job = await bytesAnswer<Job>(sendBytes(`${world.url}/api/v1/visits/${visit.id}/job/photos`, PNG, ids['partnerToken']))
  ids['photo'] = job.photos[0]?.id ?? ''
  const noted = await move({ to: 'done', minutes: 25, note: `${NOTE} ${mark} technician's note` })
  if (noted.status !== 200) throw new Error(`visit: ${JSON.stringify(noted.body)}`)

  // What the house keeps about them.
  ids['article'] = (
    await ok('POST', '/articles', {
      title: `${mark} article`,
      body: `${mark} text`,
      signals: ['display.disconnected'],
      visibility: 'public',
      language: 'en',
      customers: [ids['customer']],
    })
  ).id
  ids['ownDefect'] = (
    await ok('POST', '/defects', {
      class: 'crash',
      title: `${INTERNAL} ${mark} defect`,
      impact: `${INTERNAL} ${mark} impact`,
      ticketId: ticket,
    })
  ).id
  await ok('PATCH', `/defects/${ids['ownDefect']}`, { estimateOn: '2099-01-01' })
  await ok('POST', `/defects/${ids['ownDefect']}/comments`, { text: `${INTERNAL} ${mark} comment` })
  ids['ownMajor'] = (await ok('POST', '/majors', { title: `${INTERNAL} ${mark} major`, ticketIds: [ids['child']] })).id
  await ok('POST', `/majors/${ids['ownMajor']}/notes`, { text: `${INTERNAL} ${mark} remark` })
  const soon = Date.now() + 400 * 86_400_000
  const window = {
    from: new Date(soon).toISOString(),
    to: new Date(soon + 3_600_000).toISOString(),
    reason: `${mark} planned work`,
  }
  ids['window'] = (await ok('POST', '/maintenance-windows', { scope: { customerId: ids['customer'], siteId: ids['site'] }, ...window })).id
  ids['desk'] = (
    await ok('POST', '/servicedesk-links', {
      customerId: ids['customer'],
      kind: 'generic',
      name: `${mark} servicedesk`,
      baseUrl: `https://${mark.toLowerCase()}.example/desk`,
      settings: {},
      secrets: { token: 'a-token-nobody-reads' },
      stateMap: SETUPS.generic.stateMap,
    })
  ).id
  ids['rota'] = (
    await ok('POST', '/on-call', {
      name: `${mark} nights`,
      customers: [ids['customer']],
      timeZone: 'Europe/Stockholm',
      people: [{ key: 'ada', name: `${mark} Ada`, email: mailOf(mark, 'ada') }],
      shifts: [{ days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], from: '00:00', to: '23:59', people: ['ada'] }],
      overrides: [],
      handOver: { day: 'mon', time: '09:00', since: '2026-01-05' },
      nextAfterMinutes: 5,
    })
  ).id
  await ok('POST', '/tickets', report('everything is dark', { level: 1, channel: 'email' }))
  ids['call'] = await until('the call', () => linkIn(world, 'on-call/call', mailOf(mark, 'ada')))
  const entitlement = (await ok<Items<Named & { isActive: boolean; left: number | null }>>('GET', `${customer}/entitlements`)).items.find(
    one => one.isActive && (one.left ?? 1) > 0,
  )
  ids['entitlement'] = entitlement?.id ?? 'none'
  ids['use'] = (
    await ok('POST', `${customer}/entitlements/${entitlement?.id}/uses`, { amount: 1, note: `${mark} use`, ticketId: ticket })
  ).id
  await ok('POST', `/tickets/${ids['resolved']}/messages`, { visibility: 'public', body: `${mark} solved` })
  await ok('POST', `/tickets/${ids['resolved']}/transitions`, { to: 'resolved', reason: `${mark} mended` })
  ids['satisfaction'] = await until('the question', () => linkIn(world, 'how-was-it', mailOf(mark, 'carl')))
  await ok('POST', `/satisfaction/${ids['satisfaction']}`, { score: 'bad', comment: `${mark} comment` })
  ids['notice'] = await until('a notice', async () => (await ok<Items<Named>>('GET', `/tickets/${ticket}/notices`)).items[0]?.id ?? null)
  return { ids, device }
}

/** The secret in the first mail to somebody that has a link of this kind. */
export function linkIn(world: World, path: string, to: string): string | null {
  const found = world.mailbox.mails
    .filter(mail => mail.to.includes(to))
    .flatMap(mail => new RegExp(`/${path}/([\\w-]{20,})`).exec(mail.text.replaceAll('=\r\n', ''))?.[1] ?? [])
  return found[0] ?? null
}
