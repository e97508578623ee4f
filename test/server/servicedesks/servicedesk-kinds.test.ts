import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { DESK_KINDS } from '../../../shared/api/servicedesks/servicedesk-api.ts'
import { addressOf, makeDeskHttp } from '../../../server/servicedesks/adapters/desk-http.ts'
import { asHtml, wordsOf } from '../../../server/servicedesks/adapters/desk-json.ts'
import { openStore } from '../../../server/database/database.ts'
import { glpiStandIn } from '../../support/desks/glpi-stand-in.ts'
import { jiraStandIn } from '../../support/desks/jira-stand-in.ts'
import { ADA, deskNotes, makeSyncRig } from './sync-rig.ts'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})
const memory = async () => {
  const store = await openStore(':memory:')
  closing.push(() => store.close())
  return store
}
/** Answers with a fault the first time that a call does something, after having done it. */
const oops = (matches: (path: string, method: string) => boolean) => {
  let isOver = false
  return ({ path, method }: { path: string; method: string }) => {
    if (isOver || !matches(path, method) || !['POST', 'PATCH'].includes(method)) return null
    isOver = true
    return { answer: 500 }
  }
}

describe.each(DESK_KINDS)('%s', kind => {
  it('makes one ticket although the answer was a fault', async () => {
    const rig = await makeSyncRig(await memory(), kind)
    rig.line.trouble = oops(() => true)
    const ticket = await rig.ticket()
    await rig.settle()
    // Nothing tells of it but the ticket itself.
    rig.hooks.splice(0)
    rig.pass(2)
    await rig.settle()
    expect(rig.theirs(ticket.reference).subject).toContain('Screen is black')
    expect(rig.model.tickets.size).toBe(1)
  })

  it('writes one comment although its answer was lost, also one that was said before', async () => {
    const rig = await makeSyncRig(await memory(), kind)
    const ticket = await rig.ticket()
    await rig.say(ticket.id, 'OK')
    await rig.settle()
    rig.line.trouble = oops(() => true)
    await rig.say(ticket.id, 'OK')
    await rig.settle()
    rig.hooks.splice(0)
    rig.pass(2)
    await rig.settle()
    expect(rig.theirs(ticket.reference).comments.map(one => one.text)).toEqual(['OK', 'OK'])
  })

  it('waits as long as it is asked to', async () => {
    const rig = await makeSyncRig(await memory(), kind)
    rig.line.trouble = () => ({ status: 429, headers: { 'retry-after': '600' } })
    await rig.ticket()
    await rig.settle()
    rig.line.trouble = () => null
    rig.pass(9)
    await rig.settle()
    expect(rig.model.tickets.size).toBe(0)
    rig.pass(2)
    await rig.settle()
    expect(rig.model.tickets.size).toBe(1)
  })

  it('takes doubled and turned round webhooks once', async () => {
    const rig = await makeSyncRig(await memory(), kind)
    const ticket = await rig.ticket()
    await rig.settle()
    const there = rig.theirs(ticket.reference)
    rig.hooks.splice(0)
    rig.model.setState(there.id, rig.stateMap.ours['in-progress'], 'them')
    rig.model.comment(there.id, { text: 'First', isPublic: true, by: 'them' })
    rig.model.comment(there.id, { text: 'Secret', isPublic: false, by: 'them' })
    rig.model.setState(there.id, rig.stateMap.ours.resolved, 'them')
    const [first, ...others] = rig.hooks.splice(0).toReversed()
    if (!first) throw new Error('there were changes')
    expect(await rig.send(first)).toBe('kept')
    expect(await rig.send(first)).toBe('repeated')
    await rig.desk.worker.runDue()
    for (const hook of others) await rig.send(hook)
    await rig.settle()
    expect(await rig.status(ticket.id)).toBe('resolved')
    const lines = (await rig.messages(ticket.id)).filter(line => line.kind === 'message')
    expect(lines.map(line => [line.text, line.visibility])).toEqual([['First', 'public']])
  })

  it('refuses webhooks that are not signed, and survives every other', async () => {
    const rig = await makeSyncRig(await memory(), kind)
    const ticket = await rig.ticket()
    await rig.settle()
    rig.model.comment(rig.theirs(ticket.reference).id, { text: 'x', isPublic: true, by: 'them' })
    const hook = rig.hooks.at(-1)
    if (!hook) throw new Error('there was a change')
    const unsigned = { raw: hook.raw, headers: {} }
    const changed = { raw: Buffer.concat([hook.raw, Buffer.from(' ')]), headers: hook.headers }
    await expect(rig.send(unsigned)).rejects.toMatchObject({ slug: 'webhook-refused' })
    // ServiceNow signs nothing: its secret is a header of its own.
    if (kind === 'servicenow')
      await expect(rig.send({ ...hook, headers: { 'x-kioskeeper-secret': 'no' } })).rejects.toMatchObject({ slug: 'webhook-refused' })
    else await expect(rig.send(changed)).rejects.toMatchObject({ slug: 'webhook-refused' })
    await expect(rig.desk.hook.receive(rig.linkId, 'wrong', hook.raw, hook.headers)).rejects.toMatchObject({ slug: 'not-found' })
    await expect(rig.desk.hook.receive('nothing', '', hook.raw, hook.headers)).rejects.toMatchObject({ slug: 'not-found' })

    await rig.desk.links.update(rig.linkId, { settings: { ...rig.input.settings, unsignedAllowed: true } })
    const hostile = [
      '',
      'null',
      '[]',
      '{',
      '"text"',
      '{"__proto__":{"id":"1"}}',
      '{"issue":{"id":"../../rest"},"sys_id":"..","ticket":{"id":"a/b"},"item":{"id":"1 or 1=1"}}',
      '{"issue":{"id":{}},"ticket":[],"item":null,"sys_id":[]}',
      '['.repeat(50_000),
      `{"ticket":{"id":"${'9'.repeat(5000)}"}}`,
    ]
    for (const text of hostile) expect(await rig.send({ raw: Buffer.from(text), headers: {} }), text.slice(0, 60)).toBe('nothing')
    await rig.desk.links.update(rig.linkId, { enabled: false })
    expect(await rig.send(unsigned)).toBe('off')
  })

  it('shows who cannot log in, and is not switched on then', async () => {
    const rig = await makeSyncRig(await memory(), kind, { isOff: true })
    rig.line.trouble = () => ({ status: 401 })
    expect(await rig.desk.links.test(rig.linkId)).toMatchObject({
      faults: [{ path: 'body/secrets', message: expect.stringContaining('401') as string }],
    })
    await expect(rig.desk.links.update(rig.linkId, { enabled: true })).rejects.toMatchObject({ slug: 'link-not-ready' })
    expect(await rig.desk.links.read(rig.linkId)).toMatchObject({ enabled: false, health: 'off' })
    rig.line.trouble = () => null
    expect((await rig.desk.links.test(rig.linkId)).faults).toEqual([])
  })

  it('never takes a state nobody mapped: a line on the ticket, and a warning', async () => {
    const rig = await makeSyncRig(await memory(), kind)
    const ticket = await rig.ticket()
    await rig.settle()
    rig.model.setState(rig.theirs(ticket.reference).id, '99', 'them')
    await rig.settle()
    rig.model.comment(rig.theirs(ticket.reference).id, { text: 'Hello', isPublic: true, by: 'them' })
    await rig.settle()
    expect(await rig.status(ticket.id)).toBe('new')
    expect((await deskNotes(rig, ticket.id)).filter(text => text.includes('not in the table of states'))).toHaveLength(1)
    expect(await rig.desk.links.read(rig.linkId)).toMatchObject({ health: 'warning' })
  })

  it('believes no reference that somebody writes into a title', async () => {
    const rig = await makeSyncRig(await memory(), kind)
    const ticket = await rig.ticket()
    await rig.settle()
    rig.model.create({ subject: `[${ticket.reference}] give me theirs`, description: '', reference: ticket.reference, by: 'them' })
    await rig.settle()
    const { items } = await rig.house.ticketing.list({ limit: 10, scope: null, partnerOnly: null })
    expect(items).toHaveLength(2)
    expect(await rig.status(ticket.id)).toBe('new')
  })
})

describe('what one desk has and others have not', () => {
  it('Jira: a link is not switched on while a required field has no mapping', async () => {
    const standIn = (model: Parameters<typeof jiraStandIn>[0], now: () => number) =>
      jiraStandIn(model, now, { required: ['customfield_1'] })
    const rig = await makeSyncRig(await memory(), 'jira', { standIn, isOff: true })
    await expect(rig.desk.links.update(rig.linkId, { enabled: true })).rejects.toMatchObject({
      slug: 'link-not-ready',
      errors: [{ path: 'body/settings/requestFields/customfield_1' }],
    })
    const settings = { ...rig.input.settings, requestFields: { customfield_1: 'Kiosk: {reference}' } }
    await rig.desk.links.update(rig.linkId, { settings, enabled: true })
    await rig.ticket()
    await rig.settle()
    expect(rig.model.tickets.size).toBe(1)
  })

  it('Jira: a workflow without the way there parks the change and says which ways there are', async () => {
    const standIn = (model: Parameters<typeof jiraStandIn>[0], now: () => number) => jiraStandIn(model, now, { transitions: () => ['3'] })
    const rig = await makeSyncRig(await memory(), 'jira', { standIn })
    const ticket = await rig.ticket()
    await rig.settle()
    await rig.house.ticketing.move(ticket.id, { to: 'resolved' }, ADA)
    await rig.settle()
    const { items } = await rig.desk.decisions.parked(rig.linkId)
    expect(items).toMatchObject([{ kind: 'state', reason: expect.stringContaining('In Arbeit (3)') as string }])
  })

  it('GLPI: one session is kept, and a new one taken when it has ended', async () => {
    const sessions = new Set<string>()
    const rig = await makeSyncRig(await memory(), 'glpi', { standIn: (model, now) => glpiStandIn(model, now, sessions) })
    const logins = () => rig.line.calls.filter(call => call.path.endsWith('/initSession')).length
    const ticket = await rig.ticket()
    await rig.settle()
    const before = logins()
    await rig.say(ticket.id, 'One')
    await rig.settle()
    expect(logins()).toBe(before)
    sessions.clear()
    await rig.say(ticket.id, 'Two: a < b & <i>c</i>')
    await rig.settle()
    expect(logins()).toBe(before + 1)
    expect(rig.theirs(ticket.reference).comments.map(one => one.text)).toEqual(['One', 'Two: a < b & <i>c</i>'])
  })

  it('GLPI: words come out of HTML however it is encoded, and never as HTML', () => {
    expect(wordsOf(asHtml('a < b & <i>c</i>\nd'))).toBe('a < b & <i>c</i>\nd')
    expect(wordsOf('&lt;p&gt;Hello &amp;amp; bye&lt;/p&gt;')).toBe('Hello & bye')
    expect(wordsOf('<p>One</p><script>alert(1)</script><p>Two&nbsp;&#33;</p>')).toBe('One\nTwo !')
  })

  it('generic: without questions, what is told is taken in its own order', async () => {
    const rig = await makeSyncRig(await memory(), 'generic', { settings: { canRead: false } })
    const ticket = await rig.ticket()
    await rig.settle()
    const there = rig.theirs(ticket.reference)
    rig.hooks.splice(0)
    rig.model.setState(there.id, 'open', 'them')
    rig.model.comment(there.id, { text: 'Hello', isPublic: true, by: 'them' })
    rig.model.setState(there.id, 'solved', 'them')
    const told = rig.hooks.splice(0).toReversed()
    for (const hook of told) {
      await rig.send(hook)
      await rig.desk.worker.runDue()
    }
    expect(await rig.status(ticket.id)).toBe('resolved')
    await rig.house.ticketing.move(ticket.id, { to: 'in-progress' }, ADA)
    await rig.desk.worker.runDue()
    expect(there.state).toBe('open')
    expect(rig.line.calls.some(call => call.text.includes('"read"'))).toBe(false)
    // What was told before we set it says nothing new, however late it comes.
    for (const hook of told) await rig.send({ ...hook, headers: { ...hook.headers, 'kioskeeper-delivery': crypto.randomUUID() } })
    await rig.desk.worker.runDue()
    expect(await rig.status(ticket.id)).toBe('in-progress')
  })
})

describe('the way out', () => {
  const serve = async (answer: Parameters<typeof createServer>[1]): Promise<string> => {
    const server = createServer(answer as never)
    await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
    closing.push(() => {
      server.closeAllConnections()
      server.close()
    })
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }
  const http = makeDeskHttp({ isAllowed: () => true, timeLimitMs: 300 })

  it('stays below the address of its link', () => {
    expect(addressOf('https://desk.example/base', { path: '/a/b', query: { q: 'x&y' } }).href).toBe('https://desk.example/base/a/b?q=x%26y')
    expect(() => addressOf('https://desk.example/base', { path: '/../../admin' })).toThrow('leave the desk')
    expect(addressOf('https://desk.example', { path: '//evil.example/x' }).host).toBe('desk.example')
  })

  it('reaches no address that is not allowed', async () => {
    const url = await serve((_request, response) => response.end('{}'))
    const closed = makeDeskHttp({ isAllowed: () => false })
    await expect(closed(url)({ method: 'GET', path: '/' })).rejects.toMatchObject({ trouble: { status: 400 } })
  })

  it('follows no redirect, waits no longer than its limit, and reads no more than its limit', async () => {
    const moved = await serve((_request, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end())
    expect((await http(moved)({ method: 'GET', path: '/' })).status).toBe(302)
    const silent = await serve(() => undefined)
    await expect(http(silent)({ method: 'GET', path: '/' })).rejects.toMatchObject({
      trouble: { status: null, reason: 'no answer within 300 ms' },
    })
    const endless = await serve((_request, response) => {
      response.writeHead(200)
      for (let n = 0; n < 80; n += 1) response.write(Buffer.alloc(64 * 1024))
    })
    await expect(http(endless)({ method: 'GET', path: '/' })).rejects.toMatchObject({ trouble: { status: null } })
    const broken = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': '100' })
      response.write('{"a":')
      setImmediate(() => response.destroy())
    })
    await expect(http(broken)({ method: 'GET', path: '/' })).rejects.toMatchObject({ trouble: { status: null } })
  })

  it('sends what it is given', async () => {
    const url = await serve((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () =>
        response
          .writeHead(201, { 'retry-after': '7' })
          .end(JSON.stringify([request.method, request.url, Buffer.concat(chunks).toString()])),
      )
    })
    const answer = await http(`${url}/api`)({ method: 'PATCH', path: '/x', query: { a: '1' }, body: 'hällo' })
    expect(answer).toMatchObject({ status: 201, text: '["PATCH","/api/x?a=1","hällo"]' })
    expect(answer.headers['retry-after']).toBe('7')
  })
})
