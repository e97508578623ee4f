/** A hint while a password is typed; the server only asks for its length. */

/** Characters the server asks for at least. */
export const LEAST_LENGTH = 12

/** 0..100 and what to do: length counts most, variety a little, repetition nothing. */
export function passwordStrength(password: string): { percent: number; color: string; hint: string } {
  if (password === '') return { percent: 0, color: 'gray', hint: ' ' }
  if (password.length < LEAST_LENGTH)
    return { percent: (password.length / LEAST_LENGTH) * 30, color: 'red', hint: `${LEAST_LENGTH - password.length} more characters` }
  const distinct = new Set(password.toLowerCase()).size
  const kinds = [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z0-9]/].filter(kind => kind.test(password)).length
  if (distinct < 6) return { percent: 35, color: 'orange', hint: 'Too few different characters' }
  const score = password.length + kinds * 2 + distinct / 2
  if (score < 24) return { percent: 60, color: 'yellow', hint: 'Fair: longer is better' }
  if (score < 32) return { percent: 85, color: 'teal', hint: 'Good' }
  return { percent: 100, color: 'teal', hint: 'Strong' }
}
