/** Facts that a customer writes into a mail, a line each: `Software version: 4.2`. The same words ask for what is missing. */

export const LANGUAGES = ['en', 'de', 'sv', 'pt'] as const
export type Language = (typeof LANGUAGES)[number]
/** What can be told by a line of a mail. */
export type ReportField = 'phone' | 'organisation' | 'softwareVersion' | 'platformVersion' | 'impact'
export type ReportFacts = Partial<Record<ReportField, string>>

/** Field names as people read and write them, in the order of `LANGUAGES`. */
const LABELS: Record<ReportField, readonly [string, string, string, string]> = {
  phone: ['Phone', 'Telefon', 'Telefonnummer', 'Telefone'],
  organisation: ['Organisation', 'Firma', 'Företag', 'Empresa'],
  softwareVersion: ['Software version', 'Softwareversion', 'Programversion', 'Versão do software'],
  platformVersion: ['Platform version', 'Plattformversion', 'Plattformsversion', 'Versão da plataforma'],
  impact: ['Impact', 'Auswirkung', 'Påverkan', 'Impacto'],
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
const BY_LABEL = new Map(FIELDS.flatMap(field => LABELS[field].map(label => [label.toLowerCase(), field] as const)))

/** Whether a word is one of our languages. */
export function languageOf(word: string | undefined): Language {
  return LANGUAGES.find(language => language === word) ?? 'en'
}

/** Names of missing fields in a language, each once; what has no line of its own keeps its word. */
export function askedLabels(missing: readonly string[], language: Language): string[] {
  const labels = missing.map(word => {
    const field = ASKED_AS[word]
    return field === undefined ? word : (LABELS[field][LANGUAGES.indexOf(language)] ?? word)
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
