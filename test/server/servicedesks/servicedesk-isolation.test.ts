/** What goes over the line to a customer's own desk: their tickets and public words, and not a byte of anybody else or of the house. */
import { expect, it } from 'vitest'
import type { Caller } from '../../../server/platform/caller.ts'
import { eachStore } from '../../support/stores.ts'
import { ADA, makeSyncRig, SETUPS } from './sync-rig.ts'

const OTHERS = 'ALPHA-SECRET'
const HOUSE = 'INTERNAL-WHISPER'
const DESK: Caller = { kind: 'user', id: 'u1', name: 'Ada', role: 'desk', customerIds: null, partnerId: null }

eachStore('the line to a desk', open => {
  it.each(Object.keys(SETUPS) as (keyof typeof SETUPS)[])('carries nothing of others and nothing internal: %s', async kind => {
    const rig = await makeSyncRig(await open(), kind)
    const { customers, ticketing, defects, majors, relations } = rig.house
    const other = await customers.create({ name: OTHERS, planId: 'ombori-enterprise', timeZone: 'Europe/Stockholm' })
    const foreign = await ticketing.register(
      { customerId: other.id, level: 1, subject: OTHERS, description: OTHERS, channel: 'phone', reporter: { name: OTHERS } },
      ADA,
    )
    const mine = await rig.ticket('Till is dark')
    await rig.settle()

    // everything that ties the two together, and every word that is for the house
    await relations.link(mine.id, { kind: 'related', ticketId: foreign.id }, ADA)
    const defect = await defects.make({ class: 'crash', title: HOUSE, impact: HOUSE, ticketId: mine.id }, DESK)
    await defects.link(defect.id, foreign.id, DESK)
    await defects.comment(defect.id, HOUSE, DESK)
    const major = await majors.raise({ title: HOUSE, ticketIds: [mine.id, foreign.id] }, DESK)
    await majors.tell(major.id, { body: 'We work on it.' }, DESK)
    await rig.say(mine.id, HOUSE, 'internal')
    await rig.say(foreign.id, OTHERS)
    await rig.say(foreign.id, OTHERS, 'internal')
    await ticketing.move(foreign.id, { to: 'resolved', reason: OTHERS }, ADA)
    await ticketing.patch(mine.id, { level: 1 }, ADA)
    await rig.say(mine.id, 'A technician is on the way.')
    for (let round = 0; round < 3; round++) {
      rig.pass(61)
      await rig.settle()
    }

    const sent = rig.line.calls.map(({ path, query, headers, text }) => JSON.stringify([path, query, headers, text])).join('\n')
    for (const hidden of [OTHERS, HOUSE, foreign.reference, foreign.id, other.id, defect.id, defect.reference, major.reference])
      expect(sent.includes(hidden), hidden).toBe(false)
    expect(rig.theirs(mine.reference).comments.map(one => one.text)).toEqual([
      expect.stringContaining('We work on it.') as string,
      'A technician is on the way.',
    ])
    expect([...rig.model.tickets.values()].filter(one => one.by === 'us')).toHaveLength(1)
    expect(await rig.desk.decisions.ofTicket(foreign.id)).toEqual([])
  })
})
