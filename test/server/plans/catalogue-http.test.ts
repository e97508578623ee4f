import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Plan } from '../../../shared/api/plans/plan-api.ts'
import { makeApp, type App } from '../../../server/platform/http/app.ts'
import { planRoutes } from '../../../server/plans/plan-routes.ts'
import { profileRoutes } from '../../../server/plans/profile-routes.ts'
import { makeRuleTrials } from '../../../server/incidents/rule-trials.ts'
import { ruleRoutes } from '../../../server/incidents/rule-routes.ts'
import { slaRoutes } from '../../../server/tickets/sla-routes.ts'
import { makeAccounts } from '../../../server/accounts/accounts.ts'
import { makeCatalogue } from '../../../server/plans/catalogue.ts'
import { openStore, type Store } from '../../../server/database/database.ts'
import { sqlitePlace, type StoreLocation } from '../../support/stores.ts'
import { testLog } from '../../support/test-log.ts'

const TOKEN = 'test-admin-token-0123456789-0123456789'
const nowMs = Temporal.Instant.from('2026-11-23T10:00:00Z').epochMilliseconds
type Answer = {
  status: number
  body: Record<string, unknown> & { errors?: { path: string; message: string }[]; items?: Record<string, unknown>[] }
}

describe('the catalogue and the calculators over HTTP', () => {
  let app: App
  let store: Store
  let place: StoreLocation
  const plansChanged: string[] = []
  const configWanted: string[] = []
  const call = async (method: 'GET' | 'PUT' | 'POST', path: string, body?: object): Promise<Answer> => {
    const answer = await app.inject({
      method,
      url: `/api/v1${path}`,
      headers: { authorization: `Bearer ${TOKEN}` },
      ...(body === undefined ? {} : { payload: body }),
    })
    return { status: answer.statusCode, body: answer.json() }
  }
  const paths = (answer: Answer): string[] => answer.body.errors?.map(fault => fault.path) ?? []

  beforeAll(async () => {
    place = sqlitePlace()
    store = await openStore(place.location)
    const { db } = store
    const log = testLog()
    const now = (): number => nowMs
    const accounts = makeAccounts({ db, now, adminToken: TOKEN })
    const catalogue = makeCatalogue({ db, log, now })
    await catalogue.load()
    const told = (list: string[]) => (ids: readonly string[]) => Promise.resolve(void list.push(...ids))
    const trials = makeRuleTrials({ db, now, catalogue })
    const deps = { db, catalogue, trials, audit: accounts.audit, plansChanged: told(plansChanged), configWanted: told(configWanted) }
    app = await makeApp({
      log,
      version: '1',
      authenticate: accounts.authenticate,
      routes: [slaRoutes(deps), planRoutes(deps), profileRoutes(deps), ruleRoutes(deps)],
      outside: [],
    })
  })
  afterAll(async () => {
    await app.close()
    await store.close()
    await place.remove()
  })

  const office = { timezone: 'Europe/Stockholm', hours: { mon: [['08:00', '18:00']], tue: [['08:00', '18:00']] } }

  it('adds and measures open time as the vectors say', async () => {
    const vectors = JSON.parse(readFileSync(new URL('../../support/vectors/sla-vectors.json', import.meta.url), 'utf8')) as {
      id: string
      calendar: object
      op: 'add' | 'between'
      from: string
      to: string
      minutes: number
      edge?: string
    }[]
    for (const vector of vectors.filter(each => each.edge === undefined)) {
      const { calendar, op, from } = vector
      const { status, body } = await call('POST', '/sla/calculate', {
        calendar,
        op,
        from,
        ...(op === 'add' ? { minutes: vector.minutes } : { to: vector.to }),
      })
      expect([vector.id, status]).toEqual([vector.id, 200])
      if (op === 'between') expect(body['minutes']).toBeCloseTo(vector.minutes, 3)
      else expect(Math.abs(Date.parse(String(body['to'])) - Date.parse(vector.to))).toBeLessThan(1)
    }
  })
  it('answers in the zone of the calendar', async () => {
    expect((await call('POST', '/sla/calculate', { calendar: office, op: 'add', from: '2026-03-16T08:00:00Z', minutes: 30 })).body).toEqual(
      { to: '2026-03-16T09:30:00+01:00' },
    )
    expect(
      (
        await call('POST', '/sla/calculate', {
          calendar: office,
          op: 'between',
          from: '2026-03-16T12:00:00+01:00',
          to: '2026-03-16T10:00:00+01:00',
        })
      ).body,
    ).toEqual({ minutes: 120 })
  })
  it.each([
    [
      'an unknown zone',
      { calendar: { ...office, timezone: 'Mars/Olympus' }, op: 'add', from: '2026-03-16T08:00:00Z', minutes: 1 },
      'body/calendar/timezone',
    ],
    ['no minutes to add', { calendar: office, op: 'add', from: '2026-03-16T08:00:00Z' }, 'body/minutes'],
    ['no end to measure to', { calendar: office, op: 'between', from: '2026-03-16T08:00:00Z' }, 'body/to'],
    ['a day that does not exist', { calendar: office, op: 'add', from: '2026-02-30T08:00:00Z', minutes: 1 }, 'body/from'],
  ])('refuses %s', async (_reason, body, path) => {
    const answer = await call('POST', '/sla/calculate', body)
    expect([answer.status, paths(answer)]).toEqual([400, [path]])
  })

  it('previews one clock and a whole ticket', async () => {
    const clock = await call('POST', '/sla/preview', {
      calendar: office,
      targetMinutes: 60,
      start: '2026-03-16T09:00:00+01:00',
      events: [{ at: '2026-03-16T09:20:00+01:00', type: 'pause' }],
    })
    expect(clock).toEqual({ status: 200, body: { state: 'paused', usedMinutes: 20, dueAt: null } })
    const ticket = {
      planId: 'ombori-production',
      timeZone: 'Europe/Stockholm',
      level: 1,
      registeredAt: '2026-03-16T14:00:00+01:00',
      channel: 'phone',
      events: [{ at: '2026-03-16T14:10:00+01:00', type: 'response' }],
      now: '2026-03-16T14:20:00+01:00',
    }
    const preview = await call('POST', '/sla/preview', ticket)
    expect(preview.status).toBe(200)
    expect(preview.body).toMatchObject({
      clocks: { response: { state: 'met', usedMinutes: 10 }, update: { state: 'running', dueAt: '2026-03-16T15:10:00+01:00' } },
      flags: [],
      breaches: [],
    })
    expect((await call('POST', '/sla/preview', { ...ticket, planId: 'nobody' })).status).toBe(404)
    expect((await call('POST', '/sla/preview', { ...ticket, level: 5 })).status).toBe(400)
  })

  it('reads, replaces and makes plans, each a new version', async () => {
    const list = await call('GET', '/plans')
    expect(list.body.items?.map(plan => plan['id'])).toEqual(
      expect.arrayContaining(['ombori-enterprise', 'ombori-free', 'ombori-pilot', 'ombori-production']),
    )
    const { body: plan } = await call('GET', '/plans/ombori-pilot')
    expect(plan).toEqual({
      ...(JSON.parse(readFileSync(new URL('../../../server/catalogue/plans/ombori-pilot.json', import.meta.url), 'utf8')) as Plan),
      version: 1,
      warnings: [],
    })
    expect(await call('PUT', '/plans/ombori-pilot', { ...plan, devices: { included: 4, more: 'billed' } })).toMatchObject({
      status: 200,
      body: { version: 2, devices: { included: 4 } },
    })
    expect((await call('PUT', '/plans/ombori-pilot', plan)).status).toBe(409)
    const { id: _id, version: _version, ...own } = plan
    expect(await call('PUT', '/plans/house', { ...own, name: 'House' })).toMatchObject({ status: 200, body: { id: 'house', version: 1 } })
    expect(plansChanged).toEqual(['ombori-pilot', 'house'])
    expect((await call('GET', '/plans/nobody')).status).toBe(404)
  })
  it('refuses a wrong plan with every line; the old one stays in force', async () => {
    const { body: plan } = await call('GET', '/plans/ombori-free')
    const answer = await call('PUT', '/plans/ombori-free', { ...plan, lines: 0, colour: 'red', id: 'other' })
    expect([answer.status, answer.body['type'], paths(answer).sort()]).toEqual([
      400,
      '/problems/invalid-plan',
      ['body/colour', 'body/id', 'body/lines'],
    ])
    expect((await call('GET', '/plans/ombori-free')).body).toEqual(plan)
  })

  it('keeps rules for everybody and in scopes', async () => {
    const rules = await call('GET', '/rules')
    expect(rules.body.items?.find(rule => rule['signal'] === 'display.off')).toMatchObject({
      level: 2,
      holdSeconds: 60,
      remedies: [{ id: 'wake-display', attempts: 2, cooldownSeconds: 300 }],
    })
    const rule = { enabled: false, level: 3, holdSeconds: 5, clearSeconds: 5, fixedBy: 'remote', remedies: [], ladderSeconds: 300 }
    expect(await call('PUT', '/rules/display.off?scope=site:s1', rule)).toEqual({ status: 200, body: { signal: 'display.off', ...rule } })
    const inScope = (await call('GET', '/rules?scope=site:s1')).body.items?.find(each => each['signal'] === 'display.off')
    expect(inScope?.['enabled']).toBe(false)
    expect((await call('PUT', '/rules/display.off?scope=planet:mars', rule)).status).toBe(400)
    expect((await call('PUT', '/rules/display.off', { ...rule, signal: 'display.on' })).status).toBe(400)
    expect((await call('PUT', '/rules/display.off', { ...rule, level: 9 })).status).toBe(400)
  })

  it('keeps profiles', async () => {
    const profile = { name: 'Till', processes: [{ name: 'pos', match: 'pos.bin' }], kioskApp: { url: 'https://till.example/' } }
    expect(await call('PUT', '/profiles/till-1', profile)).toMatchObject({
      status: 200,
      body: { id: 'till-1', version: 1, ...profile, intervals: { sampleSeconds: 30, heartbeatSeconds: 10 } },
    })
    expect((await call('GET', '/profiles/till-1')).body).toMatchObject(profile)
    expect((await call('GET', '/profiles')).body.items).toHaveLength(1)
    expect((await call('PUT', '/profiles/till-1', { name: 'Till', colour: 'red' })).status).toBe(400)
    expect((await call('GET', '/profiles/nobody')).status).toBe(404)
    const hardware = {
      name: 'Kiosk',
      displays: [{ connector: 'HDMI-A-1', width: 1080, height: 1920, orientation: 'portrait', rotation: 90, x: 0, y: 0, mustBeOn: true }],
      touch: [{ name: 'front', usb: '0eef:c000' }],
      serial: [{ name: 'scale', path: '/dev/serial/by-id/usb-Scale' }],
      cameras: [{ name: 'camera', match: 'kiosk' }],
      audio: [{ name: 'speaker' }],
      printers: [{ name: 'receipts', uri: 'ipp://printer/ipp/print', level: 2, twoWay: true }],
      business: { port: 8123, silentMinutes: 60 },
    }
    expect((await call('PUT', '/profiles/kiosk', { ...hardware, printers: [...hardware.printers, 'till'] })).status).toBe(200)
    expect((await call('GET', '/profiles/kiosk')).body).toMatchObject({
      ...hardware,
      printers: [...hardware.printers, { name: 'till', queue: 'till' }],
    })
  })

  it('gives and takes the whole catalogue as a file', async () => {
    const { body: file } = await call('GET', '/catalogue/export')
    expect(await call('POST', '/catalogue/import', file)).toEqual({ status: 200, body: { changed: 0, planIds: [], deviceIds: [] } })
    const wrong = await call('POST', '/catalogue/import', { ...file, profiles: [{ id: 'x', profile: {} }] })
    expect([wrong.status, wrong.body['type'], paths(wrong)]).toEqual([400, '/problems/invalid-catalogue', ['body/profiles/0/profile/name']])
  })

  it('is in the OpenAPI document', async () => {
    const document = (await app.inject({ url: '/api/openapi.json' })).json<{ paths: Record<string, object> }>()
    expect(Object.keys(document.paths)).toEqual(
      expect.arrayContaining([
        '/api/v1/plans/{id}',
        '/api/v1/rules/{signal}',
        '/api/v1/profiles/{id}',
        '/api/v1/sla/calculate',
        '/api/v1/sla/preview',
        '/api/v1/catalogue/import',
      ]),
    )
  })
})
