/** Every service on a store of the test's, at a time the test says, with no broker behind it. */
import { newSigningKey, type SigningKey } from '../../shared/signing.ts'
import { makeHouse, type HouseDeps } from '../../server/modules.ts'
import type { Store } from '../../server/database/database.ts'
import { testLog } from './test-log.ts'

/** Makes the services; call `catalogue.load()` once per store. */
export function makeTestHouse(
  store: Store,
  now: () => number,
  options: {
    deskEmail: string | null
    evidenceFolder?: string
    mailFolder?: string
    publish?: HouseDeps['publish']
    signingKey?: SigningKey
  } = {
    deskEmail: 'desk@kioskeeper.example',
  },
) {
  return makeHouse({
    db: store.db,
    log: testLog(),
    now,
    deskEmail: options.deskEmail,
    retention: { sampleDays: 14, rollup5mDays: 90, rollup1hDays: 800, timelineDays: 400 },
    signingKey: options.signingKey ?? newSigningKey('test'),
    counted: { message: () => undefined, quarantined: () => undefined },
    link: () => ({ mqttUrls: ['mqtt://127.0.0.1:1'], caPem: null, signingKeys: {} }),
    publish: options.publish ?? (() => false),
    disconnect: () => undefined,
    mail: { folder: options.mailFolder ?? '', ownAddresses: ['inbox@kiosk.example'], ownDomain: 'kiosk.example', counted: () => undefined },
    evidence: { folder: options.evidenceFolder ?? '', uploadUrl: () => '' },
  })
}
