/** The articles that ship: Markdown files with their title above, checked before anything is stored. What they are about stands with the signals. */
import { readdirSync, readFileSync } from 'node:fs'
import { ArticleInput } from '../../shared/api/knowledge/article-api.ts'
import type { SignalLine } from '../../shared/signals/signal-line.ts'
import { SIGNAL_NAMES, SIGNALS, type SignalName } from '../../shared/signals/signals.ts'
import { schemaFaults } from '../platform/schema-faults.ts'

const FOLDER = new URL('../catalogue/articles/', import.meta.url)
/** Folder, and what its articles are: for whoever stands in front of the kiosk, or for the desk. */
const SHELVES = [
  { folder: 'en', visibility: 'public', language: 'en' },
  { folder: 'sv', visibility: 'public', language: 'sv' },
  { folder: 'internal', visibility: 'internal', language: 'en' },
] as const

/** Signals whose lines name the article. */
function signalsOf(family: string): SignalName[] {
  return SIGNAL_NAMES.filter(name => {
    const { articles }: SignalLine = SIGNALS[name]
    return articles.includes(family)
  })
}

/** Every shipped article with its key, `folder/name`. Throws when a file is wrong: that is a fault of the release. */
export function shippedArticles(): { key: string; article: ArticleInput }[] {
  return SHELVES.flatMap(({ folder, visibility, language }) =>
    readdirSync(new URL(`${folder}/`, FOLDER))
      .filter(name => name.endsWith('.md'))
      .sort()
      .map(name => {
        const text = readFileSync(new URL(`${folder}/${name}`, FOLDER), 'utf8')
        const end = text.indexOf('\n---\n')
        const head = new Map(
          text
            .slice(0, end)
            .split('\n')
            .map(line => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]),
        )
        const family = name.replace(/\.md$/, '')
        const article = {
          title: head.get('title') ?? '',
          body: text.slice(end + 5).trim(),
          signals: signalsOf(family),
          visibility,
          language,
          family,
        }
        const [fault] = schemaFaults(ArticleInput, article)
        if (fault) throw new Error(`Shipped article ${folder}/${name} is wrong at ${fault.path}: ${fault.message}`)
        return { key: `${folder}/${family}`, article }
      }),
  )
}
