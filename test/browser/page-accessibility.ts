/** What is wrong with a page for people who cannot see or point, or who hold a phone. */
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'

/** What axe calls serious or critical, and how far the page is wider than the window. Needs a page with `bypassCSP`. */
export async function faultsOf(page: Page): Promise<string[]> {
  // legacy: the page has no frames to gather results from, which would cost a page of its own each time; only what is broken is asked for
  const { violations } = await new AxeBuilder({ page })
    .setLegacyMode()
    .options({ resultTypes: ['violations'] })
    .analyze()
  const found = violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(node => node.html.slice(0, 120)).join(' | ')}`)
  const beyondPx = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
  return beyondPx > 0 ? [...found, `${beyondPx} px wider than the window`] : found
}
