/** A process that records like mad until it is killed, and says after each record that it is written. */
import { writeSync } from 'node:fs'
import pino from 'pino'
import { openRing } from '../../../agent/recorder/ring.ts'

const ring = openRing({ folder: process.argv[2] ?? '', log: pino({ level: 'silent' }), nowMs: () => Date.now() })

/** One write a line; waits while the reader is slow. */
function tell(text: string): void {
  for (let rest = Buffer.from(text); rest.byteLength > 0;) {
    try {
      rest = rest.subarray(writeSync(1, rest))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1)
    }
  }
}

for (let number = 1; number < 1e6; number++) {
  ring.append({ at: Date.now(), up: number, boot: 'b', kind: 'log', data: { pid: process.pid, text: 'y'.repeat(number % 300) } })
  tell(`${number}\n`)
}
