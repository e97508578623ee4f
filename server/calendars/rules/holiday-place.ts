/** A place whose public holidays close. */
import type { Holidays } from '../../../shared/api/plans/plan-parts.ts'

export type HolidayPlace = Exclude<Holidays, string[]>
