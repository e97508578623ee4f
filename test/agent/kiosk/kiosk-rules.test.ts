import { deflateSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readPageFacts } from '../../../agent/kiosk/page-facts.ts'
import { mainColor } from '../../../agent/kiosk/picture.ts'
import { decodePng } from '../../../agent/kiosk/png.ts'
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
    ['98 % exactly is not over it', { picture: { share: 0.98, color: '#000000', sameForMs: 90_000 } }, []],
  ]
  it.each(cases)('%s', (_, facts, keys, app = APP) => {
    expect(failing(facts, app)).toEqual(keys)
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

function chunk(type: string, data: Buffer): Buffer {
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(data.length)
  return Buffer.concat([length, Buffer.from(type, 'latin1'), data, sum])
}
function png(width: number, height: number, rows: Buffer, color = 2): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, color, 0, 0, 0], 8)
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))])
}

describe('pictures', () => {
  it('are decoded with every filter', () => {
    const first = [0, 10, 20, 30, 40, 50, 60]
    const rows: [number[], number[]][] = [
      [
        [1, 1, 2, 3, 1, 1, 1],
        [1, 2, 3, 2, 3, 4],
      ],
      [
        [2, 1, 1, 1, 1, 1, 1],
        [11, 21, 31, 41, 51, 61],
      ],
      [
        [3, 1, 1, 1, 1, 1, 1],
        [6, 11, 16, 24, 31, 39],
      ],
      [
        [4, 1, 1, 1, 1, 1, 1],
        [11, 21, 31, 41, 51, 61],
      ],
    ]
    for (const [row, wanted] of rows) {
      const picture = decodePng(png(2, 2, Buffer.from([...first, ...row])))
      expect([...(picture?.pixels.subarray(6) ?? [])], `filter ${row[0]}`).toEqual(wanted)
    }
  })

  it('have a main colour', () => {
    const picture = decodePng(png(2, 2, Buffer.from([0, 255, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 0, 0])))
    expect(picture && mainColor(picture)).toEqual({ share: 0.75, color: '#ff0000' })
  })

  it('of any bytes are refused, never thrown at', () => {
    const good = png(4, 4, Buffer.alloc(52))
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), bytes => decodePng(Buffer.from(bytes)) === null))
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(255), fc.nat(good.length), (at, value, length) => {
        const bad = Buffer.from(good.subarray(0, length))
        if (at < bad.length) bad[at] = value
        const picture = decodePng(bad)
        expect(picture === null || picture.pixels.length === picture.width * picture.height * picture.channels).toBe(true)
      }),
    )
  })

  it('that unpack to gigabytes, or are too large, are refused', () => {
    expect(decodePng(png(4, 4, Buffer.alloc(50_000_000)))).toBeNull()
    expect(decodePng(png(513, 1, Buffer.alloc(513 * 3 + 1)))).toBeNull()
  })
})
