import { describe, expect, it } from 'vitest'
import { DomainError } from '../../../server/platform/errors.ts'
import { checkContact, checkFields, checkQuota, findContact, missingFields, monthOf } from '../../../server/tickets/rules/ticket-intake.ts'
import { writeLetter } from '../../../server/tickets/rules/staff-letter.ts'
import { addFlags, autoCloseAt, levelWithoutStaff, mustAllow, statusAfterMessage } from '../../../server/tickets/rules/ticket.ts'
import type { TicketStatus } from '../../../shared/api/tickets/ticket-api.ts'
import type { EffectivePlan } from '../../../server/plans/rules/plan.ts'

const STATUSES: TicketStatus[] = ['new', 'in-progress', 'waiting-customer', 'waiting-partner', 'waiting-information', 'resolved', 'closed']
const DAY_MS = 86_400_000

describe('transitions', () => {
  const refused = (from: TicketStatus): TicketStatus[] =>
    STATUSES.filter(to => {
      try {
        mustAllow(from, to)
        return false
      } catch (error) {
        expect(error).toBeInstanceOf(DomainError)
        return true
      }
    })
  it.each([
    { from: 'new', not: ['new'], why: 'everything may happen to a new ticket' },
    { from: 'in-progress', not: ['new', 'in-progress'], why: 'nothing becomes new again' },
    { from: 'waiting-customer', not: ['new', 'waiting-customer'], why: 'waiting may end in any way' },
    {
      from: 'resolved',
      not: ['new', 'waiting-customer', 'waiting-partner', 'waiting-information', 'resolved'],
      why: 'work starts again at one place',
    },
    {
      from: 'closed',
      not: ['new', 'waiting-customer', 'waiting-partner', 'waiting-information', 'resolved', 'closed'],
      why: 'a closed one can only be taken up again',
    },
  ] as { from: TicketStatus; not: TicketStatus[]; why: string }[])('$from: $why', ({ from, not }) => {
    expect(refused(from)).toEqual(not)
  })

  it.each([
    { status: 'new', message: { author: 'person', isPublic: true, asks: false }, next: 'in-progress', why: 'answered' },
    { status: 'new', message: { author: 'person', isPublic: false, asks: false }, next: null, why: 'an internal note is no answer' },
    { status: 'in-progress', message: { author: 'person', isPublic: true, asks: true }, next: 'waiting-customer', why: 'a question waits' },
    { status: 'in-progress', message: { author: 'person', isPublic: false, asks: true }, next: null, why: 'nobody was asked' },
    {
      status: 'waiting-customer',
      message: { author: 'customer', isPublic: true, asks: false },
      next: 'in-progress',
      why: 'the answer is there',
    },
    { status: 'in-progress', message: { author: 'customer', isPublic: true, asks: false }, next: null, why: 'one more word' },
    { status: 'resolved', message: { author: 'customer', isPublic: true, asks: false }, next: 'in-progress', why: 'it was not solved' },
    { status: 'closed', message: { author: 'customer', isPublic: true, asks: false }, next: null, why: 'closed stays closed' },
    {
      status: 'waiting-partner',
      message: { author: 'partner', isPublic: true, asks: false },
      next: 'in-progress',
      why: 'the partner is back',
    },
    { status: 'resolved', message: { author: 'person', isPublic: true, asks: true }, next: null, why: 'a word after the end' },
  ] as { status: TicketStatus; message: Parameters<typeof statusAfterMessage>[1]; next: TicketStatus | null; why: string }[])(
    '$status, $message.author: $why',
    ({ status, message, next }) => {
      expect(statusAfterMessage(status, message)).toBe(next)
    },
  )
})

describe('closing by itself', () => {
  it.each([
    { facts: { status: 'waiting-customer', resolvedBy: null, autoCloseAfterDays: 42 }, days: 42, why: 'six weeks without an answer' },
    { facts: { status: 'resolved', resolvedBy: 'person', autoCloseAfterDays: 42 }, days: 42, why: 'nobody objected' },
    {
      facts: { status: 'resolved', resolvedBy: 'monitoring', autoCloseAfterDays: null },
      days: 1,
      why: 'the same fault would be a new ticket',
    },
    { facts: { status: 'waiting-customer', resolvedBy: null, autoCloseAfterDays: null }, days: null, why: 'the plan has no such rule' },
    { facts: { status: 'in-progress', resolvedBy: null, autoCloseAfterDays: 42 }, days: null, why: 'we work on it' },
  ] as const)('$why', ({ facts, days }) => {
    expect(autoCloseAt({ ...facts, sinceMs: 5 })).toBe(days === null ? null : 5 + days * DAY_MS)
  })
})

describe('intake', () => {
  // Only what intake reads; the plans themselves are tested with the catalogue.
  const plan = (more: Partial<EffectivePlan>): EffectivePlan =>
    ({
      name: 'Test',
      contacts: { included: 2, namedOnly: true },
      cases: { perMonth: 4, beyond: 'approval', payPerIncident: false },
      requiredFields: [],
      withholdUntilComplete: false,
      ...more,
    }) as EffectivePlan
  const contacts = [{ id: '1', name: 'Carl Contact', email: 'Carl@Example.com', phone: '+46 70-123 45 67' }]

  it.each([
    { reporter: { name: 'Somebody', email: 'carl@example.com' }, found: true, why: 'the e-mail decides, whatever its case' },
    { reporter: { name: 'Carl Contact', email: 'other@example.com' }, found: false, why: 'another address is another person' },
    { reporter: { name: 'Somebody', phone: '+46701234567' }, found: true, why: 'the phone, whatever its spelling' },
    { reporter: { name: 'carl contact' }, found: true, why: 'the name alone' },
    { reporter: { name: 'Eve' }, found: false, why: 'a stranger' },
  ])('$why', ({ reporter, found }) => {
    expect(findContact(contacts, reporter) !== null).toBe(found)
    expect(checkContact(plan({}), contacts, reporter).flags).toEqual(found ? [] : ['contact-not-named'])
  })

  it.each([
    { used: 3, cases: {}, flags: [], owesClocks: true },
    { used: 4, cases: {}, flags: ['case-quota-exceeded'], owesClocks: false },
    { used: 4, cases: { beyond: 'pay-per-incident' as const }, flags: ['case-quota-exceeded', 'pay-per-incident'], owesClocks: true },
    { used: 99, cases: { perMonth: null }, flags: [], owesClocks: true },
    { used: 0, cases: { payPerIncident: true }, flags: ['pay-per-incident'], owesClocks: true },
  ])('$used cases used: $flags', ({ used, cases, flags, owesClocks }) => {
    expect(checkQuota(plan({ cases: { perMonth: 4, beyond: 'approval', payPerIncident: false, ...cases } }), used)).toMatchObject({
      flags,
      owesClocks,
    })
  })

  it('cuts months in the zone of the plan, also over clock changes', () => {
    expect(monthOf(Date.parse('2026-10-31T23:30:00Z'), 'Europe/Stockholm')).toEqual({
      month: '2026-11',
      fromMs: Date.parse('2026-10-31T23:00:00Z'),
      toMs: Date.parse('2026-11-30T23:00:00Z'),
    })
    expect(monthOf(Date.parse('2026-10-31T23:30:00Z'), 'America/Chicago')).toEqual({
      month: '2026-10',
      fromMs: Date.parse('2026-10-01T05:00:00Z'),
      toMs: Date.parse('2026-11-01T05:00:00Z'),
    })
  })

  it('names what is missing and waits for it where the plan says so', () => {
    const strict = plan({
      requiredFields: ['name', 'email-or-phone', 'softwareVersion', 'description', 'organisation'],
      withholdUntilComplete: true,
    })
    const missing = missingFields(strict, { reporter: { name: 'Carl' }, description: 'x' }, 'Corner Shops')
    expect(missing).toEqual(['email-or-phone', 'softwareVersion'])
    expect(checkFields(strict, missing)).toMatchObject({ flags: ['missing-information'], waits: true })
    expect(checkFields({ ...strict, withholdUntilComplete: false }, missing)).toMatchObject({
      flags: ['missing-information'],
      waits: false,
    })
  })

  it('lowers the level to one that needs nobody at hand', () => {
    expect(levelWithoutStaff(1, level => level <= 2)).toBe(3)
    expect(levelWithoutStaff(1, () => true)).toBe(1)
    expect(levelWithoutStaff(3, level => level === 1)).toBe(3)
  })

  it('keeps flags once, in order', () => {
    expect(addFlags<'a' | 'b' | 'c'>(['a'], 'b', 'a', 'c')).toEqual(['a', 'b', 'c'])
  })
})

describe('letters', () => {
  it('carry the reference and no line break in the subject, whatever a device is called', () => {
    const { subject, body } = writeLetter({
      kind: 'ticket-opened',
      reference: 'KK-2026-000001',
      subject: 'Kiosk\r\nBcc: all@example.com',
      level: 1,
      levelName: 'Critical',
      customerName: 'Shops',
      placeName: null,
      text: 'It is off.',
      why: ['due 14:20'],
    })
    expect(subject).toBe('[KK-2026-000001] New ticket: Kiosk Bcc: all@example.com')
    expect(body.split('\n')[0]).toBe('New ticket: Kiosk Bcc: all@example.com')
    expect(body).toContain('- due 14:20')
  })
})
