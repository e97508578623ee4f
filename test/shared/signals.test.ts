/** What is known about signals is whole, and the page about them is true. */
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { signalsPage } from './signals-page.ts'

it('the page says what the house does', () => {
  expect(readFileSync(new URL('../../docs/signals.md', import.meta.url), 'utf8')).toBe(signalsPage())
})
