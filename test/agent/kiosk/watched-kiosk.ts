/** A kiosk watch over a real browser or app, its readings gathered on a real board. */
import pino from 'pino'
import { systemClock, type Clock } from '../../../agent/platform/agent-clock.ts'
import { makeKioskWatch, type KioskWatch } from '../../../agent/kiosk/kiosk-watch.ts'
import type { ScreenPicture } from '../../../agent/kiosk/screen/screen-watch.ts'
import { MACHINE_ROOTS } from '../../../agent/probes/read-file.ts'
import { makeSignalBoard, type SignalEvent } from '../../../agent/signals/board.ts'
import { fillProfile, type KioskApp } from '../../../shared/profile.ts'
import { waitFor } from '../wait-for.ts'

/** A clock that runs faster than the real one; what waits for a minute waits for a part of it. */
export function fastClock(factor: number): Clock {
  return {
    wallMs: () => Date.now(),
    monotonicMs: () => systemClock.monotonicMs() * factor,
    after: (delayMs, action) => systemClock.after(delayMs / factor, action),
  }
}

export type WatchedKiosk = {
  watch: KioskWatch
  /** Everything worth an event, in its order. */
  events: SignalEvent[]
  pictures: ScreenPicture[]
  stateOf(key: string): SignalEvent | undefined
  /** Waits for a signal to fail within the time it has; answers how it was told. */
  failing(key: string, limitMs?: number): Promise<SignalEvent>
  well(key: string, limitMs?: number): Promise<void>
}

/** Starts a watch. */
export function watchKiosk(kioskApp: KioskApp, dataDir: string, clock = systemClock): WatchedKiosk {
  const board = makeSignalBoard({ reported: {}, announceOk: true })
  const events: SignalEvent[] = []
  const pictures: ScreenPicture[] = []
  const watch = makeKioskWatch({
    roots: MACHINE_ROOTS,
    clock,
    log: pino({ level: 'silent' }),
    profile: fillProfile({ name: 'Kiosk', kioskApp }),
    dataDir,
    report: (readings, family) => void events.push(...board.apply(readings, Date.now(), family)),
    wasFailing: board.isFailing,
    onPicture: picture => void pictures.push(picture),
  })
  watch.start()
  const stateOf = (key: string) => board.all().find(event => event.key === key)
  return {
    watch,
    events,
    pictures,
    stateOf,
    failing: (key, limitMs = 15_000) => waitFor(`${key} failing`, () => (stateOf(key)?.state === 'failing' ? stateOf(key) : null), limitMs),
    well: async (key, limitMs = 15_000) => void (await waitFor(`${key} ok`, () => stateOf(key)?.state === 'ok', limitMs)),
  }
}
