/** What the server counts about itself, as Prometheus text. Names are part of the contract. */
import { countOutbox } from '../notifications/store/outbox-store.ts'
import { countChanges } from '../servicedesks/store/sync-queue-store.ts'
import type { Database } from '../database/database.ts'
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import { countOpenByLevel, countBreached } from './store/metric-store.ts'

/** Makes the registry with every counter the server has. */
export function makeMetrics() {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  return {
    text: (): Promise<string> => registry.metrics(),
    contentType: registry.contentType,
    rejected: new Counter({
      name: 'kioskeeper_mqtt_rejected_total',
      help: 'MQTT packets, connections and messages refused',
      labelNames: ['reason'],
      registers,
    }),
    messages: new Counter({
      name: 'kioskeeper_mqtt_messages_total',
      help: 'MQTT messages accepted from devices',
      labelNames: ['type'],
      registers,
    }),
    connections: new Gauge({ name: 'kioskeeper_mqtt_connections', help: 'MQTT connections open now', registers }),
    commitSeconds: new Histogram({
      name: 'kioskeeper_ingest_commit_seconds',
      help: 'Time of one group commit',
      buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 2],
      registers,
    }),
    quarantined: new Counter({
      name: 'kioskeeper_quarantined_total',
      help: 'Messages kept aside because they break the contract',
      labelNames: ['fault'],
      registers,
    }),
    mails: new Counter({
      name: 'kioskeeper_mails_total',
      help: 'Mails that arrived, by what became of them',
      labelNames: ['outcome'],
      registers,
    }),
    outboxPending: new Gauge({ name: 'kioskeeper_outbox_pending', help: 'Notices waiting to be sent', registers }),
    ticketsOpen: new Gauge({ name: 'kioskeeper_tickets_open', help: 'Tickets not resolved or closed', labelNames: ['level'], registers }),
    clocksBreached: new Counter({ name: 'kioskeeper_clocks_breached_total', help: 'Clocks that passed their due time', registers }),
    deskChanges: new Gauge({
      name: 'kioskeeper_servicedesk_changes',
      help: 'Changes between ours and clients’ servicedesks that wait or were refused',
      labelNames: ['state'],
      registers,
    }),
    devices: new Gauge({ name: 'kioskeeper_devices', help: 'Devices by connection', labelNames: ['connection'], registers }),
  }
}
export type Metrics = ReturnType<typeof makeMetrics>

/** Brings the gauges up to date when somebody reads them. */
export function makeMetricsRefresh(deps: { db: Database; metrics: Metrics; connections(): ReadonlyMap<string, number> }) {
  const { db, metrics } = deps
  return async (): Promise<void> => {
    for (const [connection, count] of deps.connections()) metrics.devices.set({ connection }, count)
    const { pending, sending } = await countOutbox(db)
    metrics.outboxPending.set(pending + sending)
    const changes = await countChanges(db)
    for (const state of ['pending', 'parked'] as const) metrics.deskChanges.set({ state }, changes[state])
    const open = await countOpenByLevel(db)
    const breached = await countBreached(db)
    metrics.clocksBreached.reset()
    metrics.clocksBreached.inc(breached)
    for (const level of [1, 2, 3, 4]) metrics.ticketsOpen.set({ level }, open.get(level) ?? 0)
  }
}
