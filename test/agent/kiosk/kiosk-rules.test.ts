import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readPageFacts } from '../../../agent/kiosk/page-facts.ts'
import { bareUrl, explainError, fitsAddress, judgeKiosk, type KioskFacts } from '../../../agent/signals/kiosk-rules.ts'

const PAGE = { url: 'https://shop.example/till', title: 'Till', status: 200, errorName: '', hasPasswordField: false }
const WELL: KioskFacts = {
  isProcessRunning: true,
  linkFault: '',
  isRendererGone: false,
  isFrozen: false,
  hasDialog: false,
  page: PAGE,
  errorsPerMinute: 0,
  flooded: '',
  picture: { share: 0.6, color: '#ffffff', sameForMs: 0 },
  standstill: null,
  isCovered: false,
  startedForMs: null,
  loop: null,
  lastExit: '',
  lastLines: [],
}
const APP = { url: 'https://shop.example/' }
const failing = (facts: Partial<KioskFacts>, app: object = APP, wasFailing = false) =>
  judgeKiosk({ ...WELL, ...facts }, app, () => wasFailing)
    .filter(({ verdict }) => verdict === 'failing')
    .map(({ key }) => key)

describe('what a kiosk shows', () => {
  const cases: [reason: string, facts: Partial<KioskFacts>, keys: string[], app?: object][] = [
    ['all is well', {}, []],
    ['no process: nothing else is judged', { isProcessRunning: false, isFrozen: true }, ['app.crashed']],
    ['a browser that cannot be asked', { linkFault: 'nothing answers' }, ['app.crashed']],
    ['a crashed renderer shows a crash page', { isRendererGone: true, isFrozen: true }, ['app.crashed', 'screen.error-page']],
    ['a frozen page shows what it showed', { isFrozen: true, page: { ...PAGE, status: 500 } }, ['app.frozen']],
    ['a dialog stops script: no freeze', { hasDialog: true, isFrozen: true }, ['screen.error-page']],
    ['another origin', { page: { ...PAGE, url: 'https://shop.example.evil.test/' } }, ['screen.error-page']],
    [
      'another origin that is allowed',
      { page: { ...PAGE, url: 'https://pay.example/x' } },
      [],
      { allowedUrls: ['https://*.example/*', 'https://pay.example/'] },
    ],
    ['own origin, but not in the list', { page: PAGE }, ['screen.error-page'], { allowedUrls: ['https://pay.example/*'] }],
    ['no address in the profile', { page: { ...PAGE, url: 'about:blank' } }, [], {}],
    ['a password field', { page: { ...PAGE, hasPasswordField: true } }, ['screen.error-page']],
    ['a kiosk whose address is a login', { page: { ...PAGE, hasPasswordField: true } }, [], { url: 'https://shop.example/login' }],
    ['status 399', { page: { ...PAGE, status: 399 } }, []],
    ['status 400', { page: { ...PAGE, status: 400 } }, ['screen.error-page']],
    ['errors at the rate', { errorsPerMinute: 10 }, ['app.errors']],
    ['errors below it', { errorsPerMinute: 9 }, []],
    ['one colour, not long', { picture: { share: 1, color: '#000000', sameForMs: 59_999 } }, []],
    ['one colour for a minute', { picture: { share: 1, color: '#000000', sameForMs: 60_000 } }, ['screen.blank']],
    ['it stands still too long', { standstill: { forMs: 5_000, limitMs: 5_000 } }, ['app.frozen']],
    ['it stands still, but not too long', { standstill: { forMs: 4_999, limitMs: 5_000 } }, []],
    ['something covers it', { isCovered: true }, ['screen.error-page']],
    ['a crash loop, even while it runs', { loop: { starts: 6, minutes: 1 } }, ['app.crashed']],
    ['98 % exactly is not over it', { picture: { share: 0.98, color: '#000000', sameForMs: 90_000 } }, []],
  ]
  it.each(cases)('%s', (_, facts, keys, app = APP) => {
    expect(failing(facts, app)).toEqual(keys)
  })

  it('keeps an app that crashed failing until it has run for a while', () => {
    const verdict = (startedForMs: number | null, wasFailing: boolean) =>
      judgeKiosk({ ...WELL, startedForMs }, APP, () => wasFailing).find(({ key }) => key === 'app.crashed')?.verdict
    expect([verdict(4_999, true), verdict(5_000, true), verdict(0, false), verdict(null, true)]).toEqual(['unknown', 'ok', 'ok', 'ok'])
  })

  it('keeps failing for errors until they are few', () => {
    expect([9, 4, 3].map(errorsPerMinute => failing({ errorsPerMinute }, APP, true).length)).toEqual([1, 1, 0])
  })

  it('tells net errors apart', () => {
    const names = [
      'DNS_PROBE_FINISHED_NXDOMAIN',
      'ERR_NAME_NOT_RESOLVED',
      'ERR_CONNECTION_REFUSED',
      'ERR_CERT_DATE_INVALID',
      'HTTP ERROR 503',
    ]
    expect(names.map(name => /DNS|refuses|TLS|503/.exec(explainError(name))?.[0])).toEqual(['DNS', 'DNS', 'refuses', 'TLS', '503'])
  })

  it('keeps secrets of an address out of evidence', () => {
    expect(bareUrl('https://user:pass@shop.example/a?token=1#x')).toBe('https://shop.example/a')
  })

  it('fits an address to any pattern in little time', () => {
    expect(fitsAddress('a'.repeat(2_000), `${'*a'.repeat(250)}b`)).toBe(false)
    fc.assert(
      fc.property(
        fc.webUrl(),
        fc.string(),
        (start, end) => fitsAddress(`${start}x${end}`, `${start.replaceAll('*', '')}*`) || start.includes('*'),
      ),
    )
  })

  it('believes of a page what has the right shape', () => {
    fc.assert(
      fc.property(fc.anything(), value => {
        const facts = readPageFacts({ result: { value } })
        expect(facts.title.length).toBeLessThanOrEqual(120)
        expect(facts.width).toBeGreaterThanOrEqual(0)
      }),
    )
  })
})
