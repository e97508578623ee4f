import { describe, expect, it } from 'vitest'
import { draftLetter, letterKey, mustFit, mustNotNameDefects, mustRate, type DefectFacts } from '../../../server/defects/rules/defect.ts'
import { LANGUAGES } from '../../../shared/languages.ts'

const defect = (more: Partial<DefectFacts> = {}): DefectFacts => ({ status: 'confirmed', estimateOn: null, fixedIn: null, ...more })
const fixedIn = { productId: 'monitor', version: '8.1.0' }

describe('what there is to tell', () => {
  it.each([
    { why: 'no day, no estimate', what: 'estimate', facts: defect(), key: null },
    { why: 'a day is news', what: 'estimate', facts: defect({ estimateOn: '2026-12-01' }), key: 'estimate:2026-12-01' },
    {
      why: 'what is fixed is not expected any more',
      what: 'estimate',
      facts: defect({ status: 'fixed', estimateOn: '2026-12-01', fixedIn }),
      key: null,
    },
    { why: 'a release planned is no fix yet', what: 'fix', facts: defect({ fixedIn }), key: null },
    { why: 'a fix is in a release', what: 'fix', facts: defect({ status: 'fixed', fixedIn }), key: 'fix:monitor:8.1.0' },
  ] as const)('$why', ({ what, facts, key }) => {
    expect(letterKey(what, facts)).toBe(key)
  })

  it('says when and where in every language', () => {
    const facts = { ...defect({ status: 'fixed', estimateOn: '2026-12-01', fixedIn }), productName: 'Monitor' }
    for (const language of LANGUAGES) {
      expect(draftLetter('estimate', facts, language)).toMatch(/2026/)
      expect(draftLetter('fix', facts, language)).toContain('Monitor 8.1.0')
    }
    expect(draftLetter('estimate', facts, 'de')).toContain('1. Dezember 2026')
  })
})

describe('rules', () => {
  it.each([
    { role: 'admin', may: true },
    { role: 'manager', may: true },
    { role: 'desk', may: false },
    { role: 'viewer', may: false },
  ] as const)('$role sets the severity: $may', ({ role, may }) => {
    if (may) expect(() => mustRate(role)).not.toThrow()
    else expect(() => mustRate(role)).toThrow(/manager or administrator/)
  })

  it('a fix names its release', () => {
    expect(() => mustFit(defect({ status: 'fixed' }))).toThrow(/fields are wrong/)
    expect(() => mustFit(defect({ status: 'fixed', fixedIn }))).not.toThrow()
  })

  it.each(['See DF-000042.', 'df-000042', 'DF-1234567: x'])('no letter names a defect: %s', text => {
    expect(() => mustNotNameDefects({ en: text })).toThrow(/fields are wrong/)
  })
  it('other words are free', () => {
    expect(() => mustNotNameDefects({ en: 'The PDF-000042 file', de: 'Behoben' })).not.toThrow()
  })
})
