/** Plans and customers' own terms as they were stored, read with the terms of today: what an older version lacks has its default. */
import type { Plan, PlanOverrides } from '../../../shared/api/plans/plan-api.ts'
import { PLAN_TERMS } from '../../../shared/api/plans/plan-terms.ts'

const isParts = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

/** A value with what it lacks; of a term that is made of parts, the parts. What is there keeps its order: an unchanged plan is no new version. */
function fillIn(value: unknown, fallback: unknown): unknown {
  if (value === undefined) return fallback
  if (!isParts(value) || !isParts(fallback)) return value
  return { ...value, ...Object.fromEntries(Object.entries(fallback).filter(([part]) => value[part] === undefined)) }
}

const DEFAULTS = Object.entries(PLAN_TERMS).flatMap(([key, term]) => ('default' in term ? [[key, term.default] as const] : []))

/** A stored version of a plan, whole. `text` is its JSON, right when it was written. */
export function readStoredPlan(text: string): Plan {
  const plan = JSON.parse(text) as Record<string, unknown>
  for (const [key, fallback] of DEFAULTS) plan[key] = fillIn(plan[key], fallback)
  return plan as Plan
}

/** A customer's own terms as they were stored. A term that is not theirs stays the plan's; one of theirs has all its parts. */
export function readOverrides(text: string): PlanOverrides {
  const overrides = JSON.parse(text) as Record<string, unknown>
  for (const [key, fallback] of DEFAULTS) if (overrides[key] !== undefined) overrides[key] = fillIn(overrides[key], fallback)
  return overrides
}
