/** What the agent obeys, and that it does each thing once. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import pino from 'pino'
import { afterAll, describe, expect, it } from 'vitest'
import { makeCommandDesk, type CommandAnswer, type CommandHandlers } from '../../../agent/link/command-runner.ts'
import { parseCommand } from '../../../agent/link/signed-command.ts'
import { openAgentStore } from '../../../agent/platform/state.ts'
import { newDeviceId, newTimedId } from '../../../shared/ids.ts'
import type { ResultData } from '../../../shared/messages.ts'
import { newSigningKey, signDocument } from '../../../shared/signing.ts'
import { waitFor } from '../wait-for.ts'

const NOW_MS = Date.parse('2026-03-02T09:00:00Z')
const base = mkdtempSync(join(tmpdir(), 'kk-commands-'))
afterAll(() => rmSync(base, { recursive: true, force: true }))
const key = newSigningKey('k')
const keys = { k: key.publicKeyPem }
const deviceId = newDeviceId()
const picture = () => ({
  id: newTimedId(NOW_MS),
  deviceId,
  kind: 'take-picture',
  issuedAt: NOW_MS,
  expiresAt: NOW_MS + 60_000,
  payload: {},
})
const sign = (document: object, purpose: 'k1cmd' | 'k1cfg' = 'k1cmd', by = key, forDevice = deviceId) =>
  signDocument(by, purpose, forDevice, document)

describe('a command', () => {
  it('is taken when it is signed for this device', () => {
    const upload = { bundleId: 'b', url: 'https://x/api', token: 'aB-_9', expiresAt: NOW_MS }
    const wires = [
      picture(),
      { ...picture(), kind: 'run-remedy', payload: { id: 'reload-page' } },
      { ...picture(), kind: 'upload-evidence', payload: upload },
    ]
    expect(wires.map(document => parseCommand(sign(document), keys, deviceId))).toMatchObject([
      { ok: true, command: { kind: 'take-picture' } },
      { ok: true, command: { kind: 'run-remedy', remedy: 'reload-page', signal: null } },
      { ok: true, command: { kind: 'upload-evidence', upload } },
    ])
  })

  it.each(
    [
      ['nonsense', 'it is not signed', null],
      [sign(picture(), 'k1cfg'), 'it is signed as a configuration', null],
      [sign(picture(), 'k1cmd', newSigningKey('k')), 'it is signed by somebody else', null],
      [sign(picture(), 'k1cmd', newSigningKey('other')), 'its key is not known', null],
      [sign(picture(), 'k1cmd', key, newDeviceId()), 'it is signed for another device', null],
      [sign({ ...picture(), deviceId: newDeviceId() }), 'it names another device', null],
      [sign({ ...picture(), id: '../x' }), 'its id is none', null],
      [sign({ ...picture(), expiresAt: 'never' }), 'it never expires', 'told'],
      [sign({ ...picture(), kind: 'run-shell', payload: { command: 'rm' } }), 'its kind is not known', 'told'],
      [sign({ ...picture(), kind: 'run-remedy', payload: { id: 7 } }), 'its remedy is no word', 'told'],
      [
        sign({ ...picture(), kind: 'upload-evidence', payload: { bundleId: 'b', url: 'https://x', token: '../admin', expiresAt: 1 } }),
        'its token is a path',
        'told',
      ],
      [sign({ ...picture(), kind: 'upload-evidence' }), 'its payload is empty', 'told'],
      [sign({ ...picture(), payload: 'x'.repeat(20_000) }), 'it is too long', null],
    ].map(([wire, reason, told]) => ({ wire: String(wire), reason, told })),
  )('is refused when $reason', ({ wire, told }) => {
    const parsed = parseCommand(wire, keys, deviceId)
    expect(parsed.ok).toBe(false)
    expect(parsed.ok || (parsed.id === null ? null : 'told')).toBe(told)
  })

  it('of any text never throws', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 300 }), wire => !parseCommand(wire, keys, deviceId).ok))
    fc.assert(fc.property(fc.jsonValue(), value => !parseCommand(sign([value]), keys, deviceId).ok))
  })
})

async function makeDesk(change: Partial<CommandHandlers> = {}, folder = mkdtempSync(join(base, 'a-'))) {
  const store = await openAgentStore(folder)
  await store.update(state => void (state.signingKeys = keys))
  const told: ResultData[] = []
  const done: string[] = []
  const handler = (command: { kind: string }): Promise<CommandAnswer | null> => {
    done.push(command.kind)
    return Promise.resolve({ state: 'done', text: 'well' })
  }
  const desk = makeCommandDesk({
    store,
    keep: store.update,
    deviceId,
    log: pino({ level: 'silent' }),
    serverMs: () => NOW_MS,
    send: data => void told.push(data),
    handlers: { 'upload-evidence': handler, 'take-picture': handler, 'run-remedy': handler, ...change },
  })
  return { desk, store, told, done, folder }
}

describe('the command desk', () => {
  it('does a command that comes three times once, and answers each time', async () => {
    const { desk, told, done } = await makeDesk()
    const wire = sign(picture())
    desk.take(wire)
    desk.take(wire)
    await waitFor('the answer', () => told.length === 1)
    desk.take(wire)
    expect(done).toEqual(['take-picture'])
    expect(told.map(answer => answer.state)).toEqual(['done', 'done'])
  })

  it('does nothing twice after it was ended in the middle, and says so', async () => {
    const wire = sign({ ...picture(), kind: 'run-remedy', payload: { id: 'reboot' } })
    const first = await makeDesk({ 'run-remedy': () => new Promise(() => {}) })
    first.desk.take(wire)
    await waitFor('it is remembered on disk', () => readFileSync(first.store.path, 'utf8').includes('"answer": null'))
    const second = await makeDesk({}, first.folder)
    second.desk.take(wire)
    expect(second.done).toEqual([])
    expect(second.told).toMatchObject([{ state: 'failed', text: 'the agent ended while it carried this out' }])
  })

  it('does an upload again after a start, because it goes on where it was', async () => {
    const wire = sign({
      ...picture(),
      kind: 'upload-evidence',
      payload: { bundleId: 'b', url: 'https://x', token: 't', expiresAt: NOW_MS },
    })
    const first = await makeDesk({ 'upload-evidence': () => Promise.resolve(null) })
    first.desk.take(wire)
    await new Promise(resolve => setImmediate(resolve))
    expect(first.told).toEqual([])
    const second = await makeDesk({}, first.folder)
    second.desk.take(wire)
    await waitFor('the answer', () => second.told.length === 1)
    expect(second.done).toEqual(['upload-evidence'])
  })

  it('tells what came too late, what it does not know and what went wrong', async () => {
    const { desk, told } = await makeDesk({ 'run-remedy': () => Promise.reject(new Error('the page does not answer')) })
    desk.take(sign({ ...picture(), expiresAt: NOW_MS - 1 }))
    desk.take(sign({ ...picture(), kind: 'dance' }))
    desk.take(sign({ ...picture(), kind: 'run-remedy', payload: { id: 'reload-page' } }))
    desk.take('forged')
    await waitFor('the answers', () => told.length === 3)
    expect(told.map(answer => [answer.state, answer.text])).toEqual([
      ['expired', 'it came too late'],
      ['refused', 'this agent does not know how to dance so'],
      ['failed', 'the page does not answer'],
    ])
  })

  it('remembers the last 64', async () => {
    const { desk, store, told } = await makeDesk()
    for (let count = 0; count < 70; count++) desk.take(sign(picture()))
    await waitFor('all answers', () => told.length === 70)
    expect(store.data.commands).toHaveLength(64)
  })
})
