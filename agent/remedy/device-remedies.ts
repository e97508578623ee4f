/** The remedies of this device: the ladder with its history in the data folder and its hands at the kiosk app and the helper. */
import { join } from 'node:path'
import type { Logger } from 'pino'
import type { Profile } from '../../shared/profile.ts'
import type { DeviceRules } from '../../shared/remedy-rules.ts'
import type { Clock } from '../platform/agent-clock.ts'
import { makeHelperClient } from '../helper/client.ts'
import type { Roots } from '../probes/read-file.ts'
import { makeActions, type AppHands } from './actions.ts'
import { openHistory } from './history-file.ts'
import { makeRemedyWatch, type RemedyWatch } from './remedy-watch.ts'

type KioskHands = AppHands & { isLocked(): Promise<boolean>; lookNow(): Promise<void> }

/** Makes them. `app` is the kiosk watch once there is one. */
export function makeDeviceRemedies(deps: {
  dataDir: string
  roots: Roots
  clock: Clock
  log: Logger
  bootId: string
  profile: Profile
  rules: DeviceRules | undefined
  tell: (key: string) => void
  app: () => KioskHands | null
}): RemedyWatch {
  const { dataDir, app, ...rest } = deps
  let { profile } = deps
  const kiosk = (): KioskHands => {
    const hands = app()
    if (!hands) throw new Error('The agent is still starting.')
    return hands
  }
  const run = makeActions({
    app: {
      reloadPage: async () => kiosk().reloadPage(),
      navigateHome: async () => kiosk().navigateHome(),
      restartApp: async () => kiosk().restartApp(),
    },
    helper: makeHelperClient(),
    profile: () => profile,
    roots: deps.roots,
  })
  const file = openHistory(join(dataDir, 'remedies.json'), deps.log)
  const watch = makeRemedyWatch({
    ...rest,
    file,
    hands: { run, isLocked: async () => kiosk().isLocked(), lookNow: async () => kiosk().lookNow() },
  })
  return {
    ...watch,
    configure(nextProfile, rules) {
      profile = nextProfile
      watch.configure(nextProfile, rules)
    },
  }
}
