/** What the simulated devices say they are made of, by model, in the words of the real agent's inventory. */
import type { ProfileId } from './demo-estate.ts'

const edid = (maker: string, model: string, madeInYear: number, serialText: string) => ({ maker, model, madeInYear, serialText })
const hub = { port: '1-1', id: '1d6b:0002', maker: 'Linux Foundation', product: 'USB hub', drivers: ['hub'] }
const base = { os: 'Debian GNU/Linux 13', cpu: '4 cores', memoryMiB: 4096 }

/** Inventory of each model. */
export const INVENTORIES: Record<ProfileId, Record<string, unknown>> = {
  'self-checkout': {
    ...base,
    displays: [
      {
        connector: 'HDMI-A-1',
        card: 'card0',
        current: { width: 1920, height: 1080, refreshHz: 60 },
        edid: edid('Elo', 'ET2202L', 2022, 'G221'),
      },
    ],
    usb: [
      hub,
      { port: '1-1.1', id: '05e0:1200', maker: 'Symbol Technologies', product: 'Bar Code Scanner', drivers: ['usbhid'] },
      { port: '1-1.2', id: '04e7:0020', maker: 'Elo', product: 'Touchscreen', drivers: ['usbhid'] },
    ],
    input: [{ name: 'Elo TouchSystems', usb: '04e7:0020', isTouch: true, isPad: false }],
    printers: [{ queue: 'receipts', model: 'Epson TM-T88VI', state: 'idle' }],
  },
  'ticket-machine': {
    ...base,
    displays: [
      {
        connector: 'DP-1',
        card: 'card0',
        current: { width: 1080, height: 1920, refreshHz: 60, rotation: 90 },
        edid: edid('iiyama', 'TF2234MC', 2021, '1189'),
      },
    ],
    usb: [
      hub,
      { port: '1-1.3', id: '0801:0001', maker: 'MagTek', product: 'Card Reader', drivers: ['usbhid'] },
      { port: '1-1.4', id: '222a:0001', maker: 'ILI Technology', product: 'Multi-Touch Screen', drivers: ['usbhid'] },
    ],
    input: [{ name: 'ILITEK Multi-Touch', usb: '222a:0001', isTouch: true, isPad: false }],
    printers: [{ queue: 'tickets', model: 'Custom KPM180H', state: 'idle' }],
  },
  signage: {
    ...base,
    displays: [
      {
        connector: 'HDMI-A-1',
        card: 'card0',
        current: { width: 3840, height: 2160, refreshHz: 60 },
        edid: edid('Samsung', 'QM55B', 2023, 'H9X1'),
      },
    ],
    usb: [hub],
  },
  'point-of-sale': {
    ...base,
    displays: [
      {
        connector: 'eDP-1',
        card: 'card0',
        current: { width: 1366, height: 768, refreshHz: 60 },
        edid: edid('AU Optronics', 'B156XW', 2020, ''),
      },
    ],
    usb: [hub, { port: '1-1.1', id: '04b8:0202', maker: 'Seiko Epson', product: 'Receipt Printer M129C', drivers: ['usblp'] }],
    serialLines: ['/dev/serial/by-id/usb-Prolific_USB-Serial_Controller-if00-port0'],
    printers: [{ queue: 'receipts', model: 'Epson TM-T20III', state: 'idle' }],
  },
}
