/** Network traffic of the machine: bytes in and out over its real interfaces. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { readText, round2, type Roots } from './read-file.ts'

export type NetworkBytes = { received: number; sent: number }

/** Sum over physical interfaces (those with a device behind them); when none is physical, over all but loopback. Null when unreadable. */
export function readNetworkBytes(roots: Roots): NetworkBytes | null {
  const text = readText(join(roots.proc, 'net/dev'))
  if (text === null) return null
  const interfaces = text
    .split('\n')
    .slice(2)
    .map(line => line.split(':'))
    .filter(parts => parts.length === 2)
    .map(([name, numbers]) => ({ name: (name ?? '').trim(), fields: (numbers ?? '').trim().split(/\s+/).map(Number) }))
    .filter(item => item.name !== 'lo' && item.fields.length >= 9)
  const physical = interfaces.filter(item => existsSync(join(roots.sys, 'class/net', item.name, 'device')))
  const total = { received: 0, sent: 0 }
  for (const item of physical.length > 0 ? physical : interfaces) {
    total.received += item.fields[0] ?? 0
    total.sent += item.fields[8] ?? 0
  }
  return Number.isFinite(total.received + total.sent) ? total : null
}

/** Bytes a second between two readings; null without time in between or when a counter was reset. */
export function networkRates(before: NetworkBytes, after: NetworkBytes, elapsedMs: number): { rx: number; tx: number } | null {
  const received = after.received - before.received
  const sent = after.sent - before.sent
  if (elapsedMs <= 0 || received < 0 || sent < 0) return null
  return { rx: round2((received / elapsedMs) * 1000), tx: round2((sent / elapsedMs) * 1000) }
}
