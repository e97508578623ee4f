/** What hangs on a device, as its profile asks for it, its inventory names it and its signals judge it. */
import type { DeviceDetail, DeviceSignal } from '../../../shared/api/devices/device-api.ts'
import type { SignalName } from '../../../shared/signals/signals.ts'
import type { StoredProfile } from '../api/catalog-queries.ts'

/** `there`: nothing fails. `unknown`: the device cannot tell. `unasked`: found, but the profile does not ask for it. */
export type PartState = 'there' | 'failing' | 'unknown' | 'unasked' | 'stale'
export type ChainLink = { name: string; text: string; state: PartState }
export type DisplayChain = { key: string; links: ChainLink[]; fault: { text: string; advice: string | null } | null }
export type Part = { key: string; kind: string; name: string; detail: string; state: PartState; texts: string[] }

type Found = Record<string, unknown>
const isObject = (value: unknown): value is Found => typeof value === 'object' && value !== null && !Array.isArray(value)
const textOf = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '')

/** What is asked of a device to draw its display chain. */
export type ChainFacts = Pick<DeviceDetail, 'inventory' | 'connection' | 'signals'>

function objectsOf(device: ChainFacts, name: string): Found[] {
  const inventory = device.inventory ?? {}
  const found = isObject(inventory['inventory']) ? inventory['inventory'] : inventory
  const list = found[name]
  return Array.isArray(list) ? list.filter(isObject) : []
}

const isFresh = (device: ChainFacts): boolean => device.connection === 'online' || device.connection === 'suspect'
const isFailing = (signal: DeviceSignal): boolean => signal.state === 'failing' || signal.state === 'recovering'

/** Worst first: what fails, then what cannot be known; what nobody spoke of is there as long as the device is. */
function stateOf(device: ChainFacts, signals: readonly DeviceSignal[]): PartState {
  if (signals.some(signal => signal.state === 'failing')) return 'failing'
  if (!isFresh(device)) return 'stale'
  return signals.some(signal => signal.state === 'unknown') ? 'unknown' : 'there'
}

/** Signals of one component; with one thing of a kind the signal may have none. */
function signalsOf(device: ChainFacts, names: readonly SignalName[], component: string, isOnly = false): DeviceSignal[] {
  return device.signals.filter(({ signal }) => names.some(name => signal === `${name}:${component}` || (isOnly && signal === name)))
}

/** `Elo ET2402L, made 2021 (serial A123)` */
function displayWords(edid: unknown): string {
  if (!isObject(edid)) return 'its description (EDID) was not read'
  const maker = [edid['maker'] ?? edid['makerId'], edid['model']].map(textOf).filter(Boolean).join(' ')
  const year = textOf(edid['madeInYear'] ?? edid['modelYear'])
  const serial = textOf(edid['serialText'] ?? edid['serialNumber'])
  return `${maker || 'a display'}${year === '' ? '' : `, ${year}`}${serial === '' || serial === '0' ? '' : `, serial ${serial}`}`
}

function modeWords(current: unknown): string {
  if (!isObject(current) || typeof current['width'] !== 'number' || typeof current['height'] !== 'number') return 'mode not known'
  const hz = typeof current['refreshHz'] === 'number' ? ` at ${Math.round(current['refreshHz'])} Hz` : ''
  const turned = typeof current['rotation'] === 'number' && current['rotation'] !== 0 ? `, turned ${current['rotation']}°` : ''
  return `${current['width']} × ${current['height']}${hz}${turned}`
}

/** One chain for each display that is expected or found: plug, display, power, picture. */
export function displayChains(device: ChainFacts, profile: Pick<StoredProfile, 'displays'> | null): DisplayChain[] {
  const found = objectsOf(device, 'displays')
  const expected = profile?.displays ?? []
  const named = expected.map(display => display.connector).filter(connector => connector !== undefined)
  const connectors = [...new Set([...named, ...found.map(display => textOf(display['connector'])).filter(Boolean)])]
  const open = expected.some(display => display.connector === undefined)
  if (connectors.length === 0 && expected.length > 0) connectors.push('any plug')
  return connectors.map((connector): DisplayChain => {
    const display = found.find(item => textOf(item['connector']) === connector)
    const isAsked = named.includes(connector) || open
    const of = (name: SignalName): DeviceSignal[] => signalsOf(device, [name], connector, true)
    const [lost, off, wrong] = [of('display.disconnected'), of('display.off'), of('display.wrong-mode')]
    const judged = (signals: DeviceSignal[]): PartState => (isAsked ? stateOf(device, signals) : 'unasked')
    const isLost = judged(lost) === 'failing'
    const behind = (signals: DeviceSignal[]): PartState => (isLost ? 'stale' : judged(signals))
    const worst = [...lost, ...off, ...wrong].find(signal => signal.state === 'failing')
    return {
      key: connector,
      links: [
        { name: 'Plug', text: connector, state: judged(lost) },
        { name: 'Display', text: isLost ? 'not connected' : displayWords(display?.['edid']), state: judged(lost) },
        { name: 'Power', text: off.some(isFailing) ? 'off' : 'on', state: behind(off) },
        { name: 'Picture', text: modeWords(display?.['current']), state: behind(wrong) },
      ],
      fault: worst ? { text: worst.text, advice: worst.advice } : null,
    }
  })
}

const PRINTER_SIGNALS: readonly SignalName[] = [
  'printer.offline',
  'printer.jam',
  'printer.cover-open',
  'printer.paper-out',
  'printer.paper-low',
]

/** Everything the profile asks for but displays, in the order of the profile. */
export function parts(device: DeviceDetail, profile: StoredProfile | null): Part[] {
  if (!profile) return []
  const usb = objectsOf(device, 'usb')
  const productOf = (id: string | undefined): string => {
    const item = usb.find(entry => textOf(entry['id']) === id?.toLowerCase())
    return item ? [item['maker'], item['product']].map(textOf).filter(Boolean).join(' ') : ''
  }
  const part = (kind: string, name: string, detail: string, signals: DeviceSignal[]): Part => ({
    key: `${kind} ${name}`,
    kind,
    name,
    detail,
    state: stateOf(device, signals),
    texts: signals.filter(signal => signal.state === 'failing' || signal.state === 'unknown').map(signal => signal.text),
  })
  const media = (kind: string, items: StoredProfile['cameras']): Part[] =>
    items.map(item =>
      part(kind, item.name, productOf(item.usb) || (item.usb ?? item.match ?? ''), signalsOf(device, ['usb.missing'], item.name)),
    )
  const lone = profile.touch.length === 1
  return [
    ...profile.touch.map(item =>
      part(
        'Touch screen',
        item.name,
        productOf(item.usb) || (item.usb ?? item.match ?? ''),
        signalsOf(device, ['touch.missing'], item.name, lone),
      ),
    ),
    ...profile.peripherals.map(item =>
      part('USB device', item.name, productOf(item.usb) || item.usb, signalsOf(device, ['usb.missing', 'usb.unstable'], item.name)),
    ),
    ...profile.printers.map(item =>
      part('Printer', item.name, item.uri ?? item.queue ?? '', signalsOf(device, PRINTER_SIGNALS, item.name)),
    ),
    ...profile.serial.map(item => part('Serial device', item.name, item.path, signalsOf(device, ['usb.missing'], item.name))),
    ...media('Camera', profile.cameras),
    ...media('Sound', profile.audio),
  ]
}
