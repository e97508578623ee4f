/** The hardware watch alone, as a program: watches this machine with the profile given as JSON, prints each event of its board as one line of JSON. */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { systemClock } from '../../../agent/platform/agent-clock.ts'
import { makeHardwareWatch } from '../../../agent/hardware/hardware-watch.ts'
import { MACHINE_ROOTS } from '../../../agent/probes/read-file.ts'
import { makeSignalBoard } from '../../../agent/signals/board.ts'
import { fillProfile, type ProfileInput } from '../../../shared/profile.ts'

const board = makeSignalBoard({ reported: {}, announceOk: true })
const watch = makeHardwareWatch({
  roots: MACHINE_ROOTS,
  clock: systemClock,
  log: pino(pino.destination(2)),
  profile: fillProfile(JSON.parse(process.argv[2] ?? '{}') as ProfileInput),
  dataDir: mkdtempSync(join(tmpdir(), 'kk-watch-')),
  report: (readings, family) => {
    for (const event of board.apply(readings, systemClock.wallMs(), family)) console.log(JSON.stringify(event))
  },
  wasFailing: board.isFailing,
})
console.log(JSON.stringify({ folder: process.env['UMOCKDEV_DIR'] ?? '' }))
watch.start()
