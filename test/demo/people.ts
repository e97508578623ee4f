/** How desk, customers and partners behave in the demo's past: mostly in time, sometimes late, each through the same doors as real people. */
import type { Ticket } from '../../shared/api/tickets/ticket-api.ts'
import { isOpenStatus } from '../../server/tickets/rules/ticket.ts'
import type { Author } from '../../server/tickets/ticket-context.ts'
import type { Ticketing } from '../../server/tickets/tickets.ts'
import type { Random } from './demo-random.ts'
import type { VirtualTime } from './virtual-time.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const AGENTS = ['Nils Ekman', 'Freya Holt', 'Dario Conti', 'Sana Iqbal']
const FIRST_WORDS = [
  'We see it and are looking into it.',
  'Thank you, we are on it. First checks from remote are running.',
  'Received. We are looking at the logs of the device.',
]
const UPDATES = [
  'Still working on it: the logs point at the last update.',
  'We have restarted the service and are watching it.',
  'A part may be needed; we are checking with the field team.',
  'Reproduced in our lab, a mend is being tested.',
]
const QUESTIONS = [
  'Can somebody at the site tell us whether the light on the front is green?',
  'Was anything changed at the site this morning?',
]
const ANSWERS = ['Yes, it is green.', 'No, nothing was changed.', 'We have switched it off and on, it looks fine now.']

const staff = (name: string): Author => ({ author_kind: 'person', author_name: name })

/** Makes the people. `isLeftAlone` names tickets nobody touches: the demo's present needs some. */
export function makePeople(deps: {
  ticketing: Ticketing
  time: VirtualTime
  random: Random
  endMs: number
  isLeftAlone(ticket: Ticket): boolean
}) {
  const { ticketing, time, random, endMs } = deps
  /** Tickets somebody has in mind, with how often the desk has written. */
  const minds = new Map<string, { agent: string; words: number; asked: boolean; visited: boolean; ends: boolean }>()

  const later = (ticketId: string, atMs: number, act: () => Promise<unknown>): void => {
    if (atMs > endMs) return
    time.at(atMs, async () => {
      await act()
      await think(ticketId)
    })
  }
  /** Before a deadline, mostly; without one within the hours given. */
  const instantFor = (dueAt: string | null, hours: [number, number]): number => {
    const nowMs = time.now()
    if (dueAt === null || Date.parse(dueAt) <= nowMs) return nowMs + random.between(...hours) * HOUR_MS
    const share = random.chance(0.07) ? random.between(1.05, 1.4) : random.between(0.15, 0.85)
    return nowMs + (Date.parse(dueAt) - nowMs) * share
  }

  const think = async (ticketId: string): Promise<void> => {
    const ticket = await ticketing.read(ticketId)
    if (!isOpenStatus(ticket.status) || deps.isLeftAlone(ticket)) return void minds.delete(ticketId)
    const mind = minds.get(ticketId) ?? { agent: random.pick(AGENTS), words: 0, asked: false, visited: false, ends: false }
    minds.set(ticketId, mind)
    const me = staff(mind.agent)
    const nowMs = time.now()
    const write = (body: string, asks = false): Promise<unknown> =>
      ticketing.write(ticketId, { visibility: 'public', body, ...(asks ? { asks } : {}) }, me)
    const { response, update } = ticket.clocks

    /** Only while it still stands as it did when it was planned. */
    const unlessOver = (act: (now: Ticket) => Promise<unknown>) => async (): Promise<void> => {
      const now = await ticketing.read(ticketId)
      if (isOpenStatus(now.status)) await act(now)
    }

    if (ticket.status === 'waiting-customer') {
      if (random.chance(0.85))
        later(
          ticketId,
          nowMs + random.between(1, 20) * HOUR_MS,
          unlessOver(() =>
            ticketing.write(
              ticketId,
              { visibility: 'public', body: random.pick(ANSWERS) },
              { author_kind: 'customer', author_name: ticket.reporter?.name ?? 'The customer' },
            ),
          ),
        )
      return undefined
    }
    if (ticket.status === 'waiting-partner') {
      mind.visited = true
      return later(
        ticketId,
        nowMs + random.between(2, 9) * HOUR_MS,
        unlessOver(async now => {
          await ticketing.write(
            ticketId,
            { visibility: 'public', body: 'On site: cable and plug replaced, tested with the staff.' },
            { author_kind: 'partner', author_name: 'Field engineer' },
          )
          if (now.status === 'waiting-partner' && (await ticketing.read(ticketId)).status === 'waiting-partner')
            await ticketing.move(ticketId, { to: 'in-progress' }, me)
        }),
      )
    }
    if (mind.words === 0) {
      return later(
        ticketId,
        instantFor(response.dueAt, [0.3, 9]),
        unlessOver(async () => {
          mind.words += 1
          await write(random.pick(FIRST_WORDS))
        }),
      )
    }
    if (ticket.status === 'waiting-information') return undefined
    if (mind.ends) return undefined
    if (ticket.flags.includes('recovered')) {
      mind.ends = true
      return later(ticketId, nowMs + random.between(3, 25) * MINUTE_MS, async () => {
        mind.ends = false
        const now = await ticketing.read(ticketId)
        if (isOpenStatus(now.status) && now.flags.includes('recovered'))
          await ticketing.move(ticketId, { to: 'resolved', reason: 'The device is well again.' }, me)
      })
    }
    if (ticket.partnerId !== null && !mind.visited) {
      return later(
        ticketId,
        nowMs + random.between(10, 50) * MINUTE_MS,
        unlessOver(async now => {
          // Somebody else may have had the same thought.
          if (now.status !== 'waiting-partner')
            await ticketing.move(ticketId, { to: 'waiting-partner', reason: 'Needs hands on site.' }, me)
        }),
      )
    }
    if (ticket.source === 'contact' && mind.words >= 2 && random.chance(0.5)) {
      return later(
        ticketId,
        instantFor(update.dueAt, [1, 12]),
        unlessOver(async () => {
          await write('This is mended. Tell us if anything is left.')
          await ticketing.move(ticketId, { to: 'resolved' }, me)
        }),
      )
    }
    const asks = ticket.source === 'contact' && !mind.asked && random.chance(0.3)
    return later(
      ticketId,
      instantFor(update.dueAt, [4, 20]),
      unlessOver(async now => {
        // It recovered meanwhile: that is the news, and the next thought resolves it.
        if (now.flags.includes('recovered')) return
        mind.words += 1
        mind.asked ||= asks
        await write(asks ? random.pick(QUESTIONS) : random.pick(UPDATES), asks)
      }),
    )
  }

  return {
    /** A ticket changed: somebody takes it up when nobody has it in mind, or ends it when the fault is over. */
    async notice(ticketId: string): Promise<void> {
      const mind = minds.get(ticketId)
      if (!mind || (!mind.ends && (await ticketing.read(ticketId)).flags.includes('recovered'))) await think(ticketId)
    },
  }
}
export type People = ReturnType<typeof makePeople>
