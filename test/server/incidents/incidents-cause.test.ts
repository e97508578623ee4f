import { expect, it } from 'vitest'
import { eachStore } from '../../support/stores.ts'
import { makeRig, MONDAY_MS, type Rig } from '../../support/ticketing-rig.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

const stateOf = async (rig: Rig, signal: string) => {
  const rows = (await rig.allIncidents()).filter(row => row.signal === signal)
  return rows.map(row => row.state)
}
const idOf = async (rig: Rig, signal: string): Promise<string> =>
  (await rig.allIncidents()).findLast(row => row.signal === signal)?.id ?? ''
const open = async (rig: Rig) => (await rig.tickets()).map(row => [row.signal, row.level, row.status])

eachStore('one cause, one ticket', openStore => {
  it('hangs symptoms under their cause: one ticket with the highest level, and everybody is told why', async () => {
    const rig = await makeRig(await openStore())
    const { deviceId } = await rig.kiosk()
    await rig.observe({ deviceId, signal: 'disk.full', state: 'failing', text: 'The disk is 99 % full' })
    await rig.pass(5 * SECOND)
    await rig.observe(
      { deviceId, signal: 'app.crashed', state: 'failing', text: 'The kiosk app is gone', evidence: { kind: 'log', lines: ['ENOSPC'] } },
      { deviceId, signal: 'screen.blank', state: 'failing' },
      { deviceId, signal: 'printer.jam', state: 'failing' },
    )
    await rig.pass(2 * MINUTE, SECOND)
    expect(await open(rig)).toEqual([
      ['disk.full', 1, 'new'],
      ['printer.jam', 2, 'new'],
    ])
    const cause = await rig.reader.read(await idOf(rig, 'disk.full'))
    const symptom = await rig.reader.read(await idOf(rig, 'app.crashed'))
    expect(symptom).toMatchObject({ state: 'open', parentId: cause.id, ticketId: null })
    expect(symptom.why).toEqual(['Explained by disk.full: programs that cannot write stop. No ticket of its own.'])
    expect(cause.children).toHaveLength(2)
    expect(cause.why).toContain('Explains app.crashed as well: The kiosk app is gone')
    const ticket = (await rig.tickets())[0]
    expect((await rig.ticketing.read(ticket?.id ?? '')).evidence.map(item => item.kind)).toEqual(['log'])
    expect((await rig.timeline(deviceId)).map(row => row.text)).toContain(
      'app.crashed: Explained by disk.full: programs that cannot write stop. No ticket of its own.',
    )
  })

  it('raises the ticket of the cause when a symptom comes later', async () => {
    const rig = await makeRig(await openStore())
    const { deviceId } = await rig.kiosk()
    await rig.observe({ deviceId, signal: 'page.unreachable', state: 'failing' })
    await rig.pass(2 * MINUTE)
    expect(await open(rig)).toEqual([['page.unreachable', 2, 'new']])
    await rig.observe({ deviceId, signal: 'screen.error-page', state: 'failing', text: 'The browser shows an error' })
    await rig.pass(MINUTE, SECOND)
    expect(await open(rig)).toEqual([['page.unreachable', 1, 'new']])
    const [ticket] = await rig.tickets()
    const { items } = await rig.ticketing.timeline(ticket?.id ?? '', { isPublicOnly: false, limit: 50 })
    expect(items.map(item => item.text)).toContain('screen.error-page fails too, explained by this fault: The browser shows an error')
    expect(items.some(item => item.kind === 'level')).toBe(true)
  })

  it('waits for no ladder of a cause that explains a fault of level 1', async () => {
    const rig = await makeRig(await openStore())
    const { deviceId } = await rig.kiosk()
    const ladder = { remedies: [{ id: 'clear-caches', outcome: 'did-not-help' as const, at: MONDAY_MS }], exhausted: false }
    await rig.observe({ deviceId, signal: 'disk.full', state: 'failing', ...ladder }, { deviceId, signal: 'app.crashed', state: 'failing' })
    await rig.pass(30 * SECOND, SECOND)
    await rig.observe({ deviceId, signal: 'disk.full', state: 'failing', ...ladder })
    await rig.pass(31 * SECOND, SECOND)
    expect(await open(rig)).toEqual([['disk.full', 1, 'new']])
  })

  it('gives the ticket of a symptom to a cause that begins within two minutes after it', async () => {
    const rig = await makeRig(await openStore())
    const { deviceId } = await rig.kiosk()
    await rig.observe({ deviceId, signal: 'screen.blank', state: 'failing' })
    await rig.pass(30 * SECOND)
    await rig.pass(119 * SECOND)
    await rig.observe({ deviceId, signal: 'display.disconnected', state: 'failing', text: 'HDMI-1 has no display' })
    await rig.pass(MINUTE, SECOND)
    const [ticket, none] = await rig.tickets()
    expect(none).toBeUndefined()
    expect(ticket).toMatchObject({
      signal: 'display.disconnected',
      subject: 'Kiosk 1: the display is disconnected',
      incident_id: await idOf(rig, 'display.disconnected'),
      occurrences: 1,
    })
    expect(ticket?.why).toContain('display.disconnected explains screen.blank, for which this ticket was raised')
    const symptom = await rig.reader.read(await idOf(rig, 'screen.blank'))
    expect(symptom).toMatchObject({ ticketId: null, parentId: await idOf(rig, 'display.disconnected') })
    // Its own recovery resolves nothing: the cause is still there.
    await rig.observe({ deviceId, signal: 'screen.blank', state: 'ok' })
    await rig.pass(5 * MINUTE, 10 * SECOND)
    expect((await rig.tickets()).map(row => row.status)).toEqual(['new'])
    await rig.observe({ deviceId, signal: 'display.disconnected', state: 'ok' })
    await rig.pass(5 * MINUTE, 10 * SECOND)
    expect((await rig.tickets()).map(row => row.status)).toEqual(['resolved'])
  })

  it('leaves two tickets when the cause comes later than that', async () => {
    const rig = await makeRig(await openStore())
    const { deviceId } = await rig.kiosk()
    await rig.observe({ deviceId, signal: 'screen.blank', state: 'failing' })
    await rig.pass(30 * SECOND)
    await rig.pass(121 * SECOND)
    await rig.observe({ deviceId, signal: 'display.disconnected', state: 'failing' })
    await rig.pass(MINUTE, SECOND)
    expect((await open(rig)).map(([signal]) => signal)).toEqual(['screen.blank', 'display.disconnected'])
  })

  it('makes two symptoms of one late cause one ticket', async () => {
    const rig = await makeRig(await openStore())
    const { deviceId } = await rig.kiosk()
    await rig.observe({ deviceId, signal: 'screen.blank', state: 'failing' }, { deviceId, signal: 'touch.missing', state: 'failing' })
    await rig.pass(31 * SECOND, SECOND)
    expect(await rig.tickets()).toHaveLength(2)
    await rig.observe({ deviceId, signal: 'display.disconnected', state: 'failing' })
    await rig.pass(MINUTE, SECOND)
    const tickets = await rig.tickets()
    expect(tickets.map(row => row.status).toSorted()).toEqual(['closed', 'new'])
    expect(tickets.find(row => row.status === 'new')?.signal).toBe('display.disconnected')
    expect(tickets.find(row => row.status === 'closed')?.same_as_ticket_id).toBe(tickets.find(row => row.status === 'new')?.id)
  })

  it('opens a symptom that outlives its cause, its hold counted anew from the end of the cause', async () => {
    const rig = await makeRig(await openStore())
    const { deviceId } = await rig.kiosk()
    await rig.observe(
      { deviceId, signal: 'display.disconnected', state: 'failing' },
      { deviceId, signal: 'touch.missing', state: 'failing' },
    )
    await rig.pass(MINUTE, SECOND)
    await rig.observe({ deviceId, signal: 'display.disconnected', state: 'ok' })
    await rig.pass(29 * SECOND, SECOND)
    expect((await open(rig)).map(([signal]) => signal)).toEqual(['display.disconnected'])
    await rig.pass(2 * SECOND, SECOND)
    expect(await open(rig)).toEqual([
      ['display.disconnected', 1, 'resolved'],
      ['touch.missing', 1, 'new'],
    ])
    const symptom = await rig.reader.read(await idOf(rig, 'touch.missing'))
    expect(symptom.parentId).toBeNull()
    expect(symptom.why.at(-1)).toBe('display.disconnected is over, this is not: watched on its own from there.')
  })

  it('counts the hold anew also for a cause that was mended within its own', async () => {
    const rig = await makeRig(await openStore())
    const { deviceId } = await rig.kiosk()
    await rig.observe({ deviceId, signal: 'app.crashed', state: 'failing' }, { deviceId, signal: 'screen.blank', state: 'failing' })
    await rig.pass(15 * SECOND)
    await rig.observe({ deviceId, signal: 'app.crashed', state: 'ok' })
    await rig.pass(20 * SECOND, SECOND)
    expect(await rig.tickets()).toEqual([])
    await rig.observe({ deviceId, signal: 'screen.blank', state: 'ok' })
    await rig.pass(HOUR, MINUTE)
    expect(await rig.tickets()).toEqual([])
    expect((await rig.allIncidents()).map(row => [row.signal, row.state, row.opened_count])).toEqual([['screen.blank', 'closed', 0]])
  })

  it('lets a symptom stand for itself once somebody has resolved the ticket of its cause', async () => {
    const rig = await makeRig(await openStore())
    const { deviceId } = await rig.kiosk()
    await rig.observe({ deviceId, signal: 'disk.full', state: 'failing' })
    await rig.pass(5 * MINUTE)
    const [ticket] = await rig.tickets()
    await rig.ticketing.move(ticket?.id ?? '', { to: 'resolved', reason: 'Cleaned up' }, { author_kind: 'person', author_name: 'Ada' })
    await rig.observe({ deviceId, signal: 'app.crashed', state: 'failing' })
    await rig.pass(MINUTE, SECOND)
    expect((await open(rig)).map(([signal, , status]) => [signal, status])).toEqual([
      ['disk.full', 'resolved'],
      ['app.crashed', 'new'],
    ])
  })

  it('takes what a device said last for no longer fresh when contact is lost', async () => {
    const rig = await makeRig(await openStore())
    const { deviceId } = await rig.kiosk()
    await rig.observe({ deviceId, signal: 'app.crashed', state: 'failing' })
    await rig.pass(10 * SECOND)
    await rig.observe({ deviceId, signal: 'agent.offline', state: 'failing', text: 'Lost contact' })
    await rig.pass(10 * MINUTE, 10 * SECOND)
    expect(await open(rig)).toEqual([['agent.offline', 1, 'new']])
    await rig.pass(7 * 24 * HOUR, 12 * HOUR)
    await rig.observe({ deviceId, signal: 'agent.missing', state: 'failing' })
    await rig.pass(MINUTE, SECOND)
    expect((await rig.tickets()).map(row => row.signal)).toEqual(['agent.offline'])
    expect(await stateOf(rig, 'agent.missing')).toEqual(['open'])
  })

  it('ends the symptoms of a retired device too', async () => {
    const rig = await makeRig(await openStore())
    const { deviceId } = await rig.kiosk()
    await rig.observe({ deviceId, signal: 'disk.full', state: 'failing' }, { deviceId, signal: 'app.crashed', state: 'failing' })
    await rig.pass(5 * MINUTE, SECOND)
    await rig.db.transaction().execute(tx => rig.incidents.forgetDevice(tx, deviceId, []))
    expect((await rig.allIncidents()).map(row => row.state)).toEqual(['closed', 'closed'])
    await rig.pass(HOUR, MINUTE)
    expect((await rig.tickets()).map(row => row.status)).toEqual(['resolved'])
  })
})

eachStore('a signal that comes and goes', openStore => {
  /** Fails for a minute and is well for two, so many times. */
  const flap = async (rig: Rig, deviceId: string, times: number): Promise<void> => {
    for (let index = 0; index < times; index++) {
      await rig.observe({ deviceId, signal: 'screen.blank', state: 'failing' })
      await rig.pass(MINUTE, 10 * SECOND)
      await rig.observe({ deviceId, signal: 'screen.blank', state: 'ok' })
      await rig.pass(2 * MINUTE, 10 * SECOND)
    }
  }

  it('has one ticket kept open and flagged, tells nobody of each time, and leaves by itself', async () => {
    const rig = await makeRig(await openStore())
    const { deviceId, customerId } = await rig.kiosk()
    await rig.contact(customerId, 'carl@example.com')
    await flap(rig, deviceId, 5)
    const [ticket] = await rig.tickets()
    expect(JSON.parse(ticket?.flags ?? '[]')).toContain('unstable')
    expect(ticket).toMatchObject({ occurrences: 5, status: 'in-progress' })
    const incident = (await rig.allIncidents()).at(-1)
    expect(incident).toMatchObject({ unstable: 1, state: 'recovering', ticket_id: ticket?.id })
    const toldBefore = (await rig.outbox()).length
    await flap(rig, deviceId, 6)
    expect(await rig.outbox()).toHaveLength(toldBefore)
    expect((await rig.tickets()).map(row => [row.occurrences, row.status])).toEqual([[5, 'in-progress']])
    expect(await rig.allIncidents()).toHaveLength(5)
    expect((await rig.reader.read(incident?.id ?? '')).unstable).toBe(true)

    await rig.pass(2 * HOUR, MINUTE)
    const [after] = await rig.tickets()
    expect(after).toMatchObject({ status: 'resolved', resolved_by: 'monitoring' })
    expect(JSON.parse(after?.flags ?? '[]')).not.toContain('unstable')
    expect(after?.why).toContain('Calm again')
    expect((await rig.allIncidents()).map(row => [row.state, row.unstable])).toEqual(Array.from({ length: 5 }, () => ['closed', 0]))
  })

  it('leaves also when it fails without a break: the ticket stays open', async () => {
    const rig = await makeRig(await openStore())
    const { deviceId } = await rig.kiosk()
    await flap(rig, deviceId, 5)
    await rig.observe({ deviceId, signal: 'screen.blank', state: 'failing' })
    await rig.pass(2 * HOUR, MINUTE)
    const [ticket] = await rig.tickets()
    expect(ticket?.status).toBe('in-progress')
    expect(JSON.parse(ticket?.flags ?? '[]')).not.toContain('unstable')
    expect((await rig.allIncidents()).at(-1)).toMatchObject({ state: 'open', unstable: 0, ended_at: null })
  })

  it('keeps nothing of a signal that never failed', async () => {
    const rig = await makeRig(await openStore())
    const { deviceId } = await rig.kiosk()
    await rig.observe({ deviceId, signal: 'screen.blank', state: 'ok' })
    expect((await rig.db.selectFrom('conditions').select('flaps').execute()).map(row => row.flaps)).toEqual([null])
    expect(rig.time.nowMs).toBe(MONDAY_MS)
  })
})
