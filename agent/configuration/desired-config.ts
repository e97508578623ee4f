/** Desired configuration from the server: obeyed only when signed for this device, newer than what is applied, and whole. */
import { sha256Hex } from '../../shared/ids.ts'
import { fillProfile, type Profile } from '../../shared/profile.ts'
import { verifyDocument } from '../../shared/signing.ts'
import type { AppliedConfig } from '../platform/state.ts'

/** What a device does before its first configuration: the machine itself, every 30 s. */
export const DEFAULT_PROFILE: Profile = fillProfile({ name: 'default' })

export type ConfigVerdict =
  /** Older or the same: nothing to do, nothing to report. */
  | { kind: 'ignored'; rev: number }
  /** Refused; the old configuration stays. `rev` is 0 when the document is not the server's, so its number means nothing. */
  | { kind: 'invalid'; rev: number; errors: string[] }
  | { kind: 'new'; config: AppliedConfig }

/** Judges one `dn/cfg` payload. Never throws. */
export async function judgeConfig(input: {
  wire: string
  keys: Record<string, string>
  deviceId: string
  appliedRev: number
  /** Whether what is applied holds rules about remedies: a server that learnt to send them says so with the same revision. */
  hasRules?: boolean
}): Promise<ConfigVerdict> {
  const verified = verifyDocument(input.keys, 'k1cfg', input.deviceId, input.wire)
  if (!verified.ok) return { kind: 'invalid', rev: 0, errors: [`signature: ${verified.reason}`] }
  const document = verified.document as { rev?: unknown; deviceId?: unknown; profile?: unknown; rules?: unknown } | null
  const rev = document?.rev
  if (typeof rev !== 'number' || !Number.isSafeInteger(rev) || rev < 1)
    return { kind: 'invalid', rev: 0, errors: ['rev: not a whole number from 1'] }
  const isSame = rev === input.appliedRev && (document?.rules === undefined || input.hasRules !== false)
  if (rev < input.appliedRev || isSame) return { kind: 'ignored', rev }
  if (document?.deviceId !== input.deviceId) return { kind: 'invalid', rev, errors: ['deviceId: made for another device'] }
  const { checkProfile, checkRules } = await import('./profile-check.ts')
  const checked = checkProfile(document.profile)
  if (!checked.ok) return { kind: 'invalid', rev, errors: checked.errors }
  const hash = sha256Hex(JSON.stringify(document.profile))
  if (document.rules === undefined) return { kind: 'new', config: { rev, hash, profile: checked.profile } }
  const rules = checkRules(document.rules)
  if (!rules.ok) return { kind: 'invalid', rev, errors: rules.errors }
  return { kind: 'new', config: { rev, hash, profile: checked.profile, rules: rules.rules } }
}
