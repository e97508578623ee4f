/** Macros and drafts on both databases: run whole or not at all, in the customer's language; hostile texts end in time and read nothing. */
import { expect, it } from 'vitest'
import type { MacroInput } from '../../../shared/api/knowledge/macro-api.ts'
import { inTransaction } from '../../../server/database/database.ts'
import { LANGUAGES } from '../../../shared/languages.ts'
import { makeMacros } from '../../../server/knowledge/macros.ts'
import { makeChangeBus } from '../../../server/platform/change-bus.ts'
import { makeUpdateDrafts } from '../../../server/knowledge/ticket-text.ts'
import type { Store } from '../../../server/database/database.ts'
import { eachStore } from '../../support/stores.ts'
import { makeRig } from '../../support/ticketing-rig.ts'

const ADA = { id: 'user-ada', name: 'Ada' }
const macro = (more: Partial<MacroInput> = {}): MacroInput => ({
  name: 'Ask for a photo',
  texts: {
    en: 'Hello{% if contact %} {{ contact }}{% endif %}, please send a photo. {{ reference }}',
    sv: 'Hej, skicka en bild. {{ reference }} {{ fault }}',
  },
  visibility: 'public',
  changes: { asks: true, level: 1, assignee: 'me' },
  ...more,
})

async function makeDesk(store: Store) {
  const rig = await makeRig(store)
  const macros = makeMacros({ db: rig.db, now: () => rig.time.nowMs, bus: makeChangeBus(), ticketing: rig.ticketing })
  const drafts = makeUpdateDrafts({ db: rig.db, desk: rig.ticketing.desk })
  const speak = (customerId: string, language: string) =>
    rig.db.updateTable('customers').set({ language }).where('id', '=', customerId).execute()
  return { ...rig, macros, drafts, speak }
}

eachStore('macros', open => {
  it('say and change everything at once, in the language of the customer, and count as an answer', async () => {
    const desk = await makeDesk(await open())
    const { customerId, deviceId } = await desk.kiosk()
    await desk.speak(customerId, 'sv')
    const ticketId = await desk.fault(deviceId, 'printer.jam')
    const { id } = await desk.macros.create(macro(), 'Ada')
    const preview = await desk.macros.preview(id, ticketId, ADA)
    expect(preview).toMatchObject({ language: 'sv', faults: [], visibility: 'public' })
    expect(preview.text).toMatch(/^Hej, skicka en bild\. KK-2026-\d+ papperet har fastnat$/)
    expect(preview.changes).toEqual([
      'Level 2 becomes 1.',
      'It is assigned to you.',
      'The text goes to the customer.',
      'The ticket waits for the answer of the customer.',
    ])
    const { ticket } = await desk.macros.run(id, ticketId, ADA, undefined)
    expect(ticket).toMatchObject({ status: 'waiting-customer', level: 1, assignee: ADA.id, clocks: { response: { state: 'met' } } })
    const lines = (await desk.ticketing.timeline(ticketId, { isPublicOnly: false, limit: 50 })).items
    expect(lines.filter(line => line.kind === 'message').map(line => [line.text, line.author.name])).toEqual([[preview.text, 'Ada']])
  })

  it('send the words a person made of them', async () => {
    const desk = await makeDesk(await open())
    const { deviceId } = await desk.kiosk()
    const ticketId = await desk.fault(deviceId)
    const { id } = await desk.macros.create(macro({ changes: { status: 'waiting-partner' } }), 'Ada')
    const { ticket, messageId } = await desk.macros.run(id, ticketId, ADA, 'In my own words.')
    expect(ticket.status).toBe('waiting-partner')
    const lines = (await desk.ticketing.timeline(ticketId, { isPublicOnly: true, limit: 50 })).items
    expect(lines.find(line => line.id === messageId)?.text).toBe('In my own words.')
  })

  it('change nothing at all when one part cannot be done', async () => {
    const desk = await makeDesk(await open())
    const { deviceId } = await desk.kiosk()
    const ticketId = await desk.fault(deviceId, 'printer.jam')
    const needs = await desk.macros.create(
      macro({ name: 'b', texts: { en: '{{ device | upcase }}' }, changes: { level: 4, line: 1, status: 'closed' } }),
      'Ada',
    )
    await desk.ticketing.move(ticketId, { to: 'closed' }, { author_kind: 'person', author_name: 'Ada' })
    const before = await desk.ticketing.read(ticketId)
    const stuck = await desk.macros.create(
      macro({ name: 'c', texts: { en: 'x' }, changes: { level: 4, status: 'waiting-partner' } }),
      'Ada',
    )
    await expect(desk.macros.run(stuck.id, ticketId, ADA, undefined)).rejects.toMatchObject({ slug: 'invalid-input' })
    expect((await desk.ticketing.read(ticketId)).level).toBe(before.level)
    expect(needs.name).toBe('b')
  })

  it('one name is one macro, and one that is gone is gone', async () => {
    const desk = await makeDesk(await open())
    const { id } = await desk.macros.create(macro(), 'Ada')
    await expect(desk.macros.create(macro(), 'Bo')).rejects.toThrow('There is a macro "Ask for a photo" already')
    const other = await desk.macros.create(macro({ name: 'Other' }), 'Ada')
    await expect(desk.macros.replace(other.id, macro(), 'Bo')).rejects.toThrow('already')
    expect((await desk.macros.replace(id, macro({ texts: { en: 'Short' } }), 'Bo')).changedBy).toBe('Bo')
    await desk.macros.remove(id)
    await expect(desk.macros.read(id)).rejects.toThrow('no such macro')
    await expect(desk.macros.preview(id, 'x', ADA)).rejects.toThrow('no such macro')
  })
})

eachStore('an update drafted from live data', open => {
  it('tells what fails, what was tried and when the customer hears again, and of a visit', async () => {
    const desk = await makeDesk(await open())
    const { customerId, deviceId } = await desk.kiosk({ partnerId: 'p' })
    const ticketId = await desk.fault(deviceId, 'printer.jam')
    await inTransaction(desk.db, async tx => {
      const [incident] = await tx.selectFrom('incidents').selectAll().where('ticket_id', '=', ticketId).execute()
      const remedies = [{ id: 'restart-queue', outcome: 'did-not-help', at: desk.time.nowMs }]
      await tx
        .updateTable('incidents')
        .set({ remedies: JSON.stringify(remedies) })
        .where('id', '=', incident?.id ?? '')
        .execute()
    })
    await desk.ticketing.write(
      ticketId,
      { visibility: 'internal', body: 'SECRET the customer is difficult' },
      { author_kind: 'person', author_name: 'Ada' },
    )
    const english = await desk.drafts.write(ticketId)
    expect(english.text).toMatch(/Kiosk 1, Central Station: paper jam\. It has been so since .*10:00.*\(Europe\/Stockholm\)/)
    expect(english.text).toContain('- restarted print queue: it did not help')
    expect(english.text).toMatch(/You hear from us again at the latest by .*\(Europe\/Stockholm\)/)
    expect(english.text).not.toContain('SECRET')
    await desk.speak(customerId, 'sv')
    const swedish = await desk.drafts.write(ticketId)
    expect(swedish).toMatchObject({ language: 'sv' })
    expect(swedish.text).toContain('papperet har fastnat')
    expect(swedish.text).toContain('- startat om utskriftskön: det hjälpte inte')
    await desk.observe({ deviceId, signal: 'printer.jam', state: 'ok' })
    expect((await desk.drafts.write(ticketId)).text).toContain('felet är borta')
    await desk.db.updateTable('device_states').set({ connection: 'offline' }).where('device_id', '=', deviceId).execute()
    expect((await desk.drafts.write(ticketId)).text).toContain('vi har inte haft kontakt')
  })

  it.each(LANGUAGES)('has no hole in %s, also for a report of a person without a device', async language => {
    const desk = await makeDesk(await open())
    const customerId = await desk.customer()
    await desk.speak(customerId, language)
    const hostile = '{{ reference }}{% raw %} <b>'
    const ticket = await desk.ticketing.register(desk.report(customerId, { subject: hostile }), {
      author_kind: 'person',
      author_name: 'Ada',
    })
    const { text } = await desk.drafts.write(ticket.id)
    expect(text).toContain(hostile)
    expect(text).not.toMatch(/undefined|null|NaN|\{%\s*if/)
  })
})

eachStore('hostile texts', open => {
  it.each([
    ['a word there is not', '{{ password }}'],
    ['a filter there is not', '{{ subject | shell }}'],
    ['an endless loop', '{% for i in (1..100000000) %}x{% endfor %}'],
    ['loops in loops', '{% for i in (1..9999) %}{% for j in (1..9999) %}{{ i }}{% endfor %}{% endfor %}'],
    ['a file of the server', "{% include '/etc/passwd' %}"],
    ['a file beside it', "{% render 'package.json' %}"],
    ['a layout', "{% layout 'README.md' %}x"],
    ['a tag that does not end', '{% if contact %}x'],
    ['a word only some tickets have, unasked', '{{ contact.name.first }}'],
    ['inside of what texts are made of', '{{ reference.constructor.constructor }}'],
  ])('%s is refused with the language it is in', async (_reason, text) => {
    const desk = await makeDesk(await open())
    const started = performance.now()
    const making = desk.macros.create(macro({ texts: { en: 'fine', de: text } }), 'Ada')
    await expect(making).rejects.toMatchObject({ errors: [{ path: 'body/texts/de' }] })
    expect(performance.now() - started).toBeLessThan(5_000)
  })
  it('what a ticket says runs nothing', async () => {
    const desk = await makeDesk(await open())
    const customerId = await desk.customer()
    const subject = '{% for i in (1..100000000) %}x{% endfor %}{{ agent }}'
    const ticket = await desk.ticketing.register(desk.report(customerId, { subject }), { author_kind: 'person', author_name: 'Ada' })
    const { id } = await desk.macros.create(macro({ texts: { en: 'About: {{ subject }}' } }), 'Ada')
    expect((await desk.macros.preview(id, ticket.id, ADA)).text).toBe(`About: ${subject}`)
  })
})
