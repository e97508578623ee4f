/** What a source file is made of, as far as the checks of the house ask: its functions and their lines, and what it exports. */
import { parseSync, type Module } from '@swc/core'

export type FunctionShape = { name: string; lines: number; hasJsx: boolean }
export type SourceShape = {
  /** Functions that have a name of their own; one without counts as part of what it stands in. */
  functions: FunctionShape[]
  hasDefaultExport: boolean
  /** Nothing but exports of what other files declare. */
  isBarrel: boolean
}
type Node = { type?: string; span?: { start: number; end: number }; [key: string]: unknown }

const FUNCTIONS = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression', 'ClassMethod', 'MethodProperty'])

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null
const childrenOf = (node: Node): Node[] =>
  Object.values(node)
    .flatMap((value): unknown[] => (Array.isArray(value) ? value : [value]))
    .filter(isNode)

/** The text of a name or a key; null for what is computed. */
function wordOf(value: unknown): string | null {
  return isNode(value) && typeof value['value'] === 'string' ? value['value'] : null
}

/** The name that stands where a function is made; null for one that is only handed on. */
function nameOf(node: Node, parent: Node | null): string | null {
  const own = wordOf(node['identifier']) ?? wordOf(node['key'])
  if (own !== null) return own
  if (parent?.type === 'VariableDeclarator') return wordOf(parent['id'])
  return parent?.type === 'KeyValueProperty' ? wordOf(parent['key']) : null
}

const hasJsx = (node: Node): boolean => node.type?.startsWith('JSX') === true || childrenOf(node).some(hasJsx)

function walk(node: Node, parent: Node | null, visit: (node: Node, parent: Node | null) => void): void {
  visit(node, parent)
  for (const child of childrenOf(node)) walk(child, node.type === undefined ? parent : node, visit)
}

/** Reads a source. Throws when it is no TypeScript. */
export function shapeOf(text: string, isTsx: boolean): SourceShape {
  // Spans count bytes through all files of the process: a statement of our own in front says where this one begins.
  const source = Buffer.from(`;${text}`)
  const module: Module = parseSync(source.toString(), { syntax: 'typescript', tsx: isTsx })
  const base = module.body[0]?.span.start ?? 0
  const lineAt = (offset: number): number =>
    source
      .subarray(0, offset - base)
      .toString()
      .split('\n').length
  const functions: FunctionShape[] = []
  walk(module as unknown as Node, null, (node, parent) => {
    if (!FUNCTIONS.has(node.type ?? '') || !node.span) return
    const name = nameOf(node, parent)
    if (name !== null) functions.push({ name, lines: lineAt(node.span.end) - lineAt(node.span.start) + 1, hasJsx: hasJsx(node) })
  })
  const body = module.body.slice(1).filter(item => item.type !== 'ImportDeclaration')
  const isPassedOn = (item: (typeof body)[number]): boolean =>
    item.type === 'ExportAllDeclaration' || (item.type === 'ExportNamedDeclaration' && item.source !== null && item.source !== undefined)
  return {
    functions,
    hasDefaultExport: body.some(item => item.type === 'ExportDefaultDeclaration' || item.type === 'ExportDefaultExpression'),
    isBarrel: body.length > 0 && body.every(isPassedOn),
  }
}
