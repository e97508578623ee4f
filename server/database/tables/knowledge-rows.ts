/** Rows of knowledge articles, of whom they helped, and of macros. */

export type ArticleRow = {
  id: string
  /** The same article in other languages has the same. */
  family: string
  title: string
  /** Markdown. */
  body: string
  /** JSON list of signals without component. */
  signals: string
  /** JSON list of products of the catalogue; empty = whatever it is. */
  products: string
  visibility: 'internal' | 'public'
  language: string
  /** JSON list of customers; empty = all. */
  customer_ids: string
  /** Name of the shipped file; null for one a person wrote. */
  shipped_key: string | null
  /** Who changed it last; null while it is as shipped. */
  changed_by: string | null
  created_at: number
  updated_at: number
  /** Taken away: kept, so that a shipped one does not come back. */
  retired_at: number | null
}
/** `helped`: the ticket or the caller it helped, each once. */
export type ArticleHelpRow = { article_id: string; helped: string; at: number }
export type MacroRow = {
  id: string
  name: string
  /** JSON `{en?, de?, sv?, pt?}` of Liquid texts. */
  texts: string
  visibility: 'internal' | 'public'
  /** JSON of what it changes on the ticket. */
  changes: string
  changed_by: string | null
  created_at: number
  updated_at: number
}
