import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { afterEach, describe, expect, it } from 'vitest'
import type { Clock } from '../../../agent/platform/agent-clock.ts'
import { makeBusinessWatch } from '../../../agent/hardware/business-watch.ts'
import { openBusinessDoor } from '../../../agent/probes/business.ts'
import { addTransactions, judgeBusiness } from '../../../agent/signals/business-rules.ts'
import { freePorts } from '../../support/free-ports.ts'
import { waitFor } from '../wait-for.ts'

const MINUTE_MS = 60_000
const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

describe('business.silent', () => {
  it.each([
    { why: 'a transaction just now', silentMs: 0, had: true, is: 'ok' },
    { why: 'almost too long ago', silentMs: 29.9 * MINUTE_MS, had: true, is: 'ok' },
    { why: 'too long ago', silentMs: 30 * MINUTE_MS, had: true, is: 'failing' },
    { why: 'none yet, and the watch is young', silentMs: MINUTE_MS, had: false, is: 'unknown' },
    { why: 'none since the watch began long ago', silentMs: 31 * MINUTE_MS, had: false, is: 'failing' },
  ])('$why', ({ silentMs, had, is }) => {
    expect(judgeBusiness(silentMs, 30, had).verdict).toBe(is)
  })

  it('counts the last hour', () => {
    const moments = addTransactions(addTransactions([], 2, 0), 1, 30 * MINUTE_MS)
    expect(addTransactions(moments, 0, 59 * MINUTE_MS)).toHaveLength(3)
    expect(addTransactions(moments, 0, 61 * MINUTE_MS)).toHaveLength(1)
    expect(addTransactions([], 100_000, 0)).toHaveLength(5_000)
  })
})

/** Sends bytes, answers what comes back until the line is closed. */
const talk = (port: number, ...parts: string[]) =>
  new Promise<string>(resolve => {
    const socket = connect(port, '127.0.0.1')
    let text = ''
    socket.on('data', chunk => (text += String(chunk)))
    socket.on('error', () => {})
    socket.on('close', () => resolve(text))
    for (const part of parts) socket.write(part)
  })
const post = (more = '') => `POST /transaction HTTP/1.1\r\nHost: 127.0.0.1\r\n${more}\r\n`

describe('the door for transactions', () => {
  async function open(monotonicMs = () => 0) {
    let count = 0
    const door = await openBusinessDoor(0, monotonicMs, () => count++)
    closers.push(door.close)
    return { port: door.port, count: () => count }
  }

  it('counts each post, from a page too', async () => {
    const { port, count } = await open()
    const answer = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: JSON.stringify({ total: '9.99' }) })
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([204, '*'])
    const preflight = await talk(port, 'OPTIONS / HTTP/1.1\r\nAccess-Control-Request-Private-Network: true\r\n\r\n')
    expect(preflight).toMatch(/^HTTP\/1\.1 204[^]*Access-Control-Allow-Private-Network: true/)
    expect(count()).toBe(1)
  })

  it.each([
    { why: 'only posts count', text: 'GET / HTTP/1.1\r\n\r\n', is: /^HTTP\/1\.1 405/ },
    { why: 'nonsense', text: 'hello\r\n\r\n', is: /^HTTP\/1\.1 400/ },
    { why: 'a head without end', text: `POST / HTTP/1.1\r\n${'x: y\r\n'.repeat(3_000)}`, is: /^(HTTP\/1\.1 431|$)/ },
    { why: 'bytes of anything', text: '\0\u0001\u0002\r\n\r\n', is: /^HTTP\/1\.1 400/ },
  ])('$why', async ({ text, is }) => {
    const { port, count } = await open()
    expect(await talk(port, text)).toMatch(is)
    expect(count()).toBe(0)
  })

  it('throws a large body away and ends a line that says nothing', async () => {
    const { port, count } = await open()
    await talk(port, post('Content-Length: 1000000\r\n'), 'x'.repeat(1_000_000))
    expect(await talk(port)).toBe('')
    expect(count()).toBe(1)
  }, 10_000)

  it('takes so many a second and no more', async () => {
    let second = 0
    const { port, count } = await open(() => second * 1_000)
    const answers: string[] = []
    for (let index = 0; index < 25; index++) answers.push(await talk(port, post()))
    expect(count()).toBe(20)
    expect(answers.at(-1)).toMatch(/^HTTP\/1\.1 429/)
    second++
    expect(await talk(port, post())).toMatch(/^HTTP\/1\.1 204/)
  })

  it('opens to this machine alone', async () => {
    const { port } = await open()
    const reached = await new Promise(resolve => {
      const socket = connect(port, '127.0.0.2')
      socket.on('connect', () => resolve(true))
      socket.on('error', () => resolve(false))
    })
    expect(reached).toBe(false)
  })
})

describe('the watch over business', () => {
  const log = pino({ level: 'silent' })
  let up = 0
  const clock: Clock = { wallMs: () => 1_000_000_000 + up, monotonicMs: () => up, after: () => () => {} }
  const verdict = (watch: ReturnType<typeof makeBusinessWatch>) => watch.look()[0]?.verdict

  it('reads the time of a file, before its own start too', async () => {
    up = 0
    const folder = mkdtempSync(join(tmpdir(), 'kk-business-'))
    closers.push(() => rmSync(folder, { recursive: true, force: true }))
    const file = join(folder, 'last-sale')
    const touch = (atMs: number) => {
      writeFileSync(file, '')
      utimesSync(file, atMs / 1000, atMs / 1000)
    }
    touch(clock.wallMs() - 20 * MINUTE_MS)
    const watch = makeBusinessWatch(clock, log)
    await watch.setBusiness({ file, silentMinutes: 30 })
    expect(verdict(watch)).toBe('ok')
    up = 11 * MINUTE_MS
    expect(verdict(watch)).toBe('failing')
    touch(clock.wallMs())
    expect([verdict(watch), watch.perHour()]).toEqual(['ok', 1])
    rmSync(file)
    up = 45 * MINUTE_MS
    expect(verdict(watch)).toBe('failing')
    await watch.setBusiness(undefined)
    expect([watch.look(), watch.perHour()]).toEqual([[], null])
  })

  it('hears posts, keeps what it counted when the profile comes again, and says when its port is taken', async () => {
    up = 0
    const [port = 0] = await freePorts(1)
    const watch = makeBusinessWatch(clock, log)
    closers.push(watch.stop)
    await watch.setBusiness({ port, silentMinutes: 5 })
    expect(verdict(watch)).toBe('unknown')
    await talk(port, post())
    await waitFor('the transaction', () => verdict(watch) === 'ok')
    await watch.setBusiness({ port, silentMinutes: 5 })
    expect(watch.perHour()).toBe(1)
    const second = makeBusinessWatch(clock, log)
    await second.setBusiness({ port, silentMinutes: 5 })
    expect(second.look()).toMatchObject([{ verdict: 'unknown', isLasting: true, text: expect.stringContaining(`port ${port}`) }])
  })
})
