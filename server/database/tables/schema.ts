/**
 * The tables, one type each. Instants are epoch milliseconds (`..._at`), JSON is text parsed in the stores, flags are 0 or 1,
 * ids are UUIDv7 text but for devices. Long because it is the list of all tables.
 */
import type { Generated } from 'kysely'
import type { Connection } from '../../../shared/api/devices/device-api.ts'
import type { DeviceState, EntitlementUseRow, LimitLevelRow, PlaceSpanRow, StatementRow } from './usage-rows.ts'
import type { PlatformMaintenanceRow, UptimeBeatRow, UptimeProbeRow } from './uptime-rows.ts'
import type { ClockEventRow } from './clock-event-rows.ts'
import type { MaintenanceRow } from './maintenance-rows.ts'
import type { DeviceCommandRow, EvidenceFileRow, EvidenceUploadRow } from './evidence-rows.ts'
import type { VerdictMarkRow } from './verdict-mark-rows.ts'
import type { OutageRow } from './outage-rows.ts'
import type { VisitEventRow, VisitRow } from './visit-rows.ts'
import type { AttachmentRow, IntakeItemRow, MailRow } from './mail-rows.ts'
import type * as Relation from './relation-rows.ts'
import type { SyncCommentRow, SyncInboxRow, SyncLinkRow, SyncOutboxRow, SyncPairRow } from './sync-rows.ts'
import type { ChatConversationRow, ChatWidgetRow } from './chat-rows.ts'
import type { ArticleHelpRow, ArticleRow, MacroRow } from './knowledge-rows.ts'
import type { OnCallAlertRow, OnCallLinkRow, RotaRow, SatisfactionRow } from './on-call-rows.ts'
import type { LoginColumns, LoginTable, OneTimeRow, PasskeyRow, SessionColumns } from './account-rows.ts'
import type { VerdictWord } from '../../../shared/api/devices/device-api.ts'
import type { TicketStatus } from '../../../shared/api/tickets/ticket-api.ts'

export type CustomerRow = {
  id: string
  name: string
  plan_id: string
  time_zone: string
  /** Partial plan as JSON: the customer's own terms. */
  overrides: string
  webhook_url: string | null
  webhook_secret: string | null
  /** Instant until which devices over a smaller plan's limit stay active, or null. */
  downgrade_until: number | null
  /** The `downgrade_until` people were reminded of. */
  downgrade_reminded_for: Generated<number | null>
  /** Language of letters to them: en, de, sv or pt. */
  language?: string | undefined
  /** Bumped by every transaction that counts against the plan: a row lock that works on both databases. */
  lock_version: Generated<number>
  created_at: number
}
export type SiteRow = {
  id: string
  customer_id: string
  name: string
  time_zone: string
  address: string | null
  region: string | null
  latitude: number | null
  longitude: number | null
  /** JSON `{hours, holidays?, overrides?}` in the site's zone; null = always open. */
  opening_hours: string | null
  partner_id: string | null
  created_at: number
}
export type ContactRow = { id: string; customer_id: string; name: string; email: string; phone: string | null; created_at: number }
export type PartnerRow = {
  id: string
  name: string
  email: string
  regions: string
  skills: string
  hours: string | null
  sort_order: number
  webhook_url: string | null
  webhook_secret: string | null
  created_at: number
}
/** Immutable versions of plans, rules, profiles and products; exactly one row per (kind, id, scope) is current. */
export type CatalogueRow = {
  kind: 'plan' | 'rule' | 'profile' | 'product'
  id: string
  /** '' for everybody, else `customer:ID`, `site:ID`, `profile:ID`, `device:ID`. */
  scope: string
  version: number
  is_current: number
  body: string
  origin: 'shipped' | 'person'
  created_by: string | null
  created_at: number
}
export type EnrolmentTokenRow = {
  id: string
  token_sha256: string
  customer_id: string
  site_id: string
  max_uses: number
  uses: number
  expires_at: number
  revoked_at: number | null
  created_by: string | null
  created_at: number
}
export type { DeviceState }
export type DeviceRow = {
  id: string
  /** Small number that keeps samples compact. */
  device_no: number
  customer_id: string
  site_id: string
  profile_id: string | null
  name: string
  machine_id: string
  hostname: string
  platform: string
  model: string | null
  agent_version: string
  public_key: string | null
  state: DeviceState
  secret_sha256: string | null
  /** The secret of the newest enrolment; becomes `secret_sha256` at its first use. */
  next_secret_sha256: string | null
  /** When the old secret ends at the latest. */
  secret_until: number | null
  enrolled_at: number
  /** When a waiting device asked for its place: the queue's order. */
  waiting_since: number | null
  retired_at: number | null
  /** The token of its newest enrolment: the Add device page waits for it. */
  enrolment_token_id: string | null
}
/** Latest state: one row a device, updated in place. */
export type DeviceStateRow = {
  device_id: string
  connection: Connection
  connection_since: number
  session_id: string | null
  expected_back_at: number | null
  /** Planned absence: when it is one no more. */
  overdue_at: number | null
  boot_id: string | null
  /** Device wall clock minus server clock, ms. */
  clock_offset_ms: number | null
  verdict: VerdictWord
  verdict_since: number
  /** JSON `[{signal, severity, since, text}]`, worst first. */
  reasons: string
  inventory: string | null
  config_wanted: number
  config_applied: number
  config_status: string
}
/** The hot part of the latest state: written with every group of messages. `metrics` is JSON of the newest sample. */
export type DeviceLatestRow = { device_id: string; last_seen_at: number; metrics_at: number | null; metrics: string | null }
/** What is already stored of a device's epoch: everything up to `mark`, and the JSON list of closed `ranges` above it. */
export type IngestMarkRow = { device_id: string; epoch: string; mark: number; ranges: string; seen_at: number }
export type QuarantineRow = {
  id: string
  device_id: string
  kind: string
  fault: string
  detail: string
  payload_base64: string
  received_at: number
}
export type DeviceMetricRow = { device_no: number; slot: number; name: string }
/** One sample: `[slot u8, value f32le]*` as a blob. */
export type SampleRow = { device_no: number; at: number; data: Uint8Array }
/** One bucket: `[slot u8, min f32le, avg f32le, max f32le, count u16le]*` as a blob. */
export type RollupRow = { device_no: number; bucket_ms: number; at: number; data: Uint8Array }
export type TimelineRow = {
  id: string
  device_id: string
  at: number
  received_at: number
  /** `event` from the device, or `connection`, `enrolled`, `config`, `incident`, `ticket`, `reboot`, `gap`, ... */
  kind: string
  signal: string | null
  component: string | null
  state: string | null
  text: string
  epoch: string | null
  sequence: number | null
  data: string | null
}
/** One signal of one device: the state machine from which incidents come. `component` is '' when there is none. */
export type ConditionRow = {
  device_id: string
  signal: string
  component: string
  state: 'ok' | 'failing' | 'recovering' | 'unknown'
  level: number | null
  text: string
  evidence: string | null
  /** First failing (device time, corrected) of this episode. */
  since_at: number
  /** Device time of the newest observation taken: older ones are ignored. */
  observed_at: number
  /** Start of the quiet time when recovering: the recovery instant. */
  recovered_at: number | null
  /** End of the hold or the ladder by the rule: an `ok` before it mends the fault without an incident. */
  held_until: number | null
  /** Deadline: when the worker opens the incident; after `held_until` when the data came late. Null when none is due. */
  opens_at: number | null
  /** Deadline: when the quiet time ends and the incident closes. */
  clears_at: number | null
  incident_id: string | null
  /** JSON of how it came and went lately (see incidents/rules/flapping); null when it never failed. */
  flaps: string | null
}
export type IncidentRow = {
  id: string
  kind: 'device' | 'site' | 'platform'
  customer_id: string | null
  site_id: string | null
  device_id: string | null
  signal: string
  component: string
  state: 'pending' | 'open' | 'recovering' | 'closed'
  /** `customer/device/signal/component` while not closed, else null: the unique index makes one incident per cause. */
  open_key: string | null
  unstable: number
  level: number
  text: string
  ticket_id: string | null
  parent_id: string | null
  evidence: string
  /** What the device tried, a JSON list (`ObservedRemedy`), oldest first. */
  remedies: string
  /** How far the device's ladder of remedies is. */
  ladder: 'none' | 'running' | 'exhausted' | 'mended'
  started_at: number
  ended_at: number | null
  opened_count: number
  /** When it was opened here, by the server's clock. */
  opened_at: number | null
  /** JSON list of sentences: why it is grouped, kept open or released. */
  why: string
}
export type TicketRow = {
  id: string
  reference: string
  source: 'monitoring' | 'contact'
  status: TicketStatus
  level: number
  line: number
  subject: string
  description: string
  customer_id: string
  site_id: string | null
  device_id: string | null
  partner_id: string | null
  assignee_user_id: string | null
  incident_id: string | null
  signal: string | null
  component: string | null
  channel: string
  reporter: string | null
  environment: string
  category: string
  software_version: string | null
  /** Product of the catalogue it is about. */
  product_id?: string | null | undefined
  platform_version: string | null
  impact: string | null
  /** JSON list of flags. */
  flags: string
  /** JSON list of sentences: why each rule applied. */
  why: string
  occurrences: number
  repeats: number
  plan_id: string
  plan_version: number
  created_at: number
  updated_at: number
  resolved_at: number | null
  /** Who resolved it; only what the monitoring resolved is reopened by the monitoring. */
  resolved_by: 'monitoring' | 'person' | null
  closed_at: number | null
  /** Deadline: when it closes by itself. */
  auto_close_at: number | null
  /** Deadline: when people are reminded that it will. */
  close_reminder_at?: number | null | undefined
  /** An older ticket of the same fault. */
  same_as_ticket_id: string | null
  /** When a case beyond the quota was approved: its clocks run from then. */
  approved_at: number | null
  /** Earliest open deadline of its clocks and of auto-close; the queue's order and the worker's question. */
  next_deadline_at: number | null
  /** Where it stands in the desk's queue, and what a search finds it by; a store writes both (see tickets/rules/ticket-queue). */
  queue_at?: number | undefined
  search_text?: string | undefined
  /** Goes up with every change that people see; left out on insert = 1. */
  version?: number | undefined
  /** The ticket it goes on in. */
  merged_into_id?: string | null | undefined
  /** Why a person marked it as out of scope. */
  scope_reason?: string | null | undefined
}
export type ClockKind = 'response' | 'update' | 'resolution'
export type ClockState = 'running' | 'paused' | 'met' | 'breached' | 'cancelled' | 'best-effort' | 'none'
/** One cycle of one clock; finished cycles are never rewritten. */
export type ClockRow = {
  id: string
  ticket_id: string
  kind: ClockKind
  cycle: number
  state: ClockState
  /** JSON of the target (see plans/rules/plan). */
  target: string
  /** JSON of the calendar it runs in, with its zone. */
  calendar: string
  started_at: number
  used_seconds: number
  running_since: number | null
  due_at: number | null
  breached_at: number | null
  ended_at: number | null
  why: string
  /** JSON list of the steps of its escalation, and of the keys of those taken in this cycle (see sla/rules/escalation). */
  steps: string
  fired: string
  /** Update intervals missed that were told. */
  reminded: number
}
/** Append-only: messages, changes and what the system did. */
export type TicketEventRow = {
  id: string
  ticket_id: string
  at: number
  kind: string
  visibility: 'public' | 'internal'
  author_kind: 'person' | 'customer' | 'partner' | 'system'
  author_name: string | null
  text: string
  data: string | null
  /** The version of the ticket it happened to. */
  ticket_version?: number | null | undefined
}
export type OutboxRow = {
  id: string
  channel: 'email' | 'webhook' | 'device'
  /** Same key = same notice: told once. */
  dedup_key: string
  address: string
  subject: string
  body: string
  ticket_id: string | null
  device_id: string | null
  customer_id: string | null
  state: 'pending' | 'sending' | 'sent' | 'given-up'
  attempts: number
  next_attempt_at: number
  claimed_until: number | null
  sent_at: number | null
  last_error: string | null
  created_at: number
  /** Path of the page it is about, with its secret; forgotten when it was sent. */
  link_path: string | null
  /** An appointment to go with a mail, as iCalendar text. */
  calendar: string | null
  /** The message it tells of: its files go with the mail. */
  event_id?: string | null | undefined
}
type UserColumns = {
  id: string
  email: string
  name: string
  role: string
  customer_ids: string
  password_hash: string
  disabled_at: number | null
  created_at: number
}
export type UserRow = UserColumns & LoginColumns
export type SessionRow = { id_sha256: string; user_id: string; created_at: number; expires_at: number; address: string } & SessionColumns
export type ApiTokenRow = {
  id: string
  name: string
  role: string
  customer_id: string | null
  partner_id: string | null
  token_sha256: string
  created_by: string | null
  created_at: number
  revoked_at: number | null
  last_used_at: number | null
}
/** Append-only: who did what, from where, before and after. */
export type AuditRow = {
  id: string
  at: number
  actor_kind: string
  actor_id: string
  action: string
  subject_kind: string
  subject_id: string
  address: string | null
  detail: string | null
}
/** Small facts of the whole installation: sequence of references, start times. */
export type InstanceRow = { name: string; value: string }

export type Schema = {
  customers: CustomerRow
  sites: SiteRow
  contacts: ContactRow
  partners: PartnerRow
  catalogue: CatalogueRow
  enrolment_tokens: EnrolmentTokenRow
  devices: DeviceRow
  device_states: DeviceStateRow
  device_latest: DeviceLatestRow
  ingest_marks: IngestMarkRow
  quarantine: QuarantineRow
  device_metrics: DeviceMetricRow
  samples: SampleRow
  rollups: RollupRow
  timeline: TimelineRow
  conditions: ConditionRow
  /** `rises`: JSON list of what has raised its level already; written apart from the rest. */
  incidents: IncidentRow & { rises: Generated<string> }
  tickets: TicketRow
  clocks: ClockRow
  clock_events: ClockEventRow
  ticket_events: TicketEventRow
  outbox: OutboxRow
  users: UserColumns & LoginTable
  sessions: SessionRow
  api_tokens: ApiTokenRow
  audit: AuditRow
  instance: InstanceRow
  place_spans: PlaceSpanRow
  statements: StatementRow
  entitlement_uses: EntitlementUseRow
  limit_levels: LimitLevelRow
  uptime_beats: UptimeBeatRow
  verdict_marks: VerdictMarkRow
  maintenance_windows: MaintenanceRow
  uptime_probe_spans: UptimeProbeRow
  platform_maintenance: PlatformMaintenanceRow
  outages: OutageRow
  evidence_files: EvidenceFileRow
  evidence_uploads: EvidenceUploadRow
  device_commands: DeviceCommandRow
  visits: VisitRow
  visit_events: VisitEventRow
  mail_messages: MailRow
  intake_items: IntakeItemRow
  ticket_attachments: AttachmentRow
  ticket_merges: Relation.TicketMergeRow
  ticket_links: Relation.TicketLinkRow
  ticket_watchers: Relation.TicketWatcherRow
  defects: Relation.DefectRow
  defect_events: Relation.DefectEventRow
  defect_tickets: Relation.DefectTicketRow
  majors: Relation.MajorRow
  major_tickets: Relation.MajorTicketRow
  major_events: Relation.MajorEventRow
  ticket_offers: Relation.TicketOfferRow
  sync_links: SyncLinkRow
  sync_pairs: SyncPairRow
  sync_outbox: SyncOutboxRow
  sync_inbox: SyncInboxRow
  sync_comments: SyncCommentRow
  articles: ArticleRow
  article_helps: ArticleHelpRow
  macros: MacroRow
  on_call_rotas: RotaRow
  on_call_alerts: OnCallAlertRow
  on_call_links: OnCallLinkRow
  satisfaction: SatisfactionRow
  chat_widgets: ChatWidgetRow
  chat_conversations: ChatConversationRow
  one_time_secrets: OneTimeRow
  passkeys: PasskeyRow
}
