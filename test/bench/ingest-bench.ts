/** Durable ingest: the whole pipeline to the commit, beside the same pipeline without a store and beside one commit per message. */
import pino from 'pino'
import { makeBroker, type Inbound } from '../../broker/broker.ts'
import { decodeUp } from '../../shared/decode.ts'
import { makeTestHouse } from '../support/test-house.ts'
import type { BenchRow } from './bench-row.ts'
import { seededStore, startEstate } from './estate.ts'
import type { EstateCommand } from './estate-load.ts'

const DEVICES = 500
const COMMIT_COST_MS = 5
const WINDOW_MS = 20

type Commit = (group: readonly Inbound[]) => Promise<void>
/** What an fsync costs on a disk without a cache that survives a power cut; it blocks the process, as the real one does. */
const sleeper = new Int32Array(new SharedArrayBuffer(4))
const slowDisk = (): void => void Atomics.wait(sleeper, 0, 0, COMMIT_COST_MS)

async function measure(
  command: EstateCommand,
  options: { groupMessages?: number; wrap: (commit: Commit) => Commit },
): Promise<{ rate: number; p50Ms: number; p99Ms: number }> {
  const { store, logins, folder } = await seededStore(DEVICES)
  const house = makeTestHouse(store, Date.now)
  await house.catalogue.load()
  const nothing = (): void => undefined
  const broker = makeBroker({
    ...house.door,
    commit: options.wrap(house.door.commit),
    log: pino({ level: 'silent' }),
    nowMs: Date.now,
    counters: { rejected: nothing, message: nothing, connections: nothing, commitSeconds: nothing },
    limits: { commitWindowMs: WINDOW_MS, ...(options.groupMessages === undefined ? {} : { groupMessages: options.groupMessages }) },
  })
  const port = await broker.listenTcp({ host: '127.0.0.1', port: 0 })
  const estate = await startEstate({ port, logins, births: false })
  const answer = await estate.run(command)
  await estate.stop()
  await broker.stop()
  await store.close()
  folder.remove()
  return {
    rate: answer.kind === 'rate' ? answer.perSecond : 0,
    p50Ms: answer.kind === 'latency' ? answer.p50Ms : 0,
    p99Ms: answer.kind === 'latency' ? answer.p99Ms : 0,
  }
}

const asIs = (commit: Commit): Commit => commit
const onSlowDisk =
  (commit: Commit): Commit =>
  async group => {
    await commit(group)
    slowDisk()
  }
/** The same messages decoded and checked, stored nowhere. */
const noStore = (): Commit => group => {
  for (const message of group) decodeUp(message.kind, message.payload)
  return Promise.resolve()
}

/** About 35 s. */
export async function ingestBenches(): Promise<BenchRow[]> {
  const saturate: EstateCommand = { kind: 'saturate', seconds: 4, window: 10 }
  const bare = await measure(saturate, { wrap: noStore })
  const durable = await measure(saturate, { wrap: asIs })
  const slow = await measure(saturate, { wrap: onSlowDisk })
  const single = await measure({ ...saturate, window: 1 }, { wrap: onSlowDisk, groupMessages: 1 })
  const paced = await measure({ kind: 'pace', seconds: 6, perSecond: 333 }, { wrap: asIs })
  return [
    {
      name: 'ingest: durable (PUBACK after COMMIT) against the same pipeline without a store',
      value: durable.rate,
      unit: 'messages/s',
      baseline: bare.rate,
      ratio: durable.rate / bare.rate,
    },
    {
      name: `ingest: group commit against one commit per message, a commit costs ${COMMIT_COST_MS} ms more`,
      value: slow.rate,
      unit: 'messages/s',
      baseline: single.rate,
      ratio: slow.rate / single.rate,
    },
    {
      name: 'ingest: PUBACK p50 at 333 messages/s against the commit window',
      value: paced.p50Ms,
      unit: 'ms',
      baseline: WINDOW_MS,
      ratio: paced.p50Ms / WINDOW_MS,
    },
    {
      name: 'ingest: PUBACK p99 at 333 messages/s against the commit window',
      value: paced.p99Ms,
      unit: 'ms',
      baseline: WINDOW_MS,
      ratio: paced.p99Ms / WINDOW_MS,
    },
  ]
}
