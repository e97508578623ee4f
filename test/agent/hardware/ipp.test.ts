import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseHttp } from '../../../agent/probes/printer/ipp-line.ts'
import { decodeIpp, encodeIpp, IPP_OPERATION } from '../../../agent/probes/printer/ipp.ts'
import { printerAddress, toPrinterReport } from '../../../agent/probes/printer/printers.ts'
import { buildIpp, ippValue, printerFields } from './ipp-builder.ts'

const range = Buffer.from([0, 0, 0, 1, 0, 0, 0, 99])
const begin = (name: string) => ippValue(0x34, name, '')
const member = (name: string) => ippValue(0x4a, '', name)
const end = ippValue(0x37, '', '')
const raw = (...parts: Buffer[]) => Buffer.concat([Buffer.from([2, 0, 0, 0, 0, 0, 0, 7, 4]), ...parts, Buffer.of(3)])

describe('an IPP answer', () => {
  it('is read with every kind of value', () => {
    const answer = buildIpp([
      ...printerFields(3, ['media-low-warning', 'toner-low']),
      { tag: 0x33, name: 'copies-supported', values: [range] },
      { tag: 0x35, name: 'printer-info', values: [Buffer.from('\0\u0002en\0\u0004Kasse'.slice(0, 10), 'latin1')] },
      { tag: 0x13, name: 'printer-location', values: [''] },
      { tag: 0x31, name: 'printer-current-time', values: [Buffer.from('07e80c', 'hex')] },
    ])
    expect(decodeIpp(answer)).toEqual({
      version: '2.0',
      status: 0,
      requestId: 1,
      groups: [
        { tag: 1, attributes: { 'attributes-charset': ['utf-8'], 'attributes-natural-language': ['en'] } },
        {
          tag: 4,
          attributes: {
            'printer-state': [3],
            'printer-state-reasons': ['media-low-warning', 'toner-low'],
            'printer-is-accepting-jobs': [true],
            'copies-supported': [[1, 99]],
            'printer-info': ['Kass'],
            'printer-location': [null],
            'printer-current-time': ['07e80c'],
          },
        },
      ],
    })
  })

  it('is read with collections in collections', () => {
    const answer = raw(
      begin('media-col'),
      member('media-size'),
      begin(''),
      member('x-dimension'),
      ippValue(0x21, '', 8000),
      end,
      member('media-type'),
      ippValue(0x44, '', 'roll'),
      end,
      begin(''),
      end,
    )
    expect(decodeIpp(answer)?.groups[0]?.attributes).toEqual({
      'media-col': [{ 'media-size': [{ 'x-dimension': [8000] }], 'media-type': ['roll'] }, {}],
    })
  })

  it.each([
    { why: 'nothing', bytes: Buffer.alloc(0) },
    { why: 'cut off in a value', bytes: buildIpp(printerFields(3, [])).subarray(0, 60) },
    { why: 'without its end', bytes: buildIpp(printerFields(3, [])).subarray(0, -1) },
    { why: 'a collection without its end', bytes: raw(begin('a'), member('b')) },
    { why: 'collections without end', bytes: raw(begin('a'), ...Array.from({ length: 20 }, () => [member('b'), begin('')]).flat()) },
    { why: 'larger than an answer may be', bytes: Buffer.alloc(1024 * 1024 + 1) },
  ])('is none: $why', ({ bytes }) => {
    expect(decodeIpp(bytes)).toBeNull()
  })

  it('keeps names out of foreign bytes apart from what objects have by nature', () => {
    const attributes = decodeIpp(raw(ippValue(0x21, '__proto__', 1), ippValue(0x21, 'constructor', 2)))?.groups[0]?.attributes
    expect(attributes && Object.keys(attributes)).toContain('constructor')
    expect(({} as Record<string, unknown>)['1']).toBeUndefined()
    expect(decodeIpp(buildIpp([]))?.groups.at(-1)?.attributes['toString']).toBeUndefined()
  })

  it('never throws and never hangs, whatever the bytes', () => {
    const valid = buildIpp(printerFields(5, ['media-jam-error'], [{ tag: 0x41, name: 'printer-state-message', values: ['jammed'] }]))
    const isSafe = (bytes: Uint8Array) => {
      const message = decodeIpp(bytes)
      for (const group of message?.groups ?? []) toPrinterReport(group.attributes)
      return true
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), bytes => isSafe(Buffer.concat([Buffer.from([2, 0, 0, 0, 0, 0, 0, 1]), bytes]))),
    )
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { maxLength: 10 }), changes => {
        const bytes = Buffer.from(valid)
        for (const [at, value] of changes) bytes[at] = value
        return isSafe(bytes)
      }),
    )
  })
})

it('an IPP request asks for named attributes of one printer', () => {
  const request = encodeIpp({
    operation: IPP_OPERATION.getPrinterAttributes,
    requestId: 9,
    printerUri: 'ipp://localhost/printers/till',
    requested: ['printer-state', 'marker-levels'],
  })
  expect(decodeIpp(request)).toEqual({
    version: '1.1',
    status: 0x000b,
    requestId: 9,
    groups: [
      {
        tag: 1,
        attributes: {
          'attributes-charset': ['utf-8'],
          'attributes-natural-language': ['en'],
          'printer-uri': ['ipp://localhost/printers/till'],
          'requested-attributes': ['printer-state', 'marker-levels'],
        },
      },
    ],
  })
})

describe('an HTTP answer', () => {
  const text = (head: string, body = '') => Buffer.from(`${head}\r\n\r\n${body}`, 'latin1')
  it.each([
    {
      why: 'of a known length',
      bytes: text('HTTP/1.1 200 OK\r\nContent-Length: 3', 'abcd'),
      is: { status: 200, body: 'abc', keepsOpen: true },
    },
    {
      why: 'in chunks',
      bytes: text('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked', '2;x=y\r\nab\r\n1\r\nc\r\n0\r\n\r\n'),
      is: { status: 200, body: 'abc', keepsOpen: true },
    },
    {
      why: 'after "continue"',
      bytes: Buffer.concat([text('HTTP/1.1 100 Continue'), text('HTTP/1.1 200 OK\r\nContent-Length: 0')]),
      is: { status: 200, body: '', keepsOpen: true },
    },
    {
      why: 'that ends the line',
      bytes: text('HTTP/1.1 426 Upgrade\r\nconnection: Close\r\nContent-Length: 0'),
      is: { status: 426, body: '', keepsOpen: false },
    },
  ])('$why', ({ bytes, is }) => {
    const parsed = parseHttp(bytes, false)
    expect(parsed).toMatchObject({ status: is.status, keepsOpen: is.keepsOpen })
    expect(typeof parsed === 'object' && parsed?.body.toString()).toBe(is.body)
  })

  it('is waited for while it is not whole', () => {
    const whole = text('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked', '2\r\nab\r\n0\r\n\r\n')
    for (let length = 0; length < whole.length; length++) expect(parseHttp(whole.subarray(0, length), false)).toBeNull()
    const open = text('HTTP/1.0 200 OK', 'abc')
    expect(parseHttp(open, false)).toBeNull()
    expect(parseHttp(open, true)).toMatchObject({ keepsOpen: false })
  })

  it.each([
    { why: 'another protocol', bytes: text('SSH-2.0-OpenSSH'), is: /speak HTTP/ },
    { why: 'a length of nonsense', bytes: text('HTTP/1.1 200 OK\r\nContent-Length: 9e99'), is: /length/ },
    { why: 'broken chunks', bytes: text('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked', 'zz\r\n'), is: /chunks/ },
    { why: 'a head without end', bytes: Buffer.alloc(20_000, 0x61), is: /too long/ },
  ])('is refused: $why', ({ bytes, is }) => {
    expect(parseHttp(bytes, false)).toMatch(is)
  })

  it('is safe to read from any bytes', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), fc.boolean(), (body, hasEnded) => {
        parseHttp(text('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked', body), hasEnded)
        parseHttp(Buffer.from(body), hasEnded)
        return true
      }),
    )
  })
})

it.each([
  ['ipp://printer.example/ipp/print', { host: 'printer.example', port: 631, isSecure: false }, '/ipp/print'],
  ['ipps://192.0.2.7:443/ipp/print', { host: '192.0.2.7', port: 443, isSecure: true }, '/ipp/print'],
  ['http://printer.example/ipp', { host: 'printer.example', port: 80, isSecure: false }, '/ipp'],
  ['https://printer.example/ipp?x=1', { host: 'printer.example', port: 443, isSecure: true }, '/ipp?x=1'],
  ['ipp://[2001:db8::1]:8631/', { host: '2001:db8::1', port: 8631, isSecure: false }, '/'],
])('%s is asked at its address', (uri, address, path) => {
  expect(printerAddress(uri)).toEqual({ address, path })
})

it.each(['usb://Epson/TM-T20?serial=1', 'socket://192.0.2.7:9100', 'file:/dev/null', 'dnssd://x._ipp._tcp.local/', 'ipp://[bad'])(
  '%s cannot be asked',
  uri => {
    expect(printerAddress(uri)).toBeNull()
  },
)
