/** What a profile can learn from the inventory of a device: each thing found, as a row of the list it belongs to. */
import type { ProfileLists } from './profile-lists.tsx'

/** `isKnown`: the profile has it already. `isUsual`: what most people want in their profile. */
export type Suggestion = {
  [Key in keyof ProfileLists]: { list: Key; item: ProfileLists[Key][number]; text: string; isKnown: boolean; isUsual: boolean }
}[keyof ProfileLists]

const MAX_NAME = 64
type Found = Record<string, unknown>

const isObject = (value: unknown): value is Found => typeof value === 'object' && value !== null && !Array.isArray(value)
const listOf = (inventory: Found, name: string): unknown[] => (Array.isArray(inventory[name]) ? inventory[name] : [])
const objectsOf = (inventory: Found, name: string): Found[] => listOf(inventory, name).filter(isObject)
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')
const USB_ID = /^[0-9a-f]{4}:[0-9a-f]{4}$/
const QUEUE = /^[^\s/#?\p{Cc}]{1,127}$/u
const DEVICE_FILE = /^\/dev\/[^\p{Cc}]{1,250}$/u
const MAX_PIXELS = 32_768
const isPixels = (value: unknown): value is number => Number.isInteger(value) && Number(value) > 0 && Number(value) <= MAX_PIXELS

/** By USB id, else by the name it gives itself; with neither, any will do. */
function tellBy(usb: string, name: string): { usb: string } | { match: string } | object {
  if (USB_ID.test(usb)) return { usb }
  return name === '' ? {} : { match: name.slice(0, 128) }
}

/** A name as signals hold it, from what a device calls itself; never one that is taken. */
function nameFrom(text: string, taken: Set<string>): string {
  const base =
    text
      .toLowerCase()
      .normalize('NFKD')
      .replaceAll(/[^a-z0-9]+/g, '-')
      .replaceAll(/^-+|-+$/g, '')
      .slice(0, MAX_NAME - 4) || 'device'
  let name = base
  for (let count = 2; taken.has(name); count += 1) name = `${base}-${count}`
  taken.add(name)
  return name
}

const namesOf = (items: readonly object[]): Set<string> =>
  new Set(items.map(item => ('name' in item && typeof item.name === 'string' ? item.name : '')))

function displays(inventory: Found, lists: ProfileLists): Suggestion[] {
  return objectsOf(inventory, 'displays').flatMap((display): Suggestion[] => {
    const connector = textOf(display['connector'])
    if (connector === '' || connector.length > MAX_NAME) return []
    const current = isObject(display['current']) ? display['current'] : {}
    const [width, height] = [current['width'], current['height']]
    const edid = isObject(display['edid']) ? display['edid'] : {}
    const maker = [edid['maker'] ?? edid['makerId'], edid['model']].map(textOf).filter(Boolean).join(' ')
    const hasMode = isPixels(width) && isPixels(height)
    return [
      {
        list: 'displays',
        item: { connector, ...(hasMode ? { width, height } : {}) },
        text: `${connector}${hasMode ? `, ${width} × ${height}` : ''}${maker === '' ? '' : `: ${maker}`}`,
        isKnown: lists.displays.some(item => item.connector === undefined || item.connector === connector),
        isUsual: true,
      },
    ]
  })
}

/** Touch screens and what hangs on USB; hubs and touch screens are no peripherals of their own. */
function usbThings(inventory: Found, lists: ProfileLists): Suggestion[] {
  const touch = objectsOf(inventory, 'input').filter(input => input['isTouch'] === true)
  const touchIds = new Set(touch.map(input => textOf(input['usb'])))
  const touchNames = namesOf(lists.touch)
  const usbNames = namesOf(lists.peripherals)
  const screens = touch.map((input): Suggestion => {
    const usb = textOf(input['usb'])
    const name = textOf(input['name'])
    return {
      list: 'touch',
      item: { name: nameFrom('touch', touchNames), ...tellBy(usb, name) },
      text: name || usb,
      isKnown: lists.touch.some(
        item => item.usb === usb || (item.match !== undefined && name.toLowerCase().includes(item.match.toLowerCase())),
      ),
      isUsual: true,
    }
  })
  const things = objectsOf(inventory, 'usb')
    .filter(device => USB_ID.test(textOf(device['id'])) && !touchIds.has(textOf(device['id'])))
    .filter(device => !(Array.isArray(device['drivers']) && device['drivers'].includes('hub')))
    .map((device): Suggestion => {
      const usb = textOf(device['id'])
      const called = [device['maker'], device['product']].map(textOf).filter(Boolean).join(' ')
      return {
        list: 'peripherals',
        item: { name: nameFrom(textOf(device['product']) || called || usb, usbNames), usb },
        text: `${called || 'USB device'} (${usb})`,
        isKnown: lists.peripherals.some(item => item.usb.toLowerCase() === usb),
        isUsual: true,
      }
    })
  return [...screens, ...things]
}

function others(inventory: Found, lists: ProfileLists): Suggestion[] {
  const printerNames = namesOf(lists.printers)
  const serialNames = namesOf(lists.serial)
  const printers = objectsOf(inventory, 'printers').flatMap((printer): Suggestion[] => {
    const queue = textOf(printer['queue'])
    if (!QUEUE.test(queue)) return []
    const model = textOf(printer['model'])
    const isKnown = lists.printers.some(item => (item.queue ?? item.name) === queue)
    return [
      {
        list: 'printers',
        item: { name: nameFrom(queue, printerNames), queue },
        text: model === '' ? queue : `${queue}: ${model}`,
        isKnown,
        isUsual: true,
      },
    ]
  })
  const serial = listOf(inventory, 'serialLines').flatMap((line): Suggestion[] => {
    const path = textOf(line)
    if (!DEVICE_FILE.test(path)) return []
    const isKnown = lists.serial.some(item => item.path === path)
    return [
      { list: 'serial', item: { name: nameFrom(path.split('/').at(-1) ?? '', serialNames), path }, text: path, isKnown, isUsual: true },
    ]
  })
  const media = (['cameras', 'audio'] as const).flatMap(list => {
    const names = namesOf(lists[list])
    return objectsOf(inventory, list === 'cameras' ? 'cameras' : 'soundCards').map((device): Suggestion => {
      const [name, usb] = [textOf(device['name']), textOf(device['usb'])]
      return {
        list,
        item: { name: nameFrom(name, names), ...tellBy(usb, name) },
        text: name || usb,
        isKnown: lists[list].some(item => (item.usb !== undefined && item.usb === usb) || item.match === name),
        // a sound card of the board is in every machine and hardly anybody misses it
        isUsual: list === 'cameras',
      }
    })
  })
  return [...printers, ...serial, ...media]
}

/** Everything the inventory holds that a profile can ask for. Hostile or odd inventories give nothing, never an error. */
export function learnFrom(inventory: Record<string, unknown> | null, lists: ProfileLists): Suggestion[] {
  if (inventory === null) return []
  // the agent sends its inventory beside the facts of its session
  const found = isObject(inventory['inventory']) ? inventory['inventory'] : inventory
  return [...displays(found, lists), ...usbThings(found, lists), ...others(found, lists)]
}

/** The lists with what was chosen. */
export function withLearnt(lists: ProfileLists, chosen: readonly Suggestion[]): ProfileLists {
  const next: Record<string, readonly object[]> = { ...lists }
  for (const { list, item } of chosen) next[list] = [...(next[list] ?? []), item]
  return next as ProfileLists
}
