/** The order in which a use case writes: the tables behind its statements, seen by the store itself. */
import type { KyselyPlugin, PluginTransformQueryArgs, RootOperationNode, TableNode } from 'kysely'
import type { Store } from '../../server/database/database.ts'

/** `insert visits`, `update tickets` ...; null for what only reads. */
function writeOf(node: RootOperationNode): string | null {
  if (node.kind === 'InsertQueryNode') return `insert ${node.into?.table.identifier.name ?? ''}`
  if (node.kind !== 'UpdateQueryNode' || node.table?.kind !== 'TableNode') return null
  return `update ${(node.table as TableNode).table.identifier.name}`
}

/** The same store, and what is written through it in the order of the statements. `forget` empties the list. */
export function watchWrites(store: Store): { store: Store; writes: string[]; forget(): void } {
  const writes: string[] = []
  const plugin: KyselyPlugin = {
    transformQuery({ node }: PluginTransformQueryArgs) {
      const write = writeOf(node)
      if (write !== null) writes.push(write)
      return node
    },
    transformResult: ({ result }) => Promise.resolve(result),
  }
  return { store: { ...store, db: store.db.withPlugin(plugin) }, writes, forget: () => void writes.splice(0) }
}
