/** The languages letters and articles are written in. English is what everything falls back to. */
export const LANGUAGES = ['en', 'de', 'sv', 'pt'] as const
export type Language = (typeof LANGUAGES)[number]
/** Their names in English. */
export const LANGUAGE_NAMES: Record<Language, string> = { en: 'English', de: 'German', sv: 'Swedish', pt: 'Portuguese' }

/** Something for each language, made one by one. */
export function eachLanguage<Value>(make: (language: Language) => Value): Record<Language, Value> {
  return { en: make('en'), de: make('de'), sv: make('sv'), pt: make('pt') }
}

/** The language a word names; English for none of ours. */
export function languageOf(word: string | undefined): Language {
  return LANGUAGES.find(language => language === word) ?? 'en'
}
