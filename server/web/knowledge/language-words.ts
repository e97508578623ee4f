/** Languages of articles and macros to choose from. */
import { LANGUAGE_NAMES } from '../../../shared/languages.ts'

export const LANGUAGE_CHOICES = Object.entries(LANGUAGE_NAMES).map(([value, label]) => ({ value, label }))
