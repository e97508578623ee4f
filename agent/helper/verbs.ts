/** What each verb of the helper does. The effect of every verb is safe for the machine whoever asks; what it may touch beyond that, root names in files. */
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import writeFileAtomic from 'write-file-atomic'
import { findXServers } from '../probes/display/x-server.ts'
import { readDrives } from '../probes/drive/smartctl.ts'
import { readText, type Roots } from '../probes/read-file.ts'
import { MAX_REBOOTS, REBOOT_WINDOW_MS } from './reboot-limits.ts'
import { Refused } from './refused.ts'
import { clearFolder } from './cleanup.ts'
import type { Programs } from './programs.ts'
import type { Verb } from './protocol.ts'
import { resetUsb } from './usb-reset.ts'

export type VerbDeps = {
  programs: Programs
  roots: Roots
  /** Folder of what root allows: `units.allow`, `cleanup.allow`, `app.json`. */
  allowDir: string
  /** Folder of root's own notes: `reboots.json`. */
  stateDir: string
  nowMs: () => number
}
type App = { user: string; command: string; environment?: Record<string, string> }

const APP_UNIT = 'kioskeeper-app'
const USER = /^[a-z_][a-z0-9_-]{0,31}$/
const VARIABLE = /^[A-Z_][A-Z0-9_]{0,63}$/

/** A file that only root can have written; null when it is not there. */
function readOwned(path: string): string | null {
  const text = readText(path)
  if (text === null) return null
  const { uid, mode } = statSync(path)
  if (uid !== (process.getuid?.() ?? 0) || (mode & 0o022) !== 0)
    throw new Refused(`${path} can be written by others than root: it is not obeyed.`)
  return text
}
const linesOf = (text: string | null): string[] =>
  (text ?? '')
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '' && !line.startsWith('#'))

/** Makes the verbs; each answers a sentence, rejects with `Refused` when nothing was done, else with a sentence. */
export function makeVerbs({
  programs,
  roots,
  allowDir,
  stateDir,
  nowMs,
}: VerbDeps): Record<Verb, (args: readonly string[]) => Promise<string>> {
  async function must(program: string, args: readonly string[], environment?: Record<string, string>): Promise<void> {
    const { code, text } = await programs.run(program, args, environment)
    if (code !== 0) throw new Error(`${program}: ${text}`)
  }
  const works = async (program: string, args: readonly string[]): Promise<boolean> =>
    programs.has(program) && (await programs.run(program, args)).code === 0
  const allowed = (name: string): string[] => linesOf(readOwned(join(allowDir, name)))

  function readApp(): App {
    const text = readOwned(join(allowDir, 'app.json'))
    if (text === null) throw new Refused(`No app is set up for the helper (${join(allowDir, 'app.json')}).`)
    const app = JSON.parse(text) as Partial<App>
    if (typeof app.user !== 'string' || !USER.test(app.user) || typeof app.command !== 'string' || app.command === '')
      throw new Refused('app.json must name "user" and "command".')
    const environment = Object.entries(app.environment ?? {}).filter(([name, value]) => VARIABLE.test(name) && typeof value === 'string')
    return { user: app.user, command: app.command, environment: Object.fromEntries(environment) }
  }

  /** Runs a program at every X server until one took it. */
  async function atScreen(tries: readonly { program: string; args: readonly string[] }[]): Promise<boolean> {
    for (const server of findXServers(roots).filter(each => !each.isWayland)) {
      const environment = { DISPLAY: `:${server.display}`, ...(server.authorityFile !== null && { XAUTHORITY: server.authorityFile }) }
      for (const { program, args } of tries) if ((await programs.run(program, args, environment)).code === 0) return true
    }
    return false
  }

  const interfaces = (): string[] => {
    const lines = (readText(join(roots.proc, 'net/route')) ?? '').split('\n').map(line => line.split('\t'))
    const names = lines.filter(fields => fields[1] === '00000000').map(fields => fields[0] as string)
    return [...new Set(names)].filter(name => /^[A-Za-z][\w.:-]{0,14}$/.test(name))
  }

  /** Takes a note of a reboot; refused when there were too many. Times in the future count: a wrong clock is no way around. */
  async function countReboot(): Promise<void> {
    const path = join(stateDir, 'reboots.json')
    let earlier: number[] = []
    try {
      const kept: unknown = JSON.parse(readFileSync(path, 'utf8'))
      if (Array.isArray(kept)) earlier = kept.filter(at => typeof at === 'number')
    } catch {
      // none yet
    }
    const lately = earlier.filter(at => at > nowMs() - REBOOT_WINDOW_MS)
    if (lately.length >= MAX_REBOOTS) throw new Refused(`Rebooted ${MAX_REBOOTS} times within 24 hours already.`)
    await writeFileAtomic(path, JSON.stringify([...lately, nowMs()]), { mode: 0o600 })
  }

  return {
    async 'restart-unit'([name = '']) {
      const unit = /\.[a-z]+$/.test(name) ? name : `${name}.service`
      const isOwn = /kiosk/i.test(unit) && !unit.startsWith('kioskeeper-agent')
      if (!isOwn && !allowed('units.allow').some(line => line === unit || `${line}.service` === unit))
        throw new Refused(`${unit} is not listed in ${join(allowDir, 'units.allow')}.`)
      await must('systemctl', ['restart', '--', unit])
      return `${unit} was restarted.`
    },
    async 'restart-queue'([queue = '']) {
      if (!programs.has('cupsenable')) throw new Refused('The tools of CUPS are not installed.')
      await must('cupsenable', [queue])
      await must('cupsaccept', [queue])
      return `${queue} takes and prints jobs again.`
    },
    async 'wake-display'() {
      if (await atScreen([{ program: 'xset', args: ['dpms', 'force', 'on'] }])) return 'The X server woke its displays.'
      if (await works('ddcutil', ['setvcp', 'd6', '1'])) return 'The display was told to wake (DDC).'
      throw new Refused('No X server takes xset, and no display can be told over DDC (ddcutil).')
    },
    async 'set-mode'([connector = '', size = '']) {
      // the kernel says HDMI-A-1, the X server HDMI-1
      const names = [...new Set([connector, connector.replace(/-[A-Z]-(?=\d+$)/, '-')])]
      if (await atScreen(names.map(name => ({ program: 'xrandr', args: ['--output', name, '--mode', size] }))))
        return `${connector} shows ${size}.`
      throw new Refused('No X server takes xrandr for this connector and mode.')
    },
    'reset-usb': async ([id = '']) => resetUsb(roots.sys, id),
    async 'clear-caches'(folders) {
      const done = { files: 0, bytes: 0 }
      const faults: string[] = []
      for (const folder of folders) {
        try {
          const { files, bytes } = clearFolder(folder, allowed('cleanup.allow'), nowMs())
          done.files += files
          done.bytes += bytes
        } catch (error) {
          faults.push((error as Error).message)
        }
      }
      if (faults.length === folders.length) throw new Refused(faults.join(' '))
      return `${done.files} files, ${Math.round(done.bytes / 1e6)} MB deleted. ${faults.join(' ')}`.trim()
    },
    async 'renew-network'() {
      const names = interfaces()
      if (names.length === 0) throw new Refused('No network card has a way out (default route).')
      const has = {
        nmcli: await works('nmcli', ['general', 'status']),
        networkctl: await works('systemctl', ['is-active', '--quiet', 'systemd-networkd.service']),
      }
      for (const name of names) {
        if (has.nmcli) await must('nmcli', ['device', 'connect', name])
        else if (has.networkctl) await must('networkctl', ['renew', name])
        else if (programs.has('dhclient')) await must('dhclient', ['-1', name])
        else throw new Refused('Neither NetworkManager nor systemd-networkd nor dhclient is there.')
      }
      return `${names.join(', ')} renewed.`
    },
    async 'sync-time'() {
      if (await works('chronyc', ['makestep'])) return 'chrony set the clock.'
      if (await works('systemctl', ['is-enabled', '--quiet', 'systemd-timesyncd.service'])) {
        await must('systemctl', ['restart', 'systemd-timesyncd.service'])
        return 'systemd-timesyncd asks for the time anew.'
      }
      throw new Refused('Neither chrony nor systemd-timesyncd is there.')
    },
    async 'restart-session'() {
      if (await works('systemctl', ['is-active', '--quiet', 'display-manager.service'])) {
        await must('systemctl', ['restart', 'display-manager.service'])
        return 'The display manager was restarted.'
      }
      const { user } = readApp()
      await must('loginctl', ['terminate-user', user])
      return `The session of ${user} was ended.`
    },
    async reboot() {
      const program = ['systemctl', 'reboot'].find(name => programs.has(name))
      if (program === undefined) throw new Refused('Neither systemctl nor reboot is there.')
      await countReboot()
      await must(program, program === 'systemctl' ? ['reboot'] : [])
      return 'The machine reboots.'
    },
    async 'stop-app'() {
      readApp()
      const { code, text } = await programs.run('systemctl', ['stop', `${APP_UNIT}.service`])
      if (code !== 0 && !/not loaded/.test(text)) throw new Error(`systemctl: ${text}`)
      return 'The app was stopped.'
    },
    async 'read-drives'() {
      const drives = await readDrives()
      if (!drives) throw new Refused('smartctl is not installed or finds no drive.')
      return JSON.stringify(drives)
    },
    async 'start-app'() {
      const { user, command, environment = {} } = readApp()
      const settings = Object.entries(environment).map(([name, value]) => `--setenv=${name}=${value}`)
      // a unit of its own: it outlives this helper and has none of its limits
      await must('systemd-run', [`--unit=${APP_UNIT}`, '--collect', `--uid=${user}`, ...settings, '--', '/bin/sh', '-c', command])
      return 'The app was started.'
    },
  }
}
