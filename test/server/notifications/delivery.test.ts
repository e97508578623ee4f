import { describe, expect, it } from 'vitest'
import {
  MAX_ATTEMPTS,
  makeDelivery,
  pauseAfterMs,
  type Channels,
  type DeliveryItem,
  type Outcome,
} from '../../../server/notifications/delivery.ts'
import {
  addNotice,
  claimDueNotices,
  countOutbox,
  listOutbox,
  settleNotice,
  type Notice,
} from '../../../server/notifications/store/outbox-store.ts'
import { inTransaction, type Database } from '../../../server/database/database.ts'
import { eachStore } from '../../support/stores.ts'
import { takeErrorLines, testLog } from '../../support/test-log.ts'

const START = Temporal.Instant.from('2026-11-23T10:00:00Z').epochMilliseconds
const notice = (key: string, more: Partial<Notice> = {}): Notice => ({
  channel: 'email',
  dedupKey: key,
  address: 'desk@example.org',
  subject: 'S',
  body: 'B',
  nowMs: START,
  ...more,
})
const add = (db: Database, ...notices: Notice[]): Promise<boolean[]> =>
  inTransaction(db, async tx => {
    const added: boolean[] = []
    for (const each of notices) added.push(await addNotice(tx, each))
    return added
  })

/** A receiver outside the process: answers as told and keeps what it got. */
function makeOutside(answer: (item: DeliveryItem, count: number) => Outcome) {
  const received: DeliveryItem[] = []
  return {
    received,
    send: (item: DeliveryItem): Promise<Outcome> => {
      received.push(item)
      return Promise.resolve(answer(item, received.length))
    },
  }
}
const sent: Outcome = { outcome: 'sent', reason: 'ok' }
function setUp(db: Database, channels: Partial<Channels>, clock = { nowMs: START }) {
  return {
    clock,
    delivery: makeDelivery({
      db,
      log: testLog(),
      now: () => clock.nowMs,
      channels: { email: null, webhook: null, ...channels },
      publicUrl: () => 'https://kiosk.example/',
      jitter: () => 0,
    }),
  }
}

describe('the pause after a failed attempt', () => {
  it.each([
    [1, 0, 10_000],
    [2, 0, 20_000],
    [5, 0, 160_000],
    [9, 0, 2_560_000],
    [10, 0, 3_600_000],
    [12, 0, 3_600_000],
    [1, 0.5, 7_500],
  ])('attempt %i with jitter %d: %i ms', (attempt, jitter, pause) => expect(pauseAfterMs(attempt, jitter)).toBe(pause))
})

eachStore('the outbox', open => {
  it('tells the same thing once', async () => {
    const { db } = await open()
    expect(await add(db, notice('a'), notice('a'), notice('b'))).toEqual([true, false, true])
    const outside = makeOutside(() => sent)
    const { delivery } = setUp(db, { email: outside.send })
    expect(await delivery.deliverDue()).toBe(2)
    expect(await delivery.deliverDue()).toBe(0)
    expect(await add(db, notice('a'))).toEqual([false])
    expect(outside.received.map(item => item.dedupKey).sort()).toEqual(['a', 'b'])
    expect(await countOutbox(db)).toEqual({ pending: 0, sending: 0, sent: 2, 'given-up': 0 })
  })

  it('takes nothing back from a transaction that failed', async () => {
    const { db } = await open()
    await expect(
      inTransaction(db, async tx => {
        await addNotice(tx, notice('a'))
        throw new Error('undone')
      }),
    ).rejects.toThrow('undone')
    expect(await countOutbox(db)).toMatchObject({ pending: 0 })
  })

  it('gives each notice to one sender, however many ask', async () => {
    const { db } = await open()
    await add(db, ...Array.from({ length: 20 }, (_, index) => notice(`n${index}`)))
    const outside = makeOutside(() => sent)
    const senders = Array.from({ length: 4 }, () => setUp(db, { email: outside.send }).delivery)
    const counts = await Promise.all(senders.map(sender => sender.deliverDue()))
    expect(counts.reduce((sum, count) => sum + count)).toBe(20)
    expect(new Set(outside.received.map(item => item.dedupKey)).size).toBe(20)
    expect(outside.received).toHaveLength(20)
  })

  it('tries again with growing pauses and the same delivery id, then succeeds', async () => {
    const { db } = await open()
    await add(db, notice('a', { ticketId: 't1' }))
    const outside = makeOutside((_item, count) => (count < 3 ? { outcome: 'again', reason: 'busy' } : sent))
    const { delivery, clock } = setUp(db, { email: outside.send })
    expect(await delivery.deliverDue()).toBe(0)
    expect((await listOutbox(db, { limit: 10 })).items[0]).toMatchObject({
      state: 'pending',
      attempts: 1,
      last_error: 'busy',
      next_attempt_at: START + 10_000,
    })
    clock.nowMs += 9_999
    expect(await delivery.deliverDue()).toBe(0)
    expect(outside.received).toHaveLength(1)
    clock.nowMs += 1
    await delivery.deliverDue()
    clock.nowMs += 20_000
    expect(await delivery.deliverDue()).toBe(1)
    expect(new Set(outside.received.map(item => item.id)).size).toBe(1)
    expect(outside.received[0]?.link).toBe('https://kiosk.example/tickets/t1')
    expect((await listOutbox(db, { limit: 10 })).items[0]).toMatchObject({
      state: 'sent',
      attempts: 3,
      last_error: null,
      sent_at: clock.nowMs,
    })
  })

  it('gives up after twelve attempts, or at once where trying cannot help, and somebody must know', async () => {
    const { db } = await open()
    await add(db, notice('a'), notice('b', { channel: 'webhook', address: 'https://example.org/' }))
    const mail = makeOutside(() => ({ outcome: 'again', reason: 'no route' }))
    const hook = makeOutside(() => ({ outcome: 'never', reason: 'gone' }))
    const { delivery, clock } = setUp(db, { email: mail.send, webhook: hook.send })
    for (let round = 0; round < 20; round += 1) {
      await delivery.deliverDue()
      clock.nowMs += 3_600_000
    }
    expect([mail.received.length, hook.received.length]).toEqual([MAX_ATTEMPTS, 1])
    expect((await listOutbox(db, { state: 'given-up', limit: 10 })).items.map(row => `${row.dedup_key}: ${row.last_error}`).sort()).toEqual(
      ['a: no route', 'b: gone'],
    )
    expect(takeErrorLines()).toHaveLength(2)
  })

  it('after a crash of the sender another one takes over when the claim runs out, under the same id', async () => {
    const { db } = await open()
    await add(db, notice('a'))
    const [crashed] = await claimDueNotices(db, { channels: ['email'], nowMs: START, limit: 8, leaseMs: 120_000 })
    const outside = makeOutside(() => sent)
    const { delivery, clock } = setUp(db, { email: outside.send })
    expect(await delivery.deliverDue()).toBe(0)
    clock.nowMs += 120_000
    expect(await delivery.deliverDue()).toBe(1)
    expect([outside.received[0]?.id, outside.received[0]?.dedupKey]).toEqual([crashed?.id, 'a'])
    // The one that was thought dead comes back too late: its word counts no more.
    if (crashed) expect(await settleNotice(db, crashed, { state: 'given-up', error: 'late' })).toBe(false)
    expect(await countOutbox(db)).toMatchObject({ sent: 1 })
  })

  it('keeps what has no channel waiting, without spending attempts', async () => {
    const { db } = await open()
    await add(db, notice('a'))
    const { delivery } = setUp(db, {})
    expect(await delivery.deliverDue()).toBe(0)
    expect((await listOutbox(db, { limit: 10 })).items[0]).toMatchObject({ state: 'pending', attempts: 0 })
  })

  it('a channel that breaks costs an attempt, not the notice', async () => {
    const { db } = await open()
    await add(db, notice('a'))
    const { delivery } = setUp(db, { email: () => Promise.reject(new Error('bug')) })
    await delivery.deliverDue()
    expect(takeErrorLines()).toHaveLength(1)
    expect((await listOutbox(db, { limit: 10 })).items[0]).toMatchObject({ state: 'pending', last_error: 'bug' })
  })

  it('signs a webhook with the secret of its own customer', async () => {
    const { db } = await open()
    const url = 'https://desk.example/hook'
    for (const [id, secret] of [
      ['c1', 'one'],
      ['c2', 'two'],
    ] as const) {
      await db
        .insertInto('customers')
        .values({
          id,
          name: id,
          plan_id: 'p',
          time_zone: 'Etc/UTC',
          overrides: '{}',
          webhook_url: url,
          webhook_secret: secret,
          downgrade_until: null,
          created_at: 0,
        })
        .execute()
    }
    await add(
      db,
      notice('a', { channel: 'webhook', address: url, customerId: 'c2' }),
      notice('b', { channel: 'webhook', address: 'https://other.example/', customerId: 'c2' }),
    )
    const outside = makeOutside(() => sent)
    await setUp(db, { webhook: outside.send }).delivery.deliverDue()
    expect(Object.fromEntries(outside.received.map(item => [item.dedupKey, item.secret]))).toEqual({ a: 'two', b: null })
  })

  it('is a list of pages, newest first, by state and ticket', async () => {
    const { db } = await open()
    await add(
      db,
      ...Array.from({ length: 5 }, (_, index) => notice(`n${index}`, { nowMs: START + index, ...(index === 3 ? { ticketId: 't' } : {}) })),
    )
    const first = await listOutbox(db, { state: 'pending', limit: 3 })
    expect([first.items.map(row => row.dedup_key), first.total]).toEqual([['n4', 'n3', 'n2'], 5])
    expect((await listOutbox(db, { limit: 3, cursor: first.next ?? undefined })).items.map(row => row.dedup_key)).toEqual(['n1', 'n0'])
    expect((await listOutbox(db, { ticketId: 't', limit: 3 })).items.map(row => row.dedup_key)).toEqual(['n3'])
  })
})
