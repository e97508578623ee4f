/** What a caller can do wrong, in words a person can act on. Everything else that is thrown is a bug. */
import type { ProblemSlug } from '../../shared/api/problem-slugs.ts'

export type ErrorCode = 'invalid' | 'not-found' | 'conflict' | 'forbidden' | 'unauthenticated' | 'unavailable' | 'too-many'
export type FieldError = { path: string; message: string }

/**
 * A refusal. `slug` is the stable end of the problem `type` (`/problems/device-limit-reached`), `detail` says what to do,
 * `extra` holds further members of the problem document.
 */
export class DomainError extends Error {
  readonly code: ErrorCode
  readonly slug: ProblemSlug
  readonly errors: FieldError[]
  readonly extra: Record<string, unknown>

  constructor(code: ErrorCode, slug: ProblemSlug, detail: string, more: { errors?: FieldError[]; extra?: Record<string, unknown> } = {}) {
    super(detail)
    this.name = 'DomainError'
    this.code = code
    this.slug = slug
    this.errors = more.errors ?? []
    this.extra = more.extra ?? {}
  }
}

/** Bad input: one line per wrong field. */
export function invalidInput(errors: FieldError[], detail = 'Some fields are wrong; each is listed in errors.'): DomainError {
  return new DomainError('invalid', 'invalid-input', detail, { errors })
}

/** Not there, or not for this caller: the same answer. */
export function notFound(what: string): DomainError {
  return new DomainError('not-found', 'not-found', `There is no such ${what}, or it is not yours to see.`)
}

/** Runs a rule on a part of a document; the paths of what it refuses begin with that part. */
export async function atPath<Result>(path: string, work: () => Result | Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof DomainError) || error.errors.length === 0) throw error
    const errors = error.errors.map(fault => ({ path: `${path}${fault.path}`, message: fault.message }))
    throw new DomainError(error.code, error.slug, error.message, { errors, extra: error.extra })
  }
}
