/** The server, wired by hand from top to bottom: the one file that knows everything. Long because it is the whole way up and down again. */
import { chmodSync, mkdirSync, readFileSync } from 'node:fs'
import http from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { hostname } from 'node:os'
import { join } from 'node:path'
import pino, { type Logger } from 'pino'
import { makeBroker, type Broker } from '../broker/broker.ts'
import { readSettings, SettingsError, storeLocation, type Settings } from './config.ts'
import { makeHouse } from './modules.ts'
import { makeApp, type DeclaredRoute } from './platform/http/app.ts'
import { chatEmbed } from './chat/chat-embed.ts'
import { outsideRoutes } from './operations/outside-routes.ts'
import { openCertificates } from './platform/instance/certificates.ts'
import { onStopSignal } from './platform/stop-signals.ts'
import { makeDownloads } from './platform/instance/downloads.ts'
import { openInstance } from './platform/instance/instance-file.ts'
import { startScheduler } from './platform/instance/scheduler.ts'
import { startImapInbox } from './mail/imap-inbox.ts'
import { makeDeskHttp } from './servicedesks/adapters/desk-http.ts'
import { DESK_KINDS } from './servicedesks/adapters/desk-kinds.ts'
import { makeSingleSignOn } from './accounts/single-sign-on.ts'
import { addressIn, domainOf, makeEmailChannel } from './notifications/channels/email.ts'
import { isPublicAddress } from './notifications/channels/public-address.ts'
import { makeWebhookChannel } from './notifications/channels/webhook.ts'
import { makeAccounts } from './accounts/accounts.ts'
import { makeDelivery } from './notifications/delivery.ts'
import { makeIncidentReader } from './incidents/incident-view.ts'
import { makeLogins } from './accounts/logins.ts'
import { makeMetrics, makeMetricsRefresh } from './operations/metrics.ts'
import { makeNoiseMail } from './incidents/noise-report.ts'
import { makeOutbox } from './notifications/outbox.ts'
import { makeServicedesk } from './servicedesks/servicedesk.ts'
import { makePasskeys } from './accounts/passkeys.ts'
import { makeRuleTrials } from './incidents/rule-trials.ts'
import { makeUptime } from './uptime/uptime.ts'
import { makeRoutes } from './routes.ts'
import { openStore } from './database/database.ts'
import { makeMailDisk } from './attachments/store/mail-disk.ts'
import { mustAnswer } from './database/instance-store.ts'
import { MINUTE_MS, HOUR_MS } from '../shared/units.ts'

const ROOT = join(import.meta.dirname, '..')
const SWEEP_MS = 1000
const VERSION = (JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }).version

export type RunningServer = {
  settings: Settings
  ports: { http: number; https: number; mqtt: number; mqtts: number }
  publicUrl: string
  consoleUrl: string
  /** Secret of the one-time link, while there is no user. */
  setupSecret: string | null
  /** Everything it answers to over HTTP. */
  routes: readonly DeclaredRoute[]
  stop(): Promise<void>
}

const portOf = (server: http.Server | https.Server): number => (server.address() as AddressInfo).port

async function listen(server: http.Server | https.Server, port: number, host: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port, host, backlog: 4096 }, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

/** Host part of an address a URL can hold. */
const inUrl = (host: string): string => (host.includes(':') ? `[${host}]` : host)
const isLoopback = (host: string): boolean => host === 'localhost' || host.startsWith('127.') || host === '::1' || host === '[::1]'

/** Starts everything; throws with a clear text when a port, file or database cannot be had. */
export async function startServer(settings: Settings, log: Logger, now: () => number = Date.now): Promise<RunningServer> {
  const undo: { name: string; run(): unknown }[] = []
  const stop = async (): Promise<void> => {
    for (const step of undo.splice(0).toReversed()) {
      try {
        await step.run()
      } catch (error) {
        log.warn({ err: error, step: step.name }, 'stop step failed')
      }
    }
  }
  try {
    return await wire()
  } catch (error) {
    await stop()
    throw error
  }

  async function wire(): Promise<RunningServer> {
    // What lies on disk.
    mkdirSync(settings.dataDir, { recursive: true, mode: 0o700 })
    // The folder may have been there before, open to other accounts: it holds keys.
    chmodSync(settings.dataDir, 0o700)
    const instance = openInstance(join(settings.dataDir, 'instance.json'))
    const publicHost = settings.publicUrl === null ? null : new URL(settings.publicUrl).hostname
    const certificates = await openCertificates({
      folder: join(settings.dataDir, 'tls'),
      certFile: settings.tlsCertFile,
      keyFile: settings.tlsKeyFile,
      listenHost: settings.host,
      publicHost,
      nowMs: now(),
    })
    const store = await openStore(storeLocation(settings))
    undo.push({ name: 'store', run: () => store.close() })
    const { db } = store

    // The services, and the broker they speak through. Addresses are known when the ports are open; who needs them asks then.
    const metrics = makeMetrics()
    const links = { publicUrl: '', consoleUrl: '', deviceUrl: '', mqttUrls: [] as string[] }
    const accounts = makeAccounts({ db, now, adminToken: settings.adminToken })
    const logins = makeLogins({ db, now })
    const passkeys = makePasskeys({ db, now, logins, consoleUrl: () => links.consoleUrl })
    const hasMail = settings.smtpUrl !== null
    const sso = makeSingleSignOn({
      issuer: settings.oidcIssuer,
      clientId: settings.oidcClientId,
      clientSecret: settings.oidcClientSecret,
    })
    const house = makeHouse({
      db,
      log,
      now,
      deskEmail: settings.deskEmail,
      escalationPhone: settings.escalationPhone,
      retention: settings,
      signingKey: instance.signingKey,
      counted: { message: kind => metrics.messages.inc({ type: kind }), quarantined: fault => metrics.quarantined.inc({ fault }) },
      link: () => ({
        mqttUrls: links.mqttUrls,
        caPem: certificates.ca,
        signingKeys: { [instance.signingKey.kid]: instance.signingKey.publicKeyPem },
      }),
      publish: (deviceId, kind, payload, options) => broker.publish(deviceId, kind, payload, options),
      disconnect: deviceId => broker.disconnect(deviceId, 'revoked'),
      mail: {
        folder: join(settings.dataDir, 'attachments'),
        ownAddresses: [addressIn(settings.mailFrom), ...(settings.inboxAddress === null ? [] : [settings.inboxAddress.toLowerCase()])],
        ownDomain: domainOf(settings.mailFrom).toLowerCase(),
        counted: outcome => metrics.mails.inc({ outcome }),
      },
      evidence: { folder: join(settings.dataDir, 'evidence'), uploadUrl: () => links.deviceUrl },
    })
    const { bus, catalogue, statements, downgrades, samples, ticketing, deadlines, presence } = house
    const broker: Broker = makeBroker({
      ...house.door,
      log,
      nowMs: now,
      counters: {
        rejected: reason => metrics.rejected.inc({ reason }),
        message: () => undefined,
        connections: count => metrics.connections.set(count),
        commitSeconds: seconds => metrics.commitSeconds.observe(seconds),
      },
      limits: { commitWindowMs: settings.commitWindowMs },
    })
    const delivery = makeDelivery({
      db,
      log,
      now,
      channels: {
        email: makeEmailChannel(settings.smtpUrl, settings.mailFrom, settings.inboxAddress),
        webhook: makeWebhookChannel({ allowPrivate: settings.allowPrivateWebhooks }),
      },
      publicUrl: () => links.consoleUrl,
      filesOf: house.files.mailed,
    })
    const servicedesk = makeServicedesk({
      db,
      log,
      now,
      bus,
      catalogue,
      ticketing,
      desks: {
        kinds: DESK_KINDS,
        callTo: makeDeskHttp({ isAllowed: address => settings.allowPrivateWebhooks || isPublicAddress(address) }),
      },
      signingKey: instance.signingKey,
      disk: makeMailDisk(join(settings.dataDir, 'attachments')),
      deskEmail: settings.deskEmail,
      publicUrl: () => links.publicUrl,
    })
    const outbox = makeOutbox({ db, now, keepDays: settings.noticeDays })
    await house.catalogue.load()
    await house.articles.load()
    await presence.start()

    // HTTP on loopback, HTTPS where the settings say.
    const downloads = makeDownloads({
      cacheFolder: join(settings.dataDir, 'cache'),
      agentFile: join(ROOT, 'build/agent/kioskeeper-agent.mjs'),
      installerFile: join(ROOT, 'agent/install/install.sh'),
      librariesFolder: join(ROOT, 'agent/install/runtime-libraries'),
    })
    const refreshMetrics = makeMetricsRefresh({ db, metrics, connections: presence.count })
    const notReady = async (): Promise<string | null> => {
      try {
        await mustAnswer(db)
        return isListening ? null : 'The broker does not listen yet.'
      } catch {
        return 'The store does not answer.'
      }
    }
    let isListening = false
    const uptime = makeUptime({ db, now, monotonicMs: () => performance.now(), notReady, catalogue })
    const trials = makeRuleTrials({ db, now, catalogue })
    const noiseMail = makeNoiseMail({ db, now, trials, deskEmail: settings.deskEmail })
    const app = await makeApp({
      log,
      version: VERSION,
      authenticate: accounts.authenticate,
      routes: makeRoutes({
        db,
        now,
        house,
        accounts,
        logins,
        passkeys,
        sso,
        ssoName: settings.oidcName,
        servicedesk,
        outbox,
        uptime,
        trials,
        incidents: makeIncidentReader({ db }),
        hasMail,
        links,
        certificatePin: certificates.pin,
      }),
      outside: [
        chatEmbed({ chats: house.chats, webFolder: join(ROOT, 'build/web') }),
        outsideRoutes({
          notReady,
          metrics,
          refreshMetrics,
          installer: () => downloads.installer({ serverUrl: links.publicUrl, caPem: certificates.ca, pin: certificates.pin }),
          caPem: certificates.ca,
          downloads,
          webFolder: join(ROOT, 'build/web'),
        }),
      ],
    })
    undo.push({ name: 'http application', run: () => app.close() })
    const httpsServer = https.createServer({ key: certificates.key, cert: certificates.cert, minVersion: 'TLSv1.2' }, (request, response) =>
      app.server.emit('request', request, response),
    )
    await listen(app.server, settings.httpPort, '127.0.0.1')
    await listen(httpsServer, settings.httpsPort, settings.host)
    undo.push({
      name: 'https',
      run: () =>
        new Promise<void>(resolve => {
          httpsServer.close(() => resolve())
          httpsServer.closeAllConnections()
        }),
    })
    for (const server of [app.server, httpsServer]) broker.attachWebSocket(server, '/mqtt')
    undo.push({ name: 'broker', run: () => broker.stop() })
    const mqtt = await broker.listenTcp({ host: '127.0.0.1', port: settings.mqttPort })
    const mqtts = await broker.listenTls({ host: settings.host, port: settings.mqttsPort, key: certificates.key, cert: certificates.cert })
    isListening = true
    const ports = { http: portOf(app.server), https: portOf(httpsServer), mqtt, mqtts }

    const reachable = ['0.0.0.0', '::'].includes(settings.host) ? hostname() : settings.host
    links.publicUrl = (settings.publicUrl ?? `https://${inUrl(reachable)}:${ports.https}`).replace(/\/$/, '')
    links.consoleUrl = settings.publicUrl ?? (isLoopback(settings.host) ? `http://127.0.0.1:${ports.http}` : links.publicUrl)
    const outerHost = new URL(links.publicUrl).hostname
    links.deviceUrl = isLoopback(outerHost) ? `http://127.0.0.1:${ports.http}` : links.publicUrl
    links.mqttUrls = isLoopback(outerHost)
      ? [`mqtt://127.0.0.1:${ports.mqtt}`, `mqtts://${outerHost}:${ports.mqtts}`]
      : [`mqtts://${outerHost}:${ports.mqtts}`, `${links.publicUrl.replace(/^http/, 'ws')}/mqtt`]

    await uptime.start()
    undo.push({ name: 'uptime', run: uptime.stop })

    // What time brings.
    const scheduler = startScheduler(log, [
      { name: 'silence', everyMs: SWEEP_MS, run: presence.sweep },
      { name: 'heartbeat', everyMs: SWEEP_MS, run: uptime.beat },
      { name: 'deadlines', everyMs: 250, run: deadlines.runDue },
      { name: 'attendance', everyMs: 5_000, run: house.attendance.expire },
      { name: 'delivery', everyMs: 1000, run: delivery.deliverDue },
      { name: 'servicedesks', everyMs: 1000, run: servicedesk.worker.runDue },
      { name: 'old servicedesk changes', everyMs: HOUR_MS, run: servicedesk.worker.forget },
      { name: 'roll-up', everyMs: MINUTE_MS, run: samples.rollUp },
      { name: 'downgrades', everyMs: MINUTE_MS, run: downgrades.endGrace },
      { name: 'downgrade reminders', everyMs: MINUTE_MS, run: downgrades.remind },
      { name: 'statements', everyMs: MINUTE_MS, run: statements.issueDue },
      { name: 'commands', everyMs: 5_000, run: house.commands.expire },
      { name: 'loose evidence', everyMs: 5_000, run: house.evidence.linkLoose },
      { name: 'old evidence', everyMs: HOUR_MS, run: house.evidence.forget },
      { name: 'old commands', everyMs: HOUR_MS, run: house.commands.forget },
      { name: 'people on call', everyMs: 5_000, run: house.onCall.run },
      { name: 'rising levels', everyMs: MINUTE_MS, run: house.levelRises.run },
      { name: 'noise of the week', everyMs: HOUR_MS, run: noiseMail.run },
      { name: 'missing devices', everyMs: HOUR_MS, run: presence.findMissing },
      { name: 'retention', everyMs: HOUR_MS, run: samples.forget },
      { name: 'files nobody sent', everyMs: HOUR_MS, run: house.files.forgetWaiting },
      { name: 'sent notices', everyMs: HOUR_MS, run: outbox.forgetSent },
    ])
    undo.push({ name: 'scheduler', run: () => scheduler.stop() })
    if (settings.imapUrl !== null) {
      const inbox = startImapInbox({ url: settings.imapUrl, log, receive: house.mailIntake.receive })
      undo.push({ name: 'inbox', run: inbox.stop })
    }
    const unsubscribe = bus.subscribe(changes => {
      if (changes.some(change => change.kind === 'ticket')) scheduler.wake('delivery')
    })
    undo.push({ name: 'change listener', run: unsubscribe })
    log.info({ ...ports, publicUrl: links.publicUrl, store: store.kind }, 'listening')
    return { settings, ports, ...links, setupSecret: await accounts.setupSecret(), routes: app.declaredRoutes, stop }
  }
}

/** Runs the server as a program: readable first lines, clean stop on Ctrl-C, exit code 2 for wrong settings. */
async function run(): Promise<void> {
  let settings: Settings
  try {
    settings = readSettings(process.env)
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error
    for (const fault of error.faults) process.stderr.write(`${fault}\n`)
    process.exit(2)
  }
  const log = pino({ level: settings.logLevel })
  let server: RunningServer | null = null
  // heard from the beginning: who reads the line that says ready may stop it in the same moment
  onStopSignal(() => void Promise.resolve(server?.stop()).then(() => process.exit(0)))
  try {
    server = await startServer(settings, log)
  } catch (error) {
    log.fatal({ err: error }, 'could not start')
    process.stderr.write(`Could not start: ${(error as Error).message}\n`)
    process.exit(1)
  }
  process.stdout.write(`\nKioskeeper ${VERSION} is ready: ${server.consoleUrl}\n`)
  if (server.setupSecret !== null)
    process.stdout.write(`Open this link once to make the first administrator:\n\n  ${server.consoleUrl}/setup#${server.setupSecret}\n\n`)
}

if (import.meta.main) await run()
