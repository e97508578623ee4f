/** Offers for what a plan does not cover. */
import type { Database, Tx } from '../../database/database.ts'
import type { TicketOfferRow } from '../../database/tables/relation-rows.ts'

export async function insertOffer(tx: Tx, row: TicketOfferRow): Promise<void> {
  await tx.insertInto('ticket_offers').values(row).execute()
}
export async function updateOffer(tx: Tx, id: string, change: Partial<TicketOfferRow>): Promise<void> {
  await tx.updateTable('ticket_offers').set(change).where('id', '=', id).execute()
}
/** Newest first. */
export async function listOffers(db: Database | Tx, ticketId: string): Promise<TicketOfferRow[]> {
  return db.selectFrom('ticket_offers').selectAll().where('ticket_id', '=', ticketId).orderBy('at', 'desc').orderBy('id', 'desc').execute()
}
