import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { HolidayItem, HolidayPlaceItem } from '../../../shared/api/calendars/holiday-api.ts'
import type { Page } from '../../../shared/api/list.ts'
import type { CustomerTerms } from '../../../shared/api/contracts/terms-api.ts'
import { makeWorld, type World } from '../../support/world.ts'

type Refusal = { type: string; errors?: { path: string; message: string }[] }

describe('holidays, special dates and opening hours over HTTP', () => {
  let world: World
  let customerId: string
  const year = new Date().getUTCFullYear()
  beforeAll(async () => {
    world = await makeWorld()
    customerId = (await world.makeCustomer('ombori-pilot')).customerId
  })
  afterAll(() => world.stop())
  const refused = async (method: string, path: string, body?: unknown): Promise<{ path: string; message: string }[]> => {
    const answer = await world.api<Refusal>(method, path, body)
    expect(answer.status).toBe(400)
    return answer.body.errors ?? []
  }

  it('lists countries with their regions', async () => {
    const { items, total } = await world.ok<Page<HolidayPlaceItem>>('GET', '/holidays/places')
    expect(total).toBeGreaterThan(200)
    expect(items.find(item => item.country === 'DE')).toMatchObject({
      name: 'Germany',
      regions: expect.arrayContaining([{ region: 'BY', name: 'Bayern' }]),
    })
    expect(items.find(item => item.country === 'SE')).toEqual({ country: 'SE', name: 'Sweden', regions: [] })
  })

  it('lists the days of a year in a place: which close, and the rule that names them over the years', async () => {
    const { items } = await world.ok<Page<HolidayItem>>('GET', '/holidays?country=SE&year=2026')
    expect(items.map(item => item.date)).toEqual(items.map(item => item.date).toSorted())
    expect(items).toContainEqual({ date: '2026-04-03', name: 'Good Friday', rule: 'easter -2', type: 'public', closes: true })
    expect(items).toContainEqual({ date: '2026-12-24', name: 'Christmas Eve', rule: '12-24', type: 'bank', closes: false })
    // Public from noon on: half a day does not close a whole one.
    const icelandic = await world.ok<Page<HolidayItem>>('GET', '/holidays?country=IS&year=2026')
    expect(icelandic.items.find(item => item.date === '2026-12-24')).toMatchObject({ type: 'public', closes: false })
    // Feasts of several days are a row each.
    const turkish = await world.ok<Page<HolidayItem>>('GET', '/holidays?country=TR&year=2026')
    expect(turkish.items.filter(item => item.rule.startsWith('1 Shawwal')).map(item => item.date)).toEqual([
      '2026-03-20',
      '2026-03-21',
      '2026-03-22',
    ])
    expect(
      (await world.ok<Page<HolidayItem>>('GET', '/holidays?country=DE&region=BY')).items.some(item => item.date === `${year}-08-15`),
    ).toBe(true)
  })

  it.each([
    ['/holidays?country=ZZ', 'querystring/country', 'ZZ is not a country'],
    ['/holidays?country=SE&region=XY', 'querystring/region', 'Sweden has no region XY; it has none'],
    ['/holidays?country=DE&region=XY', 'querystring/region', 'Germany has no region XY; regions are BB (Brandenburg)'],
    ['/holidays?country=sweden', 'querystring/country', ''],
    ['/holidays?country=SE&year=99999', 'querystring/year', ''],
  ])('refuses %s', async (path, field, words) => {
    const [fault] = await refused('GET', path)
    expect(fault?.path).toBe(field)
    expect(fault?.message).toContain(words)
  })

  it('a customer chooses a country, opens one of its days, closes another, and reads what is in force', async () => {
    const overrides = {
      holidays: { country: 'SE', except: ['06-06 since 2005'], also: ['12-24'] },
      specialDates: { [`${year}-12-31`]: [['08:00', '12:00']], [`${year + 1}-01-06`]: [['10:00', '12:00']], [`${year + 1}-01-07`]: [] },
      devices: 4,
    }
    await world.ok('PATCH', `/customers/${customerId}`, { overrides })
    const terms = await world.ok<CustomerTerms>('GET', `/customers/${customerId}/terms`)
    expect(terms).toMatchObject({
      customerId,
      version: 1,
      timeZone: 'Europe/Stockholm',
      warnings: [],
      plan: { id: 'ombori-pilot', devices: { included: 4 } },
    })
    expect(terms.holidayDates).toEqual(expect.arrayContaining([`${year}-12-24`, `${year}-12-25`, `${year + 1}-01-01`, `${year + 1}-01-07`]))
    for (const open of [`${year}-06-06`, `${year + 1}-06-06`, `${year + 1}-01-06`, `${year}-12-31`])
      expect(terms.holidayDates).not.toContain(open)
    expect(terms.holidayDates.every(date => date.startsWith(String(year)) || date.startsWith(String(year + 1)))).toBe(true)
    expect(terms.own).toEqual([
      '/devices/included',
      '/holidays',
      `/specialDates/${year}-12-31`,
      `/specialDates/${year + 1}-01-06`,
      `/specialDates/${year + 1}-01-07`,
    ])
    expect((await world.api('GET', '/customers/nobody/terms')).status).toBe(404)
  })

  it('warns of a list that ends, on the customer and on the plan', async () => {
    const id = (await world.makeCustomer('ombori-production')).customerId
    await world.ok('PATCH', `/customers/${id}`, { overrides: { holidays: [`${year}-12-25`] } })
    const words = [
      `The list of holidays ends on ${year}-12-25: none is known for ${year + 1}. Add the dates of ${year + 1}, or choose a country.`,
    ]
    expect((await world.ok<{ warnings: string[] }>('GET', `/customers/${id}`)).warnings).toEqual(words)
    expect((await world.ok<CustomerTerms>('GET', `/customers/${id}/terms`)).warnings).toEqual(words)
    const plan = await world.ok<{ warnings: string[] }>('GET', '/plans/opmantek-standard')
    expect(plan.warnings).toEqual([])
    // As it was read it may be sent back.
    const changed = await world.ok<{ warnings: string[]; version: number }>('PUT', '/plans/opmantek-standard', {
      ...plan,
      holidays: [`${year}-12-25`],
    })
    expect(changed).toMatchObject({ version: 2, warnings: words })
    expect((await world.ok<{ warnings: string[] }>('GET', '/plans/opmantek-standard')).warnings).toEqual(words)
  })

  it.each([
    ['an unknown country', { country: 'ZZ' }, '/holidays/country', 'ZZ is not a country with known holidays'],
    ['an unknown region', { country: 'DE', region: 'XY' }, '/holidays/region', 'Germany has no region XY; regions are'],
    [
      'a region where there is none',
      { country: 'SE', region: 'XY' },
      '/holidays/region',
      'Sweden has no region XY; it has none: leave the region out',
    ],
    [
      'an unknown rule',
      { country: 'SE', except: ['easter -2', 'easter 77'] },
      '/holidays/except/1',
      'Sweden has no holiday with the rule easter 77',
    ],
    ['an unknown further day', { country: 'SE', also: ['13-13'] }, '/holidays/also/0', 'GET /holidays?country=SE lists them'],
    ['a day that is excepted and closes', { country: 'SE', except: ['12-25'], also: ['12-25'] }, '/holidays/also/0', 'say one of the two'],
    ['a day that does not exist', [`${year}-02-30`], '/holidays/0', 'is not a date'],
  ])('refuses %s, for a customer and for a plan', async (_reason, holidays, path, words) => {
    const [own] = await refused('PATCH', `/customers/${customerId}`, { overrides: { holidays } })
    expect([own?.path, own?.message]).toEqual([`body/overrides${path}`, expect.stringContaining(words)])
    const plan = await world.ok<object>('GET', '/plans/op5-basic')
    const [inPlan] = await refused('PUT', '/plans/op5-basic', { ...plan, holidays })
    expect([inPlan?.path, inPlan?.message]).toEqual([`body${path}`, expect.stringContaining(words)])
  })

  it('special dates move the deadlines of tickets', async () => {
    const place = await world.makeCustomer('ombori-enterprise')
    const today = Temporal.Now.plainDateISO('Europe/Stockholm')
    await world.ok('PATCH', `/customers/${place.customerId}`, {
      overrides: { specialDates: Object.fromEntries([0, 1].map(days => [today.add({ days }).toString(), []])) },
    })
    const ticket = await world.ok<{ clocks: { response: { dueAt: string } } }>('POST', '/tickets', {
      customerId: place.customerId,
      level: 1,
      subject: 'Dark screen',
      description: 'Dark since noon',
      channel: 'phone',
      reporter: { name: 'Kim' },
    })
    // Closed today and tomorrow: half an hour after the day after tomorrow begins.
    const opens = today.add({ days: 2 }).toZonedDateTime('Europe/Stockholm').epochMilliseconds
    expect(Date.parse(ticket.clocks.response.dueAt)).toBe(opens + 30 * 60_000)
  })

  it('a holiday that is added moves the deadline of a ticket that runs', async () => {
    const { customerId: id } = await world.makeCustomer('ombori-enterprise')
    const tomorrow = Temporal.Now.plainDateISO('Europe/Stockholm').add({ days: 1 })
    const ticket = await world.ok<{ id: string; clocks: { response: { dueAt: string } } }>('POST', '/tickets', {
      customerId: id,
      // 48 h, around the clock: all of tomorrow is in them.
      level: 4,
      subject: 'Dusty screen',
      description: 'Dust',
      channel: 'form',
      reporter: { name: 'Kim' },
    })
    await world.ok('PATCH', `/customers/${id}`, { overrides: { holidays: [tomorrow.toString()] } })
    const after = await world.ok<typeof ticket>('GET', `/tickets/${ticket.id}`)
    const dayMs = tomorrow.toZonedDateTime('Europe/Stockholm').hoursInDay * 3_600_000
    expect(Date.parse(after.clocks.response.dueAt) - Date.parse(ticket.clocks.response.dueAt)).toBe(dayMs)
  })

  const site = (openingHours: unknown) => world.api<Refusal>('POST', `/customers/${customerId}/sites`, { name: 'Night shop', openingHours })
  it('a site open over midnight is written in two pieces; breaks and special dates are taken', async () => {
    const hours = { fri: [['22:00', '24:00']], sat: [['00:00', '02:00']] }
    expect(
      (await site({ hours, overrides: { '2026-12-24': [['10:00', '12:00']] }, breaks: { '2026-12-25': [['22:30', '23:00']] } })).status,
    ).toBe(201)
  })
  it.each<[reason: string, openingHours: unknown, path: string, words: string]>([
    [
      'an empty week',
      { hours: {} },
      '/hours',
      'has no open minute at all: give at least one day its hours, or leave the opening hours out for a place that never closes',
    ],
    ['days without an interval', { hours: { mon: [], tue: [] } }, '/hours', 'has no open minute at all'],
    [
      'a night in one piece',
      { hours: { fri: [['22:00', '02:00']] } },
      '/hours/fri/0',
      'write a night as two intervals: 22:00 to 24:00 and, on the day after, 00:00 to 02:00',
    ],
    ['midnight as 00:00', { hours: { fri: [['22:00', '00:00']] } }, '/hours/fri/0', 'midnight as an end is 24:00'],
    [
      'an overlap',
      {
        hours: {
          fri: [
            ['08:00', '12:00'],
            ['11:00', '13:00'],
          ],
        },
      },
      '/hours/fri',
      'intervals overlap at 11:00',
    ],
    ['an unknown field', { hours: { fri: [['08:00', '12:00']] }, colour: 'red' }, '/colour', 'is not a known field'],
    ['an unknown day', { hours: { friday: [['08:00', '12:00']] } }, '/hours/friday', 'is not a known field'],
    ['no hours', {}, '/hours', 'is missing'],
    ['a bad date', { hours: { fri: [['08:00', '12:00']] }, overrides: { '2026-02-30': [] } }, '/overrides/2026-02-30', 'is not a date'],
  ])('a site with %s is refused', async (_reason, openingHours, path, words) => {
    const answer = await site(openingHours)
    expect([answer.status, answer.body.errors?.[0]?.path]).toEqual([400, `body/openingHours${path}`])
    expect(answer.body.errors?.[0]?.message).toContain(words)
  })
})
