/** Knowledge articles, and whom they helped. */
import type { Database, Tx } from '../../database/database.ts'
import type { ArticleRow } from '../../database/tables/knowledge-rows.ts'

export type ArticleWithHelp = ArticleRow & { helped: number }

/** Every article that is not taken away, with how many it helped. A shelf is a few hundred: rules choose from it. */
export async function readShelf(db: Database | Tx): Promise<ArticleWithHelp[]> {
  const rows = await db.selectFrom('articles').selectAll().where('retired_at', 'is', null).orderBy('title').orderBy('id').execute()
  const helps = await db
    .selectFrom('article_helps')
    .select(e => ['article_id', e.fn.countAll<number>().as('n')])
    .groupBy('article_id')
    .execute()
  const counts = new Map(helps.map(row => [row.article_id, Number(row.n)]))
  return rows.map(row => ({ ...row, helped: counts.get(row.id) ?? 0 }))
}

export async function countArticles(db: Database | Tx): Promise<number> {
  const query = db.selectFrom('articles').select(e => e.fn.countAll<number>().as('n'))
  return Number((await query.where('retired_at', 'is', null).executeTakeFirstOrThrow()).n)
}

export async function findArticle(db: Database | Tx, id: string): Promise<ArticleWithHelp | null> {
  const row = await db.selectFrom('articles').selectAll().where('id', '=', id).where('retired_at', 'is', null).executeTakeFirst()
  if (!row) return null
  const helps = await db
    .selectFrom('article_helps')
    .select(e => e.fn.countAll<number>().as('n'))
    .where('article_id', '=', id)
    .executeTakeFirstOrThrow()
  return { ...row, helped: Number(helps.n) }
}

export async function insertArticle(tx: Tx, row: ArticleRow): Promise<void> {
  await tx.insertInto('articles').values(row).execute()
}

export async function updateArticle(tx: Tx, id: string, change: Partial<ArticleRow>): Promise<void> {
  await tx.updateTable('articles').set(change).where('id', '=', id).execute()
}

/** The shipped ones by the name of their file, taken away or not. */
export async function readShippedArticles(tx: Tx): Promise<Map<string, ArticleRow>> {
  const rows = await tx.selectFrom('articles').selectAll().where('shipped_key', 'is not', null).execute()
  return new Map(rows.map(row => [row.shipped_key ?? '', row]))
}

/** Notes that it helped; the same ticket or caller counts once. */
export async function insertHelp(tx: Tx, help: { article_id: string; helped: string; at: number }): Promise<void> {
  await tx
    .insertInto('article_helps')
    .values(help)
    .onConflict(conflict => conflict.columns(['article_id', 'helped']).doNothing())
    .execute()
}
