/** Makes the demo's customers, sites, contacts, partners and profiles, and enrols its devices: through the same services as the API. */
import type { makeHouse } from '../../server/modules.ts'
import { inTransaction, type Database } from '../../server/database/database.ts'
import { makeDemoDevice, type DemoDevice } from './demo-device.ts'
import { CUSTOMERS, HERE, HOURS, MODELS, PARTNERS, PROFILES, type EstateCustomer, type ProfileId } from './demo-estate.ts'

export type House = ReturnType<typeof makeHouse>
export type MadeCustomer = { id: string; name: string; siteIds: string[]; devices: DemoDevice[] }
const DEVICE_WORDS: Record<ProfileId, string> = {
  'self-checkout': 'checkout',
  'ticket-machine': 'tickets',
  signage: 'sign',
  'point-of-sale': 'till',
}

const plain = (text: string): string =>
  text
    .normalize('NFD')
    .replaceAll(/[^A-Za-z0-9]+/g, '')
    .toLowerCase()

/** How far local time is from UTC, in hours, at an instant. */
function offsetHours(timeZone: string, atMs: number): number {
  return Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(timeZone).offsetNanoseconds / 3.6e12
}

/** Profiles and partners, which belong to nobody. */
async function makeCatalogue(db: Database, house: House): Promise<void> {
  for (const [id, profile] of Object.entries(PROFILES))
    await inTransaction(db, tx => house.catalogue.putProfile(tx, { id, profile, by: 'demo' }))
  for (const partner of PARTNERS) await house.partners.create(partner)
}

/** One customer with its sites and contacts. */
async function makeCustomer(house: House, spec: EstateCustomer): Promise<MadeCustomer> {
  const { id, name } = await house.customers.create({ name: spec.name, planId: spec.planId, timeZone: spec.timeZone })
  for (const contact of spec.contacts)
    await house.customers.addContact(id, {
      name: contact,
      email: `${plain(contact)}@${plain(spec.name)}.example`,
      phone: '+46 8 555 01 00',
    })
  const siteIds: string[] = []
  for (const { name: siteName, address, region, at, hours } of spec.sites) {
    const openingHours = HOURS[hours]
    siteIds.push(
      (
        await house.sites.createSite(id, {
          name: siteName,
          address,
          region,
          location: { lat: at[0], lon: at[1] },
          ...(openingHours === null ? {} : { openingHours }),
        })
      ).id,
    )
  }
  return { id, name, siteIds, devices: [] }
}

/** Enrols one device and gives it its profile; a device that has to wait is not given a login. */
async function enrolDevice(
  house: House,
  place: { token: string; customer: string; site: string; timeZone: string },
  fact: { profile: ProfileId; number: number; seed: number; nowMs: number },
): Promise<DemoDevice | null> {
  const hostname = `${plain(place.site).slice(0, 18)}-${DEVICE_WORDS[fact.profile]}-${fact.number}`
  const outcome = await house.enrolment.enrol({
    token: place.token,
    machineId: `demo-${fact.seed}`,
    hostname,
    platform: 'linux-x64',
    agentVersion: '0.1.0',
    model: MODELS[fact.profile],
  })
  const deviceId = outcome.admitted ? outcome.answer.deviceId : outcome.deviceId
  await house.fleet.update(deviceId, { profileId: fact.profile, name: `${place.site} ${DEVICE_WORDS[fact.profile]} ${fact.number}` })
  if (!outcome.admitted) return null
  const login = {
    deviceId,
    password: outcome.answer.mqtt.password,
    hostname,
    profile: fact.profile,
    seed: fact.seed,
    offsetHours: offsetHours(place.timeZone, fact.nowMs),
    presence: 'live' as const,
  }
  return makeDemoDevice({ customer: place.customer, site: place.site }, login, fact.nowMs)
}

/** The whole estate, or its first customers. Gives the customers with their devices, and where this machine belongs. */
export async function makeEstate(
  db: Database,
  house: House,
  options: { customers: number; now: () => number },
): Promise<{ customers: MadeCustomer[]; here: { customerId: string; siteId: string } }> {
  await makeCatalogue(db, house)
  const customers: MadeCustomer[] = []
  let seed = 0
  for (const spec of [
    ...CUSTOMERS.filter(customer => customer.name !== HERE.customer).slice(0, options.customers),
    ...CUSTOMERS.filter(customer => customer.name === HERE.customer),
  ]) {
    const made = await makeCustomer(house, spec)
    customers.push(made)
    for (const [index, site] of spec.sites.entries()) {
      const count = site.devices.reduce((sum, [, devices]) => sum + devices, 0)
      if (count === 0) continue
      const { token } = await house.enrolment.createToken({
        customerId: made.id,
        siteId: made.siteIds[index] as string,
        maxUses: count,
        expiresAtMs: null,
        createdBy: 'demo',
      })
      for (const [profile, devices] of site.devices) {
        for (let number = 1; number <= devices; number += 1) {
          seed += 1
          const device = await enrolDevice(
            house,
            { token, customer: made.name, site: site.name, timeZone: spec.timeZone },
            { profile, number, seed, nowMs: options.now() },
          )
          if (device) made.devices.push(device)
        }
      }
    }
  }
  const here = customers.pop() as MadeCustomer
  return { customers, here: { customerId: here.id, siteId: here.siteIds[0] as string } }
}
