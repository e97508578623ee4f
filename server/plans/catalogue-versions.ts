/** One thing of the catalogue becomes a new version, by a person or with a release. */
import { DomainError } from '../platform/errors.ts'
import { findCurrent, insertVersion, lockVersions, type CatalogueKey } from './store/catalogue-store.ts'
import type { Tx } from '../database/database.ts'
import type { CatalogueRow } from '../database/tables/schema.ts'

/** Version in force. Throws `conflict` when another one was expected. */
export function mustBeCurrent(current: Pick<CatalogueRow, 'version'> | null, expected: number | undefined): number {
  const version = current?.version ?? 0
  if (expected !== undefined && expected !== version)
    throw new DomainError('conflict', 'conflict', `It was changed in between: version ${version} is in force.`)
  return version
}

/**
 * Stores a body when it differs from the current one; null when nothing changed. Throws `conflict` when `expected` is given and
 * not the version in force, or when two make the same thing at once.
 */
export async function storeVersion(
  tx: Tx,
  change: { key: CatalogueKey; body: unknown; by: string; nowMs: number; expected?: number },
): Promise<number | null> {
  const { key, by, nowMs, expected } = change
  await lockVersions(tx, key)
  const text = JSON.stringify(change.body)
  const current = await findCurrent(tx, key)
  const after = mustBeCurrent(current, expected)
  if (current?.body === text) return null
  const version = await insertVersion(tx, { ...key, after, body: text, origin: 'person', createdBy: by, nowMs })
  if (version === null) throw new DomainError('conflict', 'conflict', 'Somebody else made it in the same moment. Read it again and repeat.')
  return version
}

/** Stores a default as a version; true when it was new. */
export async function shipVersion(tx: Tx, { key, body, nowMs }: { key: CatalogueKey; body: unknown; nowMs: number }): Promise<boolean> {
  await lockVersions(tx, key)
  const current = await findCurrent(tx, key)
  const text = JSON.stringify(body)
  // A person's own version is never overwritten by a newer default.
  if (current?.origin === 'person' || current?.body === text) return false
  const after = current?.version ?? 0
  return (await insertVersion(tx, { ...key, after, body: text, origin: 'shipped', createdBy: null, nowMs })) !== null
}
