/** Once before all tests: what they need from the machine is there, or the run stops and says how to get it. */
import { existsSync, readdirSync } from 'node:fs'

const needed = [
  { name: 'Chromium', found: () => existsSync('/usr/bin/chromium'), package: 'chromium' },
  { name: 'PostgreSQL server', found: () => existsSync('/usr/lib/postgresql') && readdirSync('/usr/lib/postgresql').length > 0, package: 'postgresql' },
]

export function setup(): void {
  const missing = needed.filter(item => !item.found())
  if (missing.length > 0) {
    throw new Error(`Missing on this machine: ${missing.map(item => item.name).join(', ')}. Install with: apt-get install ${missing.map(item => item.package).join(' ')}`)
  }
}
