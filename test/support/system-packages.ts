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

/** Installs what is missing when this account may, else throws with the command to run. */
export function installMissing(): string[] {
  const missing = SYSTEM_PACKAGES.filter(item => !item.isThere())
  if (missing.length === 0) return []
  const packages = missing.map(item => item.package)
  const command = `apt-get update && apt-get install -y ${packages.join(' ')}`
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get'))
    throw new Error(`Missing on this machine: ${missing.map(item => item.name).join(', ')}. Run as root: ${command}`)
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  execFileSync('apt-get', ['update', '-qq'], { stdio: 'inherit', env: environment })
  execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: environment,
  })
  const still = missing.filter(item => !item.isThere())
  if (still.length > 0) throw new Error(`Could not install ${still.map(item => item.name).join(', ')}. Run as root: ${command}`)
  return packages
}
