/** A server with many enrolled devices, for the benchmarks: in this process or as one of its own. */
import { fork, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { newDeviceId, newDeviceSecret, sha256Hex } from '../../shared/ids.ts'
import { inTransaction, openStore, type Database, type Store } from '../../server/database/database.ts'
import { insertDevice } from '../../server/devices/store/device-store.ts'
import { makeTestHouse } from '../support/test-house.ts'
import type { EstateAnswer, EstateCommand, EstateOrder, Login } from './estate-load.ts'

/** Puts devices straight into the store: enrolling ten thousand by hand is not what is measured. */
export async function seedDevices(store: Store, count: number): Promise<Login[]> {
  const house = makeTestHouse(store, Date.now)
  await house.catalogue.load()
  const customer = await house.customers.create({ name: 'Bench', planId: 'ombori-enterprise', timeZone: 'Europe/Stockholm' })
  const site = await house.sites.createSite(customer.id, { name: 'Site' })
  const logins = Array.from({ length: count }, () => ({ id: newDeviceId(), secret: newDeviceSecret() }))
  await inTransaction(store.db, async tx => {
    for (const [index, { id, secret }] of logins.entries()) {
      await insertDevice(tx, {
        id,
        device_no: index + 1,
        customer_id: customer.id,
        site_id: site.id,
        profile_id: null,
        name: `bench-${index}`,
        machine_id: id,
        hostname: `bench-${index}`,
        platform: 'linux',
        model: null,
        agent_version: '0.1.0',
        public_key: null,
        state: 'active',
        secret_sha256: sha256Hex(secret),
        next_secret_sha256: null,
        secret_until: null,
        enrolled_at: Date.now(),
        waiting_since: null,
        retired_at: null,
        enrolment_token_id: null,
      })
    }
  })
  return logins
}

export type Folder = { path: string; databaseFile: string; remove(): void }

/** A temporary data folder. */
export function temporaryFolder(): Folder {
  const path = mkdtempSync(join(tmpdir(), 'kioskeeper-bench-'))
  return { path, databaseFile: join(path, 'kioskeeper.db'), remove: () => rmSync(path, { recursive: true, force: true }) }
}

/** Opens a store in a temporary folder with so many devices. */
export async function seededStore(count: number): Promise<{ store: Store; db: Database; logins: Login[]; folder: Folder }> {
  const folder = temporaryFolder()
  const store = await openStore(folder.databaseFile)
  return { store, db: store.db, logins: await seedDevices(store, count), folder }
}

export type Estate = { run(command: EstateCommand): Promise<EstateAnswer>; stop(): Promise<void>; process: ChildProcess }

/** Starts the devices in a process of their own and waits until all are connected (and born). */
export async function startEstate(order: EstateOrder): Promise<Estate> {
  const child = fork(join(import.meta.dirname, 'estate-load.ts'))
  const ask = (message: EstateOrder | EstateCommand): Promise<EstateAnswer> =>
    new Promise((resolve, reject) => {
      child.once('message', (answer: EstateAnswer) => resolve(answer))
      child.once('exit', code => reject(new Error(`the devices' process ended with ${code}`)))
      child.send(message)
    })
  await ask(order)
  return {
    process: child,
    run: ask,
    stop: () =>
      new Promise(resolve => {
        child.once('exit', () => resolve())
        child.disconnect()
      }),
  }
}
