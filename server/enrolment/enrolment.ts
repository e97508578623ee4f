/** Enrolment tokens, admitting devices within the plan, and their credentials. */
import { timingSafeEqual } from 'node:crypto'
import type { Enrolled, EnrolInput } from '../../shared/api/devices/device-api.ts'
import { newDeviceId, newDeviceSecret, newToken, sha256Hex } from '../../shared/ids.ts'
import { KEEPALIVE_SECONDS, shardOf } from '../../shared/topics.ts'
import { DomainError, invalidInput, notFound } from '../platform/errors.ts'
import { findSite } from '../customers/store/customer-store.ts'
import { inTransaction, lockCustomer, type Database, type Tx } from '../database/database.ts'
import { findCredential, findDeviceByMachine, insertDevice, updateDevice, readDeviceState } from '../devices/store/device-store.ts'
import { nextNumber } from '../database/instance-store.ts'
import { movePlace } from '../devices/store/device-state-store.ts'
import type { DeviceRow, EnrolmentTokenRow } from '../database/tables/schema.ts'
import { insertTimeline } from '../devices/store/timeline-store.ts'
import type { Change, ChangeBus } from '../platform/change-bus.ts'
import type { Places } from '../contracts/device-cover.ts'
import type { PlanNotices } from '../contracts/plan-notifications.ts'
import { newRowId } from '../database/row-id.ts'
import { findEnrolmentToken, insertEnrolmentToken, revokeEnrolmentToken, spendEnrolmentToken } from './store/enrolment-token-store.ts'
import { DAY_MS } from '../../shared/units.ts'

const TOKEN_DEFAULT_MS = 7 * DAY_MS
const TOKEN_MAX_MS = 90 * DAY_MS
/** The old secret ends at the new one's first use, or after this time. */
const OLD_SECRET_MS = DAY_MS

export type LinkFacts = { mqttUrls: readonly string[]; caPem: string | null; signingKeys: Record<string, string> }
export type EnrolOutcome =
  | { admitted: true; answer: Enrolled }
  | { admitted: false; deviceId: string; included: number | null; covered: number }

const tokenRefused = (): DomainError =>
  new DomainError(
    'unauthenticated',
    'enrolment-token-invalid',
    'The token is unknown, used up, revoked or expired. Make a new one on the Add device page.',
  )

/** Makes the enrolment service. `link` tells what the server found out when its ports were open. */
export function makeEnrolment(deps: {
  db: Database
  now: () => number
  bus: ChangeBus
  places: Places
  notices: PlanNotices
  link: () => LinkFacts
}) {
  const { db, now, bus, places } = deps

  const isUsable = (token: EnrolmentTokenRow | null): token is EnrolmentTokenRow =>
    token !== null && token.revoked_at === null && token.expires_at > now()

  /** The device row for this machine: known, or new when the token still has a use. */
  const deviceFor = async (tx: Tx, token: EnrolmentTokenRow, input: EnrolInput): Promise<DeviceRow> => {
    const facts = {
      hostname: input.hostname,
      platform: input.platform,
      agent_version: input.agentVersion,
      model: input.model ?? null,
      public_key: input.publicKey ?? null,
    }
    const known = await findDeviceByMachine(tx, token.customer_id, input.machineId)
    if (known && known.state !== 'retired') {
      await updateDevice(tx, known.id, { ...facts, enrolment_token_id: token.id })
      return { ...known, ...facts }
    }
    if (!(await spendEnrolmentToken(tx, token.id))) throw tokenRefused()
    const asked = {
      state: 'waiting',
      waiting_since: now(),
      enrolled_at: now(),
      retired_at: null,
      site_id: token.site_id,
      enrolment_token_id: token.id,
    } as const
    if (known) {
      await movePlace(tx, known, {
        state: asked.state,
        atMs: now(),
        more: { ...facts, ...asked, secret_sha256: null, next_secret_sha256: null, secret_until: null },
      })
      return { ...known, ...facts, ...asked }
    }
    const device: DeviceRow = {
      id: newDeviceId(),
      device_no: await nextNumber(tx, 'device-no'),
      customer_id: token.customer_id,
      profile_id: null,
      name: input.hostname,
      machine_id: input.machineId,
      secret_sha256: null,
      next_secret_sha256: null,
      secret_until: null,
      ...facts,
      ...asked,
    }
    await insertDevice(tx, device)
    return device
  }

  const admit = async (tx: Tx, device: DeviceRow, state: 'active' | 'additional'): Promise<Enrolled> => {
    const password = newDeviceSecret()
    const hash = sha256Hex(password)
    const hasSecret = device.secret_sha256 !== null
    await updateDevice(
      tx,
      device.id,
      hasSecret ? { next_secret_sha256: hash, secret_until: now() + OLD_SECRET_MS } : { secret_sha256: hash },
    )
    const { mqttUrls, caPem, signingKeys } = deps.link()
    return {
      deviceId: device.id,
      state,
      mqtt: { urls: [...mqttUrls], clientId: device.id, username: device.id, password, shard: shardOf(device.id) },
      ca: caPem,
      signingKeys,
      keepaliveSeconds: KEEPALIVE_SECONDS.default,
      heartbeatSeconds: 10,
    }
  }

  return {
    /** Makes a token for a site; it is shown once. */
    async createToken(input: {
      customerId: string
      siteId: string
      maxUses: number
      expiresAtMs: number | null
      createdBy: string
    }): Promise<{ id: string; token: string; expiresAtMs: number }> {
      const expiresAtMs = input.expiresAtMs ?? now() + TOKEN_DEFAULT_MS
      if (expiresAtMs <= now() || expiresAtMs > now() + TOKEN_MAX_MS)
        throw invalidInput([{ path: 'body/expiresAt', message: 'must be in the future, at most 90 days away' }])
      const site = await findSite(db, input.siteId)
      if (!site || site.customer_id !== input.customerId) throw notFound('site of this customer')
      const token = newToken('ket')
      const id = newRowId()
      await inTransaction(db, tx =>
        insertEnrolmentToken(tx, {
          id,
          token_sha256: sha256Hex(token),
          customer_id: input.customerId,
          site_id: input.siteId,
          max_uses: input.maxUses,
          uses: 0,
          expires_at: expiresAtMs,
          revoked_at: null,
          created_by: input.createdBy,
          created_at: now(),
        }),
      )
      return { id, token, expiresAtMs }
    },

    findToken: (id: string): Promise<EnrolmentTokenRow | null> => findEnrolmentToken(db, { id }),
    revokeToken: (id: string): Promise<void> => inTransaction(db, tx => revokeEnrolmentToken(tx, id, now())),

    /**
     * Admits a device, or keeps it waiting. The same machine again gets a new secret and takes no new place.
     * Throws enrolment-token-invalid with one answer for unknown, used up, revoked and expired.
     */
    async enrol(input: EnrolInput): Promise<EnrolOutcome> {
      const found = await findEnrolmentToken(db, { tokenSha256: sha256Hex(input.token) })
      if (!isUsable(found)) throw tokenRefused()
      const changes: Change[] = []
      const outcome = await inTransaction(db, async (tx): Promise<EnrolOutcome> => {
        await lockCustomer(tx, found.customer_id)
        const device = await deviceFor(tx, found, input)
        const isNew = device.state === 'waiting'
        const { included, covered } = await places.reassess(tx, found.customer_id, changes, { enteringId: device.id })
        const state = await readDeviceState(tx, device.id)
        changes.push({ kind: 'device', id: device.id, customerId: device.customer_id })
        if (state === 'waiting')
          await deps.notices.deviceWaits(tx, {
            customerId: device.customer_id,
            deviceId: device.id,
            deviceName: device.name,
            sinceMs: device.waiting_since ?? now(),
            included,
          })
        if (state === 'waiting') return { admitted: false, deviceId: device.id, included, covered }
        const answer = await admit(tx, device, state === 'additional' ? 'additional' : 'active')
        await insertTimeline(tx, {
          device_id: device.id,
          at: now(),
          received_at: now(),
          kind: 'enrolled',
          text: isNew ? `Enrolled: ${input.hostname}, agent ${input.agentVersion}` : 'Enrolled again: new secret',
        })
        return { admitted: true, answer }
      })
      bus.publish(changes)
      return outcome
    },

    /** Whether the broker may let a device in; `secretSha256` is the hash of the password it gave. */
    async authenticate(login: {
      deviceId: string
      secretSha256: string
    }): Promise<{ outcome: 'accepted'; customerId: string } | { outcome: 'refused' }> {
      const credential = await findCredential(db, login.deviceId)
      if (!credential || credential.state === 'retired' || credential.state === 'waiting') return { outcome: 'refused' }
      const accepted = { outcome: 'accepted', customerId: credential.customer_id } as const
      const given = Buffer.from(login.secretSha256)
      const equals = (hash: string | null): boolean =>
        hash !== null && hash.length === given.length && timingSafeEqual(Buffer.from(hash), given)
      if (equals(credential.next_secret_sha256)) {
        await inTransaction(db, tx =>
          updateDevice(tx, login.deviceId, { secret_sha256: credential.next_secret_sha256, next_secret_sha256: null, secret_until: null }),
        )
        return accepted
      }
      const oldEnded = credential.secret_until !== null && credential.secret_until <= now()
      return !oldEnded && equals(credential.secret_sha256) ? accepted : { outcome: 'refused' }
    },
  }
}
export type Enrolment = ReturnType<typeof makeEnrolment>
