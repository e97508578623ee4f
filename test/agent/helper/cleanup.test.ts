import { existsSync, linkSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { cleanupFault, clearFolder } from '../../../agent/helper/cleanup.ts'

const DAY_S = 86_400
let folder: string
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'kk-clean-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** A file as old as that. */
function file(path: string, ageDays: number): string {
  const whole = join(folder, path)
  mkdirSync(dirname(whole), { recursive: true })
  writeFileSync(whole, 'x'.repeat(10_000))
  const seconds = Date.now() / 1000 - ageDays * DAY_S
  utimesSync(whole, seconds, seconds)
  return whole
}

describe('a folder to clear', () => {
  it.each([
    { path: '/', why: 'everything' },
    { path: '/etc', why: 'settings' },
    { path: '/etc/cache', why: 'settings, whatever they are called' },
    { path: '/usr/share/cache', why: 'programs' },
    { path: '/boot/tmp', why: 'the kernel' },
    { path: '/proc/self/cwd/tmp', why: 'a way around' },
    { path: '/root/.cache', why: 'root' },
    { path: '/run/cache/x', why: 'what runs' },
    { path: '/home', why: 'everybody' },
    { path: '/home/kiosk', why: 'somebody' },
    { path: '/home/kiosk/documents', why: 'no cache' },
    { path: '/var', why: 'all data' },
    { path: '/var/lib', why: 'all data' },
    { path: '/var/lib/mysql', why: 'a database' },
    { path: '/opt', why: 'all apps' },
    { path: '/cache', why: 'a folder at the top' },
    { path: '/tmp/../etc', why: 'a way up' },
    { path: '/tmp//x', why: 'not plain' },
    { path: '/tmp/./x', why: 'not plain' },
    { path: 'tmp/x', why: 'from here' },
    { path: '/tmpfiles/x', why: 'only begins alike' },
  ])('is refused: $path ($why)', ({ path }) => {
    expect(cleanupFault(path, [])).not.toBe(null)
  })

  it.each([
    '/tmp',
    '/tmp/app',
    '/var/tmp',
    '/var/cache/till',
    '/var/log/till',
    '/home/kiosk/.cache',
    '/home/kiosk/.config/chromium/Default/Code Cache',
    '/opt/till/logs',
    '/var/lib/till/cache',
  ])('is taken: %s', path => {
    expect(cleanupFault(path, [])).toBe(null)
  })

  it('may be named by root, but never one of the system', () => {
    expect(cleanupFault('/opt/till/videos', ['/opt/till/videos'])).toBe(null)
    expect(cleanupFault('/opt/till/videos/old', ['/opt/till/videos'])).toBe(null)
    expect(cleanupFault('/opt/till/videos2', ['/opt/till/videos'])).not.toBe(null)
    expect(cleanupFault('/opt', ['/', '/opt'])).not.toBe(null)
    expect(cleanupFault('/etc/ssl', ['/etc'])).not.toBe(null)
  })
})

describe('clearing', () => {
  it('deletes files older than a day, also below, and leaves younger ones and folders', () => {
    const [old, deep, young] = [file('cache/old', 2), file('cache/a/b/deep', 3), file('cache/young', 0.5)]
    expect(clearFolder(join(folder, 'cache'), [], Date.now())).toMatchObject({ files: 2 })
    expect([existsSync(old), existsSync(deep), existsSync(young)]).toEqual([false, false, true])
    expect(readdirSync(join(folder, 'cache/a'))).toEqual(['b'])
  })

  it('follows no link: not to a file, not to a folder, not on the way', () => {
    const [target, other] = [file('elsewhere/precious', 9), file('elsewhere/sub/precious', 9)]
    mkdirSync(join(folder, 'cache'))
    symlinkSync(target, join(folder, 'cache/link'))
    symlinkSync(join(folder, 'elsewhere'), join(folder, 'cache/folder'))
    symlinkSync(join(folder, 'elsewhere'), join(folder, 'tmp'))
    expect(clearFolder(join(folder, 'cache'), [], Date.now() + 9 * DAY_S * 1000).files).toBe(0)
    expect(() => clearFolder(join(folder, 'tmp'), [], Date.now())).toThrow(/leads over a link/)
    expect(() => clearFolder(join(folder, 'tmp/sub'), [], Date.now())).toThrow(/leads over a link/)
    expect([existsSync(target), existsSync(other), existsSync(join(folder, 'cache/link'))]).toEqual([true, true, true])
  })

  it('takes a second name of a file away, not the file', () => {
    const target = file('elsewhere/precious', 9)
    mkdirSync(join(folder, 'cache'))
    linkSync(target, join(folder, 'cache/name'))
    clearFolder(join(folder, 'cache'), [], Date.now())
    expect([existsSync(target), existsSync(join(folder, 'cache/name'))]).toEqual([true, false])
  })

  it('says what is not there or no folder', () => {
    const plain = file('cache/file', 2)
    expect(() => clearFolder(join(folder, 'cache/none'), [], Date.now())).toThrow(/is not there/)
    expect(() => clearFolder(plain, [], Date.now())).toThrow(/no folder/)
  })
})
