/** What a device model must have and do; the server sends it to the agent as desired configuration. */
import { Type, type Static } from 'typebox'
import { Closed, Level, Name, Url } from './schema.ts'

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

export const KioskApp = Closed({
  match: Type.Optional(Type.String({ minLength: 1, maxLength: 256 })),
  startCommand: Type.Optional(Type.String({ minLength: 1, maxLength: 1024 })),
  stopCommand: Type.Optional(Type.String({ minLength: 1, maxLength: 1024 })),
  devToolsUrl: Type.Optional(Url),
  url: Type.Optional(Url),
  allowedUrls: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 512 }), { maxItems: 50 })),
  mustChange: Type.Optional(Type.Unknown()),
  maskedZones: Type.Optional(Type.Array(Type.Unknown(), { maxItems: 50 })),
  lock: Type.Optional(
    Closed({
      file: Type.Optional(Type.String({ minLength: 1, maxLength: 512 })),
      expression: Type.Optional(Type.String({ minLength: 1, maxLength: 1024 })),
      maxSeconds: Type.Optional(Type.Integer({ minimum: 1, maximum: 86_400 })),
    }),
  ),
})

export const Peripheral = Closed({
  name: Name(64, 'component name in signals: usb.missing:NAME'),
  usb: Type.String({ pattern: '^[0-9a-fA-F]{4}:[0-9a-fA-F]{4}$', description: 'vendor:product in hex' }),
  level: Type.Optional(Level),
})

export const ExpectedDisplay = Closed({
  connector: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
  width: Type.Optional(Type.Integer({ minimum: 1, maximum: 32_768 })),
  height: Type.Optional(Type.Integer({ minimum: 1, maximum: 32_768 })),
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
  printers: Type.Optional(Type.Array(Type.Unknown(), { maxItems: 20 })),
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
  printers: Type.Array(Type.Unknown()),
  intervals: SampleIntervals,
})
export type Profile = Static<typeof Profile>

/** Adds the defaults to a profile as a person wrote it. */
export function fillProfile(input: ProfileInput): Profile {
  return {
    name: input.name,
    critical: input.critical ?? false,
    processes: input.processes ?? [],
    units: input.units ?? [],
    urls: input.urls ?? [],
    kioskApp: input.kioskApp ?? {},
    peripherals: input.peripherals ?? [],
    displays: input.displays ?? [],
    printers: input.printers ?? [],
    intervals: { sampleSeconds: input.intervals?.sampleSeconds ?? 30, heartbeatSeconds: input.intervals?.heartbeatSeconds ?? 10 },
  }
}
