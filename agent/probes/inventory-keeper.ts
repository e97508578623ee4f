/** The inventory of this machine: taken once a day in a child process, kept between starts, told with the birth. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Logger } from 'pino'
import type { Inventory } from './inventory.ts'
import { collectInventoryInChild, readKeptInventory } from './inventory-child.ts'

export type InventoryKeeper = {
  current(): Inventory | null
  /** Maker and model in a few words; '' when unknown. */
  modelName(): string
  /** Takes it anew; true when it says something else than before. */
  take(): Promise<boolean>
}

/** Makes the keeper. `entryPath` is the file that runs `inventory`. */
export function makeInventoryKeeper(dataDir: string, entryPath: string, log: Logger): InventoryKeeper {
  const path = join(dataDir, 'inventory.json')
  let inventory = readKeptInventory(path)
  return {
    current: () => inventory,
    modelName() {
      const model = inventory?.system as { manufacturer?: string; model?: string } | undefined
      return [model?.manufacturer, model?.model].filter(Boolean).join(' ').slice(0, 200)
    },
    async take() {
      const taken = await collectInventoryInChild(entryPath)
      if (!taken) {
        log.warn('inventory could not be taken')
        return false
      }
      const isNew = JSON.stringify(taken) !== JSON.stringify(inventory)
      inventory = taken
      if (!isNew) return false
      try {
        writeFileSync(path, JSON.stringify(taken), { mode: 0o600 })
      } catch (error) {
        log.debug({ err: error }, 'inventory could not be kept')
      }
      return true
    },
  }
}
