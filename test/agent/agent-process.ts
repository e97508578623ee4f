/** Runs the agent's command line as a real process. */
import { spawn, type ChildProcess } from 'node:child_process'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'

const ENTRY = fileURLToPath(new URL('../../agent/main.ts', import.meta.url))

export type Finished = { code: number | null; out: string; err: string }
export type RunningAgent = { child: ChildProcess; output(): string; finished: Promise<Finished> }

/** Starts a command; `entry` runs another file (a bundle) in place of the sources. */
export function startAgentCommand(
  args: string[],
  options: { environment?: Record<string, string>; entry?: string; flags?: readonly string[]; cwd?: string } = {},
): RunningAgent {
  const child = spawn(process.execPath, [...(options.flags ?? []), options.entry ?? ENTRY, ...args], {
    env: { PATH: process.env.PATH ?? '', HOME: options.cwd ?? tmpdir(), ...options.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(options.cwd !== undefined && { cwd: options.cwd }),
  })
  let out = ''
  let err = ''
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
  const finished = new Promise<Finished>(resolve => child.on('close', code => resolve({ code, out, err })))
  return { child, finished, output: () => out + err }
}

/** Runs a command to its end. */
export const runAgentCommand = (...start: Parameters<typeof startAgentCommand>): Promise<Finished> => startAgentCommand(...start).finished
