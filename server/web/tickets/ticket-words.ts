/** Words of tickets: statuses, flags and what they mean. */
import type { TicketFlag } from '../../../shared/api/tickets/ticket-flags.ts'
import type { Ticket } from '../../../shared/api/tickets/ticket-api.ts'
import type { Tone } from '../components/tags.tsx'

export type TicketStatus = Ticket['status']

export const STATUS_WORDS: Record<TicketStatus, string> = {
  new: 'New',
  'in-progress': 'In progress',
  'waiting-customer': 'Waiting for customer',
  'waiting-partner': 'Waiting for partner',
  'waiting-information': 'Waiting for information',
  resolved: 'Resolved',
  closed: 'Closed',
}
const CHANGE = /^([a-z-]+) became ([a-z-]+)/
/** A line of the history that tells of a change of status, in the words of the console. */
export function statusesInWords(text: string): string {
  return text.replace(CHANGE, (all, from: string, to: string) =>
    from in STATUS_WORDS && to in STATUS_WORDS ? `${STATUS_WORDS[from as TicketStatus]} became ${STATUS_WORDS[to as TicketStatus]}` : all,
  )
}
export const STATUS_TONES: Record<TicketStatus, Tone> = {
  new: 'odd',
  'in-progress': 'plain',
  'waiting-customer': 'plain',
  'waiting-partner': 'plain',
  'waiting-information': 'plain',
  resolved: 'good',
  closed: 'plain',
}
export const OPEN_STATUSES = [
  'new',
  'in-progress',
  'waiting-customer',
  'waiting-partner',
  'waiting-information',
] as const satisfies readonly TicketStatus[]

/** Moves offered to a person: what is over is only taken up again, or closed. The server has the last word. */
export function movesFrom(status: TicketStatus): TicketStatus[] {
  if (status === 'closed') return ['in-progress']
  if (status === 'resolved') return ['in-progress', 'closed']
  const working: TicketStatus[] = ['in-progress', 'waiting-customer', 'waiting-partner', 'waiting-information', 'resolved', 'closed']
  return working.filter(other => other !== status)
}
/** What the button of a move says. */
export const MOVE_WORDS: Record<TicketStatus, string> = {
  new: 'New',
  'in-progress': 'Work on it',
  'waiting-customer': 'Wait for customer',
  'waiting-partner': 'Wait for partner',
  'waiting-information': 'Wait for information',
  resolved: 'Resolve',
  closed: 'Close',
}

/** Flags: what a person should know before answering. */
const FLAGS: Record<TicketFlag, { word: string; means: string; tone: Tone }> = {
  'level-not-eligible': {
    word: 'Level not eligible',
    means: 'The plan does not grant the level that was asked for here; a lower one is in force',
    tone: 'warn',
  },
  'level-lowered-no-staff': {
    word: 'Lowered: no staff',
    means: 'The customer has nobody at hand, so the level was lowered to one that needs nobody',
    tone: 'warn',
  },
  'contact-not-named': {
    word: 'Not a named contact',
    means: 'Registered by somebody who is not among the named contacts of the plan',
    tone: 'warn',
  },
  'case-quota-exceeded': {
    word: 'Over the case quota',
    means: 'The cases of this month were used up when it was registered',
    tone: 'warn',
  },
  'pay-per-incident': { word: 'Pay per incident', means: 'This case is paid on its own', tone: 'plain' },
  'channel-not-in-plan': {
    word: 'Channel not in plan',
    means: 'Came through a channel the plan does not include: answered with how to register, without a promise',
    tone: 'warn',
  },
  'out-of-scope': { word: 'Out of scope', means: 'The plan does not cover this subject', tone: 'warn' },
  'missing-information': {
    word: 'Information missing',
    means: 'Fields the plan requires are missing; the clocks stand still until they are there',
    tone: 'warn',
  },
  'after-hours': { word: 'After hours', means: 'Registered outside service hours under the after-hours rules of the plan', tone: 'odd' },
  'breached-by-change': { word: 'Overdue by change', means: 'A change of level or plan left no time on a clock', tone: 'bad' },
  recovered: { word: 'Recovered', means: 'The monitoring sees the fault no longer', tone: 'good' },
  unstable: { word: 'Unstable', means: 'Comes and goes: kept as one ticket, notices are held back', tone: 'odd' },
  major: { word: 'Major incident', means: 'Handled as a major incident', tone: 'bad' },
}

/** Word, meaning and tone of a flag; an unknown one shows its own name. */
export function flagFacts(flag: string): { word: string; means: string; tone: Tone } {
  return Object.hasOwn(FLAGS, flag) ? FLAGS[flag as TicketFlag] : { word: flag.replaceAll('-', ' '), means: flag, tone: 'plain' }
}

/** Whether a case beyond the quota is owed nothing until somebody takes it on. One that is over has to be opened again first. */
export function waitsForApproval({ flags, approvedAt, status }: Pick<Ticket, 'flags' | 'approvedAt' | 'status'>): boolean {
  const isOver = status === 'resolved' || status === 'closed'
  return !isOver && approvedAt === null && flags.includes('case-quota-exceeded') && !flags.includes('pay-per-incident')
}

export const LEVEL_TONES: Record<number, Tone> = { 1: 'bad', 2: 'warn', 3: 'plain', 4: 'plain' }
