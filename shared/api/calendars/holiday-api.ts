/** Public holidays as a person picks them: which of a country's days close. */
import { Type, type Static } from 'typebox'
import { Closed, OneOf } from '../../schema-pieces.ts'
import { LocalDate } from '../sla/sla-api.ts'

/** `GET /holidays/places`: countries with their regions. */
export const HolidayPlaceItem = Closed({
  country: Type.String({ description: 'ISO 3166-1 alpha-2' }),
  name: Type.String(),
  regions: Type.Array(Closed({ region: Type.String(), name: Type.String() })),
})
export type HolidayPlaceItem = Static<typeof HolidayPlaceItem>

/** `GET /holidays?country=&region=&year=`: the year's days in order. `rule` names the day over the years (`12-25`, `easter -2`). */
export const HolidayItem = Closed({
  date: LocalDate,
  name: Type.String(),
  rule: Type.String(),
  type: OneOf(['public', 'bank', 'school', 'optional', 'observance']),
  closes: Type.Boolean({ description: 'closes unless a person says otherwise: public holidays do' }),
})
export type HolidayItem = Static<typeof HolidayItem>
