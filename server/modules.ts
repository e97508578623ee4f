/** The services, wired by hand, lower ones first: the same for the server, for history made in virtual time, and for tests. */
import type { Logger } from 'pino'
import type { SigningKey } from '../shared/signing.ts'
import type { DownKind, UpKind } from '../shared/topics.ts'
import { makeDeviceDoor, makeDeviceSpeaker } from './telemetry/device-gateway.ts'
import { makeAttendance } from './tickets/attendance.ts'
import { makeArticles } from './knowledge/articles.ts'
import { makeCatalogue } from './plans/catalogue.ts'
import { makeChangeBus } from './platform/change-bus.ts'
import { makeChats } from './chat/chats.ts'
import { makeCustomerTerms } from './contracts/customer-terms.ts'
import { makeCustomers } from './contracts/customers.ts'
import { makeDefects } from './defects/defects.ts'
import { makeDeadlines } from './operations/deadlines.ts'
import { makeDowngrades } from './contracts/downgrades.ts'
import { makeEntitlements } from './contracts/entitlements.ts'
import { makeStatements } from './contracts/statements.ts'
import { makeEditPreview } from './contracts/edit-preview.ts'
import { makeDeviceCommands, makeUploadTokens } from './devices/device-commands.ts'
import { makeDeviceConfig, type DeviceConfig } from './devices/device-config.ts'
import { makeDeviceResults } from './telemetry/device-results.ts'
import { makeEvidenceIntake } from './evidence/evidence-intake.ts'
import { makeEvidence } from './evidence/evidence.ts'
import { makeEnrolment, type LinkFacts } from './enrolment/enrolment.ts'
import { makeFleet } from './fleet/fleet.ts'
import { makeIncidents } from './incidents/incidents.ts'
import { makeIngest } from './telemetry/ingest.ts'
import { makeOnCall } from './on-call/on-call.ts'
import { makeOutageDesk } from './incidents/outage-effects.ts'
import { makeOutages } from './incidents/outages.ts'
import { makeLevelRises } from './incidents/level-escalation.ts'
import { makeMacros } from './knowledge/macros.ts'
import { makeMailIntake } from './mail/mail-intake.ts'
import { makeMailView } from './mail/mail-view.ts'
import { makeMaintenance } from './incidents/maintenance.ts'
import { makeMajors } from './majors/majors.ts'
import { makePartners } from './customers/partners.ts'
import { makePlaces } from './contracts/device-cover.ts'
import { makePlanNotices } from './contracts/plan-notifications.ts'
import { makePresence } from './telemetry/presence.ts'
import { makeSamples, type Retention } from './devices/samples.ts'
import { makeSatisfaction, satisfactionFollower } from './satisfaction/satisfaction.ts'
import { servicedeskFollower } from './servicedesks/sync-capture.ts'
import { visitFollower, visitUnderWay } from './visits/visit-follower.ts'
import { incidentsOfTickets } from './incidents/incident-facts.ts'
import { makeIncidentTickets } from './incidents/group-tickets.ts'
import { readQuietUntil } from './incidents/store/condition-store.ts'
import { findUploadById } from './evidence/store/evidence-store.ts'
import { deleteVerdictMarksBefore } from './verdicts/store/verdict-mark-store.ts'
import type { TicketFollower } from './tickets/ticket-followers.ts'
import { makeSites } from './customers/sites.ts'
import { makeTicketRelations } from './tickets/ticket-relations.ts'
import { makeTicketScope } from './tickets/ticket-scope.ts'
import { makeTicketing } from './tickets/tickets.ts'
import { makeTicketFiles } from './tickets/ticket-attachments.ts'
import { makeUpdateDrafts } from './knowledge/ticket-text.ts'
import { makeUsage } from './contracts/plan-usage.ts'
import { makeVisits } from './visits/visits.ts'
import { makeVerdicts } from './verdicts/verdicts.ts'
import type { Database } from './database/database.ts'
import { makeEvidenceDisk } from './evidence/store/evidence-disk.ts'
import { makeMailDisk } from './attachments/store/mail-disk.ts'

export type HouseDeps = {
  db: Database
  log: Logger
  now: () => number
  deskEmail: string | null
  /** Told in major incidents to customers whose plan has an escalation phone. */
  escalationPhone?: string | null
  retention: Retention
  signingKey: SigningKey
  counted: { message(kind: UpKind): void; quarantined(fault: string): void }
  /** What a newly enrolled device is told of the server. */
  link(): LinkFacts
  /** Where files of evidence lie, and the address devices send them to. */
  evidence: { folder: string; uploadUrl(): string }
  /** Where mails lie, what addresses are ours, and the domain of our Message-IDs; left out where no mail comes. */
  mail?: { folder: string; ownAddresses: readonly string[]; ownDomain: string; counted(outcome: string): void }
  /** Sends to a device; false when it is not there. */
  publish(deviceId: string, kind: DownKind, payload: string, options: { qos: 0 | 1; retain?: boolean }): boolean
  /** Ends a device's session. */
  disconnect(deviceId: string): void
}

/**
 * Who follows tickets, in the order of their effects inside a ticket's transaction: the visit is called off before the client's desk hears
 * of the ticket, and the customer is asked in the letter that comes last.
 */
export const TICKET_FOLLOWERS: readonly TicketFollower[] = [visitFollower, servicedeskFollower, satisfactionFollower]
/** What incidents tell the tickets behind which they stand. */
export const TICKET_INCIDENTS = { of: incidentsOfTickets, quietUntil: readQuietUntil }

/** Makes every service. Call `catalogue.load()` before anything asks for a plan, and `presence.start()` before devices come. */
export function makeHouse(deps: HouseDeps) {
  const { db, log, now } = deps
  const bus = makeChangeBus()
  const catalogue = makeCatalogue({ db, log, now })
  const articles = makeArticles({ db, log, now })
  const terms = makeCustomerTerms({ db, now, catalogue })
  const notices = makePlanNotices({ now, catalogue, deskEmail: deps.deskEmail })
  const usage = makeUsage({ catalogue, notices, now })
  const entitlements = makeEntitlements({ db, now, catalogue, usage })
  const statements = makeStatements({ db, log, now, catalogue, entitlements })
  const partners = makePartners({ db, now })
  const verdicts = makeVerdicts({ db, now, bus })
  const ticketing = makeTicketing({
    db,
    log,
    now,
    bus,
    catalogue,
    deskEmail: deps.deskEmail,
    caseCounted: usage.review,
    followers: TICKET_FOLLOWERS,
    incidents: TICKET_INCIDENTS,
  })
  const incidentTickets = makeIncidentTickets(ticketing.desk, visitUnderWay)
  const attendance = makeAttendance({ now, bus })
  const defects = makeDefects({ db, now, bus, desk: ticketing.desk, catalogue })
  const majors = makeMajors({ db, now, bus, desk: ticketing.desk, catalogue, escalationPhone: deps.escalationPhone ?? null })
  const relations = makeTicketRelations({ db, now, bus, desk: ticketing.desk })
  const macros = makeMacros({ db, now, bus, ticketing })
  const onCall = makeOnCall({ db, log, now, bus, desk: ticketing.desk })
  const satisfaction = makeSatisfaction({ db, now, bus })
  const chats = makeChats({ db, now, bus, ticketing })
  const updateDrafts = makeUpdateDrafts({ db, desk: ticketing.desk })
  const incidents = makeIncidents({ log, now, catalogue, tickets: incidentTickets, verdicts })
  const places = makePlaces({ catalogue, incidents, notices, usage, now })
  const downgrades = makeDowngrades({ db, now, bus, catalogue, places, notices })
  const customers = makeCustomers({ db, now, bus, catalogue, places, usage, downgrades, statements, replan: ticketing.replan })
  const sites = makeSites({ db, now, bus })
  const levelRises = makeLevelRises({ db, now, bus, catalogue, tickets: incidentTickets })
  const maintenance = makeMaintenance({ db, now, bus, catalogue, resume: incidents.resume })
  const editPreview = makeEditPreview({ db, now, catalogue, customers })
  const samples = makeSamples({ db, now, retention: deps.retention, forgetWithTimeline: deleteVerdictMarksBefore })
  const enrolment = makeEnrolment({ db, now, bus, places, notices, link: deps.link })
  const presence = makePresence({ db, log, now, bus, incidents, verdicts })
  const desk = makeOutageDesk({
    now,
    catalogue,
    incidents,
    tickets: incidentTickets,
    deskEmail: deps.deskEmail,
    addressOf: presence.addressOf,
  })
  const outages = makeOutages({ db, log, now, bus, catalogue, desk })
  const visits = makeVisits({ db, log, now, bus, desk: ticketing.desk, heardAt: presence.heardAt })
  const scopes = makeTicketScope({ db, bus, desk: ticketing.desk, askPartner: visits.dispatch })
  const deadlines = makeDeadlines({ db, log, now, bus, incidents, outages, ticketing, verdicts, visits })
  const deviceConfig: DeviceConfig = makeDeviceConfig({
    db,
    now,
    catalogue,
    key: deps.signingKey,
    isConnected: presence.isLinked,
    publish: (deviceId, payload) => deps.publish(deviceId, 'cfg', payload, { qos: 1, retain: true }),
  })
  const speaker = makeDeviceSpeaker({ now, publish: deps.publish })
  const tokens = makeUploadTokens(deps.signingKey)
  const commands = makeDeviceCommands({
    db,
    now,
    bus,
    key: deps.signingKey,
    tokens,
    uploadOf: uploadId => findUploadById(db, uploadId),
    uploadUrl: deps.evidence.uploadUrl,
    publish: (deviceId, payload) => deps.publish(deviceId, 'cmd', payload, { qos: 1 }),
  })
  const disk = makeEvidenceDisk(deps.evidence.folder)
  const intake = makeEvidenceIntake({ db, now, bus, disk, tokens, commands })
  const evidence = makeEvidence({ db, now, bus, disk, intake })
  const results = makeDeviceResults({ log, commands, intake })
  const mail = deps.mail ?? { folder: '', ownAddresses: [], ownDomain: '', counted: () => undefined }
  const mailDisk = makeMailDisk(mail.folder)
  const mailView = makeMailView({ db, disk: mailDisk })
  const files = makeTicketFiles({ db, now, bus, disk: mailDisk })
  const mailIntake = makeMailIntake({ db, log, now, bus, disk: mailDisk, ticketing, deskEmail: deps.deskEmail, ...mail })
  const ingest = makeIngest({
    db,
    log,
    now,
    bus,
    incidents,
    presence,
    samples,
    born: speaker.born,
    stored: speaker.stored,
    results,
    counted: deps.counted,
  })
  const door = makeDeviceDoor({ enrolment, ingest, presence, speaker, config: deviceConfig, results, counted: deps.counted })
  const fleet = makeFleet({
    db,
    now,
    bus,
    catalogue,
    places,
    incidents,
    disconnect: deviceId => {
      deps.disconnect(deviceId)
      presence.forget(deviceId)
    },
    heardAt: presence.heardAt,
    sendConfig: async deviceId => void (await deviceConfig.send(deviceId)),
  })
  return {
    bus,
    catalogue,
    articles,
    macros,
    updateDrafts,
    chats,
    satisfaction,
    onCall,
    terms,
    places,
    usage,
    entitlements,
    statements,
    downgrades,
    customers,
    sites,
    maintenance,
    levelRises,
    editPreview,
    partners,
    verdicts,
    ticketing,
    attendance,
    relations,
    defects,
    majors,
    scopes,
    incidents,
    deadlines,
    visits,
    samples,
    enrolment,
    presence,
    deviceConfig,
    commands,
    intake,
    evidence,
    mailIntake,
    mailView,
    files,
    ingest,
    door,
    fleet,
  }
}
