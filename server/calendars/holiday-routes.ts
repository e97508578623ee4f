/** Public holidays of the world, for people who choose which of them close. */
import { Type } from 'typebox'
import { HolidayItem, HolidayPlaceItem } from '../../shared/api/calendars/holiday-api.ts'
import { ListOf } from '../../shared/api/list.ts'
import { Closed } from '../../shared/schema-pieces.ts'
import { holidaysOfYear, listHolidayPlaces } from './holidays.ts'
import type { App } from '../platform/http/app.ts'
import { inBody } from '../platform/http/body-faults.ts'

const Query = Closed({
  country: Type.String({ pattern: '^[A-Z]{2}$', description: 'ISO 3166-1 alpha-2' }),
  region: Type.Optional(Type.String({ minLength: 1, maxLength: 10 })),
  year: Type.Optional(Type.Integer({ minimum: 1900, maximum: 2200, description: 'this year when left out' })),
})

/** Routes of holidays; they read a list that ships with the product. */
export function holidayRoutes({ now }: { now: () => number }) {
  return (app: App): void => {
    app.get(
      '/holidays/places',
      {
        config: { access: 'read' },
        schema: { tags: ['catalogue'], summary: 'Countries with their regions', response: { 200: ListOf(HolidayPlaceItem) } },
      },
      async () => {
        const items = await listHolidayPlaces()
        return { items, total: items.length, next: null }
      },
    )
    app.get(
      '/holidays',
      {
        config: { access: 'read' },
        schema: { tags: ['catalogue'], summary: 'Days of a year in a place', querystring: Query, response: { 200: ListOf(HolidayItem) } },
      },
      request =>
        inBody(async () => {
          const { country, region, year = new Date(now()).getUTCFullYear() } = request.query
          const items = await holidaysOfYear({ country, ...(region === undefined ? {} : { region }) }, year)
          return { items, total: items.length, next: null }
        }, 'querystring'),
    )
  }
}
