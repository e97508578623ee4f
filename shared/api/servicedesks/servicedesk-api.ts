/** Links to clients' servicedesks: what is set, how they are, and what waits for a person. */
import { Type, type Static } from 'typebox'
import { Closed, Instant, Level, NullableInstant, OneOf, Text, Url, NullableText } from '../../schema-pieces.ts'
import { ListQuery } from '../list.ts'
import { TicketStatusWord } from '../tickets/ticket-api.ts'

export const DESK_KINDS = ['jira', 'servicenow', 'zammad', 'glpi', 'generic'] as const
export type DeskKindWord = (typeof DESK_KINDS)[number]

const Word = Text(200)
/** States by the name their interface uses for them: a number, an id, a word. */
const TheirState = Type.String({ minLength: 1, maxLength: 100 })

export const SyncStateMap = Closed({
  theirs: Type.Record(Type.String({ pattern: '^[^\\u0000-\\u001f]{1,100}$' }), Type.Union([TicketStatusWord, Type.Literal('ignore')]), {
    maxProperties: 100,
    description: 'each state of their desk: the status it is here, or ignore',
  }),
  ours: Closed({
    new: TheirState,
    'in-progress': TheirState,
    'waiting-customer': TheirState,
    'waiting-partner': TheirState,
    'waiting-information': TheirState,
    resolved: TheirState,
    closed: TheirState,
  }),
})
export type SyncStateMap = Static<typeof SyncStateMap>

/** What each kind of desk needs; `shared` ones are for every kind. */
export const DeskSettings = Closed({
  takeNew: Type.Optional(Type.Boolean({ description: 'tickets made at their desk become ours; default true' })),
  newTicketLevel: Type.Optional(Level),
  levels: Type.Optional(
    Closed(
      { '1': Type.Optional(Word), '2': Type.Optional(Word), '3': Type.Optional(Word), '4': Type.Optional(Word) },
      { description: 'our level as their priority: Jira priority id, ServiceNow impact:urgency, Zammad priority, GLPI urgency' },
    ),
  ),
  unsignedAllowed: Type.Optional(Type.Boolean({ description: 'take webhooks without signature, by the secret in the address alone' })),
  maxFileMegabytes: Type.Optional(Type.Integer({ minimum: 0, maximum: 25 })),
  serviceDeskId: Type.Optional(Word),
  requestTypeId: Type.Optional(Word),
  projectKey: Type.Optional(Type.String({ pattern: '^[A-Z][A-Z0-9_]{0,49}$' })),
  requestFields: Type.Optional(
    Type.Record(Type.String({ pattern: '^[A-Za-z0-9_.-]{1,100}$' }), Type.String({ maxLength: 2000 }), {
      maxProperties: 50,
      description: 'further fields of the request type; {subject}, {description} and {reference} are filled in',
    }),
  ),
  callerId: Type.Optional(Word),
  assignmentGroup: Type.Optional(Word),
  closeCode: Type.Optional(Word),
  holdReason: Type.Optional(Word),
  group: Type.Optional(Word),
  customer: Type.Optional(Word),
  pendingHours: Type.Optional(Type.Integer({ minimum: 1, maximum: 2000 })),
  categoryId: Type.Optional(Type.Integer({ minimum: 1 })),
  requesterId: Type.Optional(Type.Integer({ minimum: 1 })),
  canRead: Type.Optional(Type.Boolean({ description: 'generic: the receiver answers questions too; default true' })),
})
export type DeskSettings = Static<typeof DeskSettings>

const Secret = Text(2000)
/** Written, never read back. */
export const DeskSecrets = Closed({
  user: Type.Optional(Secret),
  token: Type.Optional(Secret),
  password: Type.Optional(Secret),
  appToken: Type.Optional(Secret),
})
export type DeskSecrets = Static<typeof DeskSecrets>

export const ServicedeskLinkInput = Closed({
  customerId: Text(64),
  kind: OneOf(DESK_KINDS),
  name: Text(100),
  baseUrl: Url,
  settings: DeskSettings,
  secrets: DeskSecrets,
  stateMap: SyncStateMap,
})
export type ServicedeskLinkInput = Static<typeof ServicedeskLinkInput>

export const ServicedeskLinkPatch = Closed({
  name: Type.Optional(Text(100)),
  baseUrl: Type.Optional(Url),
  settings: Type.Optional(DeskSettings),
  secrets: Type.Optional(DeskSecrets),
  stateMap: Type.Optional(SyncStateMap),
  enabled: Type.Optional(Type.Boolean()),
  newWebhook: Type.Optional(Type.Literal(true, { description: 'a new address and secret of the webhook; the old ones end at once' })),
})
export type ServicedeskLinkPatch = Static<typeof ServicedeskLinkPatch>

export const ServicedeskLink = Closed({
  id: Type.String(),
  customerId: Type.String(),
  kind: OneOf(DESK_KINDS),
  name: Type.String(),
  baseUrl: Type.String(),
  settings: DeskSettings,
  stateMap: SyncStateMap,
  secretsSet: Type.Array(Type.String(), { description: 'which secrets are there' }),
  enabled: Type.Boolean(),
  syncUser: NullableText,
  health: OneOf(['ok', 'warning', 'alarm', 'off']),
  why: Type.Array(Type.String()),
  createdAt: Instant,
})
export type ServicedeskLink = Static<typeof ServicedeskLink>

/** `webhook` is told once: when the link is made and when it is asked for anew. */
export const ChangedServicedeskLink = Closed({
  ...ServicedeskLink.properties,
  webhook: Type.Union([Closed({ path: Type.String(), url: Type.String(), secret: Type.String(), script: NullableText }), Type.Null()]),
})
export type ChangedServicedeskLink = Static<typeof ChangedServicedeskLink>

export const ServicedeskLinkQuery = ListQuery({ customerId: Type.Optional(Text(64)) })
export type ServicedeskLinkQuery = Static<typeof ServicedeskLinkQuery>

export const ServicedeskHealth = Closed({
  state: OneOf(['ok', 'warning', 'alarm', 'off']),
  why: Type.Array(Type.String()),
  lastOutAt: NullableInstant,
  lastInAt: NullableInstant,
  reconciledAt: NullableInstant,
  pending: Type.Integer(),
  oldestPendingAt: NullableInstant,
  parked: Type.Integer(),
  oldestParkedAt: NullableInstant,
  stoppedTickets: Type.Integer(),
  clockSkewSeconds: Type.Union([Type.Number(), Type.Null()]),
  lastError: NullableText,
})
export type ServicedeskHealth = Static<typeof ServicedeskHealth>

/** What was found at their desk; nothing in `faults` = it may be switched on. */
export const ServicedeskTest = Closed({
  faults: Type.Array(Closed({ path: Type.String(), message: Type.String() })),
  states: Type.Array(Closed({ id: Type.String(), name: Type.String() })),
  syncUser: NullableText,
})
export type ServicedeskTest = Static<typeof ServicedeskTest>

export const ParkedChange = Closed({
  id: Type.String(),
  way: OneOf(['out', 'in']),
  kind: Type.String(),
  ticketId: NullableText,
  reference: NullableText,
  externalId: NullableText,
  attempts: Type.Integer(),
  reason: Type.String(),
  createdAt: Instant,
})
export type ParkedChange = Static<typeof ParkedChange>

/** A ticket at a client's desk. */
export const ExternalTicket = Closed({
  linkId: Type.String(),
  linkName: Type.String(),
  kind: OneOf(DESK_KINDS),
  key: NullableText,
  url: NullableText,
  state: NullableText,
  priority: NullableText,
  assignee: NullableText,
  stopped: Type.Boolean(),
})
export type ExternalTicket = Static<typeof ExternalTicket>
