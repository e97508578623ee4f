/** Fields of the terms that are like any other: a switch, a choice, several of a list, words, a number. Which one is said by the table. */
import { MultiSelect, NumberInput, Select, Switch, TagsInput, Text } from '@mantine/core'
import type { Plan } from '../../../shared/api/plans/plan-api.ts'
import { PLAN_TERMS, type PlanTerms, type TermKey } from '../../../shared/api/plans/plan-terms.ts'
import { TIME_ZONES } from '../components/time-zones.ts'
import { choicesOf } from '../components/ticket-choices.ts'
import { tellTerm } from '../plans/plan-words.ts'
import { faultAt, type DraftChange, type DraftPart } from './draft.ts'

/** Terms that are written by fields of their own. */
export type OwnTerm = { [Key in TermKey]: PlanTerms[Key]['editor'] extends 'own' ? Key : never }[TermKey]
export type SwitchTerm = { [Key in TermKey]: PlanTerms[Key]['editor'] extends 'switch' ? Key : never }[TermKey]
export type PlainTerm = Exclude<TermKey, OwnTerm | SwitchTerm>

export const isOwnTerm = (key: TermKey): key is OwnTerm => PLAN_TERMS[key].editor === 'own'
export const isSwitchTerm = (key: TermKey): key is SwitchTerm => PLAN_TERMS[key].editor === 'switch'
export const isPlainTerm = (key: TermKey): key is PlainTerm => !isOwnTerm(key) && !isSwitchTerm(key)

/** A change of one term; the field wrote a value of that term's kind. */
const change = (key: TermKey, value: unknown): DraftChange => ({ [key]: value })

/** A yes-or-no term. One that may be missing is missing when it is off. */
export function TermSwitch({ term, draft, set }: DraftPart & { term: SwitchTerm }) {
  const { title, presence } = PLAN_TERMS[term]
  const off = presence === 'optional' ? undefined : false
  return <Switch label={title} checked={draft[term] === true} onChange={event => set(change(term, event.currentTarget.checked || off))} />
}

type Limits = { minimum?: number; maximum?: number; anyOf?: Limits[] }
/** The least and the most of a number, as its schema says. */
function limitsOf(schema: Limits): { min?: number; max?: number } {
  const { minimum, maximum } = schema.anyOf?.find(each => each.minimum !== undefined) ?? schema
  return { ...(minimum === undefined ? {} : { min: minimum }), ...(maximum === undefined ? {} : { max: maximum }) }
}

function TermNumber({ term, draft, set, faults }: DraftPart & { term: PlainTerm }) {
  const line: { title: string; hint?: string; suffix?: string; empty?: string; decimals?: number; schema: object; presence: string } =
    PLAN_TERMS[term]
  const value = draft[term]
  // What an empty field means: the term is missing, or nothing is promised; else the least there is.
  const nothing = line.presence === 'optional' ? undefined : 'anyOf' in line.schema ? null : (limitsOf(line.schema).min ?? 0)
  return (
    <NumberInput
      label={line.title}
      {...(line.hint === undefined ? {} : { description: line.hint })}
      {...(line.suffix === undefined ? {} : { suffix: line.suffix })}
      {...(line.empty === undefined ? {} : { placeholder: line.empty })}
      {...(line.decimals === undefined ? { allowDecimal: false } : { decimalScale: line.decimals })}
      {...limitsOf(line.schema)}
      value={typeof value === 'number' ? value : ''}
      onChange={next => set(change(term, typeof next === 'number' ? next : nothing))}
      error={faultAt(faults, `/${term}`)}
    />
  )
}

/** One field as the table names it. */
export function TermField(part: DraftPart & { term: PlainTerm }) {
  const { term, draft, set, faults } = part
  const line = PLAN_TERMS[term]
  const error = faultAt(faults, `/${term}`)
  const value: Plan[PlainTerm] = draft[term]
  switch (line.editor) {
    case 'zone':
      return (
        <Select
          label={line.title}
          searchable
          limit={80}
          allowDeselect={false}
          data={TIME_ZONES}
          value={value as string}
          onChange={zone => zone && set(change(term, zone))}
          error={error}
        />
      )
    case 'choice':
      return (
        <Select
          label={line.title}
          allowDeselect={false}
          data={choicesOf<string>(line.choices)}
          value={value as string}
          onChange={choice => choice && set(change(term, choice))}
          error={error}
        />
      )
    case 'several':
      return (
        <MultiSelect
          label={line.title}
          data={choicesOf<string>(line.choices)}
          value={value as string[]}
          onChange={words => set(change(term, words))}
          error={error}
        />
      )
    case 'texts':
      return <TagsInput label={line.title} value={value as string[]} onChange={words => set(change(term, words))} error={error} />
    case 'number':
      return <TermNumber {...part} />
    case 'file': {
      const told = tellTerm(draft, term)
      return (
        told !== null && (
          <div>
            <Text size="sm" fw={600}>
              {line.title}
            </Text>
            <Text size="sm">{told}</Text>
            <Text size="xs" c="dimmed">
              Changed with the catalogue as a file.
            </Text>
          </div>
        )
      )
    }
  }
}
