import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { PROBLEM_SLUGS } from '../../../shared/api/problem-slugs.ts'
import { TICKET_FLAGS } from '../../../shared/api/tickets/ticket-flags.ts'
import { PROBLEMS } from '../../../server/platform/http/problems.ts'
import { flagFacts } from '../../../server/web/tickets/ticket-words.ts'

const SERVER = new URL('../../../server/', import.meta.url).pathname
/** Where the words are listed themselves. */
const LISTS = ['platform/http/problems.ts', 'web/']
const sources = readdirSync(SERVER, { recursive: true, encoding: 'utf8' })
  .filter(name => name.endsWith('.ts') && !LISTS.some(list => name.startsWith(list)))
  .map(name => readFileSync(join(SERVER, name), 'utf8'))
  .concat(readFileSync(join(SERVER, 'platform/http/app.ts'), 'utf8'))
const isUsed = (word: string): boolean => sources.some(text => text.includes(`'${word}'`) || text.includes(`/problems/${word}`))

describe.each(PROBLEM_SLUGS)('the problem %s', slug => {
  it('is explained', () => expect(PROBLEMS[slug].about).toMatch(/^[A-Z].+\.$/s))
  it('is thrown somewhere', () => expect(isUsed(slug)).toBe(true))
})

describe.each(TICKET_FLAGS)('the flag %s', flag => {
  it('has words of its own', () => expect(flagFacts(flag).means).not.toBe(flag))
  it('is set somewhere', () => expect(isUsed(flag)).toBe(true))
})
