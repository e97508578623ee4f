/** What the desk works with besides tickets, for looking at its pages: a macro, a rota, a mail that waits, a visit and a chat. */
import type { World } from '../support/world.ts'
import { handMail } from './knowhow-rig.ts'

export type Screen = { name: string; path: string; heading: RegExp }

/** Makes one of each for a customer and a ticket. `open` are pages for whoever has the link. */
export async function makeDeskScreens(
  world: World,
  at: { customerId: string; ticketId: string },
): Promise<{ staff: Screen[]; open: Screen[] }> {
  await world.ok('POST', '/macros', {
    name: 'Ask for a photo',
    texts: { en: 'Please send us a photo. {{ reference }}' },
    visibility: 'public',
    changes: { asks: true, assignee: 'me' },
  })
  await world.ok('POST', '/on-call', {
    name: 'Nights',
    customers: [],
    timeZone: 'Europe/Stockholm',
    people: [{ key: 'ada', name: 'Ada', email: 'ada@desk.example' }],
    shifts: [{ days: ['mon', 'wed', 'fri'], from: '18:00', to: '08:00', people: ['ada'] }],
    overrides: [],
    handOver: { day: 'mon', time: '09:00', since: '2026-01-05' },
    nextAfterMinutes: 10,
  })
  await handMail(world, { from: 'eva@nowhere.example', subject: 'The screen in aisle 4 is dark', body: 'Since this morning.' })
  const partner = (await world.ok<{ items: { id: string }[] }>('GET', '/partners')).items[0]?.id
  const visit = await world.ok<{ link: string }>('POST', `/tickets/${at.ticketId}/dispatch`, { partnerId: partner })
  const { key } = await world.ok<{ key: string }>('PUT', `/customers/${at.customerId}/chat`, { origins: [] })
  const [article] = (await world.ok<{ items: { id: string }[] }>('GET', '/articles')).items
  return {
    staff: [
      { name: 'intake', path: '/intake', heading: /Intake/ },
      { name: 'log a call', path: '/intake/call', heading: /Log a call/ },
      { name: 'visits', path: '/visits', heading: /Visits/ },
      { name: 'knowledge', path: '/knowledge', heading: /Knowledge/ },
      { name: 'macros', path: '/knowledge/macros', heading: /Macros/ },
      { name: 'new article', path: '/knowledge/new', heading: /New article/ },
      { name: 'article', path: `/knowledge/${article?.id ?? ''}`, heading: /./ },
      { name: 'on call', path: '/on-call', heading: /On call/ },
      { name: 'service desks', path: '/servicedesks', heading: /Service desks/ },
    ],
    open: [
      { name: 'job', path: new URL(visit.link).pathname, heading: /Dark screen/ },
      { name: 'chat', path: `/chat/${key}`, heading: /support/ },
    ],
  }
}
