/**
 * The story that has to hold for every desk: whatever people on both sides do and whatever the line between them loses, doubles or
 * turns round, in the end both say the same, no comment is lost or doubled, and nothing internal has crossed.
 */
import { describe, expect, it } from 'vitest'
import { DESK_KINDS, type DeskKindWord } from '../../../shared/api/servicedesks/servicedesk-api.ts'
import { sameText } from '../../../server/servicedesks/rules/sync-comments.ts'
import { isSameStatus, SYNC_STATES } from '../../../server/servicedesks/rules/sync-states.ts'
import type { Store } from '../../../server/database/database.ts'
import { openStore } from '../../../server/database/database.ts'
import { findPairByExternal, readPairsOf } from '../../../server/servicedesks/store/sync-pair-store.ts'
import { readDepth } from '../../../server/servicedesks/store/sync-queue-store.ts'
import type { Hook, ModelTicket } from '../../support/desks/desk-model.ts'
import { postgresPlace } from '../../support/stores.ts'
import { ADA, makeSyncRig, type SyncRig } from './sync-rig.ts'

const STEPS = 500
const OURS_INTERNAL = 'ours-internal'
const THEIRS_INTERNAL = 'theirs-internal'

/** Small numbers that look random and are the same in every run (mulberry32). */
function makeChance(seed: number) {
  let state = seed
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  return {
    next,
    is: (share: number) => next() < share,
    of: <Item>(items: readonly Item[]): Item => items[Math.floor(next() * items.length)] as Item,
  }
}
type Chance = ReturnType<typeof makeChance>

/** A line on which one call in five goes wrong, each in its way. */
function breakLine(rig: SyncRig, chance: Chance): void {
  let last = ''
  rig.line.trouble = request => {
    const hasSession = request.headers['session-token'] !== undefined && !last.endsWith('/initSession')
    last = request.path
    if (!chance.is(0.2)) return null
    return chance.of([
      { lost: true },
      { answerLost: true },
      { answer: 500 },
      { status: 503 },
      { status: 429, headers: { 'retry-after': '120' } },
      // A session that has ended is refused before anything is done.
      ...(hasSession ? [{ status: 401 }] : []),
    ])
  }
}

async function ours(rig: SyncRig, chance: Chance, step: number): Promise<void> {
  const { items } = await rig.house.ticketing.list({ limit: 500, scope: null, partnerOnly: null })
  const ticket = chance.of(items)
  const act = chance.next()
  if (act < 0.35) await rig.say(ticket.id, chance.is(0.2) ? 'OK' : `ours ${step}: <b>a & b</b>\n"quoted"`)
  else if (act < 0.55) await rig.say(ticket.id, `${OURS_INTERNAL} ${step}`, 'internal')
  else if (act < 0.9) {
    const to = chance.of(SYNC_STATES)
    // A move the rules do not allow is refused, as people find out too.
    await rig.house.ticketing
      .move(ticket.id, { to }, ADA)
      .catch((error: unknown) => expect(error).toMatchObject({ slug: 'transition-not-allowed' }))
  } else await rig.house.ticketing.patch(ticket.id, { level: chance.of([1, 2, 3, 4] as const) }, ADA)
}

function theirs(rig: SyncRig, chance: Chance, step: number): void {
  const ticket = chance.of([...rig.model.tickets.values()])
  if (ticket === undefined) return
  const act = chance.next()
  if (act < 0.35) rig.model.comment(ticket.id, { text: chance.is(0.2) ? 'OK' : `theirs ${step}: 1 < 2 & 3`, isPublic: true, by: 'them' })
  else if (act < 0.55) rig.model.comment(ticket.id, { text: `${THEIRS_INTERNAL} ${step}`, isPublic: false, by: 'them' })
  else if (act < 0.95) rig.model.setState(ticket.id, chance.of(Object.keys(rig.stateMap.theirs)), 'them')
  else rig.model.change(ticket.id, { priority: String(1 + Math.floor(chance.next() * 3)) }, 'them')
}

/** Webhooks that wait are lost, doubled, held back or sent in any order. */
async function deliver(rig: SyncRig, held: Hook[], chance: Chance): Promise<void> {
  held.push(...rig.hooks.splice(0))
  for (const hook of held.splice(0).toSorted(() => chance.next() - 0.5)) {
    if (chance.is(0.2)) continue
    if (chance.is(0.2)) held.push(hook)
    else for (let times = chance.is(0.2) ? 2 : 1; times > 0; times -= 1) await rig.send(hook)
  }
}

async function quiet(rig: SyncRig): Promise<void> {
  rig.line.trouble = () => null
  for (let hour = 0; hour < 8; hour += 1) {
    rig.pass(61)
    await rig.desk.worker.runDue()
  }
}

/** Texts of theirs on our side and of ours on theirs, as far as both are public, in order. */
async function compare(rig: SyncRig, ticket: ModelTicket): Promise<void> {
  const pair = await findPairByExternal(rig.store.db, rig.linkId, ticket.id)
  if (!pair) throw new Error(`${ticket.key} is known to nobody here`)
  const here = await rig.house.ticketing.read(pair.ticket_id)
  expect(isSameStatus(rig.stateMap, here.status, ticket.state), `${ticket.key}: ${ticket.state}, here ${here.status}`).toBe(true)
  const lines = (await rig.messages(pair.ticket_id)).filter(line => line.kind === 'message')
  const written = (by: 'us' | 'them') => ticket.comments.filter(one => one.by === by && one.isPublic).map(one => sameText(one.text))
  const said = (kind: 'person' | 'customer') =>
    lines.filter(line => line.author.kind === kind && line.visibility === 'public').map(line => sameText(line.text))
  expect(written('us'), 'ours over there, in our order').toEqual(said('person'))
  expect(said('customer').sort(), 'theirs here').toEqual(written('them').sort())
  expect(JSON.stringify(ticket)).not.toContain(OURS_INTERNAL)
  expect(JSON.stringify(await rig.messages(pair.ticket_id))).not.toContain(THEIRS_INTERNAL)
}

/** Lives through the story and compares every ticket; gives what is left between the desks. */
async function story(store: Store, kind: DeskKindWord, { seed, steps }: { seed: number; steps: number }) {
  const rig = await makeSyncRig(store, kind)
  const chance = makeChance(seed)
  const held: Hook[] = []
  for (let n = 0; n < 5; n += 1) await rig.ticket(`Ours ${n}`)
  for (let n = 0; n < 4; n += 1) rig.model.create({ subject: `Theirs ${n}`, description: 'It does not print.', by: 'them' })
  breakLine(rig, chance)
  for (let step = 0; step < steps; step += 1) {
    rig.pass(1 + chance.next() * 3)
    if (chance.is(0.5)) await ours(rig, chance, step)
    else theirs(rig, chance, step)
    if (chance.is(0.01)) await rig.ticket(`Ours later ${step}`)
    if (chance.is(0.01)) rig.model.create({ subject: `Theirs later ${step}`, description: '', by: 'them' })
    if (chance.is(0.4)) await deliver(rig, held, chance)
    if (chance.is(0.02)) rig.again()
    if (chance.is(0.5)) await rig.desk.worker.runDue()
  }
  await quiet(rig)
  expect((await rig.desk.links.health(rig.linkId)).state).toBe('ok')
  const tickets = [...rig.model.tickets.values()]
  for (const ticket of tickets) await compare(rig, ticket)
  const { items } = await rig.house.ticketing.list({ limit: 500, scope: null, partnerOnly: null })
  expect(items.length, 'one ticket here for each there').toBe(tickets.length)
  for (const { id } of items) expect(await readPairsOf(store.db, id)).toHaveLength(1)
  const { pending, parked } = await readDepth(store.db, rig.linkId)
  return { pending, parked }
}

describe('two desks after 500 changes on a bad line', () => {
  it.each(DESK_KINDS)('%s says the same, loses nothing, doubles nothing, tells nothing', async kind => {
    const store = await openStore(':memory:')
    try {
      expect(await story(store, kind, { seed: 7, steps: STEPS })).toEqual({ pending: 0, parked: 0 })
    } finally {
      await store.close()
    }
  })

  it('holds on PostgreSQL too', async () => {
    const place = await postgresPlace()
    const store = await openStore(place.location)
    try {
      expect(await story(store, 'servicenow', { seed: 11, steps: 120 })).toEqual({ pending: 0, parked: 0 })
    } finally {
      await store.close()
      await place.remove()
    }
  })
})
