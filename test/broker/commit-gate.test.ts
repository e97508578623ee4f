import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { makeCommitGate } from '../../broker/commit-gate.ts'
import { until } from './broker-rig.ts'

const LIMITS = { commitWindowMs: 5, groupMessages: 2_000, groupBytes: 4 * 1024 * 1024, pendingBytes: 64 * 1024 * 1024 }
const sleep = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))

describe('the commit gate', () => {
  it('answers in arrival order, each exactly once, only after its group, whatever commits take and whichever fail', async () => {
    const plan = fc.record({
      waits: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 60 }),
      commits: fc.array(fc.record({ ms: fc.integer({ min: 0, max: 8 }), fails: fc.boolean() }), { minLength: 1, maxLength: 8 }),
      groupMessages: fc.integer({ min: 1, max: 10 }),
      groupBytes: fc.integer({ min: 1, max: 500 }),
    })
    await fc.assert(
      fc.asyncProperty(plan, async ({ waits, commits, groupMessages, groupBytes }) => {
        const outcome = new Map<number, 'ended' | 'failed'>()
        const groups: number[][] = []
        const answers: { item: number; failed: boolean }[] = []
        let running = 0
        const gate = makeCommitGate<number>({
          commit: async group => {
            expect(++running, 'one commit at a time').toBe(1)
            const { ms = 0, fails = false } = commits[groups.length % commits.length] ?? {}
            groups.push([...group])
            if (ms > 0) await sleep(ms)
            running--
            for (const item of group) outcome.set(item, fails ? 'failed' : 'ended')
            if (fails) throw new Error('disk full')
          },
          bytesOf: item => 1 + (item % 7) * 30,
          committed: () => undefined,
          limits: { ...LIMITS, commitWindowMs: 2, groupMessages, groupBytes },
        })
        for (const [item, wait] of waits.entries()) {
          const taken = gate.offer(item, error => {
            expect(outcome.get(item), 'not before its commit').toBe(error ? 'failed' : 'ended')
            answers.push({ item, failed: error !== null })
          })
          expect(taken).toBe(true)
          if (wait > 0) await sleep(wait - 1)
        }
        await gate.drain()
        const order = waits.map((_wait, item) => item)
        expect(groups.flat(), 'committed in arrival order').toEqual(order)
        expect(
          answers.map(answer => answer.item),
          'answered in arrival order',
        ).toEqual(order)
        expect(groups.every(group => group.length <= groupMessages)).toBe(true)
        expect([gate.pendingItems(), gate.pendingBytes()]).toEqual([0, 0])
      }),
      { numRuns: 40 },
    )
  })

  it('commits one group per window', async () => {
    const groups: number[] = []
    const gate = makeCommitGate<number>({
      commit: async group => void groups.push(group.length),
      bytesOf: () => 1,
      committed: () => undefined,
      limits: { ...LIMITS, commitWindowMs: 20 },
    })
    let answered = 0
    const startMs = performance.now()
    for (let item = 0; item < 50; item++) gate.offer(item, () => void answered++)
    await until('answered', () => answered === 50)
    expect(groups).toEqual([50])
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(18)
  })

  it('closes a group early at its size, and splits what is more', async () => {
    const groups: number[] = []
    const gate = makeCommitGate<number>({
      commit: async group => void groups.push(group.length),
      bytesOf: () => 100,
      committed: () => undefined,
      limits: { ...LIMITS, commitWindowMs: 60_000, groupMessages: 10 },
    })
    let answered = 0
    for (let item = 0; item < 20; item++) gate.offer(item, () => void answered++)
    await until('answered', () => answered === 20)
    expect(groups).toEqual([10, 10])
  })

  it('collects the next group while one commits', async () => {
    const groups: number[][] = []
    let release = () => {}
    const gate = makeCommitGate<number>({
      commit: group => {
        groups.push([...group])
        return new Promise<void>(resolve => (release = resolve))
      },
      bytesOf: () => 1,
      committed: () => undefined,
      limits: { ...LIMITS, commitWindowMs: 1 },
    })
    const answers: number[] = []
    gate.offer(1, () => answers.push(1))
    await until('first commit', () => groups.length === 1)
    for (const item of [2, 3, 4]) gate.offer(item, () => answers.push(item))
    await sleep(10)
    expect(groups).toEqual([[1]])
    expect(answers).toEqual([])
    release()
    await until('second commit', () => groups.length === 2)
    expect(answers).toEqual([1])
    release()
    await gate.drain()
    expect(groups).toEqual([[1], [2, 3, 4]])
    expect(answers).toEqual([1, 2, 3, 4])
  })

  it('takes no more than its memory bound and recovers when the store does', async () => {
    let release = () => {}
    const gate = makeCommitGate<number>({
      commit: () => new Promise<void>(resolve => (release = resolve)),
      bytesOf: () => 400,
      committed: () => undefined,
      limits: { ...LIMITS, commitWindowMs: 0, pendingBytes: 1_000 },
    })
    const none = () => undefined
    expect([gate.offer(1, none), gate.offer(2, none), gate.offer(3, none)]).toEqual([true, true, false])
    expect(gate.pendingBytes()).toBe(800)
    const drained = gate.drain()
    await sleep(0)
    release()
    await sleep(5)
    release()
    await drained
    expect(gate.offer(4, none)).toBe(true)
    const last = gate.drain()
    release()
    await last
  })

  it('fails a group whose commit throws at once, and only it', async () => {
    let calls = 0
    const gate = makeCommitGate<number>({
      commit: () => {
        if (++calls === 1) throw new Error('no store yet')
        return Promise.resolve()
      },
      bytesOf: () => 1,
      committed: () => undefined,
      limits: LIMITS,
    })
    const answers: (string | null)[] = []
    gate.offer(1, error => void answers.push(error?.message ?? null))
    await gate.drain()
    gate.offer(2, error => void answers.push(error?.message ?? null))
    await gate.drain()
    expect(answers).toEqual(['no store yet', null])
  })
})
