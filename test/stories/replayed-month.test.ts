/** A month of an estate with known causes, replayed through the real services: who is told of what, once, and of nothing else. */
import { describe, expect, it } from 'vitest'
import { replayAndJudge } from '../estate/report.ts'

const DEVICES = 120

describe('a replayed month', () => {
  it.each([1, 2])('tells of every cause once and of nothing else (seed %i)', { timeout: 180_000 }, async seed => {
    const { verdict, truth } = await replayAndJudge({ seed, devices: DEVICES, isJudging: true })
    expect(truth.causes.length).toBeGreaterThan(500)
    const line = (one: object): string => JSON.stringify(one).slice(0, 300)
    const seen = [...verdict.wrong.map(line), ...verdict.missed.map(line), ...verdict.doubled.map(line)].join('\n')
    expect(verdict.precision, seen).toBeGreaterThanOrEqual(0.98)
    expect(verdict.recall, seen).toBeGreaterThanOrEqual(0.98)
    expect(verdict.duplicates, seen).toBe(0)
  })
})
