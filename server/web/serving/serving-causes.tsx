/** What kept devices from serving, longest first. */
import { durationWords } from '../components/time-words.ts'

const SHOWN = 5

/** Nothing when nothing did. */
export function ServingCauses({ causes }: { causes: readonly { signal: string; seconds: number }[] }) {
  if (causes.length === 0) return null
  return (
    <ul className="serving-causes" aria-label="What kept it from serving">
      {causes.slice(0, SHOWN).map(({ signal, seconds }) => (
        <li key={signal}>
          <span className="mono">{signal}</span>
          <span>{durationWords(seconds * 1000)}</span>
        </li>
      ))}
    </ul>
  )
}
