/** One token of every kind of caller in a world with two customers and two partners. */
import { makeAccounts } from '../../server/accounts/accounts.ts'
import { storeLocation } from '../../server/config.ts'
import { openStore } from '../../server/database/database.ts'
import type { World } from './world.ts'

export type CallerName = 'admin' | 'desk' | 'limited desk' | 'viewer' | 'customer' | 'other customer' | 'partner'
export type Callers = {
  mine: string
  other: string
  siteId: string
  partnerId: string
  tokens: Record<CallerName, string>
  /** Status of a call by one of them. */
  status(who: CallerName, method: string, path: string, body?: unknown): Promise<number>
}

/** Makes customers `mine` (with a named contact) and `other`, a partner, and everybody's token. */
export async function makeCallers(world: World, planId = 'ombori-enterprise'): Promise<Callers> {
  const mine = await world.makeCustomer(planId)
  const other = await world.makeCustomer(planId)
  await world.ok('POST', `/customers/${mine.customerId}/contacts`, { name: 'Carl', email: 'carl@shop.example', phone: '+46 70 123 45 67' })
  const partner = await world.ok('POST', '/partners', { name: 'North', email: 'n@partner.example', regions: [], skills: [] })
  const store = await openStore(storeLocation(world.server.settings))
  const accounts = makeAccounts({ db: store.db, now: Date.now, adminToken: null })
  const token = async (role: 'admin' | 'desk' | 'viewer' | 'customer' | 'partner', customerId: string | null = null) =>
    (
      await accounts.createToken({
        name: `${role} of the test`,
        role,
        customerId,
        partnerId: role === 'partner' ? partner.id : null,
        createdBy: null,
      })
    ).token
  const tokens = {
    admin: await token('admin'),
    desk: await token('desk'),
    'limited desk': await token('desk', mine.customerId),
    viewer: await token('viewer'),
    customer: await token('customer', mine.customerId),
    'other customer': await token('customer', other.customerId),
    partner: await token('partner'),
  }
  await store.close()
  return {
    mine: mine.customerId,
    siteId: mine.siteId,
    other: other.customerId,
    partnerId: partner.id,
    tokens,
    status: async (who, method, path, body) => (await world.api(method, path, body, tokens[who])).status,
  }
}
