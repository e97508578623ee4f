import { spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { makeDisplayWatch } from '../../../agent/hardware/display-watch.ts'
import { askRandr } from '../../../agent/probes/display/randr.ts'
import { findCookie, findXServers, readCookie } from '../../../agent/probes/display/x-server.ts'
import { MACHINE_ROOTS, type Roots } from '../../../agent/probes/read-file.ts'
import { fixtureTree } from '../fixture-tree.ts'
import { waitFor } from '../wait-for.ts'
import { lit, plug } from './plug-tree.ts'

const folders: string[] = []
const children: ChildProcess[] = []
function tree(files: Record<string, string | Uint8Array>): Roots & { folder: string } {
  const made = fixtureTree(files)
  folders.push(made.folder)
  return made
}
afterEach(async () => {
  for (const child of children.splice(0)) {
    const ended = new Promise(resolve => child.once('close', resolve))
    child.kill('SIGTERM')
    await ended
  }
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

describe('the key of an X server', () => {
  const entry = (number: string, name: string, data: string) =>
    Buffer.concat([
      Buffer.of(1, 0),
      ...['host', number, name, data].flatMap(text => [Buffer.of(0, text.length), Buffer.from(text, 'latin1')]),
    ])

  it('is the one of its display', () => {
    const file = Buffer.concat([
      entry('1', 'MIT-MAGIC-COOKIE-1', 'other'),
      entry('0', 'XDM', 'wrong'),
      entry('0', 'MIT-MAGIC-COOKIE-1', 'right'),
    ])
    expect(Buffer.from(findCookie(file, 0) ?? []).toString()).toBe('right')
    expect(findCookie(file, 7)).toBeNull()
    expect(Buffer.from(findCookie(entry('', 'MIT-MAGIC-COOKIE-1', 'any'), 7) ?? []).toString()).toBe('any')
  })

  it('is looked for safely in any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
        findCookie(bytes, 0)
        return true
      }),
    )
  })

  it('is found by the command line of the server', () => {
    const roots = tree({
      'proc/10/comm': 'Xorg\n',
      'proc/10/cmdline': '/usr/lib/xorg/Xorg\0:3\0-seat\0seat0\0-auth\0/var/run/key\0',
      'proc/11/comm': 'Xwayland\n',
      'proc/11/cmdline': 'Xwayland\0:4\0',
      'proc/12/comm': 'sh\n',
      'proc/12/cmdline': 'sh\0Xorg\0:5\0',
    })
    expect(findXServers(roots)).toEqual([
      { display: 3, isWayland: false, authorityFile: '/var/run/key' },
      { display: 4, isWayland: true, authorityFile: null },
    ])
  })
})

/** A real X server with a picture of this size, opened by a cookie. */
async function startXvfb(size: string): Promise<{ display: number; authority: string; cookie: Buffer }> {
  const folder = mkdtempSync(join(tmpdir(), 'kk-x-'))
  folders.push(folder)
  const cookie = Buffer.from('0123456789abcdef')
  const authority = join(folder, 'authority')
  const field = (bytes: Buffer) => Buffer.concat([Buffer.of(bytes.length >> 8, bytes.length & 0xff), bytes])
  // family "wild": any address, any display
  const entry = Buffer.concat([
    Buffer.of(0xff, 0xff),
    field(Buffer.alloc(0)),
    field(Buffer.alloc(0)),
    field(Buffer.from('MIT-MAGIC-COOKIE-1')),
    field(cookie),
  ])
  writeFileSync(authority, entry, { mode: 0o600 })
  const child = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', `${size}x24`, '-noreset', '-auth', authority], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  })
  children.push(child)
  let told = ''
  child.stdio[3]?.on('data', chunk => (told += String(chunk)))
  await waitFor('the X server', () => told.includes('\n'))
  return { display: Number(told), authority, cookie }
}

describe('a real X server', () => {
  it('tells its mode, to those with its key', async () => {
    const { display, authority, cookie } = await startXvfb('1024x768')
    expect(await askRandr(display, cookie)).toMatchObject({ modes: [{ width: 1024, height: 768, x: 0, y: 0, rotation: 0 }] })
    await expect(askRandr(display, null)).rejects.toThrow(/refuses/)
    const found = findXServers(MACHINE_ROOTS).find(server => server.display === display)
    expect(found).toEqual({ display, isWayland: false, authorityFile: authority })
    expect(found && Buffer.from(readCookie(found, {}) ?? [])).toEqual(cookie)
  })

  it('shows a wrong mode for what it is, and follows when it is set right', async () => {
    const { display } = await startXvfb('1024x768')
    // the server alone among the processes: others may run X servers of their own here
    const roots = tree({ ...plug('card0-Virtual-1', { ...lit, edid: '' }) })
    const pid = children[0]?.pid ?? 0
    mkdirSync(join(roots.proc, String(pid)), { recursive: true })
    for (const file of ['comm', 'cmdline']) symlinkSync(`/proc/${pid}/${file}`, join(roots.proc, String(pid), file))
    const watch = makeDisplayWatch(roots, {})
    const verdicts = async (width: number, height: number, nowMs: number) =>
      Object.fromEntries(
        (await watch.look([{ width, height }], nowMs)).map(({ key, verdict, evidence }) => [key, [verdict, evidence?.['diagnosis']]]),
      )
    expect(display).toBeGreaterThanOrEqual(0)
    expect(await verdicts(1920, 1080, 0)).toEqual({
      'display.disconnected': ['ok', undefined],
      'display.off': ['ok', undefined],
      'display.wrong-mode': ['failing', 'edid-lost'],
    })
    expect(await verdicts(1024, 768, 1_000)).toMatchObject({ 'display.wrong-mode': ['ok', undefined] })
    expect(await verdicts(800, 600, 2_000)).toMatchObject({ 'display.wrong-mode': ['failing', expect.any(String)] })
  })

  it('that is none is seen through: nonsense, silence and a flood all end in time', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kk-x-'))
    folders.push(folder)
    const answers: (Buffer | 'silence' | 'flood')[] = [
      Buffer.from('nonsense'),
      Buffer.alloc(64, 1),
      Buffer.alloc(4_096, 0xff),
      'silence',
      'flood',
    ]
    for (const [index, answer] of answers.entries()) {
      const path = join(folder, `X${index}`)
      const server: Server = createServer(socket => {
        socket.on('error', () => {})
        if (answer === 'flood') socket.write(Buffer.alloc(4 * 1024 * 1024, 1))
        else if (answer !== 'silence') socket.end(answer)
      })
      await new Promise<void>(resolve => server.listen(path, resolve))
      await expect(askRandr(0, null, 300, path)).rejects.toThrow(/X server|range|out of|offset/i)
      server.close()
    }
  })
})
