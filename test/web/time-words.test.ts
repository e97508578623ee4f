/** Times as people read them: one form everywhere, whatever the browser's language. */
import { describe, expect, it } from 'vitest'
import { fullTime, monthWords, spanWords, withTimes } from '../../server/web/components/time-words.ts'
import { statusesInWords } from '../../server/web/tickets/ticket-words.ts'

const ZONE = 'Europe/Stockholm'
const NOW = Date.parse('2026-11-24T12:00:00Z')

describe('times in words', () => {
  it('names day, second and zone', () => {
    expect(fullTime('2026-11-24T16:50:48.115Z', ZONE)).toBe('Tue 24 Nov 2026, 17:50:48 CET')
  })

  it.each([
    ['a sentence of the server', 'lost since 2026-11-24T16:50:48.115Z.', 'lost since Tue 24 Nov 2026, 17:50:48 CET.'],
    ['two in one sentence', '2026-11-24T16:00:00Z – 2026-11-25T16:00:00Z', 'Tue 24 Nov 2026, 17:00:00 CET – Wed 25 Nov 2026, 17:00:00 CET'],
    ['a date alone is no instant', 'expected on 2026-12-10', 'expected on 2026-12-10'],
  ])('puts instants into words: %s', (_why, text, words) => expect(withTimes(text, ZONE)).toBe(words))

  it.each([
    ['one day is named once', '2026-11-25T07:00:00Z', '2026-11-25T16:00:00Z', 'Wed 25 Nov, 08:00 – 17:00'],
    ['a night has two', '2026-11-25T16:00:00Z', '2026-11-26T07:00:00Z', 'Wed 25 Nov, 17:00 – Thu 26 Nov, 08:00'],
    ['today needs no name, and neither does its end', '2026-11-24T13:00:00Z', '2026-11-24T15:00:00Z', '14:00 – 16:00'],
  ])('tells a span: %s', (_why, from, to, words) => expect(spanWords(from, to, ZONE, NOW)).toBe(words))

  it('names a month', () => expect(monthWords('2026-11')).toBe('November 2026'))
})

describe('changes of status in the history', () => {
  it.each([
    ['new became in-progress', 'New became In progress'],
    ['waiting-partner became resolved: well again', 'Waiting for partner became Resolved: well again'],
    ['Level 3 became 2', 'Level 3 became 2'],
    ['screen became dark', 'screen became dark'],
  ])('%s', (text, words) => expect(statusesInWords(text)).toBe(words))
})
