/** What a device model must have and do; the server sends it to the agent as desired configuration. */
import { Type, type Static } from 'typebox'
import { Closed, Level, Name, OneOf, Url } from './schema-pieces.ts'

export const WatchedProcess = Closed({
  name: Name(64, 'component name in signals: process.missing:NAME'),
  match: Type.String({ minLength: 1, maxLength: 256, description: 'text found in the process command line or name' }),
  level: Type.Optional(Level),
  startCommand: Type.Optional(Type.String({ minLength: 1, maxLength: 1024 })),
})
export type WatchedProcess = Static<typeof WatchedProcess>

export const WatchedUrl = Closed({
  name: Name(64, 'component name in signals: url.failing:NAME, certificate.expiring:NAME'),
  url: Url,
  expectText: Type.Optional(Type.String({ minLength: 1, maxLength: 256 })),
})
export type WatchedUrl = Static<typeof WatchedUrl>

const Percent = Type.Number({ minimum: 0, maximum: 100 })
/** A rectangle of the screen, in percent of its width and height. */
export const Zone = Closed({ x: Percent, y: Percent, width: Percent, height: Percent })
export type Zone = Static<typeof Zone>

/** What must not stand still: the text of an element, a part of the picture, or with neither the whole picture. */
export const MustChange = Closed({
  region: Type.Optional(Zone),
  selector: Type.Optional(Type.String({ minLength: 1, maxLength: 256, description: 'CSS selector of an element whose text must change' })),
  seconds: Type.Integer({ minimum: 5, maximum: 3600, description: 'longest time without a change' }),
})
export type MustChange = Static<typeof MustChange>

export const KioskApp = Closed({
  match: Type.Optional(Type.String({ minLength: 1, maxLength: 256 })),
  startCommand: Type.Optional(Type.String({ minLength: 1, maxLength: 1024 })),
  stopCommand: Type.Optional(Type.String({ minLength: 1, maxLength: 1024 })),
  devToolsUrl: Type.Optional(Url),
  url: Type.Optional(Url),
  allowedUrls: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 512 }), { maxItems: 50 })),
  mustChange: Type.Optional(MustChange),
  maskedZones: Type.Optional(
    Type.Array(Zone, { maxItems: 50, description: 'never seen: black in every picture, before it is compared or leaves the device' }),
  ),
  lock: Type.Optional(
    Closed({
      file: Type.Optional(Type.String({ minLength: 1, maxLength: 512 })),
      expression: Type.Optional(Type.String({ minLength: 1, maxLength: 1024 })),
      maxSeconds: Type.Optional(Type.Integer({ minimum: 1, maximum: 86_400 })),
    }),
  ),
})
export type KioskApp = Static<typeof KioskApp>

const UsbId = Type.String({ pattern: '^[0-9a-fA-F]{4}:[0-9a-fA-F]{4}$', description: 'vendor:product in hex' })
const MatchText = Type.String({
  minLength: 1,
  maxLength: 128,
  description: 'text found in the name the device gives itself; case does not matter',
})
const PeripheralName = Name(64, 'component name in signals: usb.missing:NAME')

export const Peripheral = Closed({ name: PeripheralName, usb: UsbId, level: Type.Optional(Level) })
export type Peripheral = Static<typeof Peripheral>

/** A touch screen, by USB id or by its name; with neither, any touch screen will do. */
export const TouchDevice = Closed({
  name: Name(64, 'component name in signals when there are several: touch.missing:NAME'),
  usb: Type.Optional(UsbId),
  match: Type.Optional(MatchText),
})
export type TouchDevice = Static<typeof TouchDevice>

export const SerialDevice = Closed({
  name: PeripheralName,
  path: Type.String({ pattern: '^/dev/[^\\u0000-\\u001f]{1,250}$', description: 'best a name that stays: /dev/serial/by-id/...' }),
  level: Type.Optional(Level),
})
export type SerialDevice = Static<typeof SerialDevice>

/** A camera or a sound card, by USB id or by its name; with neither, any will do. */
export const MediaDevice = Closed({
  name: PeripheralName,
  usb: Type.Optional(UsbId),
  match: Type.Optional(MatchText),
  level: Type.Optional(Level),
})
export type MediaDevice = Static<typeof MediaDevice>

/** A display that must be there. Without `connector` any connected one will do; `width` and `height` as a person sees them. */
export const ExpectedDisplay = Closed({
  connector: Type.Optional(Type.String({ minLength: 1, maxLength: 64, description: "kernel's name of the plug: HDMI-A-1" })),
  width: Type.Optional(Type.Integer({ minimum: 1, maximum: 32_768 })),
  height: Type.Optional(Type.Integer({ minimum: 1, maximum: 32_768 })),
  orientation: Type.Optional(OneOf(['landscape', 'portrait'])),
  rotation: Type.Optional(Type.Integer({ enum: [0, 90, 180, 270], description: 'degrees, counter-clockwise, as RandR says it' })),
  x: Type.Optional(Type.Integer({ minimum: 0, maximum: 65_535, description: 'left edge on the desktop, pixels' })),
  y: Type.Optional(Type.Integer({ minimum: 0, maximum: 65_535, description: 'upper edge on the desktop, pixels' })),
  mustBeOn: Type.Optional(Type.Boolean({ description: 'default true: power saving of the screen is a fault' })),
})
export type ExpectedDisplay = Static<typeof ExpectedDisplay>

const PRINTER_NAME = '^[^\\s/\\u0000-\\u001f]{1,64}$'
const QUEUE = '^[^\\s/#?\\u0000-\\u001f]{1,127}$'
const PRINTER_URI = '^(ipps?|https?)://[^\\s]{1,1000}$'
const QueueName = Type.String({ pattern: QUEUE, description: 'CUPS queue; default: the name' })

/** A print queue of the device (CUPS), or a network printer asked directly. */
export const WatchedPrinter = Closed({
  name: Name(64, 'component name in signals: printer.jam:NAME'),
  queue: Type.Optional(QueueName),
  uri: Type.Optional(Type.String({ pattern: PRINTER_URI, description: 'network printer: ipp://host/ipp/print' })),
  level: Type.Optional(Level),
  twoWay: Type.Optional(
    Type.Boolean({ description: 'true: the queue tells of paper and covers also between jobs; default: only a printer asked by IPP does' }),
  ),
})
export type WatchedPrinter = Static<typeof WatchedPrinter>

/** How the kiosk app shows that it does business: it touches a file, or posts to `http://127.0.0.1:PORT/`, for each transaction. */
export const Business = Closed({
  file: Type.Optional(Type.String({ pattern: '^/[^\\u0000-\\u001f]{1,511}$', description: 'its time of change is the last transaction' })),
  port: Type.Optional(Type.Integer({ minimum: 1_024, maximum: 65_535, description: 'loopback only' })),
  silentMinutes: Type.Integer({ minimum: 1, maximum: 10_080 }),
})
export type Business = Static<typeof Business>

const CleanupPath = Type.String({
  pattern: '^/[^\\u0000-\\u001f]{1,511}$',
  description: 'folder whose old files may go when the disk is full; the device refuses folders of the system',
})

export const SampleIntervals = Closed({
  sampleSeconds: Type.Integer({ minimum: 1, maximum: 3_600, default: 30 }),
  heartbeatSeconds: Type.Integer({ minimum: 5, maximum: 300, default: 10 }),
})

/** Body of `PUT /profiles/{id}`. Everything but the name may be left out; `fillProfile` adds the defaults. */
export const ProfileInput = Closed({
  name: Type.String({ minLength: 1, maxLength: 120 }),
  critical: Type.Optional(Type.Boolean({ description: 'agent.offline is level 1 on these devices' })),
  processes: Type.Optional(Type.Array(WatchedProcess, { maxItems: 100 })),
  units: Type.Optional(Type.Array(Type.String({ pattern: '^[A-Za-z0-9:_.@\\\\-]{1,128}$' }), { maxItems: 100 })),
  urls: Type.Optional(Type.Array(WatchedUrl, { maxItems: 50 })),
  kioskApp: Type.Optional(KioskApp),
  peripherals: Type.Optional(Type.Array(Peripheral, { maxItems: 50 })),
  displays: Type.Optional(Type.Array(ExpectedDisplay, { maxItems: 8 })),
  printers: Type.Optional(
    Type.Array(Type.Union([WatchedPrinter, QueueName], { description: 'a text is the name of a CUPS queue' }), { maxItems: 20 }),
  ),
  touch: Type.Optional(Type.Array(TouchDevice, { maxItems: 8 })),
  serial: Type.Optional(Type.Array(SerialDevice, { maxItems: 20 })),
  cameras: Type.Optional(Type.Array(MediaDevice, { maxItems: 20 })),
  audio: Type.Optional(Type.Array(MediaDevice, { maxItems: 20 })),
  business: Type.Optional(Business),
  cleanup: Type.Optional(Type.Array(CleanupPath, { maxItems: 50 })),
  intervals: Type.Optional(Type.Partial(SampleIntervals)),
})
export type ProfileInput = Static<typeof ProfileInput>

/** A profile with every list there. */
export const Profile = Closed({
  name: Type.String({ minLength: 1, maxLength: 120 }),
  critical: Type.Boolean(),
  processes: Type.Array(WatchedProcess),
  units: Type.Array(Type.String()),
  urls: Type.Array(WatchedUrl),
  kioskApp: KioskApp,
  peripherals: Type.Array(Peripheral),
  displays: Type.Array(ExpectedDisplay),
  printers: Type.Array(WatchedPrinter),
  touch: Type.Array(TouchDevice),
  serial: Type.Array(SerialDevice),
  cameras: Type.Array(MediaDevice),
  audio: Type.Array(MediaDevice),
  business: Type.Optional(Business),
  cleanup: Type.Array(Type.String()),
  intervals: SampleIntervals,
})
export type Profile = Static<typeof Profile>

/** Printers were free-form once: a text names a queue, and what can be no printer is left out, so that every stored profile stays valid. */
function toPrinter(stored: unknown): WatchedPrinter | null {
  const printer = (typeof stored === 'string' ? { name: stored.slice(0, 64), queue: stored } : stored) as Partial<WatchedPrinter> | null
  const fits = (value: unknown, pattern: string) => typeof value === 'string' && new RegExp(pattern).test(value)
  if (!printer || !fits(printer.name, PRINTER_NAME)) return null
  const isWhole = (printer.queue ?? null) === null || fits(printer.queue, QUEUE)
  return isWhole && ((printer.uri ?? null) === null || fits(printer.uri, PRINTER_URI)) ? (printer as WatchedPrinter) : null
}

function toZone(stored: unknown): Zone | null {
  const { x, y, width, height } = (stored ?? {}) as Partial<Zone>
  const isPercent = (value: unknown) => typeof value === 'number' && value >= 0 && value <= 100
  return [x, y, width, height].every(isPercent) ? ({ x, y, width, height } as Zone) : null
}

function toMustChange(stored: unknown): MustChange | null {
  const { region, selector, seconds } = (stored ?? {}) as Partial<MustChange>
  if (typeof seconds !== 'number' || !Number.isInteger(seconds) || seconds < 5 || seconds > 3600) return null
  const isText = typeof selector === 'string' && selector !== '' && selector.length <= 256
  const zone = toZone(region)
  return { seconds, ...(isText && { selector }), ...(zone && { region: zone }) }
}

/** Both were free-form once: what cannot be used is left out. */
function toKioskApp({ maskedZones, mustChange, ...rest }: KioskApp): KioskApp {
  const zones = maskedZones?.map(toZone).filter(zone => zone !== null)
  const rule = toMustChange(mustChange)
  return { ...rest, ...(zones && { maskedZones: zones }), ...(rule && { mustChange: rule }) }
}

/** Adds the defaults to a profile as a person wrote it. */
export function fillProfile(input: ProfileInput): Profile {
  return {
    name: input.name,
    critical: input.critical ?? false,
    processes: input.processes ?? [],
    units: input.units ?? [],
    urls: input.urls ?? [],
    kioskApp: toKioskApp(input.kioskApp ?? {}),
    peripherals: input.peripherals ?? [],
    displays: input.displays ?? [],
    printers: (input.printers ?? []).map(toPrinter).filter(printer => printer !== null),
    touch: input.touch ?? [],
    serial: input.serial ?? [],
    cameras: input.cameras ?? [],
    audio: input.audio ?? [],
    ...(input.business && { business: input.business }),
    cleanup: input.cleanup ?? [],
    intervals: { sampleSeconds: input.intervals?.sampleSeconds ?? 30, heartbeatSeconds: input.intervals?.heartbeatSeconds ?? 10 },
  }
}
