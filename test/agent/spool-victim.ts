/** A process that appends and "sends" like mad until it is killed: prints every durable event and every record it hands out. */
import { createInterface } from 'node:readline'
import { writeSync } from 'node:fs'
import pino from 'pino'
import { systemClock } from '../../agent/platform/agent-clock.ts'
import { openSpool } from '../../agent/link/spool.ts'

const [path = '', expectedEpoch = ''] = process.argv.slice(2)
// one write per line: what stands on the pipe was said before the kill
function tell(line: object): void {
  let rest = Buffer.from(`${JSON.stringify(line)}\n`)
  while (rest.byteLength > 0) {
    try {
      rest = rest.subarray(writeSync(1, rest))
    } catch (error) {
      // the reader is slow and the pipe is full
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1)
    }
  }
}
const stamp = () => ({ ts: Date.now(), up: systemClock.monotonicMs(), bid: 'boot' })
const spool = openSpool({
  path,
  clock: systemClock,
  log: pino({ level: 'silent' }),
  bootId: 'boot',
  expectedEpoch: expectedEpoch || null,
  onGap: gap => tell({ gap }),
})
tell({ epoch: spool.epoch })
createInterface({ input: process.stdin }).on('line', line => spool.acked(spool.epoch, Number(line)))

let made = 0
let sentTo = 0
function turn(): void {
  const text = `${process.pid}-${made++}`
  if (made % 3 === 0) {
    spool.append('met', { samples: [{ up: made, m: { cpuPercent: made % 100 } }] }, stamp())
  } else {
    const q = spool.append('evt', { signal: 'disk.full', state: 'failing', text }, stamp())
    tell({ stored: q, text })
  }
  if (made % 7 === 0) tell({ number: spool.takeNumber() })
  for (let record = spool.next(null, sentTo); record; record = spool.next(null, sentTo)) {
    sentTo = record.q
    tell({ sent: record.q, d: record.d })
  }
  setImmediate(turn)
}
turn()
