/** What tests need from the machine beyond npm: real peers, never imitations. */
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'

export type SystemPackage = { name: string; package: string; isThere(): boolean }

export const SYSTEM_PACKAGES: readonly SystemPackage[] = [
  { name: 'Chromium', package: 'chromium', isThere: () => existsSync('/usr/bin/chromium') },
  {
    name: 'PostgreSQL server',
    package: 'postgresql',
    isThere: () => existsSync('/usr/lib/postgresql') && readdirSync('/usr/lib/postgresql').length > 0,
  },
  { name: 'umockdev', package: 'umockdev', isThere: () => existsSync('/usr/bin/umockdev-run') },
  { name: 'Xvfb', package: 'xvfb', isThere: () => existsSync('/usr/bin/Xvfb') },
  { name: 'maim', package: 'maim', isThere: () => existsSync('/usr/bin/maim') },
  { name: 'scrot', package: 'scrot', isThere: () => existsSync('/usr/bin/scrot') },
  { name: 'ImageMagick', package: 'imagemagick', isThere: () => existsSync('/usr/bin/import') },
  { name: 'CUPS', package: 'cups-daemon', isThere: () => existsSync('/usr/sbin/cupsd') },
  { name: 'CUPS programs', package: 'cups-client', isThere: () => existsSync('/usr/sbin/lpadmin') },
  { name: 'Dovecot', package: 'dovecot-imapd', isThere: () => existsSync('/usr/sbin/dovecot') },
  { name: 'curl', package: 'curl', isThere: () => existsSync('/usr/bin/curl') },
]

/** Another apt at work (updates by themselves, say) is waited for, ten minutes at most. */
const WAIT = ['-o', 'DPkg::Lock::Timeout=600']

/** Debian packages are missing and this account may not install them; the message is the command to run. */
export class MissingPackages extends Error {
  override name = 'MissingPackages'
}

/** What is missing on this machine. */
export function missingPackages(needed: readonly SystemPackage[] = SYSTEM_PACKAGES): SystemPackage[] {
  return needed.filter(item => !item.isThere())
}

/**
 * Installs what is missing when this account may. Tells what it does before it does it (minutes may pass), and answers one line for people.
 * Throws MissingPackages, which names the command to run, when it may not or when a package could not be had.
 */
export function prepareSystem(say: (line: string) => void, needed: readonly SystemPackage[] = SYSTEM_PACKAGES): string {
  const missing = missingPackages(needed)
  const names = (items: readonly SystemPackage[]) => items.map(item => item.name).join(', ')
  if (missing.length === 0) return `Needed on this machine, and there: ${names(needed)}`
  const packages = missing.map(item => item.package)
  const command = `apt-get update && apt-get install -y ${packages.join(' ')}`
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get'))
    throw new MissingPackages(`Missing on this machine: ${names(missing)}. Run as root: ${command}`)
  say(`Missing on this machine, being installed: ${names(missing)}`)
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  try {
    execFileSync('apt-get', [...WAIT, 'update', '-qq'], { stdio: 'inherit', env: environment })
    execFileSync('apt-get', [...WAIT, 'install', '-y', '-qq', '--no-install-recommends', ...packages], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: environment,
    })
  } catch {
    // what is missing still is told below; apt's own words stand above
  }
  const still = missingPackages(missing)
  if (still.length > 0) throw new MissingPackages(`Could not install ${names(still)}. Run as root: ${command}`)
  return `Installed: ${names(missing)}`
}
