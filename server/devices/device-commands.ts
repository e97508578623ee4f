/** Commands to devices: kept until answered or expired, signed when sent, sent again at every subscription. */
import { createHmac, hkdfSync } from 'node:crypto'
import type { CommandInput, DeviceCommand } from '../../shared/api/devices/command-api.ts'
import { newTimedId, sha256Hex } from '../../shared/ids.ts'
import type { CommandMessage } from '../../shared/messages.ts'
import { signDocument, type SigningKey } from '../../shared/signing.ts'
import { COMMAND_LIFE_MS, stateAfter, type CommandKind } from './rules/device-command.ts'
import { DomainError } from '../platform/errors.ts'
import {
  answerCommand,
  deleteCommandsBefore,
  expireCommands,
  findCommand,
  insertCommand,
  listCommands,
  listOpenCommands,
  markSent,
} from './store/command-store.ts'
import { inTransaction, type Database, type Tx } from '../database/database.ts'
import type { DeviceCommandRow } from '../database/tables/evidence-rows.ts'
import type { Change, ChangeBus } from '../platform/change-bus.ts'
import { iso } from '../../shared/instants.ts'

const KEEP_MS = 90 * 86_400_000
const LISTED = 100
/** A person's commands that wait for one device: more are a mistake or a script gone wild. */
const MAX_WAITING = 20

const toCommand = (row: DeviceCommandRow): DeviceCommand => ({
  id: row.id,
  kind: row.kind,
  state: row.state,
  payload: JSON.parse(row.payload) as Record<string, unknown>,
  createdBy: row.created_by,
  createdAt: iso(row.created_at),
  sentAt: row.sent_at === null ? null : iso(row.sent_at),
  expiresAt: iso(row.expires_at),
  answeredAt: row.answered_at === null ? null : iso(row.answered_at),
  result: row.result,
  resultText: row.result_text,
})

/** One-time secrets of uploads, made again from the server's key whenever a command is sent: the store holds only their hashes. */
export function makeUploadTokens(key: SigningKey) {
  const secret = Buffer.from(hkdfSync('sha256', key.privateKeyPem, '', 'kioskeeper evidence upload', 32))
  const tokenOf = (uploadId: string, expiresAtMs: number): string =>
    createHmac('sha256', secret).update(`${uploadId}\n${expiresAtMs}`).digest('base64url')
  return { tokenOf, hashOf: (uploadId: string, expiresAtMs: number): string => sha256Hex(tokenOf(uploadId, expiresAtMs)) }
}
export type UploadTokens = ReturnType<typeof makeUploadTokens>

/** Makes the service. `publish` answers false when the device is not there; `uploadUrl` is the server's address for devices. */
export function makeDeviceCommands(deps: {
  db: Database
  now: () => number
  bus: ChangeBus
  key: SigningKey
  tokens: UploadTokens
  /** An upload that a device is asked for; null = it is not wanted any more. `expires_at`: until when it is taken (epoch ms). */
  uploadOf(uploadId: string): Promise<{ id: string; expires_at: number } | null>
  uploadUrl(): string
  publish(deviceId: string, payload: string): boolean
}) {
  const { db, now, bus, key } = deps

  const queue = async (
    tx: Tx,
    command: { deviceId: string; kind: CommandKind; payload: object; createdBy: string | null },
  ): Promise<string> => {
    const id = newTimedId(now())
    await insertCommand(tx, {
      id,
      device_id: command.deviceId,
      kind: command.kind,
      payload: JSON.stringify(command.payload),
      state: 'queued',
      created_by: command.createdBy,
      created_at: now(),
      sent_at: null,
      expires_at: now() + COMMAND_LIFE_MS[command.kind],
      answered_at: null,
      result: null,
      result_text: null,
    })
    return id
  }

  /** The payload as the device gets it; null when what it speaks of is gone. */
  const fullPayload = async (row: DeviceCommandRow): Promise<Record<string, unknown> | null> => {
    const payload = JSON.parse(row.payload) as Record<string, unknown>
    if (row.kind !== 'upload-evidence') return payload
    const upload = await deps.uploadOf(String(payload['uploadId']))
    if (!upload) return null
    const { uploadId: _own, ...told } = payload
    const token = deps.tokens.tokenOf(upload.id, upload.expires_at)
    return { ...told, url: `${deps.uploadUrl()}/api/v1/evidence-uploads`, token, expiresAt: upload.expires_at }
  }

  /** Sends everything that waits for this device. Nothing happens when it is not there: it gets it when it subscribes. */
  const deliver = async (deviceId: string): Promise<void> => {
    const sent: string[] = []
    for (const row of await listOpenCommands(db, deviceId, now())) {
      const payload = await fullPayload(row)
      if (payload === null) continue
      const message: CommandMessage = {
        id: row.id,
        deviceId,
        kind: row.kind,
        issuedAt: row.created_at,
        expiresAt: row.expires_at,
        payload,
      }
      if (!deps.publish(deviceId, signDocument(key, 'k1cmd', deviceId, message))) break
      sent.push(row.id)
    }
    if (sent.length > 0) await markSent(db, sent, now())
  }

  return {
    queue,
    deliver,

    /** A person's wish: kept and sent. Throws `conflict` when too much waits for the device already. */
    async order(device: { id: string; customerId: string }, input: CommandInput, createdBy: string): Promise<DeviceCommand> {
      const { kind, ...payload } = input
      const row = await inTransaction(db, async tx => {
        if ((await listOpenCommands(tx, device.id, now())).filter(open => open.created_by !== null).length >= MAX_WAITING)
          throw new DomainError(
            'conflict',
            'conflict',
            `${MAX_WAITING} commands wait for this device already. See what became of them first.`,
          )
        return findCommand(tx, await queue(tx, { deviceId: device.id, kind, payload, createdBy }))
      })
      await deliver(device.id)
      bus.publish([{ kind: 'device', id: device.id, customerId: device.customerId }])
      return toCommand(row as DeviceCommandRow)
    },

    /** The newest commands of a device. */
    async list(deviceId: string): Promise<{ items: DeviceCommand[]; total: number; next: null }> {
      const items = (await listCommands(db, deviceId, LISTED)).map(toCommand)
      return { items, total: items.length, next: null }
    },

    /** What the device said about a command; answers its kind, or null when it is none of its own. */
    async answer(
      tx: Tx,
      said: { deviceId: string; customerId: string; id: string; word: string; text: string | null; atMs: number },
      changes: Change[],
    ): Promise<CommandKind | null> {
      const row = await findCommand(tx, said.id)
      if (row?.device_id !== said.deviceId) return null
      const state = stateAfter(row.state, said.word)
      if (state !== null) {
        await answerCommand(tx, row.id, { state, answered_at: said.atMs, result: said.word, result_text: said.text })
        changes.push({ kind: 'device', id: said.deviceId, customerId: said.customerId })
      }
      return row.kind
    },

    /** Ends what was not answered in time, and lets old ones go; call every few seconds. */
    async expire(): Promise<number> {
      const deviceIds = await expireCommands(db, now())
      return deviceIds.length
    },
    forget: (): Promise<void> => deleteCommandsBefore(db, now() - KEEP_MS),
  }
}
export type DeviceCommands = ReturnType<typeof makeDeviceCommands>
