/** A place whose public holidays close. */
import type { Holidays } from '../../../shared/api/plans/plan-api.ts'

export type HolidayPlace = Exclude<Holidays, string[]>
