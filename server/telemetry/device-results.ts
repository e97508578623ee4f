/** What devices say on `up/res`: answers to commands, and bundles of evidence that wait there. */
import type { Logger } from 'pino'
import type { ResultData } from '../../shared/messages.ts'
import type { Tx } from '../database/database.ts'
import { insertTimeline } from '../devices/store/timeline-store.ts'
import type { Change } from '../platform/change-bus.ts'
import type { DeviceCommands } from '../devices/device-commands.ts'
import type { EvidenceIntake } from '../evidence/evidence-intake.ts'

export type DeviceResult = {
  deviceId: string
  customerId: string
  data: ResultData
  /** When it was said or taken, device time, corrected. */
  atMs: number
  receivedAtMs: number
  epoch: string
  sequence: number
}

/** Makes the service. `take` runs in the transaction that stores the messages and answers the devices that `deliver` has something for. */
export function makeDeviceResults(deps: {
  log: Logger
  commands: Pick<DeviceCommands, 'answer' | 'deliver'>
  intake: Pick<EvidenceIntake, 'announce'>
}) {
  const { log, commands, intake } = deps

  const announced = async (tx: Tx, result: DeviceResult): Promise<boolean> => {
    const refusal = await intake.announce(tx, result)
    if (refusal !== null) log.warn({ deviceId: result.deviceId, bundleId: result.data.id, refusal }, 'evidence not taken')
    return refusal === null
  }

  const answered = async (tx: Tx, result: DeviceResult, changes: Change[]): Promise<void> => {
    const { deviceId, customerId, data, receivedAtMs } = result
    const { id, state: word, text = null } = data
    const kind = await commands.answer(tx, { deviceId, customerId, id, word, text, atMs: receivedAtMs }, changes)
    // The arrival of the evidence itself is told.
    if (kind === 'upload-evidence' && word === 'done') return
    await insertTimeline(tx, {
      device_id: deviceId,
      at: receivedAtMs,
      received_at: receivedAtMs,
      kind: 'command',
      state: word,
      text: `Command ${kind ?? id}: ${word}${text === null ? '' : `, ${text}`}`,
      epoch: result.epoch,
      sequence: result.sequence,
    })
  }

  return {
    async take(tx: Tx, results: readonly DeviceResult[], changes: Change[]): Promise<ReadonlySet<string>> {
      const toDeliver = new Set<string>()
      for (const result of results) {
        if (result.data.state !== 'evidence-ready') await answered(tx, result, changes)
        else if (result.data.parts !== undefined && (await announced(tx, result))) toDeliver.add(result.deviceId)
      }
      return toDeliver
    },

    /** Sends what waits for these devices; one that cannot be reached gets it when it subscribes. */
    deliver(deviceIds: Iterable<string>): void {
      for (const deviceId of deviceIds)
        commands.deliver(deviceId).catch((error: unknown) => log.warn({ err: error, deviceId }, 'commands could not be sent now'))
    },
  }
}
export type DeviceResults = ReturnType<typeof makeDeviceResults>
