/** Letters to customers in their language: Liquid templates, which hold words and run no code. What has no template is told in English. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Template } from 'liquidjs'
import { subjectLine } from '../notifications/rules/subject-line.ts'
import { LANGUAGES, type Language } from '../../shared/languages.ts'
import { askedLabels } from '../customers/rules/report-fields.ts'
import type { LetterKind } from './rules/staff-letter.ts'
import { liquid } from '../notifications/liquid-engine.ts'

const FOLDER = join(import.meta.dirname, '../catalogue/templates')
const parsed = new Map<string, Template[]>()
for (const language of LANGUAGES)
  for (const file of existsSync(join(FOLDER, language)) ? readdirSync(join(FOLDER, language)) : [])
    parsed.set(`${language}/${file.replace(/\.liquid$/, '')}`, liquid.parse(readFileSync(join(FOLDER, language, file), 'utf8')))

/** What some letters tell besides their text. */
export type LetterTimes = {
  /** When the first answer is due; null = nothing is owed. */
  dueAtMs?: number | null
  /** When the ticket closes by itself. */
  closesAtMs?: number
  /** Required facts that are not there, in the plan's words. */
  missing?: readonly string[]
  /** What became of a visit, in the zone of its place; `atMs` is the appointment. */
  visit?: { step: VisitStep; partner: string; atMs?: number; timeZone: string }
  /** Line it was given to. */
  line?: number
}
/** Steps of a visit that customers hear of. */
export type VisitStep = 'accepted' | 'scheduled' | 'on-site' | 'done'
type LocalFacts = LetterTimes & {
  kind: LetterKind
  ticket: { reference: string; subject: string; level: number }
  levelName: string
  customerName: string
  timeZone: string
  text: string
  why: readonly string[]
  /** The letter asks how it was; its link leads there. */
  asks?: boolean
}

/** An instant as people of a language and zone read it; null for none. */
export function spellInstant(atMs: number | null | undefined, language: Language, timeZone: string): string | null {
  if (atMs == null) return null
  const words = new Intl.DateTimeFormat(language, { timeZone, dateStyle: 'full', timeStyle: 'short' }).format(atMs)
  return `${words} (${timeZone})`
}

/** Subject and body in a language; null when there is no such template. The first line of a template is its subject and heading. */
export function writeLocalLetter(language: Language, facts: LocalFacts): { subject: string; body: string } | null {
  const template = parsed.get(`${language}/${facts.kind}`)
  if (!template) return null
  const { reference, subject, level } = facts.ticket
  const body = liquid.renderSync(template, {
    reference,
    subject: subjectLine(subject),
    level,
    level_name: facts.levelName,
    customer: facts.customerName,
    text: facts.text,
    why: facts.why,
    asks: facts.asks ?? false,
    due: spellInstant(facts.dueAtMs, language, facts.timeZone),
    closes: spellInstant(facts.closesAtMs, language, facts.timeZone),
    missing: askedLabels(facts.missing ?? [], language),
    step: facts.visit?.step ?? null,
    partner: facts.visit?.partner ?? null,
    when: spellInstant(facts.visit?.atMs, language, facts.visit?.timeZone ?? facts.timeZone),
    line: facts.line ?? null,
  }) as string
  const heading = body.slice(0, body.indexOf('\n'))
  return { subject: subjectLine(`[${reference}] ${heading}`), body }
}

/** A template of the folder with its own facts: `status-update`. Throws when there is none or a fact is missing: a fault of the release. */
export function writeTemplate(language: Language, name: 'status-update', facts: object): string {
  const template = parsed.get(`${language}/${name}`)
  if (!template) throw new Error(`There is no template ${language}/${name}`)
  return liquid.renderSync(template, facts) as string
}
