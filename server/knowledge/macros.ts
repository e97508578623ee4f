/** Macros: kept, tried before they are kept, previewed on a ticket, and run on it in one transaction. */
import type { Macro, MacroAnswer, MacroChanges, MacroInput, MacroPreview, MacroVariable } from '../../shared/api/knowledge/macro-api.ts'
import { DomainError, invalidInput, notFound } from '../platform/errors.ts'
import { chooseText, explainMacro, MACRO_VARIABLES, SAMPLE_FACTS } from './rules/macro.ts'
import { LANGUAGES, languageOf } from '../../shared/languages.ts'
import { inTransaction, type Database, type Tx } from '../database/database.ts'
import { deleteMacro, findMacro, insertMacro, readMacros, updateMacro } from './store/macro-store.ts'
import type { MacroRow } from '../database/tables/knowledge-rows.ts'
import { findTicket } from '../tickets/store/ticket-store.ts'
import type { Change, ChangeBus } from '../platform/change-bus.ts'
import { liquidFault, renderText } from '../notifications/liquid-engine.ts'
import { loadCase } from '../tickets/loaded-ticket.ts'
import type { Author, Case } from '../tickets/ticket-context.ts'
import { patchTicket } from '../tickets/edit-ticket.ts'
import { addMessage } from '../tickets/write-message.ts'
import { moveTicket } from '../tickets/move-ticket.ts'
import type { Ticketing } from '../tickets/tickets.ts'
import { macroFacts } from './ticket-text.ts'
import { newRowId } from '../database/row-id.ts'

const MAX_MACROS = 500
/** Longest text a macro makes; a message may be as long. */
const MAX_TEXT = 20_000

export type Runner = { id: string; name: string }

const toMacro = (row: MacroRow): Macro => ({
  id: row.id,
  name: row.name,
  texts: JSON.parse(row.texts) as Macro['texts'],
  visibility: row.visibility,
  changes: JSON.parse(row.changes) as MacroChanges,
  changedBy: row.changed_by,
  createdAt: new Date(row.created_at).toISOString(),
  updatedAt: new Date(row.updated_at).toISOString(),
})

/** Each text tried with what any ticket has, and with what some have: it must not fail on either. */
function textFaults(texts: MacroInput['texts']): { path: string; message: string }[] {
  const full = { ...SAMPLE_FACTS, contact: 'Carl', device: 'Kiosk 1', site: 'High street', fault: 'paper jam', next_update: 'Monday' }
  return LANGUAGES.flatMap(language => {
    const text = texts[language]
    if (text === undefined) return []
    try {
      renderText(text, SAMPLE_FACTS)
      renderText(text, full)
      return []
    } catch (error) {
      return [{ path: `body/texts/${language}`, message: liquidFault(error) }]
    }
  })
}

function mustWork(input: MacroInput): void {
  const faults = textFaults(input.texts)
  const saysSomething = Object.keys(input.texts).length > 0
  if (!saysSomething && Object.keys(input.changes).length === 0)
    faults.push({ path: 'body/texts', message: 'a macro says or changes something' })
  if (input.changes.asks === true && (!saysSomething || input.visibility !== 'public'))
    faults.push({ path: 'body/changes/asks', message: 'asks the customer: it needs a public text' })
  if (input.changes.status === 'new') faults.push({ path: 'body/changes/status', message: 'no ticket becomes new again' })
  if (faults.length > 0) throw invalidInput(faults)
}

/** Makes the service. */
export function makeMacros(deps: { db: Database; now: () => number; bus: ChangeBus; ticketing: Pick<Ticketing, 'desk' | 'read'> }) {
  const { db, now, bus, ticketing } = deps
  const { desk } = ticketing

  const look = async (tx: Tx, row: MacroRow, one: Case, runner: Runner): Promise<MacroPreview> => {
    const macro = toMacro(row)
    const { facts, language } = await macroFacts(tx, one, runner.name, now())
    const chosen = chooseText(macro.texts, language)
    const faults: string[] = []
    let text: string | null = null
    try {
      if (chosen) text = renderText(chosen.text, facts(chosen.language)).trim()
    } catch (error) {
      faults.push(`The text cannot be written for this ticket: ${liquidFault(error)}`)
    }
    if (chosen && faults.length === 0 && text === '') faults.push('The text is empty for this ticket.')
    if (text !== null && text.length > MAX_TEXT) faults.push(`The text is longer than ${MAX_TEXT} characters.`)
    const stands = {
      status: one.row.status,
      level: one.row.level,
      line: one.row.line,
      lines: one.plan.lines,
      assignee: one.row.assignee_user_id,
    }
    const explained = explainMacro(macro.changes, stands, chosen && { isPublic: macro.visibility === 'public' })
    return {
      language: chosen?.language ?? languageOf(language),
      visibility: macro.visibility,
      text,
      changes: explained.changes,
      faults: [...faults, ...explained.faults],
    }
  }
  const mustFind = async (db_: Database | Tx, id: string): Promise<MacroRow> => {
    const row = await findMacro(db_, id)
    if (!row) throw notFound('macro')
    return row
  }
  const nameTaken = (name: string): DomainError =>
    new DomainError('conflict', 'conflict', `There is a macro "${name}" already. Choose another name.`)

  return {
    variables: (): MacroVariable[] => Object.entries(MACRO_VARIABLES).map(([name, means]) => ({ name, means })),
    list: async (): Promise<Macro[]> => (await readMacros(db)).map(toMacro),
    read: async (id: string): Promise<Macro> => toMacro(await mustFind(db, id)),

    /** Throws invalid-input for a text that cannot be rendered, and conflict for a name that is taken. */
    async create(input: MacroInput, by: string): Promise<Macro> {
      mustWork(input)
      const row: MacroRow = {
        id: newRowId(),
        name: input.name,
        texts: JSON.stringify(input.texts),
        visibility: input.visibility,
        changes: JSON.stringify(input.changes),
        changed_by: by,
        created_at: now(),
        updated_at: now(),
      }
      await inTransaction(db, async tx => {
        if ((await readMacros(tx)).length >= MAX_MACROS)
          throw new DomainError('conflict', 'conflict', `There are ${MAX_MACROS} macros already. Take away those nobody needs.`)
        if (!(await insertMacro(tx, row))) throw nameTaken(input.name)
      })
      return toMacro(row)
    },

    /** Replaces it whole. */
    async replace(id: string, input: MacroInput, by: string): Promise<Macro> {
      mustWork(input)
      await inTransaction(db, async tx => {
        await mustFind(tx, id)
        if ((await readMacros(tx)).some(other => other.name === input.name && other.id !== id)) throw nameTaken(input.name)
        await updateMacro(tx, id, {
          name: input.name,
          texts: JSON.stringify(input.texts),
          visibility: input.visibility,
          changes: JSON.stringify(input.changes),
          changed_by: by,
          updated_at: now(),
        })
      })
      return toMacro(await mustFind(db, id))
    },
    async remove(id: string): Promise<void> {
      if (!(await inTransaction(db, tx => deleteMacro(tx, id)))) throw notFound('macro')
    },

    /** What it would say and do on a ticket; nothing happens. */
    preview: (id: string, ticketId: string, runner: Runner): Promise<MacroPreview> =>
      inTransaction(db, async tx => look(tx, await mustFind(tx, id), await loadCase(tx, desk, ticketId), runner)),

    /** Does it, all or nothing. Throws invalid-input, with each reason, when it cannot run on this ticket. */
    async run(id: string, ticketId: string, runner: Runner, edited: string | undefined): Promise<MacroAnswer> {
      const changes: Change[] = []
      const author: Author = { author_kind: 'person', author_name: runner.name }
      const messageId = await inTransaction(db, async tx => {
        const row = await mustFind(tx, id)
        const seen = await look(tx, row, await loadCase(tx, desk, ticketId), runner)
        if (seen.faults.length > 0) throw invalidInput(seen.faults.map(message => ({ path: 'macro', message })))
        const { status, asks, assignee, ...ranks } = toMacro(row).changes
        const act = { tx, desk, changes, author }
        if (Object.keys(ranks).length > 0 || assignee !== undefined)
          await patchTicket(act, ticketId, {
            ...ranks,
            ...(assignee === undefined ? {} : { assignee: assignee === 'me' ? runner.id : assignee }),
          })
        const body = edited?.trim() || seen.text
        const isPublic = seen.visibility === 'public'
        const written =
          seen.text === null || body === null
            ? null
            : await addMessage(act, ticketId, { visibility: seen.visibility, body, ...(asks === true && isPublic ? { asks } : {}) })
        const then = (await findTicket(tx, ticketId))?.status
        if (status !== undefined && status !== then) await moveTicket(act, ticketId, { to: status })
        return written
      })
      bus.publish(changes)
      return { ticket: await ticketing.read(ticketId), messageId }
    },
  }
}
export type Macros = ReturnType<typeof makeMacros>
