/** Service partners. */
import type { Page } from '../../shared/api/list.ts'
import type { ChangedPartner, Partner, PartnerInput, PartnerPatch } from '../../shared/api/customers/partner-api.ts'
import { compileCalendar } from '../calendars/rules/calendar.ts'
import { notFound } from '../platform/errors.ts'
import { inTransaction, type Database } from '../database/database.ts'
import { toPage } from '../database/paging.ts'
import { findPartner, insertPartner, listPartners, updatePartner } from './store/partner-store.ts'
import type { PartnerRow } from '../database/tables/schema.ts'
import { NO_WEBHOOK, webhookChange } from './webhook-secrets.ts'
import { newRowId } from '../database/row-id.ts'

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
    async create(input: PartnerInput): Promise<ChangedPartner> {
      if (input.hours) compileCalendar(input.hours)
      const row: PartnerRow = {
        id: newRowId(),
        name: input.name,
        email: input.email,
        regions: JSON.stringify(input.regions),
        skills: JSON.stringify(input.skills),
        hours: input.hours ? JSON.stringify(input.hours) : null,
        sort_order: input.order ?? DEFAULT_ORDER,
        ...NO_WEBHOOK,
        ...webhookChange(NO_WEBHOOK, input.webhookUrl),
        created_at: now(),
      }
      await inTransaction(db, tx => insertPartner(tx, row))
      return { ...toPartner(row), webhookSecret: row.webhook_secret }
    },

    /** Changes a partner; another webhook address gets a new secret, shown here only. Throws not-found, and for hours that are no calendar. */
    async update(id: string, patch: PartnerPatch): Promise<ChangedPartner> {
      if (patch.hours) compileCalendar(patch.hours)
      return inTransaction(db, async tx => {
        const before = await findPartner(tx, id)
        if (!before) throw notFound('partner')
        const hook = webhookChange(before, patch.webhookUrl)
        const change: Partial<PartnerRow> = {
          ...(patch.name === undefined ? {} : { name: patch.name }),
          ...(patch.email === undefined ? {} : { email: patch.email }),
          ...(patch.regions === undefined ? {} : { regions: JSON.stringify(patch.regions) }),
          ...(patch.skills === undefined ? {} : { skills: JSON.stringify(patch.skills) }),
          ...(patch.hours === undefined ? {} : { hours: patch.hours === null ? null : JSON.stringify(patch.hours) }),
          ...(patch.order === undefined ? {} : { sort_order: patch.order }),
          ...hook,
        }
        await updatePartner(tx, id, change)
        return { ...toPartner({ ...before, ...change }), webhookSecret: hook.webhook_secret ?? null }
      })
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
