import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AgentSignalKey } from '../../shared/signals/signals.ts'
import type { DiskUse, Mount } from '../../agent/probes/mounts.ts'
import type { UrlResult } from '../../agent/probes/urls.ts'
import { makeSignalBoard } from '../../agent/signals/board.ts'
import { addTrendPoint, hoursUntilFull, judgeDiskFilling, type TrendPoint } from '../../agent/signals/disk-trend.ts'
import { hysteresis, type Reading } from '../../agent/signals/reading.ts'
import {
  fullMounts,
  hotSensors,
  judgeClock,
  judgeCpu,
  judgeDiskFull,
  judgeMemory,
  judgeReadOnly,
  judgeTemperatures,
} from '../../agent/signals/system-rules.ts'
import { judgeCertificate, judgeOomKills, judgeProcesses, judgeUnits, judgeUrl } from '../../agent/signals/watch-rules.ts'

const GIB = 1024 ** 3
const never = () => false
const always = () => true
const disk = (usedPercent: number, freeGib: number, totalGib = 100): DiskUse => ({
  path: '/',
  name: 'root',
  usedPercent,
  freeBytes: freeGib * GIB,
  totalBytes: totalGib * GIB,
})
const psi = (avg: number) => ({ avg10: avg, avg60: avg, avg300: avg })
const noPressure = { cpu: null, memory: null, io: null }

describe('hysteresis', () => {
  it('changes only at its two limits, whatever comes in between', () => {
    fc.assert(
      fc.property(fc.boolean(), fc.array(fc.double({ min: 0, max: 100, noNaN: true })), (start, values) => {
        let was = start
        for (const value of values) {
          const is = hysteresis(was, value, 80, 60) === 'failing'
          if (is !== was && (is ? value < 80 : value > 60)) return false
          was = is
        }
        return true
      }),
    )
  })
})

describe('disk.full', () => {
  it.each([
    { why: 'at 98 % it is full', use: disk(98, 2), was: false, full: true },
    { why: 'below 98 % it is not', use: disk(97.9, 2.1), was: false, full: false },
    { why: 'once full it must fall to 90 %', use: disk(95, 5), was: true, full: true },
    { why: 'at 90 % it is well', use: disk(90, 10), was: true, full: false },
    { why: 'less than 1 GB is full on a large disk', use: disk(90, 0.9), was: false, full: true },
    { why: '1.2 GB free is not enough to be well again', use: disk(90, 1.2), was: true, full: true },
    { why: 'a small boot partition always has less than 1 GB', use: disk(10, 0.4, 0.5), was: false, full: false },
  ])('$why', ({ use, was, full }) => {
    const found = fullMounts([use], new Set(was ? ['/'] : []))
    expect(found.length > 0).toBe(full)
    expect(judgeDiskFull([use], found).verdict).toBe(full ? 'failing' : 'ok')
  })

  it('does not hold one disk to the lower limit because another was full', () => {
    const data = { ...disk(95, 5), path: '/data' }
    expect(fullMounts([disk(50, 50), data], new Set(['/']))).toEqual([])
  })

  it('is unknown when no disk can be read', () => {
    expect(judgeDiskFull([], []).verdict).toBe('unknown')
  })
})

describe('disk.filling', () => {
  const line = (minutes: number, gibPerHour: number, freeGib: number): TrendPoint[] =>
    Array.from({ length: minutes + 1 }, (_, index) => ({
      atMs: index * 60_000,
      freeBytes: (freeGib + (gibPerHour * (minutes - index)) / 60) * GIB,
    }))

  it.each([
    { why: 'full in 5 h', points: line(30, 2, 10), failing: true, severity: undefined },
    { why: 'full in 1 h is urgent', points: line(30, 10, 10), failing: true, severity: 2 },
    { why: 'full in 20 h is no matter yet', points: line(30, 2, 40), failing: false, severity: undefined },
    { why: 'nothing is said from less than 10 minutes', points: line(9, 10, 5), failing: false, severity: undefined },
    { why: 'a disk that empties is well', points: line(30, -5, 10), failing: false, severity: undefined },
    { why: 'growth too small to matter', points: line(30, 0.5, 0.4), failing: false, severity: undefined },
    {
      why: 'one jump is no trend',
      points: Array.from({ length: 31 }, (_, index) => ({ atMs: index * 60_000, freeBytes: (index < 29 ? 10 : 8) * GIB })),
      failing: false,
      severity: undefined,
    },
  ])('$why', ({ points, failing, severity }) => {
    const reading = judgeDiskFilling([disk(80, 10)], new Map([['/', points]]), never)
    expect(reading.verdict).toBe(failing ? 'failing' : 'ok')
    expect(reading.severity).toBe(severity)
  })

  it('clears only when more than 12 h remain', () => {
    const trends = new Map([['/', line(30, 2, 20)]])
    expect(judgeDiskFilling([disk(80, 20)], trends, never).verdict).toBe('ok')
    expect(judgeDiskFilling([disk(80, 20)], trends, always).verdict).toBe('failing')
  })

  it('keeps one point a minute for an hour', () => {
    let points: TrendPoint[] = []
    for (let second = 0; second < 3 * 3_600; second += 5) points = addTrendPoint(points, { atMs: second * 1_000, freeBytes: 1 })
    expect(points).toHaveLength(61)
    expect(hoursUntilFull(points, GIB)).toBeNull()
  })
})

describe('the machine', () => {
  it.each([
    { why: 'pressure 20', reading: judgeMemory(null, { ...noPressure, memory: psi(20) }, never), verdict: 'failing' },
    { why: 'pressure 15 after a fault', reading: judgeMemory(null, { ...noPressure, memory: psi(15) }, always), verdict: 'failing' },
    { why: 'pressure 15', reading: judgeMemory(null, { ...noPressure, memory: psi(15) }, never), verdict: 'ok' },
    {
      why: '4 % available',
      reading: judgeMemory({ usedPercent: 96, availablePercent: 4, swapUsedPercent: 0, totalBytes: 1 }, noPressure, never),
      verdict: 'failing',
    },
    {
      why: '5 % available',
      reading: judgeMemory({ usedPercent: 95, availablePercent: 5, swapUsedPercent: 0, totalBytes: 1 }, noPressure, never),
      verdict: 'ok',
    },
    { why: 'nothing readable', reading: judgeMemory(null, noPressure, never), verdict: 'unknown' },
    { why: 'processor pressure 60', reading: judgeCpu({ ...noPressure, cpu: psi(60) }, never), verdict: 'failing' },
    { why: 'processor pressure 50', reading: judgeCpu({ ...noPressure, cpu: psi(50) }, never), verdict: 'ok' },
    { why: 'no pressure files', reading: judgeCpu(noPressure, never), verdict: 'unknown' },
    { why: 'clock 2 min off', reading: judgeClock(120_000, never), verdict: 'ok' },
    { why: 'clock over 2 min off', reading: judgeClock(-121_000, never), verdict: 'failing' },
    { why: 'clock 90 s off after a fault', reading: judgeClock(90_000, always), verdict: 'failing' },
    { why: 'time of the server unknown', reading: judgeClock(null, never), verdict: 'unknown' },
  ])('$why: $verdict', ({ reading, verdict }) => {
    expect(reading.verdict).toBe(verdict)
  })

  it('is too hot at a limit of the hardware, critically so at its critical one, and must cool 5 °C', () => {
    const sensor = (celsius: number) => [{ zone: 'cpu', celsius, hotAt: 90, criticalAt: 100 }]
    expect(hotSensors(sensor(89), new Set())).toEqual([])
    expect(judgeTemperatures(sensor(90), hotSensors(sensor(90), new Set()))).toMatchObject({ verdict: 'failing' })
    expect(hotSensors(sensor(86), new Set(['cpu']))).toHaveLength(1)
    expect(hotSensors(sensor(85), new Set(['cpu']))).toEqual([])
    expect(judgeTemperatures(sensor(101), hotSensors(sensor(101), new Set())).severity).toBe(1)
    expect(hotSensors([{ zone: 'x', celsius: 120, hotAt: null, criticalAt: null }], new Set())).toEqual([])
    expect(judgeTemperatures(null, []).verdict).toBe('unknown')
  })

  it('minds a mount that turned read-only, not one that always was', () => {
    const mount = (path: string, readOnly: boolean, emergency = false): Mount => ({
      device: '/dev/sda',
      path,
      type: 'ext4',
      readOnly,
      emergency,
    })
    expect(judgeReadOnly([mount('/', true)], new Set()).verdict).toBe('ok')
    expect(judgeReadOnly([mount('/', true)], new Set(['/'])).verdict).toBe('failing')
    expect(judgeReadOnly([mount('/', true, true)], new Set()).verdict).toBe('failing')
  })
})

describe('what a profile names', () => {
  const running = { name: 'kiosk', running: { pid: 1, startedTicks: '1' } }
  const gone = { name: 'kiosk', running: null }

  it('process.missing has the level of the profile', () => {
    const watched = [{ name: 'kiosk', match: 'kiosk-app', level: 1 }]
    expect(judgeProcesses(watched, [gone])).toMatchObject([{ key: 'process.missing:kiosk', verdict: 'failing', severity: 1 }])
    expect(judgeProcesses(watched, [running])[0]?.verdict).toBe('ok')
    expect(judgeProcesses(watched, [])[0]?.verdict).toBe('unknown')
  })

  it.each([
    { why: 'ended while the kernel killed', states: [gone], ended: ['kiosk'], rose: true, was: false, verdict: 'failing' },
    { why: 'ended by itself', states: [gone], ended: ['kiosk'], rose: false, was: false, verdict: 'ok' },
    { why: 'the kernel killed another', states: [running], ended: [], rose: true, was: false, verdict: 'ok' },
    { why: 'killed and restarted between two looks', states: [running], ended: ['kiosk'], rose: true, was: false, verdict: 'failing' },
    { why: 'still missing after the kill', states: [gone], ended: [], rose: false, was: true, verdict: 'unknown' },
    { why: 'runs again', states: [running], ended: [], rose: false, was: true, verdict: 'ok' },
  ])('oom.killed: $why', ({ states, ended, rose, was, verdict }) => {
    expect(judgeOomKills(states, ended, rose, () => was)[0]?.verdict).toBe(verdict)
  })

  it('unit.failed follows the unit', () => {
    const states = [
      { name: 'a', state: 'running' as const, detail: '' },
      { name: 'b', state: 'failed' as const, detail: 'failed (exit-code)' },
      { name: 'c', state: 'unknown' as const, detail: '' },
    ]
    expect(judgeUnits(states).map(reading => reading.verdict)).toEqual(['ok', 'failing', 'unknown'])
  })

  const answer = (change: Partial<UrlResult>): UrlResult => ({
    name: 'shop',
    failedStep: null,
    detail: '',
    status: 200,
    tookMs: 5,
    certificateDays: null,
    ...change,
  })

  it('url.failing needs two failures in a row', () => {
    expect(judgeUrl(answer({ failedStep: 'dns' }), 1, never).verdict).toBe('unknown')
    expect(judgeUrl(answer({ failedStep: 'dns' }), 2, never)).toMatchObject({ verdict: 'failing', evidence: { step: 'dns' } })
    expect(judgeUrl(answer({ failedStep: 'tcp' }), 1, always).verdict).toBe('failing')
    expect(judgeUrl(answer({}), 0, always).verdict).toBe('ok')
  })

  it.each([
    { why: '14 days are enough', change: { certificateDays: 14 }, verdict: 'ok' },
    { why: '13 days are not', change: { certificateDays: 13 }, verdict: 'failing' },
    {
      why: 'an expired one is no longer seen',
      change: { failedStep: 'tls' as const, detail: 'certificate has expired' },
      verdict: 'failing',
    },
    { why: 'a dead server says nothing about it', change: { failedStep: 'tcp' as const, detail: 'refused' }, verdict: 'unknown' },
  ])('certificate.expiring: $why', ({ change, verdict }) => {
    expect(judgeCertificate(answer(change)).verdict).toBe(verdict)
  })
})

describe('the board', () => {
  const reading = (verdict: Reading['verdict'], key: AgentSignalKey = 'disk.full', severity?: 1 | 2): Reading => ({
    key,
    verdict,
    text: verdict,
    ...(severity && { severity }),
  })
  const states = (events: { key: string; state: string }[]) => events.map(event => `${event.key} ${event.state}`)

  it('says a fault at once, once, and its end once; nothing about what was always well', () => {
    const board = makeSignalBoard({ reported: {}, announceOk: false })
    expect(board.apply([reading('ok')], 1)).toEqual([])
    expect(states(board.apply([reading('failing')], 2))).toEqual(['disk.full failing'])
    expect(board.apply([reading('failing')], 3)).toEqual([])
    expect(board.apply([reading('unknown')], 4)).toEqual([])
    expect(board.failing()).toMatchObject([{ key: 'disk.full', sinceMs: 2 }])
    expect(states(board.apply([reading('ok')], 5))).toEqual(['disk.full ok'])
    expect(board.apply([reading('ok')], 6)).toEqual([])
  })

  it('says a failing signal again when its severity changes', () => {
    const board = makeSignalBoard({ reported: {}, announceOk: false })
    board.apply([reading('failing')], 1)
    expect(board.apply([reading('failing', 'disk.full', 1)], 2)).toMatchObject([{ severity: 1, sinceMs: 1 }])
  })

  it.each(['ok', 'failing'] as const)('repeats as %s, once, what the server may believe failing from before the start', verdict => {
    const board = makeSignalBoard({ reported: { 'disk.full': 100 }, announceOk: false })
    expect(states(board.apply([reading(verdict)], 200))).toEqual([`disk.full ${verdict}`])
    expect(board.apply([reading(verdict)], 300)).toEqual([])
  })

  it('says once what nobody can know for good, and never in place of a fault', () => {
    const blind: Reading = { key: 'printer.jam:till', verdict: 'unknown', isLasting: true, text: 'a one-way printer' }
    const board = makeSignalBoard({ reported: {}, announceOk: false })
    expect(states(board.apply([blind], 1, 'printer.jam'))).toEqual(['printer.jam:till unknown'])
    expect(board.apply([blind], 2, 'printer.jam')).toEqual([])
    expect(board.failing()).toEqual([])
    expect(states(board.apply([reading('failing', 'printer.jam:till')], 3))).toEqual(['printer.jam:till failing'])
    expect(board.apply([blind], 4)).toEqual([])
    expect(states(board.apply([reading('ok', 'printer.jam:till')], 5))).toEqual(['printer.jam:till ok'])
    expect(states(board.apply([blind], 6))).toEqual(['printer.jam:till unknown'])
    expect(board.apply([], 7, 'printer.jam')).toEqual([])
  })

  it('announces what is well too after a loss', () => {
    const board = makeSignalBoard({ reported: {}, announceOk: true })
    expect(states(board.apply([reading('ok')], 1))).toEqual(['disk.full ok'])
  })

  it('ends a failing component that nobody watches any more, of its own family only', () => {
    const board = makeSignalBoard({ reported: { 'process.missing:old': 1 }, announceOk: false })
    board.apply([reading('failing'), reading('failing', 'process.missing:a'), reading('failing', 'process.missing:b')], 1)
    expect(states(board.apply([reading('unknown', 'process.missing:b')], 2, 'process.missing'))).toEqual([
      'process.missing:old ok',
      'process.missing:a ok',
    ])
    expect(states(board.failing())).toEqual(['disk.full failing', 'process.missing:b failing'])
  })

  it('always ends in the state of the last reading that knew, however they came', () => {
    const verdicts = fc.array(fc.constantFrom('ok' as const, 'failing' as const, 'unknown' as const), { maxLength: 30 })
    fc.assert(
      fc.property(verdicts, fc.boolean(), (list, wasReported) => {
        const board = makeSignalBoard({ reported: wasReported ? { 'disk.full': 1 } : {}, announceOk: false })
        let believed = wasReported ? 'failing' : 'ok'
        for (const [index, verdict] of list.entries()) for (const event of board.apply([reading(verdict)], index)) believed = event.state
        const last = list.findLast(verdict => verdict !== 'unknown')
        return last === undefined || believed === last
      }),
    )
  })
})
