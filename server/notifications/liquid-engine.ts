/** The one Liquid engine: templates hold words. They run no code, read no file, and end in time. */
import { Liquid } from 'liquidjs'

/**
 * Limits of one text: characters in, milliseconds, memory. `templates` empty: nothing can be included, neither a file of this
 * machine nor another template. A word that is not there is a fault and never a hole in a letter.
 */
export const liquid = new Liquid({
  strictVariables: true,
  strictFilters: true,
  ownPropertyOnly: true,
  templates: {},
  parseLimit: 50_000,
  renderLimit: 300,
  memoryLimit: 1_000_000,
})

/** Renders a text a person wrote. Throws with liquidjs' own words when it cannot be. */
export function renderText(text: string, facts: object): string {
  return liquid.renderSync(liquid.parse(text), facts) as string
}

/** Why a text cannot be rendered, in one line without the template's own lines. */
export function liquidFault(error: unknown): string {
  const words = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)
  return words.slice(0, 300)
}
