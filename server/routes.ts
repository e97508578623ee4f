/** Every address of the API in one list: which routes there are, and what stands behind each. Long because it is the whole list. */
import type { makeHouse } from './modules.ts'
import { accountRoutes } from './accounts/account-routes.ts'
import type { Routes } from './platform/http/app.ts'
import { articleRoutes } from './knowledge/article-routes.ts'
import { attendanceRoutes } from './tickets/attendance-routes.ts'
import { callRoutes } from './tickets/caller-lookup-routes.ts'
import { chatRoutes } from './chat/chat-routes.ts'
import { commandRoutes } from './devices/command-routes.ts'
import { customerRoutes } from './contracts/customer-routes.ts'
import { defectRoutes } from './defects/defect-routes.ts'
import { deviceRoutes } from './fleet/device-routes.ts'
import { enrolmentRoutes } from './enrolment/enrolment-routes.ts'
import { eventRoutes } from './platform/http/event-routes.ts'
import { evidenceRoutes } from './evidence/evidence-routes.ts'
import { fileRoutes } from './tickets/ticket-attachment-routes.ts'
import { holidayRoutes } from './calendars/holiday-routes.ts'
import { incidentRoutes } from './incidents/incident-routes.ts'
import { installCommands } from './enrolment/install-commands.ts'
import { intakeRoutes } from './mail/mail-intake-routes.ts'
import { jobRoutes } from './visits/technician-job-routes.ts'
import { loginRoutes } from './accounts/login-routes.ts'
import { macroRoutes } from './knowledge/macro-routes.ts'
import { maintenanceRoutes } from './incidents/maintenance-routes.ts'
import { majorRoutes } from './majors/major-routes.ts'
import { onCallRoutes } from './on-call/on-call-routes.ts'
import { outboxRoutes } from './notifications/outbox-routes.ts'
import { ownAccountRoutes } from './accounts/own-account-routes.ts'
import { partnerRoutes } from './customers/partner-routes.ts'
import { peopleRoutes } from './accounts/user-routes.ts'
import { planRoutes } from './plans/plan-routes.ts'
import { previewRoutes } from './contracts/edit-preview-routes.ts'
import { productRoutes } from './plans/product-routes.ts'
import { profileRoutes } from './plans/profile-routes.ts'
import { promiseRoutes } from './tickets/report-promise-routes.ts'
import { relationRoutes } from './tickets/ticket-relation-routes.ts'
import { ruleRoutes } from './incidents/rule-routes.ts'
import { satisfactionRoutes } from './satisfaction/satisfaction-routes.ts'
import { scopeRoutes } from './tickets/ticket-scope-routes.ts'
import { servicedeskRoutes } from './servicedesks/servicedesk-routes.ts'
import { servingRoutes } from './verdicts/serving-routes.ts'
import { slaRoutes } from './tickets/sla-routes.ts'
import { ssoRoutes } from './accounts/sso-routes.ts'
import { ticketRoutes } from './tickets/ticket-routes.ts'
import { uptimeRoutes } from './uptime/uptime-routes.ts'
import { usageRoutes } from './contracts/plan-usage-routes.ts'
import { visitRoutes } from './visits/visit-routes.ts'
import type { makeSingleSignOn, SsoChecks } from './accounts/single-sign-on.ts'
import type { Accounts } from './accounts/accounts.ts'
import type { IncidentReader } from './incidents/incident-view.ts'
import type { Logins } from './accounts/logins.ts'
import { makeOneTimeLinks } from './accounts/one-time-links.ts'
import type { Outbox } from './notifications/outbox.ts'
import { makeOwnAccount } from './accounts/own-account.ts'
import type { Passkeys } from './accounts/passkeys.ts'
import { makePeople } from './accounts/users.ts'
import { makePhoneDesk } from './tickets/caller-lookup.ts'
import { makeReportPromises } from './tickets/report-promises.ts'
import type { RuleTrials } from './incidents/rule-trials.ts'
import { makeSecondFactors } from './accounts/second-factors.ts'
import type { makeServicedesk } from './servicedesks/servicedesk.ts'
import { makeServing } from './verdicts/serving.ts'
import { makeSsoJourneys } from './accounts/sso-journeys.ts'
import type { Uptime } from './uptime/uptime.ts'
import { makeVisitJobs } from './visits/technician-job.ts'
import type { Database } from './database/database.ts'

/** What the routes stand on. Addresses are known when the ports are open: `links` is asked then. */
export type RouteDeps = {
  db: Database
  now: () => number
  house: ReturnType<typeof makeHouse>
  accounts: Accounts
  logins: Logins
  passkeys: Passkeys
  sso: ReturnType<typeof makeSingleSignOn>
  /** What single sign-on is called on its button. */
  ssoName: string
  servicedesk: ReturnType<typeof makeServicedesk>
  outbox: Outbox
  uptime: Uptime
  trials: RuleTrials
  incidents: IncidentReader
  hasMail: boolean
  links: { readonly publicUrl: string; readonly consoleUrl: string }
  certificatePin: string
}

/** Makes them. */
export function makeRoutes(deps: RouteDeps): Routes[] {
  const { db, now, house, accounts, logins, passkeys, sso, hasMail, links } = deps
  const { bus, catalogue, customers, usage, entitlements, statements, downgrades, enrolment, fleet, samples, ticketing, presence } = house
  const configWanted = async (deviceIds: readonly string[]): Promise<void> => {
    for (const deviceId of deviceIds) await house.deviceConfig.send(deviceId)
  }
  return [
    accountRoutes(accounts),
    loginRoutes({ logins, passkeys, links: makeOneTimeLinks({ db, now, logins }), ssoName: sso === null ? null : deps.ssoName }),
    ssoRoutes({ sso, journeys: makeSsoJourneys<SsoChecks>({ db, now }), logins, consoleUrl: () => links.consoleUrl }),
    ownAccountRoutes({
      account: makeOwnAccount({ db, now, hasMail, hasPasskeys: passkeys.isAvailable }),
      factors: makeSecondFactors({ db, now, hasMail }),
      passkeys,
    }),
    peopleRoutes({ people: makePeople({ db, now }), consoleUrl: () => links.consoleUrl }),
    customerRoutes({ customers, sites: house.sites, terms: house.terms, audit: accounts.audit }),
    usageRoutes({
      usageOf: customerId => usage.planUsage(db, customerId),
      entitlements,
      statements,
      downgrades,
      audit: accounts.audit,
    }),
    enrolmentRoutes({
      enrolment,
      audit: accounts.audit,
      now,
      devicesOf: fleet.enrolledWith,
      installCommands: token => installCommands({ publicUrl: links.publicUrl, pin: deps.certificatePin, token }),
    }),
    deviceRoutes({ fleet, samples, audit: accounts.audit }),
    servingRoutes({ serving: makeServing({ db, now }), customerOf: fleet.customerOf }),
    maintenanceRoutes({ maintenance: house.maintenance, audit: accounts.audit }),
    outboxRoutes({ outbox: deps.outbox, ticketOwner: ticketing.ownerOf, audit: accounts.audit }),
    ticketRoutes({ ticketing, audit: accounts.audit }),
    relationRoutes({ relations: house.relations, ticketOwner: ticketing.ownerOf, audit: accounts.audit }),
    defectRoutes({ defects: house.defects, relations: house.relations, ticketOwner: ticketing.ownerOf, audit: accounts.audit }),
    majorRoutes({ majors: house.majors, relations: house.relations, audit: accounts.audit }),
    scopeRoutes({ scopes: house.scopes, ticketOwner: ticketing.ownerOf, audit: accounts.audit }),
    attendanceRoutes({ attendance: house.attendance, ticketOwner: ticketing.ownerOf }),
    intakeRoutes({ intake: house.mailIntake, view: house.mailView, ticketOwner: ticketing.ownerOf, audit: accounts.audit }),
    articleRoutes({ articles: house.articles, ticketOwner: ticketing.ownerOf, audit: accounts.audit }),
    macroRoutes({ macros: house.macros, drafts: house.updateDrafts, ticketOwner: ticketing.ownerOf, audit: accounts.audit }),
    fileRoutes({ files: house.files, ticketOwner: ticketing.ownerOf }),
    callRoutes({ phone: makePhoneDesk({ db }) }),
    onCallRoutes({ onCall: house.onCall, ticketOwner: ticketing.ownerOf, audit: accounts.audit }),
    satisfactionRoutes({ satisfaction: house.satisfaction, ticketOwner: ticketing.ownerOf }),
    chatRoutes({ chats: house.chats, audit: accounts.audit }),
    incidentRoutes({ incidents: deps.incidents }),
    commandRoutes({ commands: house.commands, customerOf: fleet.customerOf, audit: accounts.audit }),
    evidenceRoutes({ intake: house.intake, evidence: house.evidence, incidentOwner: deps.incidents.ownerOf }),
    visitRoutes({ visits: house.visits, ticketOwner: ticketing.ownerOf, audit: accounts.audit, publicUrl: () => links.consoleUrl }),
    jobRoutes({
      jobs: makeVisitJobs({
        db,
        now,
        visits: house.visits,
        heardAt: presence.heardAt,
        files: house.files,
        evidence: house.evidence,
        profileOf: id => catalogue.getProfile(db, id),
      }),
      audit: accounts.audit,
    }),
    promiseRoutes({ promises: makeReportPromises({ db, now, catalogue }) }),
    partnerRoutes({ partners: house.partners, audit: accounts.audit }),
    planRoutes({ db, catalogue, audit: accounts.audit, plansChanged: customers.followPlans, configWanted }),
    previewRoutes({ previews: house.editPreview }),
    profileRoutes({ db, catalogue, audit: accounts.audit, configWanted }),
    ruleRoutes({ db, catalogue, trials: deps.trials, audit: accounts.audit, configWanted }),
    productRoutes({ db, catalogue, audit: accounts.audit }),
    servicedeskRoutes({ ...deps.servicedesk, ticketOwner: ticketing.ownerOf, audit: accounts.audit }),
    slaRoutes({ db, catalogue }),
    uptimeRoutes({ uptime: deps.uptime, audit: accounts.audit }),
    holidayRoutes({ now }),
    eventRoutes(bus),
  ]
}
