/** What a desk has on its table besides faults: visits, ties between tickets, a defect, major incidents, a chat, macros, who is on call. */
import type { TicketInput } from '../../shared/api/tickets/ticket-api.ts'
import type { VisitMove } from '../../shared/api/visits/visit-api.ts'
import type { Caller } from '../../server/platform/caller.ts'
import type { MadeCustomer } from './demo-setup.ts'
import { MACROS, ROTA } from './desk-texts.ts'
import type { Scene } from './scene.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
/** Whose visits the demo's partner login sees. */
export const DEMO_PARTNER = 'Fältkraft Service'
const FREYA: Caller = { kind: 'user', id: 'demo', name: 'Freya Holt', role: 'manager', customerIds: null, partnerId: null }
const DESK = { author_kind: 'person' as const, author_name: FREYA.name }
const FIELD = { actor: 'partner' as const, author: { author_kind: 'partner' as const, author_name: DEMO_PARTNER } }

type Report = {
  customer: string
  level?: 1 | 2 | 3 | 4
  subject: string
  description: string
  channel?: TicketInput['channel']
  device?: string | undefined
}

/** Ten in the morning of the day after, where the sites of the demo's partner are: they are open then. */
function tomorrowAtTen(nowMs: number): string {
  const day = Temporal.Instant.fromEpochMilliseconds(nowMs).toZonedDateTimeISO('Europe/Stockholm').toPlainDate().add({ days: 1 })
  return day.toZonedDateTime({ timeZone: 'Europe/Stockholm', plainTime: '10:00' }).toInstant().toString()
}

/** What the scenes stand on: tickets by their subject, and acts that happen when their tickets are there. */
function makeStage({ house, time, endMs, customers }: Scene, subjects: Set<string>) {
  const ids = new Map<string, string>()
  const customer = (name: string): MadeCustomer | undefined => customers.find(made => made.name === name)
  const findDevice = async (customerId: string, name: string): Promise<string | undefined> => {
    const { items } = await house.fleet.list({ customerId, q: name, limit: 10, scope: null })
    return items.find(device => device.name === name)?.id
  }
  return {
    customer,
    at: (agoMs: number, act: () => Promise<unknown>): void => time.at(endMs - agoMs, act),
    /** Somebody reports something; nothing happens for a customer that is not there. */
    reports(agoMs: number, { customer: name, subject, description, level = 3, channel = 'phone', device: deviceName }: Report): void {
      const made = customer(name)
      if (!made) return
      subjects.add(subject)
      time.at(endMs - agoMs, async () => {
        const [contact] = await house.customers.listContacts(made.id)
        const reporter = { name: contact?.name ?? 'Somebody', ...(contact ? { email: contact.email, phone: '+46 8 555 01 00' } : {}) }
        const device = deviceName === undefined ? undefined : await findDevice(made.id, deviceName)
        const facts = {
          softwareVersion: '4.2.1',
          platformVersion: 'Debian 13',
          impact: 'some devices',
          ...(device && { deviceId: device }),
        }
        const ticket = await house.ticketing.register(
          { customerId: made.id, level, subject, description, channel, reporter, ...facts },
          DESK,
        )
        ids.set(subject, ticket.id)
      })
    },
    /** Acts on those of the tickets that are there, unless there are fewer than asked for. */
    withTickets(agoMs: number, wanted: readonly string[], act: (ids: string[]) => Promise<unknown>, least = wanted.length): void {
      time.at(endMs - agoMs, async () => {
        const there = wanted.flatMap(subject => ids.get(subject) ?? [])
        if (there.length >= least) await act(there)
      })
    },
  }
}
type Stage = ReturnType<typeof makeStage>

/** A visit in every state that is under way, and one that is done. */
function planVisits({ house, time }: Scene, stage: Stage): void {
  const partnerId = async (): Promise<string> => {
    const { items } = await house.partners.list({ limit: 100, onlyId: null })
    return items.find(partner => partner.name === DEMO_PARTNER)?.id ?? ''
  }
  const visits: [
    subject: string,
    description: string,
    device: string | undefined,
    offeredAgoMs: number,
    moves: [agoMs: number, move: () => VisitMove][],
  ][] = [
    ['Scanner of checkout 1 has come off its holder', 'It hangs by its cable.', 'Livs Haga checkout 1', 25 * MINUTE_MS, []],
    [
      'Customer display of checkout 2 flickers',
      'It flickers when the door opens.',
      'Livs Haga checkout 2',
      2 * HOUR_MS,
      [[70 * MINUTE_MS, () => ({ to: 'accepted' })]],
    ],
    [
      'Receipt printer of checkout 3 prints pale lines',
      'Every third line cannot be read.',
      'Livs Haga checkout 3',
      6 * HOUR_MS,
      [
        [5.5 * HOUR_MS, () => ({ to: 'accepted' })],
        [5.4 * HOUR_MS, () => ({ to: 'scheduled', at: tomorrowAtTen(time.now()) })],
      ],
    ],
    [
      'Card reader of checkout 4 is loose',
      'One has to press it while paying.',
      'Livs Haga checkout 4',
      5 * HOUR_MS,
      [
        [4.5 * HOUR_MS, () => ({ to: 'accepted' })],
        [18 * MINUTE_MS, () => ({ to: 'on-site' })],
      ],
    ],
    [
      'Bag scale of checkout 2 does not come to rest',
      'Every customer needs help.',
      undefined,
      29 * HOUR_MS,
      [
        [28 * HOUR_MS, () => ({ to: 'accepted' })],
        [24 * HOUR_MS, () => ({ to: 'on-site' })],
        [
          23 * HOUR_MS,
          () => ({
            to: 'done',
            minutes: 50,
            note: 'The load cell was cracked. Replaced, levelled, tested with 1 kg.',
            parts: [{ name: 'Load cell 15 kg', serial: 'LC-20611' }],
          }),
        ],
      ],
    ],
  ]
  for (const [subject, description, device, offeredAgoMs, moves] of visits) {
    let visitId = ''
    stage.reports(offeredAgoMs + 10 * MINUTE_MS, { customer: 'Lindqvist Livs', subject, description, device })
    stage.withTickets(offeredAgoMs, [subject], async ([id = '']) => {
      const { visit } = await house.visits.dispatch(id, { partnerId: await partnerId() }, DESK)
      visitId = visit.id
    })
    for (const [agoMs, move] of moves) stage.withTickets(agoMs, [subject], () => house.visits.move(visitId, move(), FIELD))
  }
}

/** Tickets that belong together, and the defect behind some of them. */
function planTies({ house, endMs }: Scene, stage: Stage): void {
  const customer = 'Brookfield Home & Garden'
  const [short, again] = ['Receipts are cut too short at checkout 1', 'Receipts too short again']
  stage.reports(8 * HOUR_MS, { customer, subject: short, description: 'The total is missing on every second receipt.' })
  stage.reports(7 * HOUR_MS, { customer, subject: again, description: 'As I said this morning.', channel: 'email' })
  stage.withTickets(40 * MINUTE_MS, [again, short], ([from = '', into = '']) =>
    house.relations.merge(from, { intoTicketId: into, reason: 'The same printer, reported twice.' }, DESK),
  )
  const [move, first, second] = ['Croydon moves to its new network', 'New network: checkouts', 'New network: signs at the entrance']
  stage.reports(20 * HOUR_MS, { customer, level: 4, subject: move, description: 'Everything gets a new address on Thursday.' })
  stage.reports(19.5 * HOUR_MS, { customer, level: 4, subject: first, description: 'Three checkouts.' })
  stage.reports(19.4 * HOUR_MS, { customer, level: 4, subject: second, description: 'Two signs.' })
  for (const part of [first, second])
    stage.withTickets(19 * HOUR_MS, [move, part], ([ticketId = '', partId = '']) =>
      house.relations.link(partId, { kind: 'child', ticketId }, DESK),
    )

  const refunds = ['Two receipts after a refund', 'A refund is printed twice']
  stage.reports(30 * HOUR_MS, { customer, subject: refunds[0] as string, description: 'Only when paid by card.' })
  stage.reports(22 * HOUR_MS, { customer: 'Lindqvist Livs', subject: refunds[1] as string, description: 'Since the last release.' })
  stage.withTickets(
    21 * HOUR_MS,
    refunds,
    async ([ticketId = '', ...others]) => {
      const impact = 'The drawer does not add up in the evening; no money is lost.'
      const defect = await house.defects.make({ class: 'other', title: 'A refund prints two receipts', impact, ticketId }, FREYA)
      for (const other of others) await house.defects.link(defect.id, other, FREYA)
      const estimateOn = new Date(endMs + 16 * DAY_MS).toISOString().slice(0, 10)
      await house.defects.patch(defect.id, { severity: 3, status: 'confirmed', estimateOn }, FREYA)
      await house.defects.comment(defect.id, 'Reproduced: the printer is asked again when the card terminal answers late.', FREYA)
    },
    1,
  )
}

/** A major incident that is over, and one that runs. */
function planMajors({ house }: Scene, stage: Stage): void {
  const late = ['Prices of this week are missing', 'Old prices at all checkouts', 'Programme of the week is not shown']
  const [one, two, three] = late as [string, string, string]
  stage.reports(42 * HOUR_MS, { customer: 'Lindqvist Livs', level: 2, subject: one, description: 'In every store.' })
  stage.reports(41.9 * HOUR_MS, { customer: 'Brookfield Home & Garden', level: 2, subject: two, description: 'Since the morning.' })
  stage.reports(41.8 * HOUR_MS, { customer: 'Kino Aurora', level: 2, subject: three, description: 'The signs show last week.' })
  let ended = ''
  stage.withTickets(
    41.5 * HOUR_MS,
    late,
    async ticketIds => {
      ended = (await house.majors.raise({ title: 'New content is not delivered', ticketIds }, FREYA)).id
      await house.majors.tell(ended, { body: 'New prices and programmes do not reach the devices. We have found the cause.' }, FREYA)
    },
    1,
  )
  stage.withTickets(
    39 * HOUR_MS,
    late,
    async ticketIds => {
      await house.majors.end(ended, { body: 'Everything is delivered again. Nothing is left for you to do.' }, FREYA)
      for (const id of ticketIds) await house.ticketing.move(id, { to: 'resolved', reason: 'Content is delivered again.' }, DESK)
    },
    1,
  )
  const cards = ['Cards are refused at every checkout', 'Ticket machines refuse cards', 'No card payments in the foyer']
  const [shop, station, cinema] = cards as [string, string, string]
  stage.reports(80 * MINUTE_MS, { customer: 'Lindqvist Livs', level: 1, subject: shop, description: 'Cash only, long queues.' })
  stage.reports(76 * MINUTE_MS, { customer: 'Gare Montclair', level: 1, subject: station, description: 'Both machines.' })
  stage.reports(72 * MINUTE_MS, { customer: 'Cine Jacarandá', level: 2, subject: cinema, description: 'All machines.' })
  let running = ''
  stage.withTickets(
    68 * MINUTE_MS,
    cards,
    async ticketIds => void (running = (await house.majors.raise({ title: 'Card payments are refused', ticketIds }, FREYA)).id),
    1,
  )
  const news = 'The card network refuses payments in several countries. We are in touch with it; the next news is here within the hour.'
  stage.withTickets(60 * MINUTE_MS, cards, () => house.majors.tell(running, { body: news }, FREYA), 1)
  stage.withTickets(
    35 * MINUTE_MS,
    cards,
    () => house.majors.remark(running, 'The network names a router in Frankfurt as the cause.', FREYA),
    1,
  )
}

/** A visitor of a customer's site who writes to the desk. */
function planChat({ house }: Scene, stage: Stage): void {
  const made = stage.customer('Brookfield Home & Garden')
  if (!made) return
  let ticketId = ''
  stage.at(26 * MINUTE_MS, async () => {
    const { key } = await house.chats.putWidget(made.id, { origins: ['https://shop.brookfield.example'] })
    const text = 'Checkout 3 asks for a login after every customer. Can you help?'
    const { conversation } = await house.chats.open(key ?? '', {
      name: 'Tom Ashdown',
      email: 'tomashdown@brookfieldhomegarden.example',
      text,
    })
    ticketId = (await house.relations.idOf(conversation.reference)) ?? ''
  })
  stage.at(22 * MINUTE_MS, () =>
    house.ticketing.write(ticketId, { visibility: 'public', body: 'Hello Tom, we are looking at it. Does it show a number?' }, DESK),
  )
}

/** Plans what the desk has on its table. Subjects nobody of the demo's people touches are added. */
export function planDeskScenes(scene: Scene, subjects: Set<string>): void {
  const { house } = scene
  const stage = makeStage(scene, subjects)
  // The chat's subject is the first line of what was written.
  subjects.add('Checkout 3 asks for a login after every customer. Can you help?')
  stage.at(44 * HOUR_MS, async () => {
    await house.articles.load()
    for (const macro of MACROS) await house.macros.create(macro, FREYA.name)
    await house.onCall.create(ROTA, FREYA.name)
  })
  planVisits(scene, stage)
  planTies(scene, stage)
  planMajors(scene, stage)
  planChat(scene, stage)
}
