/** docs/signals.md, written from what the house answers about each signal: not from its lines, but from what is made of them. */
import { localFault } from '../../server/tickets/translated-words.ts'
import { explanation } from '../../server/incidents/rules/cause.ts'
import { isCustomerFacing } from '../../server/incidents/rules/condition-hold.ts'
import { shippedArticles } from '../../server/knowledge/article-files.ts'
import { shippedRules } from '../../server/plans/catalogue-defaults.ts'
import { judge } from '../../server/verdicts/rules/verdict.ts'
import { likelyParts } from '../../server/visits/rules/visit.ts'
import { LANGUAGES } from '../../shared/languages.ts'
import type { SignalLine } from '../../shared/signals/signal-line.ts'
import { SIGNAL_NAMES, SIGNALS, type SignalName } from '../../shared/signals/signals.ts'

const LEVELS = [1, 2, 3, 4] as const

const list = (items: readonly string[]): string => (items.length === 0 ? '-' : items.join(', '))
const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
const table = (heads: readonly string[], rows: readonly (readonly string[])[]): string[] => [
  row(heads),
  row(heads.map(() => '---')),
  ...rows.map(row),
]

/** `500 s` is nobody's word for a time: `8 min 20 s`. */
function spellSeconds(seconds: number): string {
  const [minutes, rest] = [Math.floor(seconds / 60), seconds % 60]
  return [...(minutes > 0 ? [`${minutes} min`] : []), ...(rest > 0 || minutes === 0 ? [`${rest} s`] : [])].join(' ')
}

function saidBy(name: SignalName): string {
  const line: SignalLine = SIGNALS[name]
  return line.saidBy === 'nobody' ? `nobody yet: ${line.notYet}` : line.saidBy
}

function verdictOf(signal: string): string {
  const words = LEVELS.map(level => {
    const failing = [{ signal, component: '', level, sinceMs: 0, text: '' }]
    return judge({ connection: 'online', connectionSinceMs: 0, isOpen: true, failing }).verdict
  })
  const told = [...new Set(words)].filter(word => word !== 'serving')
  return told.map(word => `${word} (${LEVELS.filter(level => words[level - 1] === word).join(', ')})`).join(', ')
}

/** The page as it has to be. */
export function signalsPage(): string {
  const rules = new Map(shippedRules().map(rule => [rule.signal, rule]))
  const names = SIGNAL_NAMES.toSorted()
  const articles = shippedArticles()
  const fault = (signal: string) => ({ signal, component: 'part' })
  const explains = (cause: string, symptom: string) => explanation(fault(cause), fault(symptom), ['part']) !== null
  const facts = names.map(name => {
    const rule = rules.get(name)
    const about = articles.filter(({ article }) => article.signals.includes(name)).flatMap(({ article }) => article.family ?? [])
    return [
      `\`${name}\``,
      saidBy(name),
      rule ? `${rule.level}` : '-',
      rule ? spellSeconds(rule.holdSeconds) : '-',
      rule ? spellSeconds(rule.clearSeconds) : '-',
      list(rule?.remedies.map(({ id }) => id) ?? []),
      rule ? `${rule.fixedBy}${rule.skill === undefined ? '' : `: ${rule.skill}`}` : '-',
      isCustomerFacing(name) ? 'at opening' : 'at once',
      verdictOf(name),
      list(names.filter(cause => cause !== 'agent.offline' && explains(cause, name))),
      explains('agent.offline', name) ? 'no' : 'yes',
      list(likelyParts(name)),
      list([...new Set(about)]),
    ]
  })
  const words = names.map(name => [`\`${name}\``, ...LANGUAGES.map(language => localFault(language, { signal: name, component: '' }))])
  return [
    '# Signals',
    '',
    'What can be wrong on a device, as it ships: every rule can be changed for everybody, a customer, a site, a profile or a device. A test keeps this page equal to what the house does.',
    '',
    '- **hold**: how long it fails before an incident opens; **quiet**: how long it is well before the incident ends.',
    '- **closed**: what begins outside opening hours is judged at the next opening, or at once.',
    '- **verdict**: what it makes of the verdict, with the levels at which it does.',
    '- **symptom of**: faults of the same device under which it makes no ticket of its own. **stands offline**: whether it does while there is no contact.',
    '',
    ...table(
      [
        'signal',
        'said by',
        'level',
        'hold',
        'quiet',
        'remedies, in order',
        'fixed by',
        'closed',
        'verdict',
        'symptom of',
        'stands offline',
        'parts',
        'articles',
      ],
      facts,
    ),
    '',
    '## In words',
    '',
    ...table(['signal', ...LANGUAGES], words),
    '',
  ].join('\n')
}
