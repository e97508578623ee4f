/** What every client's desk looks like to us, whatever it is: the one interface the adapters speak. */
import type { DeskSecrets, DeskSettings, DeskKindWord } from '../../shared/api/servicedesks/servicedesk-api.ts'
import type { LevelNumber } from '../../shared/schema-pieces.ts'
import type { TheirComment } from './rules/sync-comments.ts'
import type { TheirFields } from './rules/sync-ownership.ts'
import type { DeskTrouble } from './rules/sync-retry.ts'

/** A desk that refused, failed or did not answer. Adapters throw nothing else for what the outside does. */
export class DeskFault extends Error {
  readonly trouble: DeskTrouble

  constructor(trouble: DeskTrouble) {
    super(trouble.reason)
    this.name = 'DeskFault'
    this.trouble = trouble
  }
}

/** A call to the desk; `path` begins with a slash and goes below the base address of the link, whatever it holds. */
export type DeskRequest = {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH'
  path: string
  query?: Readonly<Record<string, string>>
  headers?: Readonly<Record<string, string>>
  body?: string | Uint8Array
}
/** Names of `headers` are lower case. */
export type DeskAnswer = { status: number; headers: Readonly<Record<string, string>>; text: string }
/** Makes a call. Throws DeskFault when there is no whole answer; every status is an answer. */
export type DeskCall = (request: DeskRequest) => Promise<DeskAnswer>

export type OutTicket = { reference: string; subject: string; description: string; level: LevelNumber }
export type MadeTicket = { externalId: string; key: string; url: string | null }
export type OutFile = { name: string; contentType: string; bytes: Uint8Array }

/** A ticket over there as it is now. `state` is their own name for it, as the interface has it. */
export type Snapshot = TheirFields & {
  externalId: string
  url: string | null
  state: string
  /** Our reference, when the ticket is one of ours. */
  reference: string | null
  /** Made by our user there. */
  isOurs: boolean
  /** Within what the link is about: project, group. */
  isInScope: boolean
  /** Counts up with each change where nothing can be fetched and news may overtake each other; null = always the newest. */
  version: number | null
  description: string
  reporter: { name: string; email: string | null } | null
  comments: readonly TheirComment[]
}

export type DeskCheck = { faults: { path: string; message: string }[]; states: { id: string; name: string }[]; syncUser: string | null }

/** One desk. All calls throw DeskFault. */
export type DeskAdapter = {
  /** Tries the login and reads what has to be set; what cannot work is a fault with its field. */
  check(): Promise<DeskCheck>
  create(ticket: OutTicket): Promise<MadeTicket>
  /** The ticket that carries our reference: asked before a create is repeated, because none of them creates once. */
  find(reference: string): Promise<MadeTicket | null>
  /** A public comment; gives its id where the desk tells it. */
  comment(externalId: string, text: string, key: string): Promise<string | null>
  /** Gives the ticket's version after it, where `Snapshot.version` is used. */
  setState(externalId: string, state: string): Promise<number | null>
  /** Our level as theirs, where the link says what that is. */
  setLevel(externalId: string, level: LevelNumber): Promise<void>
  /** A public file; null = the desk takes none. */
  attach: ((externalId: string, file: OutFile) => Promise<void>) | null
  /** Null = it is not there (any more). */
  read: ((externalId: string) => Promise<Snapshot | null>) | null
  /** Tickets that changed since an instant, ours and those in scope. */
  changedSince(atMs: number): Promise<string[]>
}

/** One webhook as it arrived: the very bytes, because the signature is over them. Names of headers are lower case. */
export type Delivery = { raw: Buffer; headers: Readonly<Record<string, string | undefined>>; secret: string; settings: DeskSettings }
/** What it says: who is to be looked at. `ticket` only where nothing can be fetched. `none`: it is about no ticket. */
export type DeliveryNews =
  | { kind: 'refused'; why: string }
  | { kind: 'none' }
  | { kind: 'ticket'; deliveryId: string; externalId: string; ticket: Snapshot | null }

/** What a link gives its adapter. `syncUser`: our user over there, known after the first check. */
export type DeskFacts = {
  settings: DeskSettings
  secrets: DeskSecrets
  webhookSecret: string
  baseUrl: string
  syncUser: string | null
  now(): number
}
/** One kind of desk. */
export type DeskKindSpec = {
  kind: DeskKindWord
  /** Settings and secrets without which nothing works. */
  needs: { settings: readonly (keyof DeskSettings)[]; secrets: readonly (keyof DeskSecrets)[] }
  open(facts: DeskFacts, call: DeskCall): DeskAdapter
  /** Checks and reads a webhook; never throws. */
  readDelivery(delivery: Delivery): DeliveryNews
  /** A script to paste over there; null = none is needed. */
  script: ((webhook: { url: string; secret: string; syncUser: string | null }) => string) | null
}
/** How services reach desks: every kind, and the way out for one base address. */
export type Desks = { kinds: Readonly<Record<DeskKindWord, DeskKindSpec>>; callTo(baseUrl: string): DeskCall }
