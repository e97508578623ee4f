/** The articles that ship: Markdown files with a few lines of facts above, checked before anything is stored. */
import { readdirSync, readFileSync } from 'node:fs'
import { ArticleInput } from '../../shared/api/knowledge/article-api.ts'
import { schemaFaults } from '../platform/schema-faults.ts'

const FOLDER = new URL('../catalogue/articles/', import.meta.url)
/** Folder, and what its articles are: for whoever stands in front of the kiosk, or for the desk. */
const SHELVES = [
  { folder: 'en', visibility: 'public', language: 'en' },
  { folder: 'sv', visibility: 'public', language: 'sv' },
  { folder: 'internal', visibility: 'internal', language: 'en' },
] as const

const listOf = (text: string | undefined): string[] =>
  (text ?? '')
    .split(',')
    .map(item => item.trim())
    .filter(Boolean)

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
          signals: listOf(head.get('signals')),
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
