/** Where a fault lies in the request: rules of the domain name places in their own document. */
import { atPath } from '../errors.ts'

/** Runs a rule on a part of the request; the paths of what it refuses begin with that part, as those of the schema do. */
export function inBody<Result>(work: () => Result | Promise<Result>, part = 'body'): Promise<Result> {
  return atPath(part, work)
}
