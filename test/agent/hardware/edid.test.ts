import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeEdid } from '../../../agent/probes/display/edid.ts'
import { makerName } from '../../../agent/probes/display/pnp-makers.ts'
import { buildEdid, FULL_HD } from './edid-builder.ts'

describe('an EDID', () => {
  it('tells maker, model, serial, age, size and best mode', () => {
    expect(decodeEdid(buildEdid())).toEqual({
      version: '1.4',
      makerId: 'IVM',
      maker: 'Iiyama',
      model: 'Front Screen',
      productCode: 0x6615,
      serialNumber: 4711,
      serialText: 'SN-0815',
      madeInWeek: 28,
      madeInYear: 2020,
      modelYear: null,
      widthCm: 53,
      heightCm: 30,
      isDigital: true,
      preferredMode: { width: 1920, height: 1080, refreshHz: 60, isInterlaced: false },
      extensionCount: 0,
      isChecksumValid: true,
    })
  })

  it.each([
    { why: 'a maker that is not common shows its letters', fields: { maker: 'QQX' }, is: { makerId: 'QQX', maker: null } },
    {
      why: 'week 255 means the year of the model',
      fields: { week: 255, year: 2023 },
      is: { madeInWeek: null, madeInYear: null, modelYear: 2023 },
    },
    { why: 'week 0 is not given', fields: { week: 0 }, is: { madeInWeek: null, madeInYear: 2020 } },
    { why: 'year 1990 is a field left empty: EDID is younger', fields: { year: 1990 }, is: { madeInYear: null } },
    { why: 'serial number 0 is none', fields: { serialNumber: 0 }, is: { serialNumber: null } },
    {
      why: 'a projector has no size',
      fields: { widthCm: 0, heightCm: 0, timing: { ...FULL_HD, widthMm: 0, heightMm: 0 } },
      is: { widthCm: null, heightCm: null },
    },
    {
      why: 'an aspect ratio instead of a size: the picture has one',
      fields: { widthCm: 79, heightCm: 0 },
      is: { widthCm: 53, heightCm: 30 },
    },
    {
      why: 'a long name goes on in a second descriptor',
      fields: {
        texts: [
          [0xfc, 'Studio Screen'],
          [0xfc, ' 2200'],
        ] as [number, string][],
      },
      is: { model: 'Studio Screen 2200', serialText: null },
    },
    {
      why: 'a panel has free texts instead of a name',
      fields: {
        texts: [
          [0xfe, 'Panel Maker'],
          [0xfe, 'LP154-A5'],
        ] as [number, string][],
      },
      is: { model: 'Panel Maker LP154-A5' },
    },
    { why: 'an empty name is none', fields: { texts: [[0xfc, '  ']] as [number, string][] }, is: { model: null } },
    {
      why: 'half pictures count as one',
      fields: { timing: { ...FULL_HD, isInterlaced: true } },
      is: { preferredMode: { width: 1920, height: 1080, refreshHz: 115.38, isInterlaced: true } },
    },
    {
      why: 'before 1.3 the first timing is not the best unless said',
      fields: { version: [1, 1] as [number, number] },
      is: { preferredMode: null, version: '1.1' },
    },
    { why: 'extensions that follow are whole too', fields: { extensions: 1 }, is: { extensionCount: 1, isChecksumValid: true } },
  ])('$why', ({ fields, is }) => {
    expect(decodeEdid(buildEdid(fields))).toMatchObject(is)
  })

  it('says when it is damaged, in itself or in an extension', () => {
    const bytes = buildEdid({ extensions: 1 })
    expect(decodeEdid(bytes.with(20, 0x01))).toMatchObject({ isChecksumValid: false })
    expect(decodeEdid(bytes.with(200, 0x01))).toMatchObject({ isChecksumValid: false })
  })

  it('is none without its header, or too short', () => {
    expect(decodeEdid(buildEdid().subarray(0, 127))).toBeNull()
    expect(decodeEdid(buildEdid().with(1, 0))).toBeNull()
    expect(decodeEdid(new Uint8Array())).toBeNull()
  })

  it('never throws and never tells nonsense of its type, whatever the bytes', () => {
    const isSane = (bytes: Uint8Array) => {
      const edid = decodeEdid(bytes)
      if (!edid) return true
      // oxlint-disable-next-line no-control-regex -- that none gets through is the point
      const texts = [edid.model, edid.serialText].every(text => text === null || /^[^\u0000-\u001f\u007f-\uffff]+$/.test(text))
      return texts && JSON.stringify(edid).length < 1_000 && (edid.preferredMode === null || Number.isFinite(edid.preferredMode.refreshHz))
    }
    fc.assert(fc.property(fc.uint8Array({ maxLength: 600 }), isSane))
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(255), fc.nat(255)), { maxLength: 40 }), changes => {
        const bytes = buildEdid({ extensions: 1 }).slice()
        for (const [at, value] of changes) if (at > 7) bytes[at] = value
        return isSane(bytes)
      }),
    )
  })
})

it('a maker is looked up by exactly three letters', () => {
  expect(makerName('DEL')).toBe('Dell')
  expect(['DE', 'DELL', 'del', 'Dell', '...', '\nDE', 'ZZZ'].map(makerName)).toEqual(Array.from({ length: 7 }, () => null))
})
