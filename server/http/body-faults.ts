/** Where a fault lies in the request: rules of the domain name places in their own document. */
import { DomainError } from '../domain/errors.ts'

/** Runs a rule on a part of the body; the paths of what it refuses begin with that part, as those of the schema do. */
export async function inBody<Result>(work: () => Result | Promise<Result>, part = 'body'): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof DomainError) || error.errors.length === 0) throw error
    const errors = error.errors.map(fault => ({ path: `${part}${fault.path}`, message: fault.message }))
    throw new DomainError(error.code, error.slug, error.message, { errors, extra: error.extra })
  }
}
