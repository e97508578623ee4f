/** The plan being written, and where the server found it wrong. */
import type { Plan } from '../../../shared/api/plans/plan-api.ts'
import type { FieldFault } from '../api/api-client.ts'

/** Fields to replace; undefined takes a field away. */
export type DraftChange = { [Field in keyof Plan]?: Plan[Field] | undefined }
export type DraftPart = {
  draft: Plan
  set: (change: DraftChange) => void
  faults: readonly FieldFault[]
}

/** Message of the first fault at a path or below it; paths are JSON pointers, `body` in front is the request's. */
export function faultAt(faults: readonly FieldFault[], path: string): string | undefined {
  const found = faults.find(fault => {
    const at = fault.path.replace(/^body/, '')
    return at === path || at.startsWith(`${path}/`)
  })
  return found?.message
}

/** A plan without what only the stored one has, ready to be sent. */
export function withoutVersion(plan: Plan & { version?: number; warnings?: unknown }): Plan {
  const { version: _version, warnings: _warnings, ...body } = plan
  return body
}
