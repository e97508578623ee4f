/** What is wrong with a product that a person wrote, and with the day its life is to end. */
import { Product } from '../../../shared/api/plans/product-api.ts'
import { dateNumber } from '../../calendars/rules/calendar-spec.ts'
import type { FieldError } from '../../platform/errors.ts'
import { schemaFaults } from '../../platform/schema-faults.ts'

function dateFault(date: string | undefined, path: string): FieldError[] {
  return date === undefined || dateNumber(date) !== null ? [] : [{ path, message: `${date} is not a date such as 2026-12-25` }]
}

/** Every fault of a product, with JSON pointers; empty = valid. */
export function productFaults(value: unknown): FieldError[] {
  const faults = schemaFaults(Product, value)
  if (faults.length > 0) return faults
  const { releases, endOfLife } = value as Product
  const seen = new Set<string>()
  for (const [index, { version, releasedOn }] of releases.entries()) {
    faults.push(...dateFault(releasedOn, `/releases/${index}/releasedOn`))
    // 8.1 and 8.1.0 are one version.
    const same = version.replace(/(\.0+)+$/, '')
    if (seen.has(same)) faults.push({ path: `/releases/${index}/version`, message: `${version} is there twice` })
    seen.add(same)
  }
  faults.push(...dateFault(endOfLife?.on, '/endOfLife/on'), ...dateFault(endOfLife?.supportedUntil, '/endOfLife/supportedUntil'))
  if (endOfLife?.supportedUntil !== undefined && endOfLife.supportedUntil < endOfLife.on)
    faults.push({ path: '/endOfLife/supportedUntil', message: `must not be before ${endOfLife.on}, the end of life` })
  return faults
}

/** A plan or a customer's terms that ask for notice of an end of life. */
export type NoticeTerm = { who: string; months: number }

/** Faults of a day for the end of life that is announced today: one line for each plan that asks for more notice. */
export function noticeFaults(on: string, today: string, terms: readonly NoticeTerm[]): FieldError[] {
  return terms.flatMap(({ who, months }) => {
    const earliest = Temporal.PlainDate.from(today).add({ months }).toString()
    if (on >= earliest) return []
    return [{ path: '/endOfLife/on', message: `${who} gives ${months} months of notice: the earliest date is ${earliest}` }]
  })
}
