/** The ladder as it climbs: what the device tried, when, what came of it. */
import type { Incident } from '../../../shared/api/incidents/incident-api.ts'
import { Ago } from '../components/ago.tsx'
import { Tag } from '../components/tags.tsx'
import { durationWords } from '../components/time-words.ts'
import { LADDER_WORDS, OUTCOMES, remedyWord } from './remedy-words.ts'
import '../evidence/evidence.css'

/** Nothing where nothing was tried and nothing will be. */
export function LadderList({ remedies, ladder }: Pick<Incident, 'remedies' | 'ladder'>) {
  if (ladder === 'none' && remedies.length === 0) return null
  return (
    <div>
      {LADDER_WORDS[ladder] !== '' && <div className="quiet ladder-now">{LADDER_WORDS[ladder]}</div>}
      {remedies.length > 0 && (
        <ol className="ladder" aria-label="What the device tried">
          {remedies.map(remedy => (
            <li key={`${remedy.id} ${remedy.at}`}>
              {remedyWord(remedy.id)} <Tag tone={OUTCOMES[remedy.outcome].tone}>{OUTCOMES[remedy.outcome].word}</Tag>{' '}
              <span className="quiet">
                <Ago at={remedy.at} />
                {remedy.tookMs !== undefined && remedy.tookMs >= 1000 ? `, took ${durationWords(remedy.tookMs)}` : ''}
              </span>
              {remedy.text && <div className="quiet">{remedy.text}</div>}
            </li>
          ))}
        </ol>
      )}
    </div>
  )
}
