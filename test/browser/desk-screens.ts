/** A rota, a visit and a chat, for looking at their pages as their people see them. */
import type { World } from '../support/world.ts'

export type Screen = { name: string; path: string; heading: RegExp }

/** Makes one of each for a customer and a ticket. `open` are pages for whoever has the link. */
export async function makeDeskScreens(
  world: World,
  at: { customerId: string; ticketId: string },
): Promise<{ staff: Screen[]; open: Screen[] }> {
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
  const partner = (await world.ok<{ items: { id: string }[] }>('GET', '/partners')).items[0]?.id
  const visit = await world.ok<{ link: string }>('POST', `/tickets/${at.ticketId}/dispatch`, { partnerId: partner })
  const { key } = await world.ok<{ key: string }>('PUT', `/customers/${at.customerId}/chat`, { origins: [] })
  return {
    staff: [{ name: 'on call', path: '/on-call', heading: /On call/ }],
    open: [
      { name: 'job', path: new URL(visit.link).pathname, heading: /Dark screen/ },
      { name: 'chat', path: `/chat/${key}`, heading: /support/ },
    ],
  }
}
