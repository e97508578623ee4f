/** Desired configuration of a device: its profile and the rules about remedies, signed, with a revision that only grows. */
import { fillProfile } from '../../shared/profile.ts'
import { signDocument, type SigningKey } from '../../shared/signing.ts'
import type { DesiredConfig } from '../../shared/messages.ts'
import type { Database } from '../database/database.ts'
import { findDevice } from './store/device-store.ts'
import type { Catalogue } from '../plans/catalogue.ts'

/** Makes the service; `publish` answers false when the device is not connected (it gets its configuration when it subscribes). */
export function makeDeviceConfig(deps: {
  db: Database
  now: () => number
  catalogue: Catalogue
  key: SigningKey
  /** A device that is away gets its configuration when it subscribes: nothing is signed for it before. */
  isConnected(deviceId: string): boolean
  publish(deviceId: string, payload: string): boolean
}) {
  const { db, now, catalogue, key } = deps

  /** The signed document for `dn/cfg`, or null for a device there is not. */
  const desired = async (deviceId: string): Promise<string | null> => {
    const device = await findDevice(db, deviceId)
    if (!device) return null
    const stored = device.profile_id === null ? null : await catalogue.getProfile(db, device.profile_id)
    const { id: _id, version: _version, ...profile } = stored ?? { ...fillProfile({ name: 'Default' }), id: '', version: 0 }
    const rules = await catalogue.remedyRulesFor(db, {
      customerId: device.customer_id,
      siteId: device.site_id,
      profileId: device.profile_id,
      deviceId,
    })
    const document: DesiredConfig = { rev: device.config_wanted, deviceId, issuedAt: now(), profile, rules }
    return signDocument(key, 'k1cfg', deviceId, document)
  }

  return {
    desired,
    /** Sends the wanted revision now. */
    async send(deviceId: string): Promise<boolean> {
      if (!deps.isConnected(deviceId)) return false
      const payload = await desired(deviceId)
      return payload !== null && deps.publish(deviceId, payload)
    },
  }
}
export type DeviceConfig = ReturnType<typeof makeDeviceConfig>
