/** What monitoring peers with their defaults would have sent about a month, beside what was told here: rows for machines and a table for people. Pure. */
import type { BenchRow } from '../bench/bench-row.ts'
import { alertmanagerNotices } from './alertmanager-defaults.ts'
import type { Verdict } from './judge.ts'
import { END_MS, START_MS, type Layout } from './layout.ts'
import { GENERIC_SERVICE, LOCAL_SERVICE, nagiosNotices } from './nagios-defaults.ts'
import { peerStates, tally, type PeerDevice, type PeerNotice } from './peer-states.ts'
import type { Truth } from './truth.ts'

const MONTH = { fromMs: START_MS, toMs: END_MS }
const FOR_MS = 5 * 60_000
const PEERS: readonly { name: string; notices(devices: readonly PeerDevice[]): PeerNotice[] }[] = [
  { name: 'Nagios linux-server, generic-service', notices: devices => nagiosNotices(devices, GENERIC_SERVICE, MONTH) },
  { name: 'Nagios linux-server, local-service', notices: devices => nagiosNotices(devices, LOCAL_SERVICE, MONTH) },
  { name: 'Alertmanager, for: 0', notices: devices => alertmanagerNotices(devices, 0, MONTH) },
  { name: 'Alertmanager, for: 5m', notices: devices => alertmanagerNotices(devices, FOR_MS, MONTH) },
]

const row = (name: string, value: number, baseline: number): BenchRow => ({
  name: `replay: ${name}`,
  value,
  unit: 'notifications/month',
  baseline,
  ratio: baseline === 0 ? null : Number((value / baseline).toPrecision(4)),
})
const columns = (name: string, ...numbers: readonly (number | string)[]): string =>
  `${name.padEnd(56)} ${numbers.map(one => String(one).padStart(12)).join(' ')}`

/** Each peer twice: as it comes, and as if somebody had entered all closing times and updates. Here a ticket is one notification; its end is none. */
export function comparePeers(layout: Layout, truth: Truth, { told, wrong, matched, owed }: Verdict): { rows: BenchRow[]; lines: string[] } {
  const rows: BenchRow[] = []
  const lines = [
    columns('notifications of the month', 'all', 'recoveries', 'for nothing', 'causes told'),
    columns('kioskeeper (tickets)', told, 0, wrong.length, `${matched}/${owed}`),
  ]
  for (const knowsHours of [false, true]) {
    const devices = peerStates(layout, truth, knowsHours)
    for (const peer of PEERS) {
      const { notices, recoveries, forNothing, causesTold } = tally(peer.notices(devices))
      const name = knowsHours ? `${peer.name}, knows hours` : peer.name
      rows.push(row(`all notifications against ${name}`, told, notices))
      rows.push(row(`notifications without recoveries against ${name}`, told, notices - recoveries))
      rows.push(row(`notifications for no true cause against ${name}`, wrong.length, forNothing))
      lines.push(columns(name, notices, recoveries, forNothing, `${causesTold}/${owed}`))
    }
  }
  return { rows, lines }
}
