/** Rows of chat: where a customer embeds it, and the conversations of visitors. */

/** `public_key` stands in the page that embeds it: a name, no secret. `origins`: JSON list of sites that may show it. */
export type ChatWidgetRow = { customer_id: string; public_key: string; origins: string; created_at: number }
export type ChatConversationRow = {
  token_sha256: string
  customer_id: string
  ticket_id: string
  /** Of the visitor, as they gave it. */
  name: string
  created_at: number
  expires_at: number
}
