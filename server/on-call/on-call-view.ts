/** Rotas and alerts as they are kept and as callers see them. */
import { iso, isoOrNull } from '../../shared/instants.ts'
import type { OnCallAlert, Rota, RotaInput } from '../../shared/api/on-call/on-call-api.ts'
import type { OnCallAlertRow, RotaRow } from '../database/tables/on-call-rows.ts'
import { onCallAt, upcomingShifts } from './rules/rota.ts'
import type { AlertListRow } from './store/on-call-store.ts'

/** Somebody who was called, and when (epoch ms). */
export type Called = { at: number; name: string; email: string }
export type KeptRota = RotaInput & { id: string }

/** Who was called for an alert, first one first. */
export function callsOf(row: Pick<OnCallAlertRow, 'calls'>): Called[] {
  return JSON.parse(row.calls) as Called[]
}

/** A rota as somebody gave it. */
export function keptRota(row: RotaRow): KeptRota {
  return { ...(JSON.parse(row.body) as RotaInput), id: row.id }
}

/** A rota with who is on call now and next. */
export function viewRota(row: RotaRow, nowMs: number): Rota {
  const rota = keptRota(row)
  const upcoming = upcomingShifts(rota, nowMs).map(({ fromMs, toMs, person }) => ({ from: iso(fromMs), to: iso(toMs), person }))
  return { ...rota, changedBy: row.changed_by, now: onCallAt(rota, nowMs), upcoming }
}

/** An alert without the addresses of those called. */
export function viewAlert(row: AlertListRow): OnCallAlert {
  return {
    id: row.id,
    ticketId: row.ticket_id,
    reference: row.reference,
    subject: row.subject,
    customerId: row.customer_id,
    state: row.state,
    calls: callsOf(row).map(({ at, name }) => ({ at: iso(at), name })),
    nextAt: isoOrNull(row.next_at),
    acknowledgedAt: isoOrNull(row.acknowledged_at),
    acknowledgedBy: row.acknowledged_by,
    createdAt: iso(row.created_at),
  }
}
