/** Defects as callers see them, and their changes in words. */
import type { Defect } from '../../shared/api/defects/defect-api.ts'
import type { DefectFacts } from './rules/defect.ts'
import type { DefectRow } from '../database/tables/relation-rows.ts'
import { iso } from '../../shared/instants.ts'

const fixedIn = (row: DefectRow): Defect['fixedIn'] =>
  row.product_id === null || row.fixed_version === null ? null : { productId: row.product_id, version: row.fixed_version }
/** What the rules look at. */
export const factsOf = (row: DefectRow): DefectFacts => ({ status: row.status, estimateOn: row.estimate_on, fixedIn: fixedIn(row) })

/** As callers see it; `tickets` is how many they may see. */
export function toDefect(row: DefectRow, tickets: number): Defect {
  return {
    id: row.id,
    reference: row.reference,
    class: row.class,
    title: row.title,
    impact: row.impact,
    severity: row.severity,
    status: row.status,
    estimateOn: row.estimate_on,
    fixedIn: fixedIn(row),
    version: row.version,
    tickets,
    createdBy: row.by_name,
    createdAt: iso(row.created_at),
    updatedAt: iso(row.updated_at),
  }
}

/** A change in words, a line each. */
export function spellChanges(before: DefectRow, after: DefectRow): string[] {
  const lines: [string, string | number | null, string | number | null][] = [
    ['Class', before.class, after.class],
    ['Severity', before.severity, after.severity],
    ['Status', before.status, after.status],
    ['Estimate', before.estimate_on, after.estimate_on],
    ['Fixed in', before.fixed_version, after.fixed_version],
  ]
  return [
    ...lines.filter(([, was, is]) => was !== is).map(([what, was, is]) => `${what}: ${was ?? 'none'} became ${is ?? 'none'}.`),
    ...(before.title === after.title ? [] : ['Title changed.']),
    ...(before.impact === after.impact ? [] : ['Impact changed.']),
  ]
}
