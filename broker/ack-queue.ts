/** Answers of one device in the order of its publishes, and late when it sends too fast. */

export type Slot = { ready: boolean; answer: () => void }
export type AckQueue = {
  /** Takes the next place; `answer` is called once the slot is settled and all before it are answered. */
  enter(answer: () => void): Slot
  settle(slot: Slot): void
  /** Forgets everything: nobody is left to answer. */
  close(): void
}

/** Makes a queue; `holdMs` says how long the next answer must still wait (0 = now). Unanswered packets also keep aedes from reading on. */
export function makeAckQueue(holdMs: () => number): AckQueue {
  let slots: Slot[] = []
  let timer: NodeJS.Timeout | undefined

  function release(): void {
    if (timer) return
    let answered = 0
    for (; slots[answered]?.ready; answered++) {
      const waitMs = holdMs()
      if (waitMs > 0) {
        timer = setTimeout(() => {
          timer = undefined
          release()
        }, waitMs)
        break
      }
    }
    for (const slot of slots.splice(0, answered)) slot.answer()
  }

  return {
    enter(answer) {
      const slot = { ready: false, answer }
      slots.push(slot)
      return slot
    },
    settle(slot) {
      slot.ready = true
      if (slots[0] === slot) release()
    },
    close() {
      clearTimeout(timer)
      slots = []
    },
  }
}

export type FlowMeter = {
  /** Counts one packet; true when the device has offered more than the rate for longer than `floodMs`. */
  note(nowMs: number): boolean
  /**
   * How long answers must wait, in ms. Once half a second is owed they wait until nothing is: a device that waits for its answers is
   * then back at the rate. `unread` = much has come meanwhile and is not read yet: that device does not wait.
   */
  holdMs(nowMs: number, unread: boolean): number
}

/** A virtual clerk who serves `perSecond` packets a second: never idle for `floodMs` means that more than that was offered all the time. */
export function makeFlowMeter({ perSecond, floodMs }: { perSecond: number; floodMs: number }): FlowMeter {
  const costMs = 1000 / perSecond
  const burstMs = 500
  const restMs = 100
  let busySinceMs = 0
  let idleAtMs = 0
  let holding = false
  let pressing = false
  return {
    note(nowMs) {
      if (idleAtMs <= nowMs) {
        if (!pressing || nowMs - idleAtMs > restMs) busySinceMs = nowMs
        idleAtMs = nowMs
      }
      idleAtMs += costMs
      return nowMs - busySinceMs > floodMs
    },
    holdMs(nowMs, unread) {
      const owedMs = idleAtMs - nowMs
      if (holding && owedMs <= 0) {
        holding = false
        pressing = unread
      } else if (owedMs > burstMs) holding = true
      return holding ? Math.ceil(owedMs) : 0
    },
  }
}
