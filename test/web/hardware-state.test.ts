import { describe, expect, it } from 'vitest'
import { displayChains, parts } from '../../server/web/hardware/hardware-state.ts'
import { fillProfile, type ProfileInput } from '../../shared/profile.ts'
import type { DeviceDetail, DeviceSignal } from '../../shared/api/devices/device-api.ts'

const profileOf = (input: Partial<ProfileInput>) => ({ ...fillProfile({ name: 'Till', ...input }), id: 'till', version: 1 })
const signal = (name: string, state: DeviceSignal['state'], text = name): DeviceSignal => ({
  signal: name,
  state,
  level: null,
  since: '2026-11-16T09:00:00.000Z',
  text,
  advice: null,
})
const device = (more: Partial<DeviceDetail>): DeviceDetail =>
  ({ connection: 'online', signals: [], inventory: null, ...more }) as unknown as DeviceDetail
const SCREEN = {
  connector: 'HDMI-A-1',
  current: { width: 1920, height: 1080, refreshHz: 59.95 },
  edid: { maker: 'Elo', model: 'ET2402L', madeInYear: 2021, serialText: 'K21' },
}

describe('the display chain', () => {
  it.each([
    {
      why: 'a display that is well is there along the whole chain',
      signals: [],
      states: ['there', 'there', 'there', 'there'],
    },
    {
      why: 'a lost cable says nothing of power and picture behind it',
      signals: [signal('display.disconnected:HDMI-A-1', 'failing', 'The cable is out')],
      states: ['failing', 'failing', 'stale', 'stale'],
    },
    {
      why: 'a wrong mode is a fault of the picture alone',
      signals: [signal('display.wrong-mode', 'failing', 'The picture is wrong')],
      states: ['there', 'there', 'there', 'failing'],
    },
    {
      why: 'what nobody can know is said so',
      signals: [signal('display.off:HDMI-A-1', 'unknown')],
      states: ['there', 'there', 'unknown', 'there'],
    },
    {
      why: 'without contact there are no fresh facts',
      connection: 'offline' as const,
      signals: [],
      states: ['stale', 'stale', 'stale', 'stale'],
    },
  ])('$why', ({ signals, states, connection }) => {
    const [chain] = displayChains(
      device({ signals, connection: connection ?? 'online', inventory: { displays: [SCREEN] } }),
      profileOf({ displays: [{ connector: 'HDMI-A-1' }] }),
    )
    expect(chain?.links.map(link => link.state)).toEqual(states)
  })

  it('names maker, model, year, serial and mode', () => {
    const [chain] = displayChains(device({ inventory: { displays: [SCREEN] } }), null)
    expect(chain?.links.map(link => link.text)).toEqual(['HDMI-A-1', 'Elo ET2402L, 2021, serial K21', 'on', '1920 × 1080 at 60 Hz'])
    expect(chain?.links.every(link => link.state === 'unasked')).toBe(true)
  })

  it('shows a display that is expected but was never seen', () => {
    const chains = displayChains(device({}), profileOf({ displays: [{ connector: 'DP-1' }] }))
    expect(chains).toMatchObject([{ key: 'DP-1' }])
  })
})

describe('peripherals', () => {
  it('are judged by their own signals, and named as the bus names them', () => {
    const found = parts(
      device({
        inventory: { inventory: { usb: [{ id: '0c2e:0b61', maker: 'Honeywell', product: 'Scanner' }] } },
        signals: [
          signal('usb.missing:scanner', 'ok'),
          signal('printer.paper-low:slips', 'unknown', 'one-way'),
          signal('touch.missing', 'failing', 'gone'),
        ],
      }),
      profileOf({
        touch: [{ name: 'touch' }],
        peripherals: [{ name: 'scanner', usb: '0C2E:0B61' }],
        printers: [{ name: 'slips' }],
        serial: [{ name: 'scale', path: '/dev/ttyUSB0' }],
      }),
    )
    expect(found.map(({ name, state, detail, texts }) => [name, state, detail, texts])).toEqual([
      ['touch', 'failing', '', ['gone']],
      ['scanner', 'there', 'Honeywell Scanner', []],
      ['slips', 'unknown', '', ['one-way']],
      ['scale', 'there', '/dev/ttyUSB0', []],
    ])
  })

  it('of odd inventories are an empty list, not an error', () => {
    expect(parts(device({ inventory: { usb: 'none', displays: [null, 3] } }), profileOf({}))).toEqual([])
    expect(displayChains(device({ inventory: { displays: [null, 3, { connector: 4 }] } }), null)).toMatchObject([{ key: '4' }])
  })
})
