/** Serving time in words and tones. */
import type { Tone } from '../components/tags.tsx'

/** Floor, not round: 99.96 must not read as 100. */
export function percentText(percent: number | null): string {
  return percent === null ? '–' : `${Math.floor(percent * 10) / 10} %`
}

/** How a day or device did: nearly always, mostly, or badly. */
export function servingTone(percent: number | null): Tone {
  if (percent === null) return 'plain'
  return percent >= 99 ? 'good' : percent >= 95 ? 'warn' : 'bad'
}
