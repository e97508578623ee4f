/** A small form: values, and the server's faults at the fields they belong to. */
import { useState } from 'react'
import { ApiProblem } from '../api/api-client.ts'

/** Faults by the first part of their path (`body/email` belongs to `email`). */
export function faultsByField(error: unknown): Record<string, string> {
  if (!(error instanceof ApiProblem)) return {}
  const byField: Record<string, string> = {}
  for (const fault of error.faults) {
    const field = fault.path.replace(/^body\/?/, '').split('/')[0] ?? ''
    if (field !== '') byField[field] ??= fault.message
  }
  return byField
}

/** State of a form's text fields. `input(name)` gives what a Mantine text input needs. */
export function useFields<Values extends Record<string, string>>(initial: Values, error?: unknown) {
  const [values, setValues] = useState(initial)
  const faults = faultsByField(error)
  const set = <Name extends keyof Values>(name: Name, value: Values[Name]): void => setValues(before => ({ ...before, [name]: value }))
  return {
    values,
    set,
    reset: () => setValues(initial),
    input: (name: keyof Values & string) => ({
      value: values[name],
      onChange: (event: { currentTarget: { value: string } }) => set(name, event.currentTarget.value as Values[typeof name]),
      error: faults[name],
    }),
    fault: (name: string): string | undefined => faults[name],
  }
}
