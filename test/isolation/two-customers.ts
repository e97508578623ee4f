/** Two furnished customers with a partner each, streams open, and a clock that stands: what one of them sees changes only when somebody acts. */
import { rawMail } from '../support/raw-mail.ts'
import type { ScriptedDevice } from '../support/scripted-device.ts'
import { until } from '../support/until.ts'
import { ADMIN_TOKEN, makeWorld, type World } from '../support/world.ts'
import { furnish, INTERNAL, PNG, sendBytes, type Things } from './furnished.ts'
import { ROUTES } from './route-table.ts'

export const ALPHA = 'ALPHA-SECRET'
export const NORTH = 'NORTH-SECRET'
export const BRAVO = 'BRAVO-OWN'
export const SOUTH = 'SOUTH-OWN'
const NO_WORD = 'QWXZV-VWQXZ'

export type Seen = { status: number; text: string; headers: string }
export type TwoCustomers = Awaited<ReturnType<typeof makeTwoCustomers>>
type Items<Item> = { items: Item[]; total: number }

/** An id of the same shape that nothing has. */
export function missingLike(id: string): string {
  if (/^[0-9a-f]{8}-[0-9a-f]{4}-/.test(id)) return `${id.slice(0, -12)}000000000000`
  if (id.includes('@')) return 'nobody@nowhere.example'
  return `${id.slice(0, 4)}${'x'.repeat(Math.max(1, id.length - 4))}`
}

/** Reads a stream of events into a text that grows. */
async function listen(url: string, token: string | null): Promise<{ text(): string; close(): void }> {
  const abort = new AbortController()
  const response = await fetch(url, { signal: abort.signal, ...(token === null ? {} : { headers: { authorization: `Bearer ${token}` } }) })
  let text = ''
  const reader = (response.body ?? new ReadableStream<Uint8Array>())
    .pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)
    .getReader()
  const read = async (): Promise<void> => {
    for (;;) {
      const { value, done } = await reader.read()
      if (done) return
      text += value
    }
  }
  void read().catch(() => undefined)
  await until('the stream to begin', () => text.includes('retry'))
  return { text: () => text, close: () => abort.abort() }
}

/** Everything the house shows of a customer to those who see all, by route; nothing of it depends on the minute. */
async function viewOf(call: (path: string) => Promise<Seen>, things: Things): Promise<Record<string, string>> {
  const view: Record<string, string> = {}
  for (const [name, row] of ROUTES) {
    if (row.way !== 'owned' || !name.startsWith('GET ') || name.includes('/job')) continue
    let at = 0
    const path = name.slice(4).replaceAll(/:\w+/g, () => things[row.ids[at++] ?? ''] ?? 'nothing')
    const { status, text } = await call(`${path}?${row.query ?? ''}`)
    view[name] = `${status} ${text}`
  }
  for (const noun of ['devices', 'tickets', 'visits', 'outbox', 'maintenance-windows', 'servicedesk-links']) {
    const { status, text } = await call(`/api/v1/${noun}?customerId=${things['customer']}`)
    view[`list of ${noun}`] = `${status} ${text}`
  }
  return view
}

/** Makes the world. */
export async function makeTwoCustomers() {
  let standsAt: number | null = null
  const world: World = await makeWorld({ KIOSKEEPER_MAIL_FROM: 'desk@kiosk.example' }, () => standsAt ?? Date.now())
  const devices: ScriptedDevice[] = []
  const streams: Record<string, Awaited<ReturnType<typeof listen>>> = {}
  const stop = async (): Promise<void> => {
    for (const stream of Object.values(streams)) stream.close()
    for (const device of devices) device.kill()
    await world.stop()
  }
  try {
    const make = async (mark: string, partner: string): Promise<Things> => {
      const { ids, device } = await furnish(world, mark, partner)
      devices.push(device)
      return ids
    }
    const a = await make(ALPHA, NORTH)
    const b = await make(BRAVO, SOUTH)
    const { ok } = world

    // What both have a part in, and what nobody has yet.
    const both = [a['child'], b['child']]
    const defect = await ok('POST', '/defects', { class: 'block', title: `${INTERNAL} shared defect`, impact: 'I', ticketId: both[0] })
    await ok('POST', `/defects/${defect.id}/tickets`, { ticketId: both[1] })
    const major = await ok('POST', '/majors', { title: `${INTERNAL} shared major`, ticketIds: [a['ticket'], b['ticket']] })
    await ok('POST', `/majors/${major.id}/messages`, { body: 'We are on it.' })
    const macro = await ok('POST', '/macros', {
      name: 'Thanks',
      texts: { en: 'Thanks {{ reference }}' },
      visibility: 'public',
      changes: {},
    })
    a['macro'] = b['macro'] = macro.id
    await sendBytes(
      `${world.url}/api/v1/intake/mail`,
      rawMail({ from: `${ALPHA} <stranger@nowhere.example>`, subject: `${ALPHA} mail of a stranger` }),
      ADMIN_TOKEN,
      'message/rfc822',
    )
    a['intake'] = (await ok<Items<{ id: string }>>('GET', '/intake')).items[0]?.id ?? ''
    a['sharedDefect'] = defect.id
    a['sharedMajor'] = major.id
    a['nobody'] = missingLike(a['ticket'] ?? '')
    const references = (await ok<Items<{ reference: string }>>('GET', `/tickets?customerId=${a['customer']}`)).items.map(
      one => one.reference,
    )
    await until('every mail to be out', async () => {
      const waiting = await Promise.all(['pending', 'sending'].map(state => ok<Items<unknown>>('GET', `/outbox?state=${state}`)))
      return waiting.every(page => page.total === 0)
    })
    standsAt = Date.now()

    const call = async (
      token: string | null,
      method: string,
      path: string,
      sent: { body?: unknown; bytes?: true | undefined } = {},
    ): Promise<Seen> => {
      const headers = new Headers(token === null ? {} : { authorization: `Bearer ${token}` })
      let body: BodyInit | null = null
      if (sent.bytes) {
        body = new Uint8Array(PNG)
        headers.set('content-type', 'application/octet-stream')
      } else if (sent.body !== undefined) {
        body = JSON.stringify(sent.body)
        headers.set('content-type', 'application/json')
      }
      const abort = new AbortController()
      const response = await fetch(`${world.url}${path}`, { method, headers, body, signal: abort.signal, redirect: 'manual' })
      const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true
      const text = isStream ? '' : await response.text()
      if (isStream) abort.abort()
      return { status: response.status, text, headers: [...response.headers].map(pair => pair.join(': ')).join('\n') }
    }
    /** What somebody sees of a customer: the house, unless a token is named. */
    const view = (things: Things = a, token: string = ADMIN_TOKEN): Promise<Record<string, string>> =>
      viewOf(path => call(token, 'GET', path), things)
    const { paths } = JSON.parse((await call(null, 'GET', '/api/openapi.json')).text) as {
      paths: Record<string, Record<string, { parameters?: { in: string; name: string }[] }>>
    }
    for (const who of ['customer', 'partner', 'viewer', 'desk', 'manager', 'admin'])
      streams[who] = await listen(`${world.url}/api/v1/events`, b[`${who}Token`] ?? '')
    streams['visitor'] = await listen(`${world.url}/api/v1/conversations/${b['conversation']}/events`, null)
    const ownStream = await listen(`${world.url}/api/v1/events`, ADMIN_TOKEN)
    streams['house'] = ownStream
    /** What each stream of B has said since it opened, after all that was done before has gone out. */
    const heard = async (): Promise<Record<string, string>> => {
      const before = ownStream.text().length
      await ok('POST', `/tickets/${a['mailTicket']}/messages`, { visibility: 'public', body: 'The last word' })
      await until('the last word', () =>
        ownStream
          .text()
          .slice(before)
          .includes(a['mailTicket'] ?? '-'),
      )
      return Object.fromEntries(
        Object.entries(streams).flatMap(([who, stream]) =>
          stream === ownStream ? [] : [[who, stream.text().replaceAll(': still here\n\n', '')]],
        ),
      )
    }

    const { warnings, version, ...plan } = await ok<Record<string, unknown>>('GET', '/plans/ombori-enterprise')
    if (warnings === undefined || version === undefined) throw new Error('a plan has a version and its warnings')
    const names = new Map(Object.entries(a).map(([name, id]) => [id, `their ${name}`] as const))
    const shared = new Set([a['macro'], a['sharedDefect'], a['sharedMajor']])
    /** What a search may be for: words, ids and names of A, each with one that nobody has. */
    const filters: Record<string, string[]> = {
      customerId: [a['customer'] ?? ''],
      siteId: [a['site'] ?? ''],
      deviceId: [a['device'] ?? ''],
      ids: [a['device'] ?? ''],
      ticketId: [a['ticket'] ?? '', a['child'] ?? ''],
      partnerId: [a['partner'] ?? ''],
      assignee: [a['person'] ?? ''],
      email: [a['email'] ?? ''],
      q: [ALPHA, NORTH, a['reference'] ?? '', a['email'] ?? ''],
      subject: [`${ALPHA} screen is dark`],
      description: [`${ALPHA} screen is dark in full`],
    }
    return {
      world,
      stop,
      a,
      b,
      call,
      view,
      adminToken: ADMIN_TOKEN,
      viewBefore: await view(),
      missing: Object.fromEntries(Object.entries(a).map(([name, id]) => [name, missingLike(id)])),
      /** What no stranger may get: words of A and its partner, their ids, their secrets. */
      marks: [ALPHA, NORTH, ...references, ...Object.values(a).filter(id => id.length >= 12 && !shared.has(id))],
      /** Partners are known to all staff. */
      forAllStaff: new Set([NORTH, a['partner'] ?? '']),
      nameOf: (mark: string): string => names.get(mark) ?? mark,
      queryOf: (name: string): string[] => {
        const [method = '', path = ''] = name.split(' ')
        const operation = paths[path.replaceAll(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()]
        return (operation?.parameters ?? []).filter(one => one.in === 'query').map(one => one.name)
      },
      filtersFor: (param: string): (readonly [theirs: string, absent: string])[] =>
        param === 'scope'
          ? ['customer', 'site', 'device'].map(kind => [`${kind}:${a[kind]}`, `${kind}:${missingLike(a[kind] ?? '')}`] as const)
          : (filters[param] ?? []).map(value => [value, /^[0-9a-z@.-]{20,}$/.test(value) ? missingLike(value) : NO_WORD] as const),
      /** An answer without what is new each time: ids, references and secrets of things just made. */
      steady: (text: string): string =>
        text
          .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}/g, '<id>')
          .replaceAll(/"(reference|token|link|secret|name)":"[^"]*"/g, '"$1":"…"'),
      heard,
      device: devices[0],
      devices,
      /** Lets time pass. */
      pass: (ms: number): void => {
        standsAt = (standsAt ?? Date.now()) + ms
      },
      house: {
        macro: macro.id,
        plan: 'ombori-enterprise',
        profile: 'a-profile',
        signal: 'display.disconnected',
        partner: a['partner'] ?? '',
        nobody: missingLike(a['ticket'] ?? ''),
      } as Things,
      documents: {
        plan: { ...plan, name: 'Another name' },
        catalogue: await ok<Record<string, unknown>>('GET', '/catalogue/export'),
      } as Record<string, unknown>,
    }
  } catch (error) {
    await stop()
    throw error
  }
}
