import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { judge, type FailingSignal, type VerdictFacts } from '../../../server/verdicts/rules/verdict.ts'

const failing = (signal: string, level: 1 | 2 | 3 | 4, component = ''): FailingSignal => ({
  signal,
  component,
  level,
  sinceMs: 1_000,
  text: signal,
})
const facts = (more: Partial<VerdictFacts> = {}): VerdictFacts => ({
  connection: 'online',
  connectionSinceMs: 500,
  failing: [],
  isOpen: true,
  ...more,
})

describe('the verdict', () => {
  it.each([
    { why: 'nothing fails', more: {}, verdict: 'serving' },
    { why: 'a level 1 fault of what customers see', more: { failing: [failing('screen.blank', 1)] }, verdict: 'not-serving' },
    { why: 'the file system is part of serving', more: { failing: [failing('filesystem.read-only', 1)] }, verdict: 'not-serving' },
    {
      why: 'level 1, but not of app, screen, display, touch or file system',
      more: { failing: [failing('temperature.high', 1)] },
      verdict: 'degraded',
    },
    { why: 'any level 2', more: { failing: [failing('disk.full', 2)] }, verdict: 'degraded' },
    { why: 'a peripheral of the profile, of any level', more: { failing: [failing('usb.missing', 4, 'scanner')] }, verdict: 'degraded' },
    { why: 'level 3 of something else', more: { failing: [failing('memory.pressure', 3)] }, verdict: 'serving' },
    { why: 'offline in opening hours', more: { connection: 'offline' }, verdict: 'not-serving' },
    {
      why: 'offline when closed',
      more: { connection: 'offline', isOpen: false, failing: [failing('agent.offline', 2)] },
      verdict: 'closed',
    },
    {
      why: 'away as planned, whatever it said before',
      more: { connection: 'planned-offline', failing: [failing('app.crashed', 1)] },
      verdict: 'closed',
    },
    { why: 'closed and well', more: { isOpen: false }, verdict: 'closed' },
    { why: 'closed and broken: worst first', more: { isOpen: false, failing: [failing('screen.blank', 1)] }, verdict: 'not-serving' },
    { why: 'the server was just started', more: { connection: 'unknown' }, verdict: 'unknown' },
    {
      why: 'the server was just started, the fault is known',
      more: { connection: 'unknown', failing: [failing('app.frozen', 1)] },
      verdict: 'not-serving',
    },
    { why: 'never seen', more: { connection: 'never' }, verdict: 'unknown' },
    { why: 'connected but silent', more: { connection: 'suspect' }, verdict: 'serving' },
  ] as { why: string; more: Partial<VerdictFacts>; verdict: string }[])('$why: $verdict', ({ more, verdict }) => {
    expect(judge(facts(more)).verdict).toBe(verdict)
  })

  it('gives the reasons most serious first, each named with its component', () => {
    const { reasons } = judge(
      facts({
        connection: 'offline',
        failing: [failing('usb.missing', 2, 'scanner'), failing('app.crashed', 1), failing('cpu.saturated', 4)],
      }),
    )
    expect(reasons.map(reason => [reason.signal, reason.severity, reason.sinceMs])).toEqual([
      ['app.crashed', 1, 1_000],
      ['agent.offline', 2, 500],
      ['usb.missing:scanner', 2, 1_000],
      ['cpu.saturated', 4, 1_000],
    ])
  })

  it('never becomes better by one more fault', () => {
    const order = ['not-serving', 'degraded', 'closed', 'unknown', 'serving']
    const signal = fc.record({
      signal: fc.constantFrom('app.crashed', 'usb.missing', 'disk.full', 'cpu.saturated'),
      component: fc.constant(''),
      level: fc.constantFrom(1 as const, 2 as const, 3 as const, 4 as const),
      sinceMs: fc.nat(),
      text: fc.constant(''),
    })
    const connection = fc.constantFrom('online' as const, 'suspect' as const, 'offline' as const, 'unknown' as const)
    fc.assert(
      fc.property(connection, fc.boolean(), fc.array(signal, { maxLength: 5 }), signal, (connection, isOpen, before, one) => {
        const rank = (list: FailingSignal[]): number => order.indexOf(judge(facts({ connection, isOpen, failing: list })).verdict)
        expect(rank([...before, one])).toBeLessThanOrEqual(rank(before))
      }),
    )
  })
})
