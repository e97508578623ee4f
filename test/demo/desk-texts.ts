/** Texts of the demo's desk: macros, mails that wait, and who is on call. */
import type { MacroInput } from '../../shared/api/knowledge/macro-api.ts'
import type { RotaInput } from '../../shared/api/on-call/on-call-api.ts'

export const MACROS: MacroInput[] = [
  {
    name: 'Ask for a photo',
    texts: {
      en: 'Hello{% if contact %} {{ contact }}{% endif %},\n\nplease send us a photo of the device as it stands now: answer this with the picture attached.',
      sv: 'Hej{% if contact %} {{ contact }}{% endif %},\n\nskicka gärna en bild på enheten som den ser ut nu: svara med bilden bifogad.',
      de: 'Hallo{% if contact %} {{ contact }}{% endif %},\n\nbitte senden Sie uns ein Foto des Geräts, wie es jetzt aussieht.',
    },
    visibility: 'public',
    changes: { asks: true, assignee: 'me' },
  },
  {
    name: 'Hand over to the second line',
    texts: { en: 'First checks are done and written above. {{ reference }} needs somebody who knows the till application.' },
    visibility: 'internal',
    changes: { line: 2, assignee: null },
  },
]

export const ROTA: RotaInput = {
  name: 'After hours',
  customers: [],
  timeZone: 'Europe/Stockholm',
  people: [
    { key: 'nils', name: 'Nils Ekman', email: 'nils.ekman@demo.example' },
    { key: 'freya', name: 'Freya Holt', email: 'freya.holt@demo.example' },
    { key: 'sana', name: 'Sana Iqbal', email: 'sana.iqbal@demo.example' },
  ],
  shifts: [
    { days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], from: '17:00', to: '08:00', people: ['nils', 'freya', 'sana'] },
    { days: ['sat', 'sun'], from: '08:00', to: '17:00', people: ['sana', 'nils'] },
  ],
  overrides: [],
  handOver: { day: 'mon', time: '09:00', since: '2026-01-05' },
  nextAfterMinutes: 15,
}

/** Mails that need a person before they become anything. */
export const MAILS: { from: string; subject: string; body: string }[] = [
  {
    from: 'Hanna Sjö <hanna.sjo@lindqvistlivs.example>',
    subject: 'Kassa 2 piper hela tiden',
    body: 'Hej,\n\nsedan i morse piper kassa 2 efter varje vara. Kan ni titta?\n\nHanna, Livs Haga',
  },
  {
    from: 'Pat Green <pat.green@gardenworld.example>',
    subject: 'Your checkouts',
    body: 'Hello,\n\nwe saw your checkouts at a neighbour of ours. Whom do we ask for a price?\n\nPat',
  },
  {
    from: 'Joe Miller <joe@wattlecreekpharmacy.example>',
    subject: 'Re: Report of last week',
    body: 'Thanks, that was the one I meant. Could I also have the week before?',
  },
]
