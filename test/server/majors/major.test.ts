import { describe, expect, it } from 'vitest'
import { earliest, hearsOfMajor, mustConcernAll, wordsFor } from '../../../server/majors/rules/major.ts'

describe('who hears of a major incident', () => {
  it.each([
    { why: 'the plan has the term', plan: true, status: 'in-progress', hears: true },
    { why: 'the plan does not have it', plan: false, status: 'in-progress', hears: false },
    { why: 'what is resolved may come back: the last word goes to it too', plan: true, status: 'resolved', hears: true },
    { why: 'nobody waits for a word on what is closed', plan: true, status: 'closed', hears: false },
  ] as const)('$why', ({ plan, status, hears }) => {
    const answer = hearsOfMajor({ name: 'Production', majorIncidentCommunication: plan }, { status })
    expect(answer.hears).toBe(hears)
    expect(answer.why).not.toBe('')
  })
})

describe('the words', () => {
  const message = { body: 'We are on it.', translations: { de: 'Wir sind dran.' } }
  it.each([
    { why: 'in the language somebody wrote', language: 'de', phone: null, has: true, words: 'Wir sind dran.' },
    { why: 'else as they are', language: 'sv', phone: null, has: true, words: 'We are on it.' },
    {
      why: 'with the phone of the plan',
      language: 'de',
      phone: '+46 8 1',
      has: true,
      words: 'Wir sind dran.\n\nTelefon für Eskalationen: +46 8 1',
    },
    { why: 'without a phone the plan does not give', language: 'en', phone: '+46 8 1', has: false, words: 'We are on it.' },
  ] as const)('$why', ({ language, phone, has, words }) => {
    expect(wordsFor(message, { language, hasEscalationPhone: has }, phone)).toBe(words)
  })

  it.each([
    { why: 'a name is read by the others', text: 'Corner Shops is down', names: ['Corner Shops', 'Big Mall'], isFree: false },
    { why: 'in any case', text: 'at BIG MALL', names: ['Corner Shops', 'Big Mall'], isFree: false },
    { why: 'a reference is one ticket of one of them', text: 'See KK-2026-000001', names: ['Corner Shops'], isFree: false },
    { why: 'so is a defect', text: 'DF-000001', names: ['Corner Shops'], isFree: false },
    { why: 'alone it may read its own name', text: 'Corner Shops is down', names: ['Corner Shops', 'Corner Shops'], isFree: true },
    { why: 'everything else is said to all', text: 'The platform is slow.', names: ['Corner Shops', 'Big Mall'], isFree: true },
  ])('$why', ({ text, names, isFree }) => {
    const check = (): void => mustConcernAll({ 'body/body': text }, names)
    if (isFree) expect(check).not.toThrow()
    else expect(check).toThrow(/says something of one of them/)
  })
})

it('the earliest of what is due', () => {
  expect([earliest([]), earliest([null]), earliest([3, null, 2])]).toEqual([null, null, 2])
})
