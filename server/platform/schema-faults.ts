/** What is wrong with a document that a person wrote, by its shape. */
import type { TSchema } from 'typebox'
import { Value } from 'typebox/value'
import type { FieldError } from './errors.ts'

const MAX_FAULTS = 200

/** Faults of a value against a schema, each once, with a JSON pointer; empty = it fits. */
export function schemaFaults(schema: TSchema, value: unknown): FieldError[] {
  const faults = new Map<string, FieldError>()
  const add = (path: string, message: string): void => void faults.set(`${path} ${message}`, { path, message })
  for (const error of Value.Errors(schema, value)) {
    if (faults.size >= MAX_FAULTS) break
    if (error.keyword === 'additionalProperties' || error.keyword === 'anyOf') continue
    if (error.keyword === 'required') {
      for (const name of error.params.requiredProperties) add(`${error.instancePath}/${name}`, 'is missing')
    } else add(error.instancePath, error.keyword === 'boolean' ? 'is not a known field' : error.message)
  }
  // Every error may have been one of those passed over: what does not fit is refused all the same.
  if (faults.size === 0 && !Value.Check(schema, value)) add('', 'does not have the shape that is expected')
  return [...faults.values()]
}
