/** How routes have it written down who did what. */
import type { Caller } from '../caller.ts'

/** Writes down who did what to which thing, with what they sent. */
export type AuditNote = (caller: Caller, action: string, subject: { kind: string; id: string }, detail?: unknown) => Promise<void>
