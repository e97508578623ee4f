/** Rules of the display chain: cable out, display off, wrong input, EDID lost and wrong mode are told apart, each with what a person on site should do. */
import type { ExpectedDisplay } from '../../shared/profile.ts'
import type { AgentSignal, AgentSignalKey } from '../../shared/signals/signals.ts'
import type { Connector } from '../probes/display/connectors.ts'
import { plugName, type CurrentMode, type CurrentModes } from '../probes/display/current-mode.ts'
import type { DdcState } from '../probes/display/ddc.ts'
import type { Reading } from './reading.ts'

export type DisplayFacts = {
  /** Null: this machine shows no plugs. */
  connectors: readonly Connector[] | null
  current: CurrentModes
  /** By `card-name`: what the display itself says, where it could be asked. */
  ddc: ReadonlyMap<string, DdcState>
  /** By `card-name`: how often the plug came and went in the last ten minutes. */
  changes: ReadonlyMap<string, number>
}
export type DisplayDiagnosis = 'cable-out' | 'no-modes' | 'display-off' | 'not-driven' | 'wrong-input' | 'edid-lost' | 'wrong-mode'
type Finding = { diagnosis: DisplayDiagnosis; text: string; advice: string }
/** One display of the profile and where it was found. */
type Place = { expected: ExpectedDisplay; component: string; connector: Connector | null; mode: CurrentMode | null }

export const DISPLAY_SIGNALS = ['display.disconnected', 'display.off', 'display.wrong-mode'] as const satisfies readonly AgentSignal[]
type DisplaySignal = (typeof DISPLAY_SIGNALS)[number]
/** What a graphics card shows when it knows nothing about the display. */
const FALLBACK = { width: 1024, height: 768 }
/** A plug that changes this often is loose, or the display looks for an input. */
const RESTLESS_CHANGES = 3

/** Name of a plug with its card: unique on a machine. */
export const connectorId = ({ card, name }: Pick<Connector, 'card' | 'name'>): string => `${card}-${name}`

/** Components of the displays of a profile: one alone needs no name. */
export function displayComponents(expected: readonly ExpectedDisplay[]): string[] {
  const names = expected.map((display, index) => (display.connector ?? `display-${index + 1}`).replaceAll(/[\s/]+/g, '-'))
  return names.map((name, index) => (expected.length < 2 ? '' : names.indexOf(name) === index ? name : `${name}-${index + 1}`))
}

const keyOf = (signal: DisplaySignal, component: string): AgentSignalKey => (component === '' ? signal : `${signal}:${component}`)
const isConnector = (connector: Connector, wanted: string) =>
  /^card\d+-/.test(wanted) ? wanted === connectorId(connector) : plugName(wanted) === plugName(connector.name)
const best = (connectors: readonly Connector[]) => connectors.find(item => item.status === 'connected') ?? connectors[0] ?? null

/** Finds the plug of each display: by name first, then any connected one that is left. */
function placeDisplays(expected: readonly ExpectedDisplay[], { connectors, current }: DisplayFacts): Place[] {
  const components = displayComponents(expected)
  const free = new Set(connectors ?? [])
  const take = (found: Connector | null) => {
    if (found) free.delete(found)
    return found
  }
  const named = expected.map(({ connector: wanted }) =>
    wanted === undefined ? null : take(best([...free].filter(connector => isConnector(connector, wanted)))),
  )
  const placed = expected.map(({ connector: wanted }, index) =>
    wanted === undefined ? take([...free].find(connector => connector.status === 'connected') ?? null) : (named[index] ?? null),
  )
  const freeModes = new Set(current.modes ?? [])
  const modes = placed.map((connector, index) => {
    const wanted = connector?.name ?? expected[index]?.connector
    const found = [...freeModes].find(mode => wanted !== undefined && plugName(mode.connector) === plugName(wanted)) ?? null
    if (found) freeModes.delete(found)
    return found
  })
  // one display and one picture belong together, whatever the two call the plug
  const only = placed.length === 1 && freeModes.size === 1 && placed[0]?.status !== 'disconnected' ? [...freeModes][0] : undefined
  return expected.map((display, index) => ({
    expected: display,
    component: components[index] ?? '',
    connector: placed[index] ?? null,
    mode: modes[index] ?? only ?? null,
  }))
}

const label = ({ expected, connector }: Place) => connector?.name ?? expected.connector ?? 'the display'
const size = (mode: { width: number; height: number }) => `${mode.width}x${mode.height}`

function findDisconnected(place: Place, changes: number): Finding | null {
  const { connector } = place
  const name = label(place)
  const restless = changes >= RESTLESS_CHANGES ? `; it came and went ${changes} times in ten minutes` : ''
  if (!connector || connector.status !== 'connected') {
    const isNamed = connector !== null || place.expected.connector !== undefined
    const fewer = place.component === '' ? 'No display is connected' : 'Fewer displays are connected than there must be'
    return {
      diagnosis: 'cable-out',
      text: `${isNamed ? `No display is seen on ${name}` : fewer}${restless}`,
      advice: `Check that the display has power and is switched on, and push in both ends of its cable${isNamed ? ` on ${name}` : ''}; if it stays dark, try another cable.`,
    }
  }
  if (connector.modes.length > 0) return null
  return {
    diagnosis: 'no-modes',
    text: `${name} says that something is connected, but no display answers${restless}`,
    advice: `Switch the display on ${name} off and on, then push in both ends of its cable: the cable or the display is half awake.`,
  }
}

/** Kind of plug a display shows instead of this one, by its own word; null when it shows this kind, or nobody knows. */
function otherInput(connector: Connector | null, ddc: DdcState | undefined): { is: string; wanted: string } | null {
  const wanted = /^(HDMI|DP|DVI|VGA)/.exec(connector?.name ?? '')?.[1]
  return ddc?.input && wanted !== undefined && ddc.input !== wanted ? { is: ddc.input, wanted } : null
}

/** Did the display itself say that it is off or elsewhere? Then it has to be asked whether it still is. */
export function isAstray(connector: Connector, ddc: DdcState | undefined): boolean {
  return ddc?.power === 'off' || otherInput(connector, ddc) !== null
}

function findOff(place: Place, ddc: DdcState | undefined, isAsleep: boolean | null): Finding | null {
  const name = label(place)
  if (ddc?.power === 'off') {
    return {
      diagnosis: 'display-off',
      text: `The display on ${name} says that it is switched off`,
      advice: 'Switch the display on with its own button or remote control.',
    }
  }
  const other = otherInput(place.connector, ddc)
  if (other) {
    return {
      diagnosis: 'wrong-input',
      text: `The display on ${name} shows its ${other.is} input instead`,
      advice: `Choose the ${other.wanted} input in the menu of the display.`,
    }
  }
  // some drivers of makers tell the kernel nothing: a picture the X server shows, and keeps awake, is one
  const isShownByX = isAsleep !== true && place.mode !== null && place.mode.rotation !== null
  if (isShownByX) return null
  const power = place.connector?.power ?? null
  if (isAsleep === true || (power !== null && power !== 'on')) {
    return {
      diagnosis: 'display-off',
      text: `The picture on ${name} is switched off to save power${power === null || power === 'on' ? '' : ` (${power})`}`,
      advice: 'Touch the screen or press a key; if it stays dark, switch the display off and on.',
    }
  }
  if (place.connector?.isEnabled !== false) return null
  return {
    diagnosis: 'not-driven',
    text: `${name} is connected but gets no picture from this machine`,
    advice: 'Nothing is wrong with the cable: the graphics session must be started again, from remote.',
  }
}

function findWrongMode({ expected, connector, mode }: Place): Finding | null {
  const wantsOtherSize =
    (expected.width !== undefined && expected.width !== FALLBACK.width) ||
    (expected.height !== undefined && expected.height !== FALLBACK.height)
  const shows = mode ? size(mode) : connector?.edid === null ? connector.modes[0] : undefined
  if (connector?.edid === null && wantsOtherSize && shows === size(FALLBACK)) {
    return {
      diagnosis: 'edid-lost',
      text: `${connector.name} lost the description of its display (EDID): it shows ${shows} instead of ${expected.width ?? '?'}x${expected.height ?? '?'}`,
      advice:
        'Switch the display off and on and push in both ends of its cable; an adapter or splitter in between may swallow the description.',
    }
  }
  if (!mode) return null
  const faults: string[] = []
  const compare = (what: string, is: number | string | null, wanted: number | string | undefined) => {
    if (wanted !== undefined && is !== null && is !== wanted) faults.push(`${what} ${is} instead of ${wanted}`)
  }
  if (mode.rotation === null) {
    // the kernel tells the mode of the panel, whichever way the session turns its picture
    const sides = (width: number, height: number) => size({ width: Math.max(width, height), height: Math.min(width, height) })
    if (expected.width && expected.height) compare('size', sides(mode.width, mode.height), sides(expected.width, expected.height))
  } else {
    compare('width', mode.width, expected.width)
    compare('height', mode.height, expected.height)
    compare('orientation', mode.width >= mode.height ? 'landscape' : 'portrait', expected.orientation)
    compare('rotation', mode.rotation, expected.rotation)
  }
  compare('left edge', mode.x, expected.x)
  compare('upper edge', mode.y, expected.y)
  if (faults.length === 0) return null
  return {
    diagnosis: 'wrong-mode',
    text: `The picture is wrong: ${faults.join(', ')}`,
    advice: 'Nothing to do on site: the mode is set from remote; check only that the display was not exchanged.',
  }
}

function reading(signal: DisplaySignal, place: Place, finding: Finding | null, well: string): Reading {
  const key = keyOf(signal, place.component)
  if (!finding) return { key, verdict: 'ok', text: well }
  const { connector, mode } = place
  const evidence = {
    diagnosis: finding.diagnosis,
    advice: finding.advice,
    connector: connector && {
      name: connectorId(connector),
      status: connector.status,
      enabled: connector.isEnabled,
      power: connector.power,
      modes: connector.modes.slice(0, 8),
      edidBytes: connector.edid?.length ?? 0,
    },
    mode,
    expected: place.expected,
  }
  return { key, verdict: 'failing', text: `${finding.text}. ${finding.advice}`, evidence }
}

const unknown = (signal: DisplaySignal, place: Place, text: string): Reading => ({
  key: keyOf(signal, place.component),
  verdict: 'unknown',
  isLasting: true,
  text,
})

/** Is something asked for that is not among what was read? */
function isBlindFor({ width, height, orientation, rotation, x, y }: ExpectedDisplay, mode: CurrentMode | null): boolean {
  const wants = (...values: unknown[]) => values.some(value => value !== undefined)
  if (!mode) return wants(width, height, orientation, rotation, x, y)
  return (mode.rotation === null && wants(orientation, rotation)) || (mode.x === null && wants(x, y))
}

function judgeOne(place: Place, facts: DisplayFacts): Reading[] {
  const { connector, expected, mode } = place
  const id = connector ? connectorId(connector) : ''
  const readings: Reading[] = []
  // a plug that does not say what is on it may be the one
  const isBlind = connector
    ? connector.status === 'unknown'
    : (facts.connectors ?? [{ status: 'unknown' }]).some(item => item.status === 'unknown')
  const lost = isBlind ? null : findDisconnected(place, facts.changes.get(id) ?? 0)
  readings.push(
    isBlind
      ? unknown('display.disconnected', place, 'Cannot know: the graphics driver does not say what is connected')
      : reading('display.disconnected', place, lost, `A display is connected to ${label(place)}`),
  )
  // a display that is not there is neither off nor in a wrong mode: one fault, one signal
  if (lost) {
    const unseen = (['display.off', 'display.wrong-mode'] as const).map(signal => keyOf(signal, place.component))
    return [...readings, ...unseen.map((key): Reading => ({ key, verdict: 'unknown', text: 'no display is connected' }))]
  }
  const saysPower = connector !== null && (connector.power !== null || connector.isEnabled !== null)
  const hasPower = saysPower || facts.current.isAsleep !== null
  if (expected.mustBeOn === false) readings.push({ key: keyOf('display.off', place.component), verdict: 'ok', text: 'It may be off' })
  else if (!hasPower) readings.push(unknown('display.off', place, 'Cannot know: nothing says whether the display is on'))
  else {
    const off = findOff(place, facts.ddc.get(id), facts.current.isAsleep)
    readings.push(reading('display.off', place, off, `The display on ${label(place)} gets a picture`))
  }
  const wrong = findWrongMode(place)
  if (!wrong && isBlindFor(expected, mode)) {
    readings.push(
      unknown(
        'display.wrong-mode',
        place,
        `Cannot know the mode in use: ${facts.current.why || 'the session names no such plug, or not how it is turned'}`,
      ),
    )
  } else readings.push(reading('display.wrong-mode', place, wrong, mode ? `Shows ${size(mode)} as it should` : 'No mode is asked for'))
  return readings
}

/** All display signals of the displays a profile names. What nobody can know is `unknown`, and says why. */
export function judgeDisplays(expected: readonly ExpectedDisplay[], facts: DisplayFacts): Reading[] {
  return placeDisplays(expected, facts).flatMap(place => judgeOne(place, facts))
}
