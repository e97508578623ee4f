/** The build as the first step of `npm start`: it becomes what it builds for, or says in one line why it cannot. */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

describe('the build', () => {
  it('becomes the program that is named after it, with its arguments, as the same process', () => {
    const done = spawnSync(process.execPath, ['server/build.ts', '-p', '[process.pid, process.argv.slice(1)].join()', 'two words'], {
      encoding: 'utf8',
      cwd: join(import.meta.dirname, '..'),
    })
    expect(done.stdout.trim()).toBe(`${done.pid},two words`)
    expect(done.status).toBe(0)
  }, 120_000)

  it.each(['#', '?', '*'])('ends with 2 and one line in a folder with %s in its name', sign => {
    const folder = mkdtempSync(join(tmpdir(), `kk-build-${sign}-`))
    try {
      const root = join(import.meta.dirname, '..')
      for (const name of ['server', 'shared', 'agent']) cpSync(join(root, name), join(folder, name), { recursive: true })
      cpSync(join(root, 'package.json'), join(folder, 'package.json'))
      symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
      const done = spawnSync(process.execPath, ['server/build.ts', 'server/main.ts'], { encoding: 'utf8', cwd: folder })
      expect(done.stderr).toMatch(
        /^Kioskeeper cannot start: the console cannot be built in \S+, whose name has a [#?*] in it\. Move it, then run: npm ci\n$/,
      )
      expect(done.status).toBe(2)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
