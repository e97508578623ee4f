/** A link ready for work: its row read, its secrets opened, its adapter made. */
import { createHash } from 'node:crypto'
import type { DeskSettings } from '../../shared/api/servicedesks/servicedesk-api.ts'
import { sameText } from './rules/sync-comments.ts'
import type { StateMap } from './rules/sync-states.ts'
import type { SyncLinkRow } from '../database/tables/sync-rows.ts'
import type { DeskAdapter, DeskCall, Desks } from './desk-adapter.ts'
import type { SecretBox } from './sync-secrets.ts'

/** `heard.skewMs`: their clock less ours by their newest answer. */
export type OpenLink = {
  row: SyncLinkRow
  settings: DeskSettings
  map: StateMap
  desk: DeskAdapter
  heard: { skewMs: number | null }
}

/** Why a link cannot work when its secrets do not open. */
export const SEALED = 'The secrets of this link cannot be read with the key of this server: enter them again.'

/** Settings of a row. */
export function settingsOf(row: Pick<SyncLinkRow, 'settings'>): DeskSettings {
  return JSON.parse(row.settings) as DeskSettings
}
/** Map of a row. */
export function mapOf(row: Pick<SyncLinkRow, 'state_map'>): StateMap {
  return JSON.parse(row.state_map) as StateMap
}

/** A way out that notes what their clock says. */
function listening(call: DeskCall, now: () => number, heard: OpenLink['heard']): DeskCall {
  return async request => {
    const answer = await call(request)
    const theirsMs = Date.parse(answer.headers['date'] ?? '')
    if (!Number.isNaN(theirsMs)) heard.skewMs = theirsMs - now()
    return answer
  }
}

/** Opens a link; null when its secrets do not open. */
export function openLink(deps: { desks: Desks; box: SecretBox; now: () => number }, row: SyncLinkRow): OpenLink | null {
  const secrets = deps.box.open(row.id, row.secrets)
  if (secrets === null) return null
  const settings = settingsOf(row)
  const heard: OpenLink['heard'] = { skewMs: null }
  const desk = deps.desks.kinds[row.kind].open(
    {
      settings,
      secrets: secrets.desk,
      webhookSecret: secrets.hookSecret,
      baseUrl: row.base_url,
      syncUser: row.sync_user,
      now: deps.now,
    },
    listening(deps.desks.callTo(row.base_url), deps.now, heard),
  )
  return { row, settings, map: mapOf(row), desk, heard }
}

/** Name of what was said, the same on both sides. */
export function hashOf(text: string): string {
  return createHash('sha256').update(sameText(text)).digest('hex')
}
