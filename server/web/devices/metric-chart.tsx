/** One chart: lines of averages with the band between smallest and largest. */
import { useComputedColorScheme } from '@mantine/core'
import { useMergedRef, useResizeObserver } from '@mantine/hooks'
import { useEffect, useRef } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import type { Samples } from '../../../shared/api/devices/device-api.ts'
import { metricName, metricText } from './metric-groups.ts'

const HEIGHT = 150
/** Told apart without colour vision too: they differ in lightness. */
const TONES = {
  light: ['#1864ab', '#c2560a', '#2b8a3e', '#862e9c', '#5c5f66', '#0b7285'],
  dark: ['#74b3f0', '#f5a55b', '#69db7c', '#d79bf0', '#b7bcc4', '#66d9e8'],
} as const
/** A gap of this many usual steps is a gap in the line: no facts is not a straight line. */
const GAP_STEPS = 4

const DAY_SECONDS = 86_400
const dayOf = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' })
const timeOf = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' })
const exactOf = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' })
/** Times of day, or days where the marks are a day or more apart. */
const timeMarks: uPlot.Axis.DynamicValues = (_chart, marks, _axis, _space, stepSeconds) =>
  marks.map(at => (stepSeconds >= DAY_SECONDS ? dayOf : timeOf).format(at * 1000))

type Columns = [number[], ...(number | null | undefined)[][]]

/** Columns as uPlot wants them: times, then average, smallest and largest of each series. */
function toColumns(series: readonly Samples[], span: { fromMs: number }): Columns {
  const times = [...new Set(series.flatMap(one => one.points.map(point => Date.parse(point[0]) / 1000)))]
    .filter(at => at * 1000 >= span.fromMs)
    .toSorted((one, other) => one - other)
  const steps = times
    .slice(1)
    .map((at, index) => at - (times[index] ?? at))
    .toSorted((one, other) => one - other)
  const usual = steps[Math.floor(steps.length / 2)] ?? 0
  const gaps = new Set<number>()
  const instants: number[] = []
  for (const at of times) {
    const before = instants.at(-1)
    if (before !== undefined && usual > 0 && at - before > usual * GAP_STEPS) {
      gaps.add(before + usual)
      instants.push(before + usual)
    }
    instants.push(at)
  }
  // null breaks the line; undefined lets it pass over an instant that only another series has.
  const columns = series.flatMap(one => {
    const byTime = new Map(one.points.map(point => [Date.parse(point[0]) / 1000, point]))
    return ([2, 1, 3] as const).map(place => instants.map(at => byTime.get(at)?.[place] ?? (gaps.has(at) ? null : undefined)))
  })
  return [instants, ...columns]
}

/** Draws; updates in place when data come, so that a live chart does not flicker. */
export function MetricChart({
  series,
  unit,
  max,
  span,
}: {
  series: readonly Samples[]
  unit: string
  max?: number | undefined
  span: { fromMs: number; toMs: number }
}) {
  const scheme = useComputedColorScheme('light')
  const [measure, { width }] = useResizeObserver<HTMLDivElement>()
  const box = useRef<HTMLDivElement>(null)
  const refs = useMergedRef(measure, box)
  const chart = useRef<uPlot | null>(null)
  const names = series.map(one => one.metric).join('|')

  useEffect(() => {
    const element = box.current
    if (!element || width < 40) return undefined
    const line = scheme === 'dark' ? '#31353c' : '#e3e6ea'
    const ink = scheme === 'dark' ? '#a3abb6' : '#5a626d'
    const tones = TONES[scheme]
    const tone = (index: number): string => tones[index % tones.length] ?? ink
    const axis = { stroke: ink, grid: { stroke: line, width: 1 }, ticks: { show: false }, font: '11px system-ui, sans-serif' }
    const made = new uPlot(
      {
        width,
        height: HEIGHT,
        padding: [8, 8, 0, 0],
        cursor: { points: { size: 5 }, drag: { x: false, y: false } },
        legend: { live: true },
        // With no pointer on the chart its legend tells the newest values.
        hooks: {
          setCursor: [
            shown => shown.cursor.idx === null && shown.data[0].length > 0 && shown.setLegend({ idx: shown.data[0].length - 1 }, false),
          ],
        },
        scales: { y: { range: (_chart, low, high) => [Math.min(0, low ?? 0), max ?? Math.max(high ?? 1, 1e-9) * 1.1] } },
        axes: [
          { ...axis, size: 26, values: timeMarks, space: 64 },
          {
            ...axis,
            size: unit === 'B/s' ? 64 : 46,
            values: (_chart, ticks) =>
              ticks.map(tick => (unit === 'B/s' ? metricText(tick, unit) : `${tick}${unit === '' ? '' : unit === '%' ? ' %' : '°'}`)),
          },
        ],
        series: [
          { value: (_chart, at) => (at === null ? '–' : exactOf.format(at * 1000)) },
          ...names.split('|').flatMap((metric, index) => [
            {
              label: metricName(metric),
              stroke: tone(index),
              width: 1.5,
              points: { show: false },
              value: (_chart: uPlot, value: number | null) => metricText(value, unit),
            },
            { show: true, points: { show: false }, width: 0, class: 'chart-bound' },
            { show: true, points: { show: false }, width: 0, class: 'chart-bound' },
          ]),
        ],
        bands: names
          .split('|')
          .map((_metric, index) => ({ series: [index * 3 + 3, index * 3 + 2] as [number, number], fill: `${tone(index)}2e` })),
      },
      [[]],
      element,
    )
    chart.current = made
    return () => {
      made.destroy()
      chart.current = null
    }
  }, [width, scheme, names, unit, max])

  useEffect(() => {
    const columns = toColumns(series, span)
    chart.current?.setData(columns, false)
    if (columns[0].length > 0) chart.current?.setLegend({ idx: columns[0].length - 1 }, false)
    chart.current?.setScale('x', { min: span.fromMs / 1000, max: span.toMs / 1000 })
  }, [series, span, width, scheme, names, unit, max])

  return <div ref={refs} className="chart" />
}
