/** Fresh Debian systems to try the first command on: made by mmdebstrap, entered by chroot in namespaces of their own. */
import { spawn, type ChildProcess } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'

/** Downloads and systems are kept here between runs; a system older than a week is made anew. */
const CACHE = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'kioskeeper-fresh')
const KEEP_MS = 7 * 24 * 3_600_000

export type Run = { code: number | null; out: string; seconds: number }
export type Place = { root: string; remove(): void }
/** What a command is run with: environment, folders of this machine to see inside (`[here, there]`), a small disk mounted somewhere. */
export type Setting = { env?: Record<string, string>; binds?: readonly [string, string][]; smallDisk?: { at: string; mib: number } }

/** Runs a program of this machine; what it prints is kept together. Never throws for an exit code. */
export function run(file: string, args: readonly string[], options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}): Promise<Run> {
  const startedMs = performance.now()
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
    let out = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => void (out += chunk.toString()))
    child.once('error', reject)
    child.once('close', code => resolve({ code, out, seconds: Math.round((performance.now() - startedMs) / 100) / 10 }))
  })
}

/** The same, for what has to work. */
export async function must(
  file: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<string> {
  const done = await run(file, args, options)
  if (done.code !== 0) throw new Error(`${file} ${args.join(' ')} ended with ${done.code}:\n${done.out.slice(-3000)}`)
  return done.out
}

const making = new Map<string, Promise<string>>()

/** A file made once and kept. */
function kept(name: string, make: (file: string) => Promise<void>): Promise<string> {
  const made = making.get(name) ?? makeKept(name, make)
  making.set(name, made)
  return made
}

/** Two runs at the same time do not see each other's halves. */
async function makeKept(name: string, make: (file: string) => Promise<void>): Promise<string> {
  mkdirSync(CACHE, { recursive: true })
  const file = join(CACHE, name)
  if (existsSync(file) && Date.now() - statSync(file).mtimeMs < KEEP_MS) return file
  const half = join(CACHE, `${process.pid}-${name}`)
  try {
    await make(half)
    renameSync(half, file)
  } finally {
    rmSync(half, { force: true })
  }
  return file
}

/** A package of the npm registry as it is published; answers the file. */
export function npmPackage(name: string, version: string): Promise<string> {
  return kept(`${name}-${version}.tgz`, async file => {
    const folder = mkdtempSync(join(tmpdir(), 'kk-pack-'))
    try {
      await must('npm', ['pack', '--silent', `${name}@${version}`], { cwd: folder })
      const [packed] = readdirSync(folder)
      if (packed === undefined) throw new Error(`npm pack ${name}@${version} made nothing`)
      copyFileSync(join(folder, packed), file)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
}

/** Unpacks a kept system into a folder of its own, with the names of hosts that this machine knows. */
async function unpack(tar: string, suite: string): Promise<Place> {
  const root = mkdtempSync(join(tmpdir(), `kk-${suite}-`))
  await must('tar', ['-xf', tar, '-C', root])
  for (const name of ['resolv.conf', 'hosts']) if (existsSync(`/etc/${name}`)) copyFileSync(`/etc/${name}`, join(root, 'etc', name))
  return { root, remove: () => rmSync(root, { recursive: true, force: true }) }
}

const bare = (suite: string): Promise<string> =>
  kept(`${suite}.tar`, async file => {
    const leave = ['man', 'doc'].map(name => `--dpkgopt=path-exclude=/usr/share/${name}/*`)
    await must('mmdebstrap', ['--variant=minbase', '--components=main', '--format=tar', ...leave, suite, file])
  })

/** A Debian with nothing but what is named, not even what Debian recommends: a folder of its own. */
export async function debian(suite: string, packages: readonly string[]): Promise<Place> {
  if (packages.length === 0) return unpack(await bare(suite), suite)
  const tar = await kept(`${suite}-${packages.join('-')}.tar`, async file => {
    const place = await unpack(await bare(suite), suite)
    try {
      const line = `apt-get update -qq && apt-get install -y -qq --no-install-recommends ${packages.join(' ')} && apt-get clean && rm -rf /var/lib/apt/lists/*`
      const done = await runInside(place, line, { env: { DEBIAN_FRONTEND: 'noninteractive' } })
      if (done.code !== 0) throw new Error(`${packages.join(' ')} cannot be installed on ${suite}:\n${done.out.slice(-3000)}`)
      await must('tar', ['-cf', file, '--one-file-system', '-C', place.root, '.'])
    } finally {
      place.remove()
    }
  })
  return unpack(tar, suite)
}

/** Puts a Node and an npm of the registry into a system, as people do who take them from their makers. */
export async function addNode({ root }: Place, node: string, npm: string): Promise<void> {
  const local = join(root, 'usr/local')
  await must('tar', ['-xzf', await npmPackage(`node-linux-${process.arch}`, node), '-C', local, '--strip-components=1', 'package/bin'])
  const home = join(local, 'lib/node_modules/npm')
  mkdirSync(home, { recursive: true })
  await must('tar', ['-xzf', await npmPackage('npm', npm), '-C', home, '--strip-components=1', 'package'])
  symlinkSync('../lib/node_modules/npm/bin/npm-cli.js', join(local, 'bin/npm'))
}

const quote = (word: string) => `'${word.replaceAll("'", String.raw`'\''`)}'`

/** Starts a shell line inside a system. It has its own processes and mounts: when it ends, nothing of it is left. */
export function start({ root }: Place, line: string, setting: Setting = {}): ChildProcess {
  const mounts = [
    `mount -t proc proc ${quote(join(root, 'proc'))}`,
    `mount --rbind /dev ${quote(join(root, 'dev'))}`,
    ...(setting.binds ?? []).map(
      ([here, there]) => `mkdir -p ${quote(join(root, there))} && mount --bind ${quote(here)} ${quote(join(root, there))}`,
    ),
    ...(setting.smallDisk ? [`mount -t tmpfs -o size=${setting.smallDisk.mib}m tmpfs ${quote(join(root, setting.smallDisk.at))}`] : []),
  ]
  // the first process of a namespace is deaf to signals that it does not handle: it stays the shell, the line is its child
  const inside = `${mounts.join(' && ')} && chroot ${quote(root)} /bin/sh -c ${quote(line)}; exit $?`
  return spawn('unshare', ['--mount', '--pid', '--fork', '--kill-child', '/bin/sh', '-c', inside], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root', LANG: 'C.UTF-8', ...setting.env },
  })
}

/** Runs a shell line inside a system to its end. */
export function runInside(place: Place, line: string, setting: Setting = {}): Promise<Run> {
  const startedMs = performance.now()
  return new Promise((resolve, reject) => {
    const child = start(place, line, setting)
    let out = ''
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => void (out += chunk.toString()))
    child.once('error', reject)
    child.once('close', code => resolve({ code, out, seconds: Math.round((performance.now() - startedMs) / 100) / 10 }))
  })
}

/** Processes started by a process. */
export function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)
  } catch {
    return []
  }
}
