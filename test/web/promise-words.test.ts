/** What a customer reads of a ticket: what comes next and when, and that we are late when we are. */
import { describe, expect, it } from 'vitest'
import type { ClockView } from '../../shared/api/sla/sla-api.ts'
import type { Ticket } from '../../shared/api/tickets/ticket-api.ts'
import { browserName } from '../../server/web/account/browser-name.ts'
import { promiseWords } from '../../server/web/portal/promise-words.ts'

const NOW_MS = Date.parse('2026-11-24T12:00:00Z')
const ZONE = 'Europe/Stockholm'
const clock = (state: ClockView['state'], dueAt: string | null = null): ClockView => ({ state, dueAt, usedMinutes: 0, why: '' })
const NONE = clock('none')
const ticket = (status: Ticket['status'], response: ClockView, update = NONE) => ({ status, clocks: { response, update } })

describe('a promise in words', () => {
  it.each([
    {
      why: 'the first answer is to come today',
      of: ticket('new', clock('running', '2026-11-24T12:30:00Z')),
      text: 'First answer by 13:30 (Stockholm).',
    },
    {
      why: 'or on another day',
      of: ticket('new', clock('running', '2026-11-25T08:00:00Z')),
      text: 'First answer by Wed 25 Nov, 09:00 (Stockholm).',
    },
    {
      why: 'it is late',
      of: ticket('new', clock('breached', '2026-11-24T11:00:00Z')),
      text: /^We are late: .* 12:00 \(Stockholm\)\.$/,
      isLate: true,
    },
    {
      why: 'it is late and the page was not read anew',
      of: ticket('new', clock('running', '2026-11-24T11:59:59Z')),
      text: /^We are late/,
      isLate: true,
    },
    {
      why: 'news are to come',
      of: ticket('in-progress', clock('met'), clock('running', '2026-11-24T13:00:00Z')),
      text: 'Next news by 14:00 (Stockholm).',
    },
    {
      why: 'news are late',
      of: ticket('in-progress', clock('met'), clock('breached', '2026-11-24T11:00:00Z')),
      text: /^We are late: you should have had news/,
      isLate: true,
    },
    { why: 'no news are owed', of: ticket('in-progress', clock('met')), text: /^We are working on it/ },
    { why: 'no time is promised', of: ticket('new', clock('best-effort')), text: /your plan promises no time/ },
    { why: 'it waits for approval', of: ticket('new', NONE), text: /your plan promises no time/ },
    {
      why: 'it waits for the customer, whatever the clocks do',
      of: ticket('waiting-customer', clock('met'), clock('running', '2026-11-24T13:00:00Z')),
      text: /wait for your answer/,
    },
    { why: 'it waits for information', of: ticket('waiting-information', clock('paused')), text: /need more from you/ },
    { why: 'it is solved', of: ticket('resolved', clock('met')), text: 'We think it is solved.' },
    { why: 'it is closed', of: ticket('closed', clock('cancelled')), text: 'This is closed.' },
  ])('$why', ({ of, text, isLate = false }) => {
    const said = promiseWords(of, ZONE, NOW_MS)
    expect(said.text).toMatch(text)
    expect(said.isLate).toBe(isLate)
  })
})

describe('a browser in two words', () => {
  it.each([
    { agent: 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36', name: 'Chrome on Linux' },
    {
      agent: 'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1 Version/19.0 Mobile Safari/604.1',
      name: 'Safari on iPhone or iPad',
    },
    { agent: 'Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/142.0 Safari/537.36 Edg/142.0', name: 'Edge on Windows' },
    { agent: 'curl/8.1', name: 'A program' },
    { agent: null, name: 'A program' },
  ])('$name', ({ agent, name }) => {
    expect(browserName(agent)).toBe(name)
  })
})
