/** The floors hold: every module stands on one, the README shows them, the checker reads the whole house and names what is planted. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { BESIDE_FLOORS, FLOORS, floorsTable } from './floors.ts'
import { checkImports, CONFIG, readFault, sourcesIn } from './import-check.ts'

const ROOT = join(import.meta.dirname, '../..')
const MODULES = FLOORS.flatMap(floor => Object.keys(floor.modules))
const { forbidden } = createRequire(import.meta.url)(CONFIG) as { forbidden: { name: string }[] }

/** One violation of each rule: the file, and what it says. */
function plants(): Map<string, { file: string; text: string }> {
  const planted = new Map<string, { file: string; text: string }>()
  const plant = (rule: string, file: string, text: string) => planted.set(rule, { file, text })
  FLOORS.forEach((floor, index) => {
    const name = floor.name.replace(' ', '-')
    const [own = '', other] = Object.keys(floor.modules)
    const [higher] = Object.keys(FLOORS[index + 1]?.modules ?? {})
    const up = higher === undefined ? '../modules.ts' : `../${higher}/target.ts`
    plant(`floor-${name}`, `server/${own}/planted-up.ts`, `import type { Target } from '${up}'\nexport type Up = Target\n`)
    if (other !== undefined)
      plant(
        `floor-${name}-apart`,
        `server/${own}/planted-beside.ts`,
        `import type { Target } from '../${other}/target.ts'\nexport type Beside = Target\n`,
      )
  })
  const value = (from: string) => `import { target } from '${from}'\nexport const planted = target\n`
  plant(
    'no-circular',
    'server/tickets/planted-circle.ts',
    `import type { Other } from './planted-round.ts'\nexport type Circle = Other | null\n`,
  )
  plant('shared-imports-nothing', 'shared/planted.ts', value('../server/tickets/target.ts'))
  plant('agent-imports-shared', 'agent/planted.ts', value('../server/tickets/target.ts'))
  plant('agent-without-words', 'agent/planted-words.ts', value('../shared/signals/target.ts'))
  plant('broker-imports-shared', 'broker/planted.ts', value('../server/tickets/target.ts'))
  plant('server-without-agent', 'server/telemetry/planted-agent.ts', value('../../agent/target.ts'))
  plant('broker-only-from-main', 'server/telemetry/planted-broker.ts', value('../../broker/target.ts'))
  plant('rules-are-pure', 'server/tickets/rules/planted-use-case.ts', value('../target.ts'))
  plant('rules-no-packages', 'server/tickets/rules/planted-kysely.ts', `import { sql } from 'kysely'\nexport const planted = sql\n`)
  plant(
    'rules-no-node',
    'server/tickets/rules/planted-node.ts',
    `import { readFileSync } from 'node:fs'\nexport const planted = readFileSync\n`,
  )
  plant('store-below', 'server/tickets/store/planted-use-case.ts', value('../target.ts'))
  plant('routes-no-foreign-store', 'server/incidents/planted-store-routes.ts', value('../tickets/store/target.ts'))
  plant('routes-own-use-cases', 'server/incidents/planted-use-routes.ts', value('../tickets/target.ts'))
  plant('doors-from-the-top', 'server/incidents/planted-door.ts', value('./target-routes.ts'))
  plant('door-routes-alone', 'server/notifications/planted-routes.ts', value('./channels/target.ts'))
  plant('door-device-link-alone', 'server/telemetry/device-gateway-planted.ts', value('./target-routes.ts'))
  plant('door-channels-alone', 'server/notifications/channels/planted.ts', value('../target-routes.ts'))
  plant('door-servicedesks-alone', 'server/servicedesks/adapters/planted.ts', value('../target-routes.ts'))
  plant('door-inbox-alone', 'server/mail/imap-inbox-planted.ts', value('./target-routes.ts'))
  plant('door-single-sign-on-alone', 'server/accounts/single-sign-on-planted.ts', value('./target-routes.ts'))
  plant('web-imports-shared', 'server/web/planted.ts', value('../tickets/target.ts'))
  plant('aedes-in-broker', 'server/telemetry/planted-aedes.ts', `import { Aedes } from 'aedes'\nexport const planted = Aedes\n`)
  plant('mqtt-in-uplink', 'agent/machine/planted-mqtt.ts', `import mqtt from 'mqtt'\nexport const planted = mqtt\n`)
  plant(
    'sqlite-in-database',
    'server/tickets/store/planted-sqlite.ts',
    `import { DatabaseSync } from 'node:sqlite'\nexport const planted = DatabaseSync\n`,
  )
  plant('kysely-in-store', 'server/tickets/planted-kysely.ts', `import { sql } from 'kysely'\nexport const planted = sql\n`)
  plant('migrations-alone', 'server/database/migrations/planted.ts', value('../../../shared/target.ts'))
  plant('not-to-test', 'agent/machine/planted-test.ts', value('../../test/target.ts'))
  return planted
}

/** A small house with a file of every kind, and what is planted in it. */
function plantedHouse(files: Iterable<{ file: string; text: string }>): string {
  const root = mkdtempSync(join(tmpdir(), 'kioskeeper-floors-'))
  const write = (file: string, text: string): void => {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), text)
  }
  const target = `export const target = 'target'\nexport type Target = typeof target\n`
  const kinds = ['', 'store/', 'rules/'].map(kind => `${kind}target.ts`)
  for (const module of MODULES) for (const kind of [...kinds, 'target-routes.ts']) write(`server/${module}/${kind}`, target)
  for (const file of [
    'server/modules.ts',
    'server/notifications/channels/target.ts',
    'shared/target.ts',
    'shared/signals/target.ts',
    'agent/target.ts',
    'broker/target.ts',
    'test/target.ts',
  ])
    write(file, target)
  write('server/tickets/planted-round.ts', `import type { Circle } from './planted-circle.ts'\nexport type Other = Circle[]\n`)
  for (const { file, text } of files) write(file, text)
  symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'))
  return root
}

describe('the floors', () => {
  it('have every module of the server, each once', () => {
    const folders = readdirSync(join(ROOT, 'server'), { withFileTypes: true }).flatMap(entry => (entry.isDirectory() ? entry.name : []))
    expect([...MODULES, ...BESIDE_FLOORS].toSorted()).toEqual(folders.toSorted())
  })

  it('stand in the README as they are', () => {
    expect(readFileSync(join(ROOT, 'README.md'), 'utf8')).toContain(floorsTable())
  })

  it('hold, and the checker read the whole house', { timeout: 300_000 }, () => {
    const report = checkImports()
    expect(readFault(report, sourcesIn())).toBeNull()
    expect(report.violations).toEqual([])
    expect(readFault({ ...report, files: report.files.slice(100) }, sourcesIn())).toContain('read')
  })

  it('have a rule each that names what is planted against it', { timeout: 300_000 }, () => {
    const planted = plants()
    expect([...planted.keys()].toSorted()).toEqual(forbidden.map(rule => rule.name).toSorted())
    const root = plantedHouse(planted.values())
    try {
      const { violations } = checkImports(root)
      const missed = [...planted].filter(([rule, { file }]) => !violations.some(found => found.rule === rule && found.from === file))
      expect(missed.map(([rule]) => rule)).toEqual([])
      const files = new Set([...planted.values()].map(plant => plant.file))
      expect(violations.filter(found => !files.has(found.from) && found.rule !== 'no-circular')).toEqual([])
    } finally {
      rmSync(root, { recursive: true, force: true })
    }
  })
})
