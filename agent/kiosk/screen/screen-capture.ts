/** A picture of the whole screen without the browser's help, by a program of the session: maim, scrot or import on X11, grim on Wayland. */
import { createReadStream, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { childProcess } from '../../platform/builtin.ts'
import { readText, type Roots } from '../../probes/read-file.ts'
import { makeScreenSampler, type ScreenSample } from './screen-sampler.ts'

const TIME_LIMIT_MS = 5_000
const MAX_BYTES = 160 * 1024 * 1024
const FOLDERS = ['/usr/local/bin', '/usr/bin', '/bin']
const SESSION_NAMES = ['DISPLAY', 'XAUTHORITY', 'WAYLAND_DISPLAY', 'XDG_RUNTIME_DIR'] as const

/** Where the session's screen is found: the variables that name it. */
export type ScreenSession = Partial<Record<(typeof SESSION_NAMES)[number], string>>
type Program = { name: string; words: string[]; isWayland: boolean; hasFile: boolean }

/** Raw pixels: a large PNG would cost more to unpack here than the picture to take. */
const PROGRAMS: readonly Program[] = [
  { name: 'grim', words: ['-t', 'ppm', '-'], isWayland: true, hasFile: false },
  { name: 'maim', words: ['-u', '-f', 'bmp'], isWayland: false, hasFile: false },
  { name: 'scrot', words: ['-z', '-o'], isWayland: false, hasFile: true },
  { name: 'import', words: ['-window', 'root', '-depth', '8', 'ppm:-'], isWayland: false, hasFile: false },
]

/** The session of a process: of the kiosk app, else of this agent. Null when neither has a screen. */
export function findSession(roots: Roots, pid: number | null, environment: NodeJS.ProcessEnv): ScreenSession | null {
  const words = pid === null ? [] : (readText(join(roots.proc, String(pid), 'environ')) ?? '').split('\0')
  const pairs = words.map(word => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)] as const)
  for (const given of [Object.fromEntries(pairs), environment] as Record<string, string | undefined>[]) {
    if (!given['DISPLAY'] && !given['WAYLAND_DISPLAY']) continue
    return Object.fromEntries(SESSION_NAMES.flatMap(name => (given[name] ? [[name, given[name]]] : [])))
  }
  return null
}

function pathOf(name: string, folders: readonly string[]): string | undefined {
  return folders.map(folder => join(folder, name)).find(path => existsSync(path))
}

/** Reads a stream to its end; a picture too large ends it. */
function sample(stream: Readable, maxSide: number): Promise<ScreenSample | null> {
  const sampler = makeScreenSampler(maxSide)
  let size = 0
  return new Promise(resolve => {
    stream.on('data', (bytes: Buffer) => {
      size += bytes.length
      if (size > MAX_BYTES) stream.destroy()
      else sampler.take(bytes)
    })
    stream.on('error', () => resolve(null))
    stream.on('close', () => resolve(sampler.end()))
  })
}

async function run({ name, words, hasFile }: Program, path: string, session: ScreenSession, maxSide: number): Promise<ScreenSample | null> {
  const folder = hasFile ? mkdtempSync(join(tmpdir(), 'kioskeeper-screen-')) : null
  const file = folder && join(folder, `${name}.ppm`)
  try {
    const child = childProcess().spawn(path, file ? [...words, file] : words, {
      env: { PATH: FOLDERS.join(':'), ...session },
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: TIME_LIMIT_MS,
      killSignal: 'SIGKILL',
    })
    const ended = new Promise<boolean>(resolve => child.once('error', () => resolve(false)).once('close', code => resolve(code === 0)))
    const printed = await sample(child.stdout, maxSide)
    if (!(await ended)) return null
    return file ? await sample(createReadStream(file), maxSide) : printed
  } finally {
    if (folder) rmSync(folder, { recursive: true, force: true })
  }
}

/** A picture of the screen of a session, no side longer than `maxSide` pixels; null when no program of this machine can take one. Starts a child process. */
export async function captureScreen(session: ScreenSession, maxSide: number, folders = FOLDERS): Promise<ScreenSample | null> {
  const isWayland = session.WAYLAND_DISPLAY !== undefined
  for (const program of PROGRAMS) {
    const path = program.isWayland === isWayland ? pathOf(program.name, folders) : undefined
    if (path === undefined) continue
    const taken = await run(program, path, session, maxSide)
    if (taken) return taken
  }
  return null
}
