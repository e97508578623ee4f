/** Settings: environment variables, each with a sound default; a wrong value stops the start with one line naming it. */
import { join } from 'node:path'

export type Settings = {
  dataDir: string
  host: string
  httpPort: number
  mqttPort: number
  mqttsPort: number
  httpsPort: number
  tlsCertFile: string | null
  tlsKeyFile: string | null
  publicUrl: string | null
  adminToken: string | null
  databaseUrl: string | null
  smtpUrl: string | null
  mailFrom: string
  imapUrl: string | null
  inboxAddress: string | null
  deskEmail: string | null
  escalationPhone: string | null
  allowPrivateWebhooks: boolean
  oidcIssuer: string | null
  oidcClientId: string | null
  oidcClientSecret: string | null
  oidcName: string
  logLevel: string
  commitWindowMs: number
  sampleDays: number
  rollup5mDays: number
  rollup1hDays: number
  timelineDays: number
  noticeDays: number
}

type Parsed = { value: string | number | boolean } | { fault: string }
type Setting = { key: keyof Settings; variable: string; default: string; about: string; secret?: boolean; parse(text: string): Parsed }

const text = (value: string): Parsed => ({ value })
const number =
  (min: number, max: number, unit: string) =>
  (value: string): Parsed => {
    const parsed = /^\d+$/.test(value) ? Number(value) : Number.NaN
    return parsed >= min && parsed <= max ? { value: parsed } : { fault: `must be a whole number from ${min} to ${max}${unit}` }
  }
const port = number(0, 65_535, ' (0 picks a free port)')
const address =
  (protocols: readonly string[]) =>
  (value: string): Parsed => {
    const url = URL.parse(value)
    return url && protocols.includes(url.protocol)
      ? { value }
      : { fault: `must be an address starting with ${protocols.map(p => `${p}//`).join(' or ')}` }
  }
const oneOf =
  (...words: string[]) =>
  (value: string): Parsed =>
    words.includes(value) ? { value } : { fault: `must be one of ${words.join(', ')}` }
const flag = (value: string): Parsed =>
  value === 'true' || value === 'false' ? { value: value === 'true' } : { fault: 'must be true or false' }
const host = (value: string): Parsed =>
  /^[A-Za-z0-9.:_-]{1,253}$/.test(value) ? { value } : { fault: 'must be a host name or IP address' }
const email = (value: string): Parsed =>
  /^[^\s@<>"]+@[^\s@<>"]+$|^[^<>\r\n"]{1,100} <[^\s@<>"]+@[^\s@<>"]+>$/.test(value) ? { value } : { fault: 'must be an e-mail address' }
const days = number(1, 3650, ' (days)')

/** Every setting, in the order it is printed. */
export const SETTINGS: readonly Setting[] = [
  {
    key: 'dataDir',
    variable: 'KIOSKEEPER_DATA_DIR',
    default: './data',
    about: 'Folder of the database, certificates and keys',
    parse: text,
  },
  {
    key: 'host',
    variable: 'KIOSKEEPER_HOST',
    default: '127.0.0.1',
    about: 'Address the TLS ports listen on; plain HTTP and MQTT stay on loopback',
    parse: host,
  },
  { key: 'httpPort', variable: 'KIOSKEEPER_HTTP_PORT', default: '8080', about: 'Console and API, plain, loopback only', parse: port },
  { key: 'httpsPort', variable: 'KIOSKEEPER_HTTPS_PORT', default: '8443', about: 'Console, API and agent downloads over TLS', parse: port },
  { key: 'mqttPort', variable: 'KIOSKEEPER_MQTT_PORT', default: '1883', about: 'MQTT, plain, loopback only', parse: port },
  { key: 'mqttsPort', variable: 'KIOSKEEPER_MQTTS_PORT', default: '8883', about: 'MQTT over TLS', parse: port },
  {
    key: 'tlsCertFile',
    variable: 'KIOSKEEPER_TLS_CERT_FILE',
    default: '',
    about: 'Certificate chain (PEM); default: made at first start',
    parse: text,
  },
  { key: 'tlsKeyFile', variable: 'KIOSKEEPER_TLS_KEY_FILE', default: '', about: 'Private key (PEM) of the certificate', parse: text },
  {
    key: 'publicUrl',
    variable: 'KIOSKEEPER_PUBLIC_URL',
    default: '',
    about: 'Address people and agents use; default: https://HOST:HTTPS_PORT',
    parse: address(['https:', 'http:']),
  },
  {
    key: 'adminToken',
    variable: 'KIOSKEEPER_ADMIN_TOKEN',
    default: '',
    about: 'Bootstrap bearer token with role admin, for automation; at least 32 characters',
    secret: true,
    parse: value => (/^\S{32,512}$/.test(value) ? { value } : { fault: 'must have 32 to 512 characters without spaces' }),
  },
  {
    key: 'databaseUrl',
    variable: 'KIOSKEEPER_DATABASE_URL',
    default: '',
    about: 'PostgreSQL address; default: embedded SQLite in the data folder',
    secret: true,
    parse: address(['postgres:', 'postgresql:']),
  },
  {
    key: 'smtpUrl',
    variable: 'KIOSKEEPER_SMTP_URL',
    default: '',
    about: 'Mail server, smtp://user:pass@host:port; without it mail waits in the outbox',
    secret: true,
    parse: address(['smtp:', 'smtps:']),
  },
  {
    key: 'mailFrom',
    variable: 'KIOSKEEPER_MAIL_FROM',
    default: 'Kioskeeper <kioskeeper@localhost>',
    about: 'Sender of all mail',
    parse: email,
  },
  {
    key: 'imapUrl',
    variable: 'KIOSKEEPER_IMAP_URL',
    default: '',
    about:
      'Inbox that mail is taken from, imap://user:pass@host:port/INBOX; give it an inbox of its own: every mail in it is taken and moved',
    secret: true,
    parse: address(['imap:', 'imaps:']),
  },
  {
    key: 'inboxAddress',
    variable: 'KIOSKEEPER_INBOX_ADDRESS',
    default: '',
    about: 'Address people answer to; default: the sender of all mail',
    parse: value => (/^[^\s@<>"]+@[^\s@<>"]+$/.test(value) ? { value } : { fault: 'must be an e-mail address' }),
  },
  {
    key: 'deskEmail',
    variable: 'KIOSKEEPER_DESK_EMAIL',
    default: '',
    about: 'Address of the support desk; default: every user with role desk, manager or admin',
    parse: email,
  },
  {
    key: 'escalationPhone',
    variable: 'KIOSKEEPER_ESCALATION_PHONE',
    default: '',
    about: 'Number told in major incidents to customers whose plan has an escalation phone',
    parse: value =>
      /^\+?[0-9][0-9 ()./-]{2,38}[0-9]$/.test(value) ? { value } : { fault: 'must be a phone number such as +46 8 123 45 67' },
  },
  {
    key: 'allowPrivateWebhooks',
    variable: 'KIOSKEEPER_ALLOW_PRIVATE_WEBHOOKS',
    default: 'false',
    about: 'Let webhooks and links to service desks go to private and loopback addresses',
    parse: flag,
  },
  {
    key: 'oidcIssuer',
    variable: 'KIOSKEEPER_OIDC_ISSUER',
    default: '',
    about: 'Single sign-on: address of the OpenID Connect issuer; invited people with a verified address log in there',
    parse: value => {
      const url = URL.parse(value)
      const isSafe =
        url?.protocol === 'https:' || (url?.protocol === 'http:' && /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname))
      return isSafe ? { value } : { fault: 'must be an https address (http only on this machine)' }
    },
  },
  {
    key: 'oidcClientId',
    variable: 'KIOSKEEPER_OIDC_CLIENT_ID',
    default: '',
    about: 'Single sign-on: client id; its redirect address is PUBLIC_URL/api/v1/session/sso/callback',
    parse: text,
  },
  {
    key: 'oidcClientSecret',
    variable: 'KIOSKEEPER_OIDC_CLIENT_SECRET',
    default: '',
    about: 'Single sign-on: client secret; none for a public client',
    secret: true,
    parse: text,
  },
  {
    key: 'oidcName',
    variable: 'KIOSKEEPER_OIDC_NAME',
    default: 'single sign-on',
    about: 'Single sign-on: what its button calls it',
    parse: value => (/^[^\p{Cc}<>]{1,60}$/u.test(value) ? { value } : { fault: 'must be a name of at most 60 characters' }),
  },
  {
    key: 'logLevel',
    variable: 'KIOSKEEPER_LOG_LEVEL',
    default: 'info',
    about: 'trace, debug, info, warn, error or silent',
    parse: oneOf('trace', 'debug', 'info', 'warn', 'error', 'silent'),
  },
  {
    key: 'commitWindowMs',
    variable: 'KIOSKEEPER_COMMIT_WINDOW_MS',
    default: '20',
    about: 'Messages of this time share one commit, ms',
    parse: number(0, 1000, ' (ms)'),
  },
  { key: 'sampleDays', variable: 'KIOSKEEPER_SAMPLE_DAYS', default: '14', about: 'Samples as sent are kept this long', parse: days },
  {
    key: 'rollup5mDays',
    variable: 'KIOSKEEPER_ROLLUP_5M_DAYS',
    default: '90',
    about: 'Five-minute minimum, average and maximum are kept this long',
    parse: days,
  },
  {
    key: 'rollup1hDays',
    variable: 'KIOSKEEPER_ROLLUP_1H_DAYS',
    default: '800',
    about: 'Hourly minimum, average and maximum are kept this long',
    parse: days,
  },
  {
    key: 'timelineDays',
    variable: 'KIOSKEEPER_TIMELINE_DAYS',
    default: '400',
    about: 'Device timelines and quarantined messages are kept this long',
    parse: days,
  },
  {
    key: 'noticeDays',
    variable: 'KIOSKEEPER_NOTICE_DAYS',
    default: '400',
    about: 'Mails and webhooks are kept this long after they were sent',
    parse: days,
  },
]

/** Settings that are wrong: one line per fault. */
export class SettingsError extends Error {
  readonly faults: readonly string[]

  constructor(faults: readonly string[]) {
    super(faults.join('\n'))
    this.name = 'SettingsError'
    this.faults = faults
  }
}

/** Reads and checks every setting; throws SettingsError with all faults at once. */
export function readSettings(environment: Record<string, string | undefined>): Settings {
  const faults: string[] = []
  const settings: Record<string, unknown> = {}
  for (const setting of SETTINGS) {
    const given = environment[setting.variable]
    const value = given === undefined || given === '' ? setting.default : given
    if (value === '') {
      settings[setting.key] = null
      continue
    }
    const parsed = setting.parse(value)
    if ('fault' in parsed)
      faults.push(`${setting.variable} ${parsed.fault}${setting.secret ? '' : ` (is ${JSON.stringify(value.slice(0, 80))})`}`)
    else settings[setting.key] = parsed.value
  }
  const result = settings as unknown as Settings
  if ((result.tlsCertFile === null) !== (result.tlsKeyFile === null))
    faults.push('KIOSKEEPER_TLS_CERT_FILE and KIOSKEEPER_TLS_KEY_FILE must be set together')
  if ((result.oidcIssuer === null) !== (result.oidcClientId === null))
    faults.push('KIOSKEEPER_OIDC_ISSUER and KIOSKEEPER_OIDC_CLIENT_ID must be set together')
  if (environment['KIOSKEEPER_BROKER_URL'])
    faults.push('KIOSKEEPER_BROKER_URL is not supported by this version: leave it empty to use the embedded broker')
  if (faults.length > 0) throw new SettingsError(faults)
  return result
}

/** Where the store is: the PostgreSQL address, or the SQLite file in the data folder. */
export function storeLocation(settings: Settings): string {
  return settings.databaseUrl ?? join(settings.dataDir, 'kioskeeper.db')
}
