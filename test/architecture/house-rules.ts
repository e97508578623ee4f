/** What holds for every file of the house. Each check takes files and gives what is wrong, one line a fault. */
import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { CHECKED_FOLDERS } from './import-check.ts'
import { shapeOf, type SourceShape } from './source-shape.ts'

export type SourceFile = { path: string; text: string }
/** Faults that are known and become fewer: `path:function` -> lines it may have. */
export type OpenFunctions = Readonly<Record<string, number>>

const ROOT = join(import.meta.dirname, '../..')
export const MAX_FILE_LINES = 300
export const MAX_FUNCTION_LINES = 80
/** Names that several files have: the entry of each program is its `main.ts`. */
const SHARED_NAMES = new Set(['index.html', 'README.md', 'main.ts'])
/** The tools that read these files want a default export. */
const DEFAULT_EXPORTS = new Set(['server/web/vite.config.ts', 'test/vitest.config.ts'])
const PRODUCTION = /^(agent|broker|server|shared)\//
const MIGRATION = /^server\/database\/migrations\//
const COMPOSITION = /^server\/(main|modules|routes)\.ts$/
const REASON = /\blong because\b/i
const STATEMENT = /\.(selectFrom|insertInto|updateTable|deleteFrom)\(/
const CLOCK = /\bDate\.now\b|\bnew Date\(\)|\bperformance\.now\b|\bMath\.random\b|\brandom(UUID|Bytes)\b|\bset(Timeout|Interval)\(/

/** All code of the house with its text. Texts of the catalogue and libraries that are carried along are not code. */
export function codeFiles(): SourceFile[] {
  const patterns = CHECKED_FOLDERS.map(folder => `${folder}/**/*.{ts,tsx,cjs,mjs,css,sh,html}`)
  return globSync(patterns, { cwd: ROOT, exclude: ['server/catalogue/**', 'agent/install/runtime-libraries/**'] }).map(path => ({
    path,
    text: readFileSync(join(ROOT, path), 'utf8'),
  }))
}

const isSource = ({ path }: SourceFile): boolean => /\.tsx?$/.test(path)
const shapes = new WeakMap<SourceFile, SourceShape>()
function shape(file: SourceFile): SourceShape {
  const known = shapes.get(file) ?? shapeOf(file.text, file.path.endsWith('x'))
  shapes.set(file, known)
  return known
}
const linesOf = (text: string): number => text.trimEnd().split('\n').length

/** A name is found once. */
export function twinFaults(files: readonly SourceFile[]): string[] {
  const byName = Map.groupBy(files, file => basename(file.path))
  return [...byName].flatMap(([name, twins]) =>
    twins.length < 2 || SHARED_NAMES.has(name) ? [] : `${name}: ${twins.map(twin => twin.path).join(', ')}`,
  )
}

/** A file is read in one go; one that is longer says why in its first comment. */
export function longFileFaults(files: readonly SourceFile[]): string[] {
  return files
    .filter(file => isSource(file) && PRODUCTION.test(file.path) && linesOf(file.text) > MAX_FILE_LINES)
    .filter(({ text }) => !REASON.test(/^\s*\/\*\*[\s\S]*?\*\//.exec(text)?.[0].replaceAll(/\s*\n\s*\*\s*/g, ' ') ?? ''))
    .map(({ path, text }) => `${path}: ${linesOf(text)} lines and no reason`)
}

/** Functions longer than the limit, but for migrations, composition and JSX, which are lists. */
function longFunctions(files: readonly SourceFile[]): Map<string, number> {
  const long = new Map<string, number>()
  for (const file of files) {
    if (!isSource(file) || !PRODUCTION.test(file.path) || MIGRATION.test(file.path) || COMPOSITION.test(file.path)) continue
    for (const { name, lines, hasJsx } of shape(file).functions) {
      const key = `${file.path}:${name}`
      if (lines > MAX_FUNCTION_LINES && !hasJsx) long.set(key, Math.max(lines, long.get(key) ?? 0))
    }
  }
  return long
}

/** A function does one thing; those known to be too long may only become shorter, and leave the list when they are short. */
export function longFunctionFaults(files: readonly SourceFile[], open: OpenFunctions): string[] {
  const long = longFunctions(files)
  return [
    ...[...long].flatMap(([key, lines]) =>
      lines > (open[key] ?? 0) ? `${key}: ${lines} lines, ${open[key] ?? MAX_FUNCTION_LINES} allowed` : [],
    ),
    ...Object.keys(open).flatMap(key => (long.has(key) ? [] : `${key}: is short or gone now, take it from the list`)),
  ]
}

/** A name is imported from where it is declared. */
export function barrelFaults(files: readonly SourceFile[]): string[] {
  return files.filter(file => isSource(file) && shape(file).isBarrel).map(({ path }) => `${path}: only passes on what others declare`)
}

/** A thing has one name everywhere. */
export function defaultExportFaults(files: readonly SourceFile[]): string[] {
  return files
    .filter(file => isSource(file) && !DEFAULT_EXPORTS.has(file.path) && shape(file).hasDefaultExport)
    .map(({ path }) => `${path}: default export`)
}

/** What a migration did is history: it takes nothing from outside of the database, and nothing of the tables as they are today. */
export function migrationFaults(files: readonly SourceFile[]): string[] {
  return files
    .filter(file => isSource(file) && MIGRATION.test(file.path))
    .flatMap(({ path, text }) =>
      [...text.matchAll(/^(?:import|export)\s+(type\s)?[^'"]*?from '([^']+)'/gm)].flatMap(([, isType, from = '']) =>
        isType || from === 'kysely' || from.startsWith('./') ? [] : `${path}: imports ${from}`,
      ),
    )
}

/** SQL stands where one looks for it. */
export function statementFaults(files: readonly SourceFile[]): string[] {
  return files
    .filter(file => isSource(file) && PRODUCTION.test(file.path) && !/\/store\/|^server\/database\//.test(file.path))
    .filter(({ text }) => STATEMENT.test(text))
    .map(({ path }) => `${path}: runs a statement outside of store/`)
}

/** Rules are decided by their arguments: time and chance are given. */
export function clockFaults(files: readonly SourceFile[]): string[] {
  return files
    .filter(({ path, text }) => /^server\/[^/]+\/rules\//.test(path) && CLOCK.test(text))
    .map(({ path }) => `${path}: asks for the time or for chance`)
}
