/** The shape of what is known about one signal. Whoever adds one answers every question here, or the types are red. */
import type { Rule } from '../api/incidents/rule-api.ts'
import type { Language } from '../languages.ts'
import type { RemedyName } from '../remedies.ts'
import type { CauseName } from './causes.ts'

/** What ships as its rule; seconds. Each remedy is a rung of the ladder, in order. */
export type SignalRule = Pick<Rule, 'level' | 'holdSeconds' | 'clearSeconds' | 'fixedBy' | 'skill'> & { remedies: readonly RemedyName[] }

export type SignalLine = {
  /** What is wrong, as in a ticket's subject: no capital, no full stop. A component follows after a colon. */
  words: Record<Language, string>
  /** null = it has no rule of its own: the server opens it by another signal's. */
  rule: SignalRule | null
  /** It matters only while customers can be there: outside opening hours it is judged at the next opening. */
  waitsForOpening: boolean
  /** What it does to the verdict. `needed`: at level 1 nobody is served. `peripheral`: at any level less is. `other`: from level 2 on less is. */
  serving: 'needed' | 'peripheral' | 'other'
  /** Under which other faults of the device it is no fault of its own. That of `agent.offline` is not named: see `standsWithoutContact`. */
  symptomOf: readonly CauseName[]
  /** Of a cause: why its symptoms follow from it. */
  because?: string
  /** The server knows it by itself, or losing contact can neither make nor end it: it stands beside `agent.offline`. */
  standsWithoutContact?: true
  /** The cause it becomes, however long that takes: its ticket is then taken over. */
  growsInto?: CauseName
  /** What a technician should take along; empty when we cannot know. */
  parts: readonly string[]
  /** Shipped articles about it: names of their files. */
  articles: readonly string[]
} & (
  | { saidBy: 'agent' | 'server' }
  /** It has a line because people may have rules for it, or an agent to come will say it; why nobody does yet. */
  | { saidBy: 'nobody'; notYet: string }
)
