/** The last hours of the demo's past, scripted: what somebody who opens the console should find. */
import type { TicketInput } from '../../shared/api/tickets/ticket-api.ts'
import type { DemoDevice } from './demo-device.ts'
import type { MadeCustomer } from './demo-setup.ts'
import { planDeskScenes } from './desk-scenes.ts'
import type { Scene } from './scene.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
const DESK = { author_kind: 'person' as const, author_name: 'Freya Holt' }

/** Subjects and devices that nobody of the demo's people touches. */
export type LeftAlone = { devices: Set<DemoDevice>; subjects: Set<string> }

/** Plans the present. Gives what the people leave alone; customers that are not there are left out. */
export function planPresent(scene: Scene): LeftAlone {
  const { house, time, endMs, customers, commit } = scene
  const { ticketing } = house
  const alone: LeftAlone = { devices: new Set(), subjects: new Set() }
  const customer = (name: string): MadeCustomer | undefined => customers.find(made => made.name === name)
  /** The newest free device of a customer with a profile: the script's alone from now on. */
  const claim = (name: string, profile: string): DemoDevice | undefined => {
    const device = customer(name)?.devices.findLast(candidate => candidate.login.profile === profile && !alone.devices.has(candidate))
    if (device) alone.devices.add(device)
    return device
  }
  const fails = (device: DemoDevice | undefined, agoMs: number, signal: string, text: string, evidence?: unknown): void => {
    if (device)
      time.at(endMs - agoMs, () =>
        commit(device.event(time.now(), signal, 'failing', text, { exhausted: true, ...(evidence === undefined ? {} : { evidence }) })),
      )
  }
  const withTicket = (device: DemoDevice | undefined, agoMs: number, act: (ticketId: string) => Promise<unknown>): void => {
    if (!device) return
    time.at(endMs - agoMs, async () => {
      const { items } = await ticketing.list({ deviceId: device.login.deviceId, limit: 1, scope: null, partnerOnly: null })
      if (items[0]) await act(items[0].id)
    })
  }
  const says = (ticketId: string, body: string, asks = false): Promise<unknown> =>
    ticketing.write(ticketId, { visibility: 'public', body, ...(asks ? { asks } : {}) }, DESK)
  const registers = (
    name: string,
    agoMs: number,
    input: Omit<TicketInput, 'customerId' | 'reporter'> & { reporter?: TicketInput['reporter'] },
    then: (ticketId: string) => void = () => undefined,
  ): void => {
    const made = customer(name)
    if (!made) return
    alone.subjects.add(input.subject)
    time.at(endMs - agoMs, async () => {
      const [contact] = await house.customers.listContacts(made.id)
      const reporter = input.reporter ?? {
        name: contact?.name ?? 'Somebody',
        ...(contact ? { email: contact.email, phone: '+46 8 555 01 00' } : {}),
      }
      const ticket = await ticketing.register(
        { ...input, customerId: made.id, reporter },
        { author_kind: 'person', author_name: 'Freya Holt' },
      )
      then(ticket.id)
    })
  }

  // Overdue: 24/7 customer, nobody has answered.
  fails(claim('Lindqvist Livs', 'self-checkout'), 150 * MINUTE_MS, 'process.missing:till', 'Process till is not running', {
    kind: 'log',
    lines: ['till[812]: segfault at 0 ip 00007f1c', 'systemd: till.service: start request repeated too quickly'],
  })
  // With a partner.
  const dark = claim('Lindqvist Livs', 'signage')
  fails(dark, 5 * HOUR_MS, 'display.disconnected', 'Display HDMI-A-1 is not connected')
  withTicket(dark, 5 * HOUR_MS - 12 * MINUTE_MS, id => says(id, 'The display has lost its signal. A field engineer is on the way.'))
  withTicket(dark, 4.6 * HOUR_MS, async id => {
    // a partner may have been asked by the rule already
    if ((await ticketing.read(id)).status !== 'waiting-partner')
      await ticketing.move(id, { to: 'waiting-partner', reason: 'Needs hands on site.' }, DESK)
  })
  for (const [index, news] of [
    'The field engineer has the order.',
    'The engineer fetches a new cable.',
    'The engineer is on the way.',
    'The engineer is held up in traffic.',
    'The engineer is expected within the hour.',
  ].entries()) {
    withTicket(dark, (4.1 - 0.9 * index) * HOUR_MS, id => says(id, news))
  }
  // Fresh, their clocks run; the second at any hour of the day.
  fails(claim('Lindqvist Livs', 'point-of-sale'), 8 * MINUTE_MS, 'network.degraded', 'Loss 18 %, round trip 420 ms for 5 minutes')
  fails(claim('Brookfield Home & Garden', 'self-checkout'), 9 * MINUTE_MS, 'printer.jam', 'The printer reports a paper jam')
  // Not serving, a critical device.
  fails(
    claim('Mercado Ipiranga', 'self-checkout'),
    21 * MINUTE_MS,
    'screen.error-page',
    'The screen shows an error page: name not resolved',
  )
  // Answered in time, still failing.
  const filling = claim('Gare Montclair', 'ticket-machine')
  fails(filling, 6 * HOUR_MS, 'disk.filling', 'The disk will be full in 7 hours')
  withTicket(filling, 4.5 * HOUR_MS, id => says(id, 'Old logs are being moved away; we watch the trend.'))
  fails(claim('Stadtbahn Falkental', 'ticket-machine'), 3 * HOUR_MS, 'printer.paper-low', 'The roll has about 40 tickets left')

  // Lost contact, and missing for more than a week.
  const loses = (device: DemoDevice | undefined, agoMs: number): void => {
    if (!device) return
    device.login.presence = 'away'
    time.at(endMs - agoMs, () => (device.isOnline ? commit(device.samples(time.now(), 10, 10), device.will(time.now())) : undefined))
  }
  loses(claim('Vinterdal Transit', 'ticket-machine'), 42 * MINUTE_MS)
  loses(claim('Kestrel Lounges', 'signage'), 8 * DAY_MS + 3 * HOUR_MS)
  // Away as planned.
  const leaves = (device: DemoDevice | undefined, agoMs: number, reason: 'maintenance' | 'closing' | 'update', backInMs: number): void => {
    if (!device) return
    device.login.presence = 'away'
    time.at(endMs - agoMs, () => (device.isOnline ? commit(device.goodbye(time.now(), reason, endMs + backInMs)) : undefined))
  }
  leaves(claim('Kestrel Lounges', 'signage'), 2 * HOUR_MS, 'maintenance', 3 * HOUR_MS)
  leaves(claim('Kino Aurora', 'ticket-machine'), 9 * HOUR_MS, 'closing', 14 * HOUR_MS)
  leaves(claim('Kino Aurora', 'signage'), 9 * HOUR_MS, 'closing', 14 * HOUR_MS)

  // What people have registered.
  registers(
    'Brookfield Home & Garden',
    26 * HOUR_MS,
    {
      level: 3,
      subject: 'Scale at checkout 2 shows wrong weight',
      description: 'Since the move of the shelves, checkout 2 weighs 40 g too much.',
      channel: 'phone',
    },
    id => {
      time.at(endMs - 25 * HOUR_MS, () =>
        says(id, 'Thank you. Was the scale levelled again after the move? A photo of the bubble would help.', true),
      )
    },
  )
  registers('Vinterdal Transit', 5 * HOUR_MS, {
    level: 2,
    subject: 'Tickets print without a date',
    description: 'All tickets of platform 2.',
    channel: 'portal',
  })
  registers('Maple Ridge Parking', 3 * HOUR_MS, {
    level: 2,
    subject: 'Barrier opens late',
    description: 'Drivers wait ten seconds after paying.',
    channel: 'phone',
  })
  registers(
    'Lakeshore Campus Stores',
    50 * MINUTE_MS,
    {
      level: 1,
      subject: 'No sales possible at the north store',
      description: 'All tills refuse cards.',
      channel: 'phone',
      softwareVersion: '4.2.1',
      platformVersion: 'Debian 13',
    },
    id => {
      time.at(endMs - 43 * MINUTE_MS, () =>
        says(id, 'On call here: the card network refuses since 50 minutes, we are in touch with it. Next news within the hour.'),
      )
    },
  )
  for (const [index, what] of [
    'How do I add a user?',
    'Report of last week',
    'Screen saver picture',
    'Price tags in two languages',
    'Till drawer opens twice',
  ].entries()) {
    registers('Wattle Creek Pharmacy', (30 - index) * HOUR_MS, {
      level: 4,
      subject: what,
      description: `${what} Please tell us how.`,
      channel: 'portal',
      category: 'information',
      softwareVersion: '4.2.1',
      platformVersion: 'Debian 13',
      impact: 'none',
    })
  }
  // A smaller plan since five days: five devices, three included, nine days to choose.
  const smaller = customer('Fernwood Bakery')
  if (smaller) time.at(endMs - 5 * DAY_MS, () => house.customers.update(smaller.id, { planId: 'ombori-free' }))
  planDeskScenes(scene, alone.subjects)
  return alone
}
