import { deflateSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  cropPicture,
  hashDistance,
  hashPicture,
  isAlike,
  isChanged,
  mainColor,
  maskZones,
  packPicture,
} from '../../../agent/kiosk/screen/picture.ts'
import { decodePng, encodePng, type Picture } from '../../../agent/kiosk/screen/png.ts'
import { makeScreenMemory } from '../../../agent/kiosk/screen/screen-memory.ts'
import { makeScreenSampler } from '../../../agent/kiosk/screen/screen-sampler.ts'
import { makeStandstill } from '../../../agent/kiosk/screen/standstill.ts'
import { fillProfile, type KioskApp } from '../../../shared/profile.ts'

/** A picture whose pixels a function tells. */
function draw(width: number, height: number, colorOf: (x: number, y: number) => readonly [number, number, number]): Picture {
  const pixels = new Uint8Array(width * height * 3)
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) pixels.set(colorOf(x, y), (y * width + x) * 3)
  return { width, height, channels: 3, pixels, hiddenPixels: 0 }
}
const WHITE = [255, 255, 255] as const
const BLUE = [0, 60, 120] as const
const half = (width: number, height: number) => draw(width, height, (_, y) => (y < height / 2 ? BLUE : WHITE))
const noise = (width: number, height: number) => {
  let seed = 7
  const next = () => ((seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648) >> 16) & 255
  return draw(width, height, () => [next(), next(), next()])
}

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

  it('are encoded as they are', () => {
    const picture = noise(33, 7)
    expect(decodePng(encodePng(picture))).toEqual(picture)
  })

  it('fit into the bytes they may have, whatever they show', () => {
    const png = packPicture(noise(320, 180), 32 * 1024)
    expect(png.length).toBeLessThanOrEqual(32 * 1024)
    expect(decodePng(png)?.width).toBeGreaterThanOrEqual(80)
    expect(decodePng(packPicture(half(320, 180), 32 * 1024))).toEqual(half(320, 180))
  })

  it('are black where masked, and only there', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(100), fc.nat(100), fc.nat(100), fc.nat(100)), { maxLength: 5 }), list => {
        const zones = list.map(([x, y, width, height]) => ({ x, y, width, height }))
        const picture = maskZones(
          draw(20, 10, () => WHITE),
          zones,
        )
        let hidden = 0
        for (let y = 0; y < 10; y++)
          for (let x = 0; x < 20; x++) {
            // a pixel is hidden when any of it lies in a zone
            const isIn = zones.some(
              zone =>
                zone.width > 0 &&
                zone.height > 0 &&
                zone.x < (x + 1) * 5 &&
                zone.x + zone.width > x * 5 &&
                zone.y < (y + 1) * 10 &&
                zone.y + zone.height > y * 10,
            )
            if (isIn) hidden++
            expect(picture.pixels[(y * 20 + x) * 3] === 0).toBe(isIn)
          }
        expect(picture.hiddenPixels).toBe(hidden)
      }),
    )
  })

  it('have parts', () => {
    const part = cropPicture(half(10, 10), { x: 50, y: 40, width: 60, height: 15 })
    expect(part).toEqual({ ...draw(5, 2, (_, y) => (y === 0 ? BLUE : WHITE)), width: 5, height: 2 })
    expect(cropPicture(half(10, 10), { x: 100, y: 0, width: 10, height: 10 })).toBeNull()
  })

  it('have a main colour without what is masked', () => {
    const picture = maskZones(
      draw(10, 10, () => WHITE),
      [{ x: 0, y: 0, width: 100, height: 60 }],
    )
    expect(mainColor(picture)).toEqual({ share: 1, color: '#ffffff' })
    expect(
      mainColor(
        maskZones(
          draw(10, 10, () => WHITE),
          [{ x: 0, y: 0, width: 100, height: 100 }],
        ),
      ).share,
    ).toBe(0)
  })

  it('are alike at any size, and unlike when a dialog covers them', () => {
    expect(hashDistance(hashPicture(half(96, 54)), hashPicture(half(320, 180)))).toBeLessThanOrEqual(2)
    expect(isAlike(half(96, 54), half(100, 56))).toBe(true)
    const dialog = draw(96, 54, (x, y) => (x > 25 && x < 70 && y > 12 && y < 40 ? [200, 200, 200] : y < 27 ? BLUE : WHITE))
    expect(isAlike(half(96, 54), dialog)).toBe(false)
    expect(
      isAlike(
        half(96, 54),
        draw(96, 54, () => [0, 0, 0]),
      ),
    ).toBe(false)
  })

  it('change for a person, not for a blinking cursor', () => {
    const cursor = draw(96, 54, (x, y) => (x === 50 && y > 40 && y < 44 ? [0, 0, 0] : y < 27 ? BLUE : WHITE))
    const word = draw(96, 54, (x, y) => (x > 40 && x < 60 && y > 40 && y < 44 ? [0, 0, 0] : y < 27 ? BLUE : WHITE))
    expect([isChanged(half(96, 54), cursor), isChanged(half(96, 54), word), isChanged(half(96, 54), half(96, 53))]).toEqual([
      false,
      true,
      true,
    ])
  })

  it('are handed out again only when they clearly changed', () => {
    const memory = makeScreenMemory()
    const stripes = draw(96, 54, x => (x % 20 < 10 ? BLUE : WHITE))
    expect([half(96, 54), half(96, 54), stripes, stripes].map(picture => memory.take(picture, 0))).toEqual([true, false, true, false])
  })
})

describe('what must change', () => {
  it('counts only the time that was looked at', () => {
    const still = makeStandstill({ seconds: 5 })
    expect(still.facts()).toBeNull()
    for (const atMs of [0, 3_000]) still.takePicture(half(9, 9), atMs)
    expect(still.facts()).toEqual({ forMs: 3_000, limitMs: 5_000 })
    still.takePicture(noise(9, 9), 60_000)
    expect(still.facts()?.forMs).toBe(0)
    still.forget()
    still.takePicture(noise(9, 9), 90_000)
    expect(still.facts()?.forMs).toBe(0)
  })

  it('is a text, and where both are named, text or picture', () => {
    const text = makeStandstill({ seconds: 5, selector: '#time' })
    text.takePicture(half(9, 9), 9_000)
    expect(text.facts()).toBeNull()
    for (const [value, atMs] of [
      ['1', 0],
      ['1', 6_000],
    ] as const)
      text.takeText(value, atMs)
    expect(text.facts()?.forMs).toBe(6_000)
    text.takeText(null, 7_000)
    expect(text.facts()?.forMs).toBe(0)
    const both = makeStandstill({ seconds: 5, selector: '#time', region: { x: 0, y: 0, width: 9, height: 9 } })
    both.takePicture(half(9, 9), 0)
    both.takeText('1', 0)
    both.takeText('2', 6_000)
    both.takePicture(half(9, 9), 7_000)
    expect(both.facts()?.forMs).toBe(1_000)
  })
})

describe('a profile', () => {
  it('keeps of older free-form zones and rules what can be used', () => {
    const zone = { x: 1, y: 2, width: 3, height: 4 }
    const stored = {
      maskedZones: [zone, { ...zone, color: 'red' }, { ...zone, x: 101 }, { x: 1 }, 'left', null],
      mustChange: { seconds: 60, region: { x: 'no' }, selector: '', note: 1 },
    } as unknown as KioskApp
    expect(fillProfile({ name: 'Kiosk', kioskApp: stored }).kioskApp).toEqual({ maskedZones: [zone, zone], mustChange: { seconds: 60 } })
    fc.assert(
      fc.property(fc.anything(), fc.array(fc.anything()), (rule, zones) => {
        const { mustChange, maskedZones } = fillProfile({
          name: 'K',
          kioskApp: { mustChange: rule, maskedZones: zones } as KioskApp,
        }).kioskApp
        expect([mustChange ?? null, maskedZones?.length]).toEqual([null, 0])
      }),
    )
  })
})

describe('a picture of the whole screen', () => {
  const ppm = (width: number, height: number, head = `P6\n# made by a test\n${width} ${height}\n255\n`) =>
    Buffer.concat([Buffer.from(head), half(width, height).pixels])
  const bmp = (width: number, height: number, bits: 24 | 32, isTopDown: boolean) => {
    const rowBytes = Math.ceil((width * bits) / 32) * 4
    const file = Buffer.alloc(54 + rowBytes * height)
    file.write('BM')
    file.writeUInt32LE(54, 10)
    file.writeInt32LE(width, 18)
    file.writeInt32LE(isTopDown ? -height : height, 22)
    file.writeUInt16LE(bits, 28)
    const { pixels } = half(width, height)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const to = 54 + (isTopDown ? y : height - 1 - y) * rowBytes + (x * bits) / 8
        for (let channel = 0; channel < 3; channel++) file[to + channel] = pixels[(y * width + x) * 3 + 2 - channel] ?? 0
      }
    return file
  }
  const read = (file: Buffer, step = 1_000) => {
    const sampler = makeScreenSampler(64)
    for (let at = 0; at < file.length; at += step) sampler.take(file.subarray(at, at + step))
    return sampler.end()
  }

  it('is made small while it comes in, whatever the pieces', () => {
    const wanted = { picture: half(64, 36), screenWidth: 640, screenHeight: 360 }
    expect(read(ppm(640, 360))).toEqual(wanted)
    for (const isTopDown of [false, true])
      for (const bits of [24, 32] as const) expect(read(bmp(640, 360, bits, isTopDown), 777)).toEqual(wanted)
    expect(read(bmp(63, 33, 24, false), 7)?.picture).toEqual(half(63, 33))
  })

  it('that is torn, or none, is no picture', () => {
    expect([
      read(ppm(640, 360).subarray(0, -1)),
      read(Buffer.alloc(10)),
      read(Buffer.from(`P6 99999 99999 255\n${'x'.repeat(100)}`)),
    ]).toEqual([null, null, null])
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.constantFrom('BM', 'P6', ''), (bytes, head) => {
        expect(() => read(Buffer.concat([Buffer.from(head), bytes]))).not.toThrow()
      }),
    )
  })
})
