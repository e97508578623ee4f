import { describe, expect, it } from 'vitest'
import { spellFault } from '../../../server/devices/rules/signal-words.ts'
import { chooseRecovery, chooseTicket, openKey, signalKey, spellRemedy, splitSignalKey } from '../../../server/incidents/rules/incident.ts'
import { formatReference } from '../../../server/platform/reference.ts'
import { routeOnsite, type RoutingFacts } from '../../../server/tickets/rules/routing.ts'

const DAY_MS = 86_400_000

describe('an opening incident', () => {
  it.each([
    { why: 'the first of its kind', earlier: null, kind: 'new' },
    {
      why: 'its ticket is still open (a person has written on it)',
      earlier: { id: 't', isOpen: true, resolvedBy: null, resolvedAtMs: null },
      kind: 'attach',
    },
    {
      why: 'a day later, to the millisecond',
      earlier: { id: 't', isOpen: false, resolvedBy: 'monitoring', resolvedAtMs: 0 },
      kind: 'reopen',
    },
    {
      why: 'a person resolved it: their word stands',
      earlier: { id: 't', isOpen: false, resolvedBy: 'person', resolvedAtMs: DAY_MS },
      kind: 'new',
    },
  ] as const)('$why', ({ earlier, kind }) => {
    expect(chooseTicket(earlier, DAY_MS).kind).toBe(kind)
  })

  it('links a new ticket to the old one after a day', () => {
    expect(chooseTicket({ id: 't', isOpen: false, resolvedBy: 'monitoring', resolvedAtMs: 0 }, DAY_MS + 1)).toMatchObject({
      kind: 'new',
      sameAs: 't',
    })
  })

  it.each([
    { isOpen: true, hasPersonWritten: false, kind: 'resolve' },
    { isOpen: true, hasPersonWritten: true, kind: 'flag' },
    { isOpen: false, hasPersonWritten: false, kind: 'nothing' },
  ])('recovers: $kind', ({ kind, ...facts }) => {
    expect(chooseRecovery(facts).kind).toBe(kind)
  })
})

describe('words', () => {
  it('takes keys with and without component apart and together', () => {
    expect(splitSignalKey('usb.missing:scanner:left')).toEqual({ signal: 'usb.missing', component: 'scanner:left' })
    expect(signalKey('usb.missing', 'scanner:left')).toBe('usb.missing:scanner:left')
    expect(splitSignalKey('app.crashed')).toEqual({ signal: 'app.crashed', component: '' })
    expect(openKey({ customerId: 'c', deviceId: 'd', signal: 's', component: '' })).toBe('c/d/s/')
  })

  it.each([
    { remedies: [{ id: 'restart-app', outcome: 'worked', tookMs: 41_200 }], text: 'fixed by itself: restarted app, 41 s' },
    {
      remedies: [
        { id: 'reload-page', outcome: 'did-not-help' },
        { id: 'restart-app', outcome: 'worked' },
      ],
      text: 'fixed by itself: restarted app, 90 s',
    },
    { remedies: [{ id: 'reload-page', outcome: 'failed' }], text: null },
    { remedies: [], text: null },
  ])('spells remedies: $text', ({ remedies, text }) => {
    expect(spellRemedy(remedies, 90_000)).toBe(text)
  })

  it('names a fault by the rule, by our words, or by its signal', () => {
    expect(spellFault({ signal: 'app.crashed', component: '', title: 'Till is down' })).toBe('Till is down')
    expect(spellFault({ signal: 'usb.missing', component: 'scanner', title: undefined })).toBe('a device is missing: scanner')
    expect(spellFault({ signal: 'lift.stuck-open', component: '', title: undefined })).toBe('lift stuck open')
  })

  it('counts references per year', () => {
    expect(formatReference(123, Date.parse('2026-12-31T23:59:59Z'))).toBe('KK-2026-000123')
    expect(formatReference(1_234_567, Date.parse('2027-01-01T00:00:00Z'))).toBe('KK-2027-1234567')
  })
})

describe('routing', () => {
  const north = { id: 'north', name: 'North Fix', regions: ['Norrland', 'Stockholm'], skills: ['display', 'printer'], order: 2 }
  const first = { id: 'first', name: 'First Aid', regions: ['stockholm'], skills: ['network'], order: 1 }
  const facts: RoutingFacts = {
    fixedBy: 'onsite',
    skill: 'display',
    planName: 'Production',
    planOnsite: 'partner',
    sitePartnerId: null,
    region: 'Stockholm',
    partners: [north, first],
  }
  it.each([
    { why: 'the site has its own partner, whatever its skills', more: { sitePartnerId: 'first' }, partnerId: 'first' },
    { why: 'region and skill', more: {}, partnerId: 'north' },
    { why: 'the smaller order among those that fit', more: { skill: undefined }, partnerId: 'first' },
    { why: 'nobody has the skill there', more: { skill: 'peripheral' }, partnerId: null },
    { why: 'nobody covers the region', more: { region: 'Skåne' }, partnerId: null },
    { why: 'the site has no region', more: { region: null }, partnerId: null },
    { why: 'the plan has no onsite help', more: { planOnsite: 'none' as const, sitePartnerId: 'first' }, partnerId: null },
    { why: 'mended from afar', more: { fixedBy: 'remote' as const }, partnerId: null },
    { why: 'mended by the customer', more: { fixedBy: 'customer' as const }, partnerId: null },
    { why: 'the partner of the site is gone: by region and skill', more: { sitePartnerId: 'gone' }, partnerId: 'north' },
  ])('$why', ({ more, partnerId }) => {
    const route = routeOnsite({ ...facts, ...more })
    expect(route.partnerId).toBe(partnerId)
    expect(route.why).toMatch(/\.$/)
  })
})
