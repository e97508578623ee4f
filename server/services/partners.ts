/** Service partners. */
import { randomUUIDv7 } from 'node:crypto'
import { newToken } from '../../shared/ids.ts'
import type { Page } from '../../shared/api/list.ts'
import type { NewPartner, Partner, PartnerInput } from '../../shared/api/partner-api.ts'
import { compileCalendar } from '../domain/calendar.ts'
import { notFound } from '../domain/errors.ts'
import { inTransaction, type Database } from '../store/database.ts'
import { toPage } from '../store/paging.ts'
import { findPartner, insertPartner, listPartners } from '../store/partner-store.ts'
import type { PartnerRow } from '../store/schema.ts'

const DEFAULT_ORDER = 100

const toPartner = (row: PartnerRow): Partner => ({
  id: row.id,
  name: row.name,
  email: row.email,
  regions: JSON.parse(row.regions) as string[],
  skills: JSON.parse(row.skills) as Partner['skills'],
  hours: row.hours === null ? null : (JSON.parse(row.hours) as Partner['hours']),
  order: row.sort_order,
  webhookUrl: row.webhook_url,
  createdAt: new Date(row.created_at).toISOString(),
})

/** Makes the partner service. */
export function makePartners({ db, now }: { db: Database; now: () => number }) {
  return {
    /** Adds a partner; with a webhook its signing secret is made and shown here only. Throws for hours that are no calendar. */
    async create(input: PartnerInput): Promise<NewPartner> {
      if (input.hours) compileCalendar(input.hours)
      const row: PartnerRow = {
        id: randomUUIDv7(),
        name: input.name,
        email: input.email,
        regions: JSON.stringify(input.regions),
        skills: JSON.stringify(input.skills),
        hours: input.hours ? JSON.stringify(input.hours) : null,
        sort_order: input.order ?? DEFAULT_ORDER,
        webhook_url: input.webhookUrl ?? null,
        webhook_secret: input.webhookUrl ? newToken('kst') : null,
        created_at: now(),
      }
      await inTransaction(db, tx => insertPartner(tx, row))
      return { ...toPartner(row), webhookSecret: row.webhook_secret }
    },
    async read(id: string): Promise<Partner> {
      const row = await findPartner(db, id)
      if (!row) throw notFound('partner')
      return toPartner(row)
    },
    async list(query: { onlyId: string | null; limit: number; cursor?: string | undefined }): Promise<Page<Partner>> {
      const { rows, total } = await listPartners(db, query)
      return toPage(rows, query.limit, total, toPartner, row => [row.name, row.id] as const)
    },
  }
}
export type Partners = ReturnType<typeof makePartners>
