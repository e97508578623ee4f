/** What is wrong with the escalation of a plan: steps that cannot be, that say the same twice, or that go round in circles. */
import type { Plan } from '../../../shared/api/plans/plan-api.ts'
import type { EscalationStep, LevelTerms, PlanTarget } from '../../../shared/api/plans/plan-parts.ts'
import type { FieldError } from '../../platform/errors.ts'

const LEVELS = [1, 2, 3, 4] as const
type LevelNumber = (typeof LEVELS)[number]
type Terms = Pick<Plan, 'levels' | 'lines' | 'hours' | 'escalation'>
type Placed = { step: EscalationStep; path: string }

const POINTS = ['percent', 'overdueMinutes', 'afterMinutes'] as const
const pointOf = (step: EscalationStep): string => POINTS.flatMap(name => (step[name] === undefined ? [] : `${name} ${step[name]}`)).join()
const levelsOf = (step: EscalationStep): readonly LevelNumber[] => (step.levels as LevelNumber[] | undefined) ?? LEVELS
const termsOf = (plan: Terms, level: LevelNumber): LevelTerms => plan.levels[`${level}`]

function targetOf(plan: Terms, step: EscalationStep, level: LevelNumber): PlanTarget {
  return termsOf(plan, level)[step.clock] ?? { kind: 'none' }
}

/** Whether the step can ever be taken at the level: only open time counts without a target, nothing does without a clock. */
function applies(plan: Terms, step: EscalationStep, level: LevelNumber): boolean {
  const { kind } = targetOf(plan, step, level)
  return kind === 'minutes' || kind === 'business-days' || (kind === 'best-effort' && step.afterMinutes !== undefined)
}

function minutesOfDay(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number)
  return hours * 60 + minutes
}

/** Open minutes of an average business day. */
function dayMinutes(plan: Terms, level: LevelNumber): number {
  const days = Object.values(termsOf(plan, level).hours ?? plan.hours).filter(intervals => intervals.length > 0)
  const open = days.flat().reduce((sum, [from, to]) => sum + minutesOfDay(to) - minutesOfDay(from), 0)
  return days.length === 0 ? 0 : open / days.length
}

function targetMinutes(plan: Terms, target: PlanTarget, level: LevelNumber): number {
  if (target.kind === 'minutes') return target.minutes
  return target.kind === 'business-days' ? target.days * dayMinutes(plan, level) : 0
}

/** About when a step is taken, in open minutes after registration. The update clock begins with the response, taken at its due time. */
function minutesUntil(plan: Terms, step: EscalationStep, level: LevelNumber): number {
  const terms = termsOf(plan, level)
  const fromMinutes = step.clock === 'update' && !terms.updateFromRegistration ? targetMinutes(plan, terms.response, level) : 0
  if (step.afterMinutes !== undefined) return fromMinutes + step.afterMinutes
  const target = targetMinutes(plan, targetOf(plan, step, level), level)
  return fromMinutes + (target * (step.percent ?? 100)) / 100 + (step.overdueMinutes ?? 0)
}

function stepFaults(plan: Terms, { step, path }: Placed): FieldError[] {
  const points = POINTS.filter(name => step[name] !== undefined)
  const [point] = points
  if (points.length !== 1 || point === undefined)
    return [{ path, message: `must have exactly one of ${POINTS.join(', ')}, not ${points.length === 0 ? 'none' : points.join(' and ')}` }]
  const faults: FieldError[] = []
  if (step.toLine !== undefined && step.toLine > plan.lines)
    faults.push({ path: `${path}/toLine`, message: `must be at most ${plan.lines}, the lines this plan has` })
  if (!levelsOf(step).some(level => applies(plan, step, level))) {
    const of = point === 'afterMinutes' ? 'clock' : 'target'
    faults.push({
      path: `${path}/${point}`,
      message: `can never come: the ${step.clock} has no ${of} at level ${levelsOf(step).join(', ')}`,
    })
  }
  return faults
}

/** Steps at the same point of the same clock and level: the later one is the fault. */
function twiceFaults(steps: readonly Placed[]): FieldError[] {
  const seen = new Map<string, string>()
  return steps.flatMap(({ step, path }) => {
    const keys = levelsOf(step).map(level => `${step.clock} ${level} ${pointOf(step)}`)
    const twice = keys.find(key => seen.has(key))
    for (const key of keys) if (!seen.has(key)) seen.set(key, path)
    if (twice === undefined) return []
    return [{ path, message: `is at the same point of the same clock and level as ${seen.get(twice) ?? ''}` }]
  })
}

/** Steps that lead to a line the ticket is on or beyond by then, whatever clock led there. */
function circleFaults(plan: Terms, steps: readonly Placed[]): FieldError[] {
  const faults = new Map<string, FieldError>()
  for (const level of LEVELS) {
    const leading = steps
      .filter(({ step }) => step.toLine !== undefined && levelsOf(step).includes(level) && applies(plan, step, level))
      .toSorted((one, other) => minutesUntil(plan, one.step, level) - minutesUntil(plan, other.step, level))
    let reached = { line: 1, path: '' }
    for (const { step, path } of leading) {
      const line = step.toLine ?? 1
      if (line > reached.line) reached = { line, path }
      else if (!faults.has(path)) {
        const message = `leads to line ${line}, but ${reached.path} has led to line ${reached.line} by then at level ${level}`
        faults.set(path, { path: `${path}/toLine`, message })
      }
    }
  }
  return [...faults.values()]
}

/** Every fault of the escalation of a plan whose other terms are right; empty = valid. Paths are JSON pointers. */
export function escalationFaults(plan: Terms): FieldError[] {
  const steps = (plan.escalation ?? []).map((step, index) => ({ step, path: `/escalation/${index}` }))
  const faults = steps.flatMap(placed => stepFaults(plan, placed))
  const whole = steps.filter(({ step }) => POINTS.filter(name => step[name] !== undefined).length === 1)
  return [...faults, ...twiceFaults(whole), ...circleFaults(plan, whole)]
}
