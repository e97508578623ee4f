import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { REMEDY_IDS } from '../../shared/remedies.ts'
import { judgeConfig } from '../../agent/configuration/desired-config.ts'
import { checkUrl, stepOfError } from '../../agent/probes/urls.ts'
import { newDeviceId } from '../../shared/ids.ts'
import { fillProfile, type ProfileInput } from '../../shared/profile.ts'
import { newSigningKey, signDocument } from '../../shared/signing.ts'

const deviceId = newDeviceId()
const other = newDeviceId()
const key = newSigningKey('k1')
const stranger = newSigningKey('k1')
const keys = { [key.kid]: key.publicKeyPem }
const profile = fillProfile({ name: 'Checkout', processes: [{ name: 'kiosk', match: 'kiosk-app' }] })
const document = (change: object = {}) => ({ rev: 7, deviceId, issuedAt: 1, profile, ...change })
const judge = (wire: string, appliedRev = 6) => judgeConfig({ wire, keys, deviceId, appliedRev })
const signed = (change: object = {}) => signDocument(key, 'k1cfg', deviceId, document(change))

describe('configuration', () => {
  it('that is signed, newer and whole is taken', async () => {
    expect(await judge(signed())).toMatchObject({ kind: 'new', config: { rev: 7, profile, hash: expect.stringMatching(/^[0-9a-f]{64}$/) } })
  })

  it('gets its defaults when it leaves parts out', async () => {
    expect(await judge(signed({ profile: { name: 'Small' } }))).toMatchObject({
      kind: 'new',
      config: { profile: fillProfile({ name: 'Small' }) },
    })
  })

  it('of a newer server is obeyed as far as it is known', async () => {
    const newer = {
      ...profile,
      surprise: 1,
      displays: [{ connector: 'HDMI-A-1', colour: 'warm' }],
      touch: [{ name: 'front', pressure: 3 }],
      printers: [{ name: 'till', queue: 'till', smell: 'none' }],
    }
    expect(await judge(signed({ profile: newer }))).toMatchObject({
      kind: 'new',
      config: {
        profile: {
          ...profile,
          displays: [{ connector: 'HDMI-A-1' }],
          touch: [{ name: 'front' }],
          printers: [{ name: 'till', queue: 'till' }],
        },
      },
    })
  })

  it('keeps of printers stored before what can be one', () => {
    const stored = {
      name: 'Old',
      printers: [
        'till',
        'label printer',
        { name: 'net', uri: 'ipp://printer/' },
        7,
        null,
        {},
        { name: 'a b' },
        { name: 'x', queue: 7 },
        { name: 'x', uri: 'usb://x' },
      ],
    } as unknown as ProfileInput
    expect(fillProfile(stored).printers).toEqual([
      { name: 'till', queue: 'till' },
      { name: 'net', uri: 'ipp://printer/' },
    ])
  })

  const rule = {
    enabled: true,
    level: 2,
    holdSeconds: 20,
    ladderSeconds: 300,
    remedies: [{ id: 'restart-app', attempts: 2, cooldownSeconds: 300 }],
  }
  it('carries the rules about remedies, a remedy of a newer server too', async () => {
    const rules = {
      'app.crashed': rule,
      'usb.missing': { ...rule, remedies: [{ id: 'power-cycle', attempts: 1, cooldownSeconds: 0 }], colour: 1 },
    }
    expect(await judge(signed({ rules }))).toMatchObject({ kind: 'new', config: { rules } })
  })

  it('carries more rungs than there are remedies, each with an id of a newer server', async () => {
    const ids = [...REMEDY_IDS, ...Array.from({ length: 30 }, (_, index) => `mend-v${index}`)]
    const rules = { 'app.crashed': { ...rule, remedies: ids.map(id => ({ id, attempts: 1, cooldownSeconds: 0 })) } }
    expect(await judge(signed({ rules }))).toMatchObject({ kind: 'new', config: { rules } })
  })

  it('of a server that knows no rules for devices has none', async () => {
    const judged = await judge(signed())
    expect(judged.kind === 'new' && judged.config.rules).toBe(undefined)
  })

  it('is taken again with the same revision when only now it has rules', async () => {
    const wire = signed({ rules: { 'app.crashed': rule } })
    const again = (hasRules: boolean) => judgeConfig({ wire, keys, deviceId, appliedRev: 7, hasRules })
    expect((await again(false)).kind).toBe('new')
    expect((await again(true)).kind).toBe('ignored')
    expect((await judgeConfig({ wire: signed(), keys, deviceId, appliedRev: 7, hasRules: false })).kind).toBe('ignored')
  })

  it.each([
    { why: 'no map', rules: 7 },
    { why: 'null', rules: null },
    { why: 'a list', rules: [rule] },
    { why: 'a name that is no signal', rules: { '../etc': rule } },
    { why: 'a prototype in disguise', rules: JSON.parse('{"__proto__":{"enabled":true}}') as unknown },
    { why: 'attempts without end', rules: { 'app.crashed': { ...rule, remedies: [{ id: 'reboot', attempts: 1e9, cooldownSeconds: 0 }] } } },
    { why: 'a negative cooldown', rules: { 'app.crashed': { ...rule, remedies: [{ id: 'reboot', attempts: 1, cooldownSeconds: -1 }] } } },
    {
      why: 'an id with a path',
      rules: { 'app.crashed': { ...rule, remedies: [{ id: '../../bin/sh', attempts: 1, cooldownSeconds: 0 }] } },
    },
    { why: 'rungs without end', rules: { 'app.crashed': { ...rule, remedies: Array.from({ length: 101 }, () => rule.remedies[0]) } } },
    { why: 'a level there is not', rules: { 'app.crashed': { ...rule, level: 9 } } },
    { why: 'no switch', rules: { 'app.crashed': { ...rule, enabled: 'yes' } } },
  ])('is refused whole when its rules are wrong: $why', async ({ rules }) => {
    const judged = await judge(signed({ rules }))
    expect(judged).toMatchObject({ kind: 'invalid', rev: 7 })
    expect(judged.kind === 'invalid' && judged.errors[0]).toMatch(/^rules/)
  })

  it.each([
    { why: 'the same revision', rev: 6 },
    { why: 'an older revision (a replayed retained message)', rev: 5 },
  ])('is ignored: $why', async ({ rev }) => {
    expect(await judge(signed({ rev }))).toEqual({ kind: 'ignored', rev })
  })

  it.each([
    { why: 'signed by another key', wire: () => signDocument(stranger, 'k1cfg', deviceId, document()), rev: 0, error: /bad-signature/ },
    { why: 'key unknown', wire: () => signDocument({ ...key, kid: 'k9' }, 'k1cfg', deviceId, document()), rev: 0, error: /unknown-key/ },
    { why: 'signed as a command', wire: () => signDocument(key, 'k1cmd', deviceId, document()), rev: 0, error: /bad-signature/ },
    { why: 'signed for another device', wire: () => signDocument(key, 'k1cfg', other, document()), rev: 0, error: /bad-signature/ },
    { why: 'names another device inside', wire: () => signed({ deviceId: other }), rev: 7, error: /another device/ },
    { why: 'not a document', wire: () => 'nonsense', rev: 0, error: /malformed/ },
    { why: 'no revision', wire: () => signed({ rev: '7' }), rev: 0, error: /rev/ },
    { why: 'no profile', wire: () => signed({ profile: null }), rev: 7, error: /profile/ },
    {
      why: 'an interval of nothing',
      wire: () => signed({ profile: { ...profile, intervals: { sampleSeconds: 0, heartbeatSeconds: 10 } } }),
      rev: 7,
      error: /intervals/,
    },
    {
      why: 'a name twice',
      wire: () => signed({ profile: { ...profile, processes: [...profile.processes, ...profile.processes] } }),
      rev: 7,
      error: /kiosk is there twice/,
    },
    {
      why: 'a camera named like a scanner: one signal for both',
      wire: () => signed({ profile: { ...profile, peripherals: [{ name: 'eye', usb: '05e0:1200' }], cameras: [{ name: 'eye' }] } }),
      rev: 7,
      error: /eye is there twice/,
    },
    {
      why: 'a USB id that is none',
      wire: () => signed({ profile: { ...profile, peripherals: [{ name: 'eye', usb: 'scanner' }] } }),
      rev: 7,
      error: /peripherals\/0\/usb/,
    },
    {
      why: 'an address that is none',
      wire: () => signed({ profile: { ...profile, urls: [{ name: 'a', url: 'http://[bad' }] } }),
      rev: 7,
      error: /a is not a web address/,
    },
  ])('is refused with its reason: $why', async ({ wire, rev, error }) => {
    const verdict = await judge(wire())
    expect(verdict).toMatchObject({ kind: 'invalid', rev })
    expect(verdict.kind === 'invalid' && verdict.errors.join('\n')).toMatch(error)
  })
})

describe('watched addresses', () => {
  it('tells the failing step apart', async () => {
    const server = createServer((request, response) => {
      if (request.url === '/moved') response.writeHead(302, { location: '/page' })
      else if (request.url === '/loop') response.writeHead(302, { location: '/loop' })
      else if (request.url === '/error') response.statusCode = 503
      if (request.url !== '/hang') response.end('Welcome to the shop')
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const step = async (url: string, expectText?: string, limitMs = 5_000) =>
      (await checkUrl({ name: 'x', url, expectText }, Date.now(), limitMs)).failedStep
    expect(await step(`${base}/page`)).toBeNull()
    expect(await step(`${base}/page`, 'Welcome')).toBeNull()
    expect(await step(`${base}/page`, 'Goodbye')).toBe('text')
    expect(await step(`${base}/moved`, 'Welcome')).toBeNull()
    expect(await step(`${base}/loop`)).toBe('http')
    expect(await step(`${base}/error`)).toBe('http')
    expect(await step(`${base}/hang`, undefined, 200)).toBe('http')
    expect(await step(`https://127.0.0.1:${(server.address() as AddressInfo).port}/`)).toBe('tls')
    expect(await step('http://127.0.0.1:1/')).toBe('tcp')
    expect(await step('http://no-such-name.invalid/')).toBe('dns')
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  })

  it.each([
    ['ENOTFOUND', 'dns'],
    ['ECONNREFUSED', 'tcp'],
    ['ETIMEDOUT', 'tcp'],
    ['CERT_HAS_EXPIRED', 'tls'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls'],
    ['EPROTO', 'tls'],
    ['HPE_INVALID_CONSTANT', 'http'],
  ])('%s is a fault of %s', (code, step) => {
    expect(stepOfError(Object.assign(new Error(code), { code }))).toBe(step)
  })
})
