/** Languages of articles and macros, as people call them. */
export const LANGUAGE_WORDS = { en: 'English', sv: 'Swedish', de: 'German', pt: 'Portuguese' } as const
export type LanguageCode = keyof typeof LANGUAGE_WORDS
export const LANGUAGE_CHOICES = Object.entries(LANGUAGE_WORDS).map(([value, label]) => ({ value, label }))
