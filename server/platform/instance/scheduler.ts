/** Named jobs at an interval, never twice at once, all waited for at the end. It knows no job. */
import type { Logger } from 'pino'

export type Job = { name: string; everyMs: number; run(): Promise<unknown> }
export type Scheduler = {
  /** Runs a job soon, at most once for any number of calls. */
  wake(name: string): void
  stop(): Promise<void>
}

/** Starts the jobs. A job that fails is logged and tried again at its next turn. */
export function startScheduler(log: Logger, jobs: readonly Job[]): Scheduler {
  let isStopped = false
  const states = jobs.map(job => ({
    job,
    timer: undefined as NodeJS.Timeout | undefined,
    running: null as Promise<void> | null,
    again: false,
  }))
  type State = (typeof states)[number]

  const plan = (state: State, delayMs: number): void => {
    clearTimeout(state.timer)
    if (!isStopped) state.timer = setTimeout(() => turn(state), delayMs)
  }
  const turn = (state: State): void => {
    if (state.running) {
      state.again = true
      return
    }
    state.running = state.job
      .run()
      .catch((error: unknown) => log.error({ err: error, job: state.job.name }, 'job failed'))
      .then(() => {
        state.running = null
        plan(state, state.again ? 0 : state.job.everyMs)
        state.again = false
      })
  }
  for (const state of states) plan(state, state.job.everyMs)
  return {
    wake: name => {
      const state = states.find(candidate => candidate.job.name === name)
      if (state) plan(state, 0)
    },
    async stop() {
      isStopped = true
      for (const state of states) clearTimeout(state.timer)
      await Promise.all(states.map(state => state.running ?? Promise.resolve()))
    },
  }
}
