/** Carries remedies out: at the kiosk app itself, through the helper where root is needed, over the network. */
import { existsSync } from 'node:fs'
import { childProcess, dgram } from '../platform/builtin.ts'
import type { AskHelper } from '../helper/client.ts'
import type { Profile } from '../../shared/profile.ts'
import type { RemedyName } from '../../shared/remedies.ts'
import type { Roots } from '../probes/read-file.ts'
import { appMemoryPercent, CAUSE_PERCENT } from './app-memory.ts'
import { Refused } from '../helper/refused.ts'

/** What the kiosk watch can be told. */
export type AppHands = { reloadPage(): Promise<void>; navigateHome(): Promise<void>; restartApp(): Promise<void> }
export type ActionDeps = {
  app: AppHands
  helper: AskHelper
  profile: () => Profile
  roots: Roots
  /** File that names the app's user and command, written by root: then the helper starts and stops the app. */
  appFile?: string
}

const APP_FILE = '/etc/kioskeeper-agent/app.json'
const WAKE_PORT = 9
const MAC = /^([0-9a-f]{2})[:-]?([0-9a-f]{2})[:-]?([0-9a-f]{2})[:-]?([0-9a-f]{2})[:-]?([0-9a-f]{2})[:-]?([0-9a-f]{2})$/i

/** The profile as the agent carries it out: an app that root has given to the helper is not started by the agent as well. */
export function asCarriedOut(profile: Profile, appFile = APP_FILE): Profile {
  if (!existsSync(appFile)) return profile
  const { startCommand: _startCommand, ...kioskApp } = profile.kioskApp
  return { ...profile, kioskApp }
}

const componentOf = (key: string): string => (key.includes(':') ? key.slice(key.indexOf(':') + 1) : '')

/** The packet that wakes a machine: six times FF, then its address sixteen times. Null when the text is no address. */
export function magicPacket(mac: string): Buffer | null {
  const bytes = MAC.exec(mac)?.slice(1)
  if (!bytes) return null
  const address = Buffer.from(bytes.join(''), 'hex')
  return Buffer.concat([Buffer.alloc(6, 0xff), ...Array.from({ length: 16 }, () => address)])
}

/** Sends the packet to everybody on the line. */
export async function wakeOnLan(mac: string, to = { address: '255.255.255.255', port: WAKE_PORT }): Promise<void> {
  const packet = magicPacket(mac)
  if (!packet) throw new Refused('No machine is named by its network address (MAC).')
  const socket = dgram().createSocket('udp4')
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject)
      socket.bind(0, () => {
        socket.setBroadcast(true)
        socket.send(packet, to.port, to.address, error => (error ? reject(error) : resolve()))
      })
    })
  } finally {
    socket.close()
  }
}

/** Starts a command that outlives the agent. */
function startDetached(command: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = childProcess().spawn('/bin/sh', ['-c', command], { detached: true, cwd: '/', stdio: 'ignore' })
    child.once('error', reject)
    child.once('spawn', () => {
      child.unref()
      resolve()
    })
  })
}

/** Makes the hands of one device. An id that this agent does not know is refused. */
export function makeActions({ app, helper, profile, roots, appFile = APP_FILE }: ActionDeps): (id: string, key: string) => Promise<void> {
  function usbIdOf(key: string): string {
    const name = componentOf(key)
    const { peripherals, cameras, audio, touch } = profile()
    const named = key.startsWith('touch.missing') ? (name === '' ? touch : touch.filter(item => item.name === name)) : null
    const usb = (named ?? [...peripherals, ...cameras, ...audio].filter(item => item.name === name)).find(item => item.usb)?.usb
    if (usb === undefined) throw new Refused('The profile names no USB id for it.')
    return usb.toLowerCase()
  }

  async function restartUnit(key: string): Promise<unknown> {
    const name = componentOf(key)
    const { processes, units } = profile()
    const command = key.startsWith('process.missing') ? processes.find(item => item.name === name)?.startCommand : undefined
    if (command !== undefined) return startDetached(command)
    const unit = units.find(item => item === name || item === `${name}.service`)
    if (unit === undefined) throw new Refused(`The profile names neither a startCommand nor a unit for ${name}.`)
    return helper('restart-unit', [unit])
  }

  function queueOf(key: string): string {
    const printer = profile().printers.find(item => item.name === componentOf(key))
    if (!printer) throw new Refused('The profile does not name this printer.')
    if (printer.uri !== undefined && printer.queue === undefined)
      throw new Refused('The printer is asked over the network: it has no queue on this device.')
    return printer.queue ?? printer.name
  }

  /** Only an app that fills the memory is restarted for it. */
  function mustHoldMemory(): void {
    const { match } = profile().kioskApp
    const percent = match === undefined ? null : appMemoryPercent(roots, match)
    if (percent === null) throw new Refused('Nobody can say whether the kiosk app is what fills the memory.')
    if (percent < CAUSE_PERCENT) throw new Refused(`The kiosk app holds ${percent} % of the memory: restarting it would not help.`)
  }

  function modeOf(key: string): [string, string] {
    const name = componentOf(key)
    const wanted = profile().displays.find(item => item.width !== undefined && (name === '' || item.connector === name))
    if (wanted?.connector === undefined || wanted.height === undefined)
      throw new Refused('The profile names no connector with width and height for it.')
    return [wanted.connector, `${wanted.width}x${wanted.height}`]
  }

  const actions: Record<RemedyName, (key: string) => Promise<unknown>> = {
    'reload-page': () => app.reloadPage(),
    'navigate-home': () => app.navigateHome(),
    async 'restart-app'(key) {
      if (key === 'memory.pressure') mustHoldMemory()
      if (!existsSync(appFile)) return app.restartApp()
      await helper('stop-app')
      return helper('start-app')
    },
    'restart-unit': restartUnit,
    'restart-queue': async key => helper('restart-queue', [queueOf(key)]),
    'wake-display': () => helper('wake-display'),
    'set-mode': async key => helper('set-mode', modeOf(key)),
    'reset-usb': async key => helper('reset-usb', [usbIdOf(key)]),
    async 'clear-caches'() {
      const { cleanup } = profile()
      if (cleanup.length === 0) throw new Refused('The profile names no folders that may be cleared (cleanup).')
      return helper('clear-caches', cleanup)
    },
    'renew-network': () => helper('renew-network'),
    'sync-time': () => helper('sync-time'),
    'restart-session': () => helper('restart-session'),
    reboot: () => helper('reboot'),
    'wake-on-lan': key => wakeOnLan(componentOf(key)),
  }
  return async (id, key) => {
    if (!Object.hasOwn(actions, id)) throw new Refused('This agent does not know the remedy: it is older than the server.')
    await actions[id as RemedyName](key)
  }
}
