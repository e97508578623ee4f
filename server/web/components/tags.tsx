/** Small labelled facts. */
import type { ReactNode } from 'react'
import { STATE_MEANS, STATE_WORDS, type DeviceState } from './truth-words.ts'

export type Tone = 'plain' | 'good' | 'warn' | 'bad' | 'odd'

/** A word in a frame; its tone is never its only meaning. */
export function Tag({ tone = 'plain', title, children }: { tone?: Tone; title?: string; children: ReactNode }) {
  return (
    <span className="tag" data-tone={tone} title={title}>
      {children}
    </span>
  )
}

const PLACE_TONES: Record<DeviceState, Tone> = {
  active: 'plain',
  additional: 'plain',
  waiting: 'warn',
  uncovered: 'warn',
  retired: 'plain',
}

/** A device's place in the plan, when it is not the usual one. */
export function PlaceTag({ state, isAlways = false }: { state: DeviceState; isAlways?: boolean }) {
  if (state === 'active' && !isAlways) return null
  return (
    <Tag tone={PLACE_TONES[state]} title={STATE_MEANS[state]}>
      {STATE_WORDS[state]}
    </Tag>
  )
}

/** Work is planned on the device and runs now: its faults are shown, but call nobody. */
export function WorkTag({ maintenance }: { maintenance: { until: string; reason: string } | null }) {
  if (!maintenance) return null
  return (
    <Tag tone="warn" title={`${maintenance.reason}, until ${new Date(maintenance.until).toLocaleString()}`}>
      Under work
    </Tag>
  )
}
