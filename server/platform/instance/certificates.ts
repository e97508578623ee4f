/** The server's own certificate authority and certificate, made at first start and renewed before they end. */
import { createHash, X509Certificate as NodeCertificate } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { hostname, networkInterfaces } from 'node:os'
import { join } from 'node:path'
// The certificate library finds its parts through this polyfill, which has to be there first.
import 'reflect-metadata'
import * as x509 from '@peculiar/x509'
import { sync as writeFileAtomicSync } from 'write-file-atomic'
import { DAY_MS } from '../../../shared/units.ts'

const CA_DAYS = 3650
const LEAF_DAYS = 397
const RENEW_BEFORE_DAYS = 60
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

export type Certificates = {
  /** Chain (leaf first) and key of the TLS listeners, PEM. */
  cert: string
  key: string
  /** Certificate authority agents pin, PEM; null with a certificate of the operator's own, which the system trusts or not. */
  ca: string | null
  /** `sha256//BASE64` of the leaf's public key: what `curl --pinnedpubkey` takes. */
  pin: string
}

/** `sha256//...` of a certificate's public key. */
export function pinOf(certificatePem: string): string {
  const spki = new NodeCertificate(certificatePem).publicKey.export({ type: 'spki', format: 'der' })
  return `sha256//${createHash('sha256').update(spki).digest('base64')}`
}

async function exportKey(key: CryptoKey): Promise<string> {
  const der = Buffer.from(await crypto.subtle.exportKey('pkcs8', key)).toString('base64')
  return `-----BEGIN PRIVATE KEY-----\n${der.replaceAll(/(.{64})/g, '$1\n').trimEnd()}\n-----END PRIVATE KEY-----\n`
}

async function importKey(pem: string): Promise<CryptoKey> {
  return crypto.subtle.importKey('pkcs8', Buffer.from(pem.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64'), ALGORITHM, true, ['sign'])
}

function writeSecret(file: string, text: string, mode: number): void {
  writeFileAtomicSync(file, text, { mode })
}

async function makeAuthority(folder: string, nowMs: number): Promise<void> {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=Kioskeeper authority',
    keys,
    signingAlgorithm: ALGORITHM,
    notBefore: new Date(nowMs - DAY_MS),
    notAfter: new Date(nowMs + CA_DAYS * DAY_MS),
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  writeSecret(join(folder, 'ca-key.pem'), await exportKey(keys.privateKey), 0o600)
  writeSecret(join(folder, 'ca.pem'), `${certificate.toString('pem')}\n`, 0o644)
}

async function makeLeaf(folder: string, names: readonly string[], nowMs: number): Promise<void> {
  const authority = new x509.X509Certificate(readFileSync(join(folder, 'ca.pem'), 'utf8'))
  const authorityKey = await importKey(readFileSync(join(folder, 'ca-key.pem'), 'utf8'))
  const keyFile = join(folder, 'server-key.pem')
  // A renewed certificate keeps its key, so that the pin in install commands people have copied stays right.
  const isRenewal = existsSync(keyFile)
  const keys = isRenewal ? null : await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const publicKey = keys?.publicKey ?? (await new x509.X509Certificate(readFileSync(join(folder, 'server.pem'), 'utf8')).publicKey.export())
  const certificate = await x509.X509CertificateGenerator.create({
    subject: 'CN=Kioskeeper server',
    issuer: authority.subject,
    publicKey,
    signingKey: authorityKey,
    signingAlgorithm: ALGORITHM,
    notBefore: new Date(nowMs - DAY_MS),
    notAfter: new Date(nowMs + LEAF_DAYS * DAY_MS),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(names.map(name => ({ type: isIP(name) ? 'ip' : 'dns', value: name }) as const)),
      await x509.AuthorityKeyIdentifierExtension.create(authority),
      await x509.SubjectKeyIdentifierExtension.create(publicKey),
    ],
  })
  if (keys) writeSecret(keyFile, await exportKey(keys.privateKey), 0o600)
  writeSecret(join(folder, 'server.pem'), `${certificate.toString('pem')}\n`, 0o644)
}

/** Names the certificate has to carry: loopback, this machine, where it listens, and its public address. */
function certificateNames(listenHost: string, publicHost: string | null): string[] {
  const own = Object.values(networkInterfaces())
    .flat()
    .filter(address => address !== undefined && !address.internal && !address.address.startsWith('fe80'))
    .map(address => (address as { address: string }).address)
  const names = new Set(['localhost', '127.0.0.1', '::1', hostname(), ...own])
  if (!['0.0.0.0', '::'].includes(listenHost)) names.add(listenHost)
  if (publicHost) names.add(publicHost)
  return [...names]
}

function needsLeaf(folder: string, names: readonly string[], nowMs: number): boolean {
  if (!existsSync(join(folder, 'server.pem')) || !existsSync(join(folder, 'server-key.pem'))) return true
  const leaf = new NodeCertificate(readFileSync(join(folder, 'server.pem'), 'utf8'))
  if (leaf.validToDate.getTime() - nowMs < RENEW_BEFORE_DAYS * DAY_MS) return true
  return names.some(name => (isIP(name) ? leaf.checkIP(name) : leaf.checkHost(name)) === undefined)
}

/** The certificate to listen with: the operator's own files, or ours, made or renewed when needed. Throws when files cannot be read. */
export async function openCertificates(options: {
  folder: string
  certFile: string | null
  keyFile: string | null
  listenHost: string
  publicHost: string | null
  nowMs: number
}): Promise<Certificates> {
  if (options.certFile !== null && options.keyFile !== null) {
    const cert = readFileSync(options.certFile, 'utf8')
    return { cert, key: readFileSync(options.keyFile, 'utf8'), ca: null, pin: pinOf(cert) }
  }
  const { folder, nowMs } = options
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  if (!existsSync(join(folder, 'ca.pem')) || !existsSync(join(folder, 'ca-key.pem'))) await makeAuthority(folder, nowMs)
  const names = certificateNames(options.listenHost, options.publicHost)
  if (needsLeaf(folder, names, nowMs)) await makeLeaf(folder, names, nowMs)
  const ca = readFileSync(join(folder, 'ca.pem'), 'utf8')
  const leaf = readFileSync(join(folder, 'server.pem'), 'utf8')
  return { cert: `${leaf}${ca}`, key: readFileSync(join(folder, 'server-key.pem'), 'utf8'), ca, pin: pinOf(leaf) }
}
