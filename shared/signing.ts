/** Signed documents: the device obeys only what the server's Ed25519 key signed for this device and this purpose. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify, type KeyObject } from 'node:crypto'

/** Purpose is part of the signed bytes, so a configuration can never pass as a command. */
export type SignedPurpose = 'k1cfg' | 'k1cmd' | 'k1upd'

export type SigningKey = { kid: string; privateKeyPem: string; publicKeyPem: string }

/** A new Ed25519 key pair with its short key id. */
export function newSigningKey(kid: string): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  return {
    kid,
    privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  }
}

const signedBytes = (purpose: SignedPurpose, deviceId: string, json: string) => Buffer.from(`${purpose}\n${deviceId}\n${json}`)

/** Reading a PEM costs more than a signature: the key object is kept as long as its key is. */
const privateKeys = new WeakMap<SigningKey, KeyObject>()
function privateKeyOf(key: SigningKey): KeyObject {
  const known = privateKeys.get(key) ?? createPrivateKey(key.privateKeyPem)
  privateKeys.set(key, known)
  return known
}

/** Wire form that needs no canonical JSON: base64url(json) "." base64url(signature) "." kid. */
export function signDocument(key: SigningKey, purpose: SignedPurpose, deviceId: string, document: object): string {
  const json = JSON.stringify(document)
  const signature = sign(null, signedBytes(purpose, deviceId, json), privateKeyOf(key))
  return `${Buffer.from(json).toString('base64url')}.${signature.toString('base64url')}.${key.kid}`
}

export type Verified = { ok: true; document: unknown } | { ok: false; reason: 'malformed' | 'unknown-key' | 'bad-signature' }

/** Checks a signed document against the pinned public keys (kid -> PEM). */
export function verifyDocument(publicKeys: Record<string, string>, purpose: SignedPurpose, deviceId: string, wire: string): Verified {
  const parts = wire.split('.')
  if (parts.length !== 3 || wire.length > 1024 * 1024) return { ok: false, reason: 'malformed' }
  const [body, signature, kid] = parts as [string, string, string]
  if (!Object.hasOwn(publicKeys, kid)) return { ok: false, reason: 'unknown-key' }
  try {
    const key: KeyObject = createPublicKey(publicKeys[kid] as string)
    const json = Buffer.from(body, 'base64url').toString('utf8')
    if (!verify(null, signedBytes(purpose, deviceId, json), key, Buffer.from(signature, 'base64url')))
      return { ok: false, reason: 'bad-signature' }
    return { ok: true, document: JSON.parse(json) }
  } catch {
    return { ok: false, reason: 'malformed' }
  }
}
