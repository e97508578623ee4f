/**
 * Durable acknowledgement in groups: messages that arrive within one window are committed together, and nobody is answered
 * before the commit has ended. One group commits at a time, in arrival order; the next one collects meanwhile.
 */
export type CommitGate<Item> = {
  /** Takes one item; `done` is called once, after its group has committed (null) or failed; it must not throw. False = over the memory bound, nothing taken. */
  offer(item: Item, done: (error: Error | null) => void): boolean
  /** Resolves when all that was taken has been answered; commits at once, without waiting for the window. */
  drain(): Promise<void>
  pendingItems(): number
  pendingBytes(): number
}

type Waiting<Item> = { item: Item; bytes: number; done: (error: Error | null) => void }

export type CommitGateOptions<Item> = {
  commit: (group: readonly Item[]) => Promise<void>
  bytesOf: (item: Item) => number
  /** Called after each group with the time its commit took, in seconds. */
  committed: (seconds: number) => void
  limits: { commitWindowMs: number; groupMessages: number; groupBytes: number; pendingBytes: number }
}

/** Makes a gate. A group closes at the window, at `groupMessages` or at `groupBytes`, whichever comes first. */
export function makeCommitGate<Item>({ commit, bytesOf, committed, limits }: CommitGateOptions<Item>): CommitGate<Item> {
  let queue: Waiting<Item>[] = []
  let queuedBytes = 0
  let committingItems = 0
  let committingBytes = 0
  let timer: NodeJS.Timeout | undefined
  let dueAt = 0
  let idle: (() => void)[] = []
  let draining = false

  function takeGroup(): Waiting<Item>[] {
    let count = 0
    let bytes = 0
    for (const waiting of queue) {
      if (count === limits.groupMessages || (count > 0 && bytes + waiting.bytes > limits.groupBytes)) break
      bytes += waiting.bytes
      count++
    }
    const group = count === queue.length ? queue : queue.slice(0, count)
    queue = count === queue.length ? [] : queue.slice(count)
    queuedBytes -= bytes
    committingItems = group.length
    committingBytes = bytes
    return group
  }

  async function commitGroup(): Promise<void> {
    const group = takeGroup()
    const startedMs = performance.now()
    let failure: Error | null = null
    try {
      await commit(group.map(waiting => waiting.item))
    } catch (error) {
      failure = error instanceof Error ? error : new Error(String(error))
    }
    committingItems = 0
    committingBytes = 0
    committed((performance.now() - startedMs) / 1000)
    for (const waiting of group) waiting.done(failure)
    if (queue.length > 0) schedule()
    else settleIdle()
  }

  function settleIdle(): void {
    draining = false
    const waiters = idle
    idle = []
    for (const resolve of waiters) resolve()
  }

  function isFull(): boolean {
    return draining || queue.length >= limits.groupMessages || queuedBytes >= limits.groupBytes
  }

  /** Starts the next commit when it is due, else arms the window; while one commits, its end calls this again. */
  function schedule(): void {
    if (committingItems > 0) return
    const waitMs = dueAt - performance.now()
    if (isFull() || waitMs <= 0) {
      clearTimeout(timer)
      timer = undefined
      dueAt = performance.now() + limits.commitWindowMs
      void commitGroup()
    } else {
      timer ??= setTimeout(() => {
        timer = undefined
        dueAt = 0
        if (queue.length > 0) schedule()
      }, waitMs)
    }
  }

  return {
    offer(item, done) {
      const bytes = bytesOf(item)
      if (queuedBytes + committingBytes + bytes > limits.pendingBytes) return false
      if (queue.length === 0) dueAt = performance.now() + limits.commitWindowMs
      queue.push({ item, bytes, done })
      queuedBytes += bytes
      if (queue.length === 1 || isFull()) schedule()
      return true
    },
    drain() {
      if (queue.length === 0 && committingItems === 0) return Promise.resolve()
      draining = true
      const ended = new Promise<void>(resolve => idle.push(resolve))
      if (queue.length > 0) schedule()
      return ended
    },
    pendingItems: () => queue.length + committingItems,
    pendingBytes: () => queuedBytes + committingBytes,
  }
}
