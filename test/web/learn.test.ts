import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { learnFrom, withLearnt } from '../../server/web/profiles/learn.ts'
import type { ProfileLists } from '../../server/web/profiles/profile-lists.tsx'
import { ProfileInput } from '../../shared/profile.ts'
import { schemaFaults } from '../../server/platform/schema-faults.ts'

const EMPTY: ProfileLists = {
  processes: [],
  urls: [],
  displays: [],
  touch: [],
  peripherals: [],
  printers: [],
  serial: [],
  cameras: [],
  audio: [],
}
const INVENTORY = {
  displays: [
    {
      connector: 'HDMI-A-1',
      card: 'card0',
      current: { width: 1080, height: 1920 },
      edid: { maker: 'Elo Touch Solutions', model: 'ET2402L' },
    },
    { connector: 'DP-1', current: null, edid: { makerId: 'XYZ' } },
  ],
  usb: [
    { port: '1-1', id: '1d6b:0002', product: 'Hub', drivers: ['hub'] },
    { port: '1-1.1', id: '0c2e:0b61', maker: 'Honeywell', product: 'Barcode Scanner', drivers: ['usbhid'] },
    { port: '1-1.2', id: '0c2e:0b61', maker: 'Honeywell', product: 'Barcode Scanner', drivers: ['usbhid'] },
    { port: '1-1.3', id: '04e7:0020', product: 'Touchscreen', drivers: ['usbhid'] },
  ],
  input: [
    { name: 'Elo TouchSystems', usb: '04e7:0020', isTouch: true },
    { name: 'Power Button', usb: null, isTouch: false },
  ],
  printers: [{ queue: 'receipts', model: 'TM-T88' }],
  serialLines: ['/dev/serial/by-id/usb-FTDI_FT232R-if00-port0'],
  cameras: [{ id: 'video0', name: 'Integrated Camera', usb: '13d3:5408' }],
  soundCards: [{ id: '0', name: 'HDA Intel PCH', usb: null }],
}

describe('learning from a device', () => {
  it('offers each thing once as the list holds it, hubs and what a touch screen is left out', () => {
    const found = learnFrom({ inventory: INVENTORY, hostname: 'till-1' }, EMPTY)
    expect(found.map(item => [item.list, item.item])).toEqual([
      ['displays', { connector: 'HDMI-A-1', width: 1080, height: 1920 }],
      ['displays', { connector: 'DP-1' }],
      ['touch', { name: 'touch', usb: '04e7:0020' }],
      ['peripherals', { name: 'barcode-scanner', usb: '0c2e:0b61' }],
      ['peripherals', { name: 'barcode-scanner-2', usb: '0c2e:0b61' }],
      ['printers', { name: 'receipts', queue: 'receipts' }],
      ['serial', { name: 'usb-ftdi-ft232r-if00-port0', path: '/dev/serial/by-id/usb-FTDI_FT232R-if00-port0' }],
      ['cameras', { name: 'integrated-camera', usb: '13d3:5408' }],
      ['audio', { name: 'hda-intel-pch', match: 'HDA Intel PCH' }],
    ])
  })

  it('knows what the profile has, and makes a profile the schema takes', () => {
    const lists = withLearnt(EMPTY, learnFrom(INVENTORY, EMPTY))
    expect(schemaFaults(ProfileInput, { name: 'Till', ...lists })).toEqual([])
    expect(learnFrom(INVENTORY, lists).every(item => item.isKnown)).toBe(true)
  })

  it('takes any inventory without an error, and never offers what the schema refuses', () => {
    const odd = fc.dictionary(
      fc.constantFrom('displays', 'usb', 'input', 'printers', 'serialLines', 'cameras', 'soundCards', 'inventory'),
      fc.oneof(
        fc.anything(),
        fc.array(fc.dictionary(fc.constantFrom('connector', 'id', 'name', 'usb', 'queue', 'isTouch', 'product', 'current'), fc.anything())),
      ),
    )
    fc.assert(
      fc.property(odd, inventory => {
        const lists = withLearnt(EMPTY, learnFrom(inventory, EMPTY))
        expect(schemaFaults(ProfileInput, { name: 'Till', ...lists }).filter(fault => !fault.message.includes('items'))).toEqual([])
      }),
      { numRuns: 500 },
    )
  })
})
