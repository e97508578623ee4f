/** What a macro does to a ticket as it stands, in words, and what a drafted update says: a reason a row. */
import { describe, expect, it } from 'vitest'
import type { MacroChanges } from '../../../shared/api/knowledge/macro-api.ts'
import { chooseText, explainMacro } from '../../../server/knowledge/rules/macro.ts'
import type { TicketStatus } from '../../../shared/api/tickets/ticket-api.ts'
import { draftUpdate, type UpdateFacts } from '../../../server/knowledge/rules/update-draft.ts'

const stands = (status: TicketStatus) => ({ status, level: 2, line: 1, lines: 2, assignee: null })
const PUBLIC = { isPublic: true }

describe('what a macro does', () => {
  it.each<[string, MacroChanges, TicketStatus, { isPublic: boolean } | null, string[], string[]]>([
    ['nothing to change is said', {}, 'new', null, ['Nothing changes on this ticket.'], []],
    ['a level it has already is no change', { level: 2 }, 'new', PUBLIC, ['The text goes to the customer.'], []],
    ['a note is no answer', {}, 'new', { isPublic: false }, ['The text is an internal note.'], []],
    [
      'asking waits, and the same status again is no change',
      { asks: true, status: 'waiting-customer' },
      'new',
      PUBLIC,
      ['The text goes to the customer.', 'The ticket waits for the answer of the customer.'],
      [],
    ],
    ['a public text begins the work by itself', { status: 'in-progress' }, 'new', PUBLIC, ['The text goes to the customer.'], []],
    ['who runs it takes it', { assignee: 'me', level: 1 }, 'new', null, ['Level 2 becomes 1.', 'It is assigned to you.'], []],
    ['a line the plan does not have', { line: 3 }, 'new', null, ['Line 1 becomes 3.'], ['The plan has 2 lines.']],
    [
      'asking in a note reaches nobody',
      { asks: true },
      'new',
      { isPublic: false },
      ['The text is an internal note.'],
      ['It asks the customer, but says nothing to them.'],
    ],
    ['what is resolved can be closed', { status: 'closed' }, 'resolved', null, ['The ticket becomes closed.'], []],
    [
      'what is closed waits for nobody',
      { status: 'waiting-partner' },
      'closed',
      null,
      ['The ticket becomes waiting-partner.'],
      ['A ticket that is closed can only be worked on again: in-progress.'],
    ],
    ['nothing becomes new again', { status: 'new' }, 'in-progress', null, ['The ticket becomes new.'], ['No ticket becomes new again.']],
  ])('%s', (_reason, changes, status, message, words, faults) =>
    expect(explainMacro(changes, stands(status), message)).toEqual({ changes: words, faults }),
  )

  it.each([
    ['their language', { en: 'a', sv: 'b' }, 'sv', { language: 'sv', text: 'b' }],
    ['English where there is none', { en: 'a', sv: 'b' }, 'de', { language: 'en', text: 'a' }],
    ['the first there is without English', { sv: 'b' }, 'pt', { language: 'sv', text: 'b' }],
    ['nothing to say', {}, 'en', null],
  ] as const)('speaks %s', (_reason, texts, language, chosen) => expect(chooseText(texts, language)).toEqual(chosen))
})

const facts = (more: Partial<UpdateFacts> = {}): UpdateFacts => ({
  signal: 'printer.jam',
  component: '',
  connection: 'online',
  connectionSinceMs: 1,
  failing: [{ signal: 'printer.jam', component: '', sinceMs: 5 }],
  wellSinceMs: null,
  remedies: [],
  visits: [],
  nextDueMs: 100,
  nowMs: 50,
  ...more,
})

describe('a drafted update', () => {
  it.each<[string, Partial<UpdateFacts>, object]>([
    ['what fails now fails', {}, { state: 'failing', sinceMs: 5, nextDueMs: 100, visit: null }],
    ['what ended is well', { failing: [], wellSinceMs: 9 }, { state: 'well', sinceMs: 9 }],
    ['another fault is not the one of the ticket', { failing: [{ signal: 'disk.full', component: '', sinceMs: 5 }] }, { state: 'well' }],
    ['another component neither', { failing: [{ signal: 'printer.jam', component: 'left', sinceMs: 5 }] }, { state: 'well' }],
    ['a lost device says nothing of now', { connection: 'offline', connectionSinceMs: 7 }, { state: 'no-contact', sinceMs: 7 }],
    [
      'lost contact itself is the fault, with its own time',
      { signal: 'agent.offline', failing: [{ signal: 'agent.offline', component: '', sinceMs: 8 }], connection: 'offline' },
      { state: 'failing', sinceMs: 8 },
    ],
    ['a report of a person', { signal: null }, { state: 'reported', fault: null, sinceMs: null }],
    ['a promise that has passed is not promised again', { nextDueMs: 40 }, { nextDueMs: null }],
    [
      'a rung is told once, with its newest outcome',
      {
        remedies: [
          { id: 'reboot', outcome: 'did-not-help', atMs: 3 },
          { id: 'restart-queue', outcome: 'failed', atMs: 1 },
          { id: 'restart-queue', outcome: 'worked', atMs: 4 },
        ],
      },
      {
        tried: [
          { id: 'reboot', outcome: 'did-not-help', atMs: 3 },
          { id: 'restart-queue', outcome: 'worked', atMs: 4 },
        ],
      },
    ],
    [
      'a partner that declined is not told of, the next one is',
      {
        visits: [
          { state: 'scheduled', atMs: 1 },
          { state: 'declined', atMs: 2 },
        ],
      },
      { visit: { state: 'scheduled', atMs: 1 } },
    ],
  ])('%s', (_reason, more, expected) => expect(draftUpdate(facts(more))).toMatchObject(expected))
  it('says what it was written from', () =>
    expect(draftUpdate(facts({ remedies: [{ id: 'reboot', outcome: 'failed', atMs: 1 }] })).used).toEqual([
      'the device: it still fails',
      'what was tried: 1 step',
      'the next update that the plan owes',
    ]))
})
