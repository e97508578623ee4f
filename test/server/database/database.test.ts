import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { inTransaction, lockCustomer } from '../../../server/database/database.ts'
import { eachStore } from '../../support/stores.ts'

const customer = {
  id: 'c1',
  name: 'Shop',
  plan_id: 'ombori-free',
  time_zone: 'Europe/Stockholm',
  overrides: '{}',
  webhook_url: null,
  webhook_secret: null,
  downgrade_until: null,
  created_at: 1,
}

eachStore('store', open => {
  it('gives integers back as numbers, also counts and instants', async () => {
    const { db } = await open()
    await db
      .insertInto('customers')
      .values({ ...customer, created_at: 1_795_300_000_000 })
      .execute()
    const row = await db.selectFrom('customers').select(['created_at', 'lock_version']).executeTakeFirstOrThrow()
    expect(row).toEqual({ created_at: 1_795_300_000_000, lock_version: 0 })
    const count = await db
      .selectFrom('customers')
      .select(e => e.fn.countAll<number>().as('n'))
      .executeTakeFirstOrThrow()
    expect(count.n).toBe(1)
  })

  it('rolls a failed transaction back whole', async () => {
    const { db } = await open()
    await expect(
      inTransaction(db, async tx => {
        await tx.insertInto('customers').values(customer).execute()
        throw new Error('power cut')
      }),
    ).rejects.toThrow('power cut')
    expect(await db.selectFrom('customers').selectAll().execute()).toEqual([])
  })

  it('lets transactions that lock the same customer through one at a time', async () => {
    const { db } = await open()
    await db.insertInto('customers').values(customer).execute()
    let inside = 0
    let most = 0
    await Promise.all(
      Array.from({ length: 10 }, () =>
        inTransaction(db, async tx => {
          expect(await lockCustomer(tx, 'c1')).toBe(true)
          inside += 1
          most = Math.max(most, inside)
          await sql`select 1`.execute(tx)
          inside -= 1
        }),
      ),
    )
    expect(most).toBe(1)
  })

  it('keeps bytes and refuses what a database would misread', async () => {
    const { db, kind } = await open()
    await db
      .insertInto('samples')
      .values({ device_no: 1, at: 1, data: new Uint8Array([1, 2, 255]) })
      .execute()
    const row = await db.selectFrom('samples').selectAll().executeTakeFirstOrThrow()
    expect([...row.data]).toEqual([1, 2, 255])
    if (kind === 'sqlite')
      await expect(
        db
          .insertInto('instance')
          .values({ name: 'x', value: { a: 1 } as never })
          .execute(),
      ).rejects.toThrow('SQL parameter')
  })
})
