/** Codes of a second factor: what may be typed, and the time steps of an authenticator. */

/** Length of a step, and how many steps a clock may be off either way (RFC 6238). */
export const TOTP_STEP_SECONDS = 30
export const TOTP_WINDOW = 1
export const MAIL_CODE_MINUTES = 10
/** Wrong answers to one challenge before it ends. */
export const CODE_TRIES = 5

/** What was typed, as a code: six digits of an authenticator or mail, or a recovery code; spaces and hyphens do not count. */
export function readCode(typed: string): { kind: 'digits' | 'recovery'; code: string } | null {
  const code = typed.replaceAll(/[\s-]/g, '').toLowerCase()
  if (/^\d{6}$/.test(code)) return { kind: 'digits', code }
  if (/^[0-9a-hjkmnp-tv-z]{12}$/.test(code)) return { kind: 'recovery', code }
  return null
}

/** `k7m2 9xqa 4bnd`: a recovery code as it is shown. */
export function showRecoveryCode(code: string): string {
  return code.match(/.{1,4}/g)?.join(' ') ?? code
}

/** Time step of an instant. */
export function totpStep(atMs: number): number {
  return Math.floor(atMs / 1000 / TOTP_STEP_SECONDS)
}

/** `m…d@kioskeeper.example`: tells who reads it where the code went, and nobody else the address. */
export function maskAddress(email: string): string {
  const [name = '', domain = ''] = email.split('@')
  return `${name.slice(0, 1)}…${name.length > 2 ? name.slice(-1) : ''}@${domain}`
}
