/** What every command line command is given, and how it ends. */

/** Exit codes people and programs outside rely on. */
export const EXIT = { ok: 0, failed: 1, usage: 2, deviceLimit: 3, tokenRefused: 4 } as const

export type CommandContext = {
  dataDir: string
  environment: NodeJS.ProcessEnv
  /** File that runs this program again (`inventory` in a child process). */
  entryPath: string
  /** A line for people on standard output. */
  say: (line: string) => void
  /** A line for people on standard error. */
  complain: (line: string) => void
}
