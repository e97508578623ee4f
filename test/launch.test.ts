/** The launcher on machines that this one is not: runtimes that start, start with the library that comes along, or do not start at all. */
import { spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const LAUNCHER = join(import.meta.dirname, '../server/launch.sh')
const PLATFORM = `linux-${process.arch}`

/** A program that answers `--version`, and otherwise tells who it is, its process id, its first folder of programs and its arguments. */
const WORKS = (name: string) =>
  `case $1 in --version) echo v26.10.0 ;; -p) echo 26 ;; *) printf '%s\\n' ${name} $$ "\${LD_LIBRARY_PATH:-}" "\${PATH%%:*}" "$@" ;; esac`
const LACKS = (library: string) =>
  `echo "node: error while loading shared libraries: ${library}: cannot open shared object file" >&2; exit 127`
const OLD_NODE = 'case $1 in --version) echo v20.20.2 ;; -p) echo 20 ;; *) echo "old node" ;; esac'

describe('the launcher', () => {
  let root: string
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'kk launch ')) // a folder with blanks in its name
    mkdirSync(join(root, 'server'))
    copyFileSync(LAUNCHER, join(root, 'server/launch.sh'))
  })
  afterEach(() => rmSync(root, { recursive: true, force: true }))

  const program = (path: string, script: string) => {
    const file = join(root, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, `#!/bin/sh\n${script}\n`)
    chmodSync(file, 0o755)
    return file
  }
  const own = (script: string) => {
    mkdirSync(join(root, `node_modules/@rolldown/binding-${PLATFORM}-gnu`), { recursive: true })
    return program(`node_modules/node-${PLATFORM}/bin/node`, script)
  }
  const system = (script: string) => program('usr/bin/node', script)
  const launch = (...args: string[]) => launchWith({}, join(root, 'server/launch.sh'), ...args)
  const launchWith = (env: Record<string, string>, launcher: string, ...args: string[]) => {
    const path = [join(root, 'node_modules/.bin'), join(root, 'usr/bin'), '/usr/bin', '/bin'].join(':')
    const done = spawnSync('/bin/sh', [launcher, ...args], { encoding: 'utf8', cwd: root, env: { PATH: path, ...env } })
    return { code: done.status, pid: done.pid, lines: done.stdout.trimEnd().split('\n'), told: done.stderr.trimEnd().split('\n') }
  }

  it("becomes the project's own Node, which whatever it starts finds too, and passes on every argument as it is", () => {
    const node = own(WORKS('own'))
    system(OLD_NODE)
    const words = ['server/main.ts', 'two words', "it's", '$HOME', '']
    const done = launch(...words)
    expect(done.lines).toEqual(['own', String(done.pid), '', dirname(node), ...words].join('\n').trimEnd().split('\n'))
    expect(done.code).toBe(0)
  })

  it('keeps the exit code and the signal of what it became', () => {
    own('[ "$1" = --version ] || exit 7')
    expect(launch('x').code).toBe(7)
    own('[ "$1" = --version ] || kill -9 $$')
    expect(launch('x').code).toBe(null)
  })

  it.each(['.', '/tmp', join(import.meta.dirname, '..')])('finds its own folder where CDPATH is %s', cdPath => {
    own(WORKS('own'))
    expect(launchWith({ CDPATH: cdPath }, 'server/launch.sh', 'x').lines[0]).toBe('own')
  })

  it('takes the library that comes along where the system has none', () => {
    const libraries = join(root, 'agent/install/runtime-libraries', PLATFORM)
    own(`[ "\${LD_LIBRARY_PATH:-}" = '${libraries}' ] || { ${LACKS('libatomic.so.1')}; }\n${WORKS('own')}`)
    expect(launch('x').lines.slice(0, 3)).toEqual(['own', expect.any(String), libraries])
  })

  it("takes the system's Node when that is new enough, but never what npm links as node", () => {
    own(LACKS('libatomic.so.1'))
    program('node_modules/.bin/node', 'echo linked; exit 1')
    system(WORKS('system'))
    expect(launch('x').lines.slice(0, 3)).toEqual(['system', expect.any(String), ''])
  })

  it.each([
    { why: 'nothing is installed', prepare: () => {}, says: /nothing is installed yet\. Run: npm ci$/ },
    { why: 'optional packages were left out', prepare: () => mkdirSync(join(root, 'node_modules')), says: /npm ci --include=optional/ },
    {
      why: 'npm ran on a Node for which it leaves parts out',
      prepare: () => program(`node_modules/node-${PLATFORM}/bin/node`, WORKS('own')),
      says: /Install Node 20 or newer, then run: npm ci$/,
    },
    { why: 'libatomic is missing', prepare: () => own(LACKS('libatomic.so.1')), says: /Run as root: apt-get install libatomic1$/ },
    {
      why: 'another library is missing',
      prepare: () => own(LACKS('libstdc++.so.6')),
      says: /\(libstdc\+\+\.so\.6.*apt-get install libatomic1 libstdc\+\+6$/,
    },
    {
      why: 'the C library is too old',
      prepare: () => own(`echo "node: /lib/libc.so.6: version \\\`GLIBC_2.28' not found (required by node)" >&2; exit 1`),
      says: /C library is too old\. Use Debian 10, Ubuntu 20\.04 or newer/,
    },
    {
      why: 'NODE_OPTIONS is for another Node',
      prepare: () => own('echo "node: --old-flag is not allowed in NODE_OPTIONS" >&2; exit 9'),
      says: /\(node: --old-flag is not allowed in NODE_OPTIONS\)\. Run: unset NODE_OPTIONS$/,
    },
    {
      why: 'the loader of 64-bit programs is missing',
      prepare: () => writeFileSync(own(''), '#!/no/such/loader\n'),
      says: /programs are not 64-bit ones.*Use a 64-bit Debian or Ubuntu$/,
    },
    {
      why: 'node_modules lost its modes',
      prepare: () => chmodSync(own(''), 0o644),
      says: /mounted noexec, or it was copied without the modes/,
    },
    {
      why: 'it begins its reason with empty lines',
      prepare: () => own('printf "\\n\\n#\\n# Fatal process out of memory\\n" >&2; exit 133'),
      says: /\(# Fatal process out of memory\)/,
    },
    { why: 'it fails without a word', prepare: () => own('exit 1'), says: /no reason was given/ },
  ])('ends with 2 and one line when $why', ({ prepare, says }) => {
    prepare()
    system(OLD_NODE)
    const done = launch('server/main.ts')
    expect(done.code).toBe(2)
    expect(done.told).toEqual([expect.stringMatching(says)])
    expect(done.told[0]).toMatch(/^Kioskeeper cannot start: /)
    expect(done.lines).toEqual([''])
  })
})
