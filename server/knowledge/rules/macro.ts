/** What a macro may say and do: the words it knows, what it changes on a ticket, in plain sentences, and what it cannot. */
import type { MacroChanges } from '../../../shared/api/knowledge/macro-api.ts'
import { LANGUAGES, type Language } from '../../../shared/languages.ts'
import { isOpenStatus, statusAfterMessage } from '../../tickets/rules/ticket.ts'
import type { TicketStatus } from '../../../shared/api/tickets/ticket-api.ts'

/** Every word a text of a macro may use. Null where a ticket has none: `{% if device %}`. */
export type MacroFacts = {
  reference: string
  subject: string
  level: number
  level_name: string
  status: string
  customer: string
  contact: string | null
  device: string | null
  site: string | null
  fault: string | null
  agent: string
  next_update: string | null
}
export const MACRO_VARIABLES: Record<keyof MacroFacts, string> = {
  reference: 'number of the ticket',
  subject: 'subject of the ticket',
  level: 'level, 1 to 4',
  level_name: 'name of the level in the plan',
  status: 'status of the ticket',
  customer: 'name of the customer',
  contact: 'name of who reported it; may be missing',
  device: 'name of the device; may be missing',
  site: 'name of the site; may be missing',
  fault: 'what is wrong, in the language of the text; may be missing',
  agent: 'your name',
  next_update: 'when the customer hears again at the latest; may be missing',
}
/** Facts to try a text with: what may be missing is missing, so that a text that needs it says so at once. */
export const SAMPLE_FACTS: MacroFacts = {
  reference: 'KK-2026-000001',
  subject: 'The printer prints nothing',
  level: 2,
  level_name: 'Major',
  status: 'in-progress',
  customer: 'Corner Shops',
  contact: null,
  device: null,
  site: null,
  fault: null,
  agent: 'Ada',
  next_update: null,
}

/** The text for a customer: their language, else English, else the first there is. Null = it says nothing. */
export function chooseText(texts: Partial<Record<Language, string>>, language: Language): { language: Language; text: string } | null {
  const order = [language, ...LANGUAGES]
  const chosen = order.find(one => texts[one] !== undefined)
  return chosen === undefined ? null : { language: chosen, text: texts[chosen] ?? '' }
}

type Stands = { status: TicketStatus; level: number; line: number; lines: number; assignee: string | null }

/** The status a ticket has after the macro's message, before its own change of status. */
export function statusBefore(stands: Stands, message: { isPublic: boolean; asks: boolean } | null): TicketStatus {
  if (!message) return stands.status
  return statusAfterMessage(stands.status, { author: 'person', ...message }) ?? stands.status
}

/** Each change in words, and why the macro cannot run on this ticket. */
export function explainMacro(
  changes: MacroChanges,
  stands: Stands,
  message: { isPublic: boolean } | null,
): { changes: string[]; faults: string[] } {
  const words: string[] = []
  const faults: string[] = []
  const { status, level, line, assignee, asks } = changes
  if (level !== undefined && level !== stands.level) words.push(`Level ${stands.level} becomes ${level}.`)
  if (line !== undefined && line !== stands.line) words.push(`Line ${stands.line} becomes ${line}.`)
  if (line !== undefined && line > stands.lines) faults.push(`The plan has ${stands.lines} ${stands.lines === 1 ? 'line' : 'lines'}.`)
  if (assignee !== undefined)
    words.push(
      assignee === null ? 'It is assigned to nobody.' : assignee === 'me' ? 'It is assigned to you.' : `It is assigned to ${assignee}.`,
    )
  if (message) words.push(message.isPublic ? 'The text goes to the customer.' : 'The text is an internal note.')
  if (asks === true && message?.isPublic) words.push('The ticket waits for the answer of the customer.')
  if (asks === true && !message?.isPublic) faults.push('It asks the customer, but says nothing to them.')
  const then = statusBefore(stands, message && { ...message, asks: asks === true })
  if (status !== undefined && status !== then) {
    words.push(`The ticket becomes ${status}.`)
    if (status === 'new') faults.push('No ticket becomes new again.')
    if (!isOpenStatus(then) && status !== 'in-progress' && !(then === 'resolved' && status === 'closed'))
      faults.push(`A ticket that is ${then} can only be worked on again: in-progress.`)
  }
  if (words.length === 0) words.push('Nothing changes on this ticket.')
  return { changes: words, faults }
}
