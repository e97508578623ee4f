import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readSettings, SETTINGS, SettingsError } from '../../../server/config.ts'

const faultsOf = (environment: Record<string, string>): readonly string[] => {
  try {
    readSettings(environment)
    return []
  } catch (error) {
    return (error as SettingsError).faults
  }
}

describe('settings', () => {
  it('has a sound default for each', () => {
    expect(readSettings({})).toMatchObject({
      host: '127.0.0.1',
      httpPort: 8080,
      httpsPort: 8443,
      mqttPort: 1883,
      mqttsPort: 8883,
      dataDir: './data',
    })
  })

  it.each([
    { why: 'a port that is none', variable: 'KIOSKEEPER_HTTP_PORT', value: '70000' },
    { why: 'text for a number', variable: 'KIOSKEEPER_MQTT_PORT', value: 'mqtt' },
    { why: 'a negative number', variable: 'KIOSKEEPER_SAMPLE_DAYS', value: '-1' },
    { why: 'a token that is too short', variable: 'KIOSKEEPER_ADMIN_TOKEN', value: 'secret' },
    { why: 'another database', variable: 'KIOSKEEPER_DATABASE_URL', value: 'mysql://localhost/x' },
    { why: 'a mail server without protocol', variable: 'KIOSKEEPER_SMTP_URL', value: 'localhost:25' },
    { why: 'a log level there is not', variable: 'KIOSKEEPER_LOG_LEVEL', value: 'loud' },
    { why: 'a sender that is no address', variable: 'KIOSKEEPER_MAIL_FROM', value: 'nobody' },
    { why: 'header injection in the sender', variable: 'KIOSKEEPER_MAIL_FROM', value: 'A\r\nBcc: x <a@b.c>' },
  ])('refuses $why in one line that names the variable', ({ variable, value }) => {
    const faults = faultsOf({ [variable]: value })
    expect(faults).toHaveLength(1)
    expect(faults[0]).toContain(variable)
  })

  it('tells all faults at once and never repeats a secret', () => {
    const faults = faultsOf({ KIOSKEEPER_HTTP_PORT: 'x', KIOSKEEPER_ADMIN_TOKEN: 'my-short-secret', KIOSKEEPER_TLS_CERT_FILE: '/a' })
    expect(faults).toHaveLength(3)
    expect(faults.join('\n')).not.toContain('my-short-secret')
  })

  it('stands in the documentation, each with its line', () => {
    const page = readFileSync(join(import.meta.dirname, '../../../docs/settings.md'), 'utf8')
    for (const setting of SETTINGS) expect(page).toContain(`\`${setting.variable}\``)
  })
})
