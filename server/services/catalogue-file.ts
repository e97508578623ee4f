/** The whole catalogue as one file: what an export holds and what an import accepts. */
import { Type, type Static } from 'typebox'
import { Plan } from '../../shared/api/plan-api.ts'
import { Rule, RuleScope } from '../../shared/api/rule-api.ts'
import { ProfileInput } from '../../shared/profile.ts'
import { Closed } from '../../shared/schema.ts'
import { DomainError, type FieldError } from '../domain/errors.ts'
import { planFaults, schemaFaults } from '../domain/plan-faults.ts'
import { holidayFaults } from './catalogue-holidays.ts'

export const CATALOGUE_FORMAT = 'kioskeeper-catalogue'
export const PROFILE_ID = /^[A-Za-z0-9-]{1,64}$/

const List = Type.Array(Type.Unknown(), { maxItems: 10_000 })
const Frame = Closed({ format: Type.Literal(CATALOGUE_FORMAT), formatVersion: Type.Literal(1), plans: List, rules: List, profiles: List })
const ScopedRule = Closed({ scope: RuleScope, rule: Rule })
const NamedProfile = Closed({ id: Type.String({ pattern: PROFILE_ID.source }), profile: ProfileInput })

/** An exported catalogue. Scope '' is everybody's rule. */
export type CatalogueFile = {
  format: typeof CATALOGUE_FORMAT
  formatVersion: 1
  plans: Plan[]
  rules: Static<typeof ScopedRule>[]
  profiles: Static<typeof NamedProfile>[]
}

/** The file, checked whole. Throws DomainError `invalid-catalogue` with every wrong line; nothing is taken then. */
export async function readCatalogueFile(file: unknown, nowMs: number): Promise<CatalogueFile> {
  const faults: FieldError[] = schemaFaults(Frame, file)
  if (faults.length === 0) {
    const { plans, rules, profiles } = file as Static<typeof Frame>
    const each = (name: string, list: unknown[], faultsOf: (value: unknown) => FieldError[], keyOf: (value: never) => string): void => {
      const seen = new Set<string>()
      for (const [index, value] of list.entries()) {
        const wrong = faultsOf(value)
        faults.push(...wrong.map(fault => ({ path: `/${name}/${index}${fault.path}`, message: fault.message })))
        if (wrong.length > 0) continue
        const key = keyOf(value as never)
        if (seen.has(key)) faults.push({ path: `/${name}/${index}`, message: `${key} is there twice` })
        seen.add(key)
      }
    }
    each('plans', plans, planFaults, (plan: Plan) => plan.id)
    for (const [index, plan] of plans.entries()) {
      if (planFaults(plan).length > 0) continue
      const wrong = await holidayFaults((plan as Plan).holidays, nowMs)
      faults.push(...wrong.map(fault => ({ path: `/plans/${index}${fault.path}`, message: fault.message })))
    }
    each(
      'rules',
      rules,
      value => schemaFaults(ScopedRule, value),
      ({ scope, rule }: Static<typeof ScopedRule>) => `${rule.signal} ${scope}`,
    )
    each(
      'profiles',
      profiles,
      value => schemaFaults(NamedProfile, value),
      ({ id }: Static<typeof NamedProfile>) => id,
    )
  }
  if (faults.length > 0)
    throw new DomainError('invalid', 'invalid-catalogue', 'The file was refused whole; errors lists each wrong line.', { errors: faults })
  return file as CatalogueFile
}
