/** Facts that a customer writes into a mail, a line each: `Software version: 4.2`. The same words ask for what is missing. */
import type { Language } from '../../../shared/languages.ts'

/** What can be told by a line of a mail. */
export type ReportField = 'phone' | 'organisation' | 'softwareVersion' | 'platformVersion' | 'impact'
export type ReportFacts = Partial<Record<ReportField, string>>

/** Field names as people read and write them in each language. */
const LABELS: Record<ReportField, Record<Language, string>> = {
  phone: { en: 'Phone', de: 'Telefon', sv: 'Telefonnummer', pt: 'Telefone' },
  organisation: { en: 'Organisation', de: 'Firma', sv: 'Företag', pt: 'Empresa' },
  softwareVersion: { en: 'Software version', de: 'Softwareversion', sv: 'Programversion', pt: 'Versão do software' },
  platformVersion: { en: 'Platform version', de: 'Plattformversion', sv: 'Plattformsversion', pt: 'Versão da plataforma' },
  impact: { en: 'Impact', de: 'Auswirkung', sv: 'Påverkan', pt: 'Impacto' },
}
const LONGEST: Record<ReportField, number> = { phone: 60, organisation: 200, softwareVersion: 200, platformVersion: 200, impact: 2000 }
/** Required fields under the name they are asked by: a product is told by its version, a way to reach somebody by a number. */
const ASKED_AS: Record<string, ReportField> = {
  phone: 'phone',
  'email-or-phone': 'phone',
  organisation: 'organisation',
  softwareVersion: 'softwareVersion',
  product: 'softwareVersion',
  platformVersion: 'platformVersion',
  impact: 'impact',
}
const FIELDS = Object.keys(LABELS) as ReportField[]
const BY_LABEL = new Map(FIELDS.flatMap(field => Object.values(LABELS[field]).map(label => [label.toLowerCase(), field] as const)))

/** Names of missing fields in a language, each once; what has no line of its own keeps its word. */
export function askedLabels(missing: readonly string[], language: Language): string[] {
  const labels = missing.map(word => {
    const field = ASKED_AS[word]
    return field === undefined ? word : LABELS[field][language]
  })
  return [...new Set(labels)]
}

/** What a mail tells, line by line, in any of the languages; quoted lines are not the writer's, a later line wins. */
export function readFacts(text: string): ReportFacts {
  const facts: ReportFacts = {}
  for (const line of text.split('\n').slice(0, 2000)) {
    const colon = line.indexOf(':')
    if (colon < 1 || colon > 60) continue
    const field = BY_LABEL.get(
      line
        .slice(0, colon)
        .replaceAll(/^[\s*-]+|[\s*]+$/g, '')
        .toLowerCase(),
    )
    const value = line.slice(colon + 1).trim()
    if (field !== undefined && value !== '') facts[field] = value.slice(0, LONGEST[field])
  }
  return facts
}
