/** Every address of the API in one list: which routes there are, and what stands behind each. Long because it is the whole list. */
import type { makeHouse } from './house.ts'
import { accountRoutes } from './http/account-routes.ts'
import type { Routes } from './http/app.ts'
import { articleRoutes } from './http/article-routes.ts'
import { attendanceRoutes } from './http/attendance-routes.ts'
import { callRoutes } from './http/call-routes.ts'
import { chatRoutes } from './http/chat-routes.ts'
import { commandRoutes } from './http/command-routes.ts'
import { customerRoutes } from './http/customer-routes.ts'
import { defectRoutes } from './http/defect-routes.ts'
import { deviceRoutes } from './http/device-routes.ts'
import { enrolmentRoutes } from './http/enrolment-routes.ts'
import { eventRoutes } from './http/event-routes.ts'
import { evidenceRoutes } from './http/evidence-routes.ts'
import { fileRoutes } from './http/file-routes.ts'
import { holidayRoutes } from './http/holiday-routes.ts'
import { incidentRoutes } from './http/incident-routes.ts'
import { installCommands } from './http/install-commands.ts'
import { intakeRoutes } from './http/intake-routes.ts'
import { jobRoutes } from './http/job-routes.ts'
import { loginRoutes } from './http/login-routes.ts'
import { macroRoutes } from './http/macro-routes.ts'
import { maintenanceRoutes } from './http/maintenance-routes.ts'
import { majorRoutes } from './http/major-routes.ts'
import { onCallRoutes } from './http/on-call-routes.ts'
import { outboxRoutes } from './http/outbox-routes.ts'
import { ownAccountRoutes } from './http/own-account-routes.ts'
import { partnerRoutes } from './http/partner-routes.ts'
import { peopleRoutes } from './http/people-routes.ts'
import { planRoutes } from './http/plan-routes.ts'
import { previewRoutes } from './http/preview-routes.ts'
import { productRoutes } from './http/product-routes.ts'
import { profileRoutes } from './http/profile-routes.ts'
import { promiseRoutes } from './http/promise-routes.ts'
import { relationRoutes } from './http/relation-routes.ts'
import { ruleRoutes } from './http/rule-routes.ts'
import { satisfactionRoutes } from './http/satisfaction-routes.ts'
import { scopeRoutes } from './http/scope-routes.ts'
import { servicedeskRoutes } from './http/servicedesk-routes.ts'
import { servingRoutes } from './http/serving-routes.ts'
import { slaRoutes } from './http/sla-routes.ts'
import { ssoRoutes } from './http/sso-routes.ts'
import { ticketRoutes } from './http/ticket-routes.ts'
import { uptimeRoutes } from './http/uptime-routes.ts'
import { usageRoutes } from './http/usage-routes.ts'
import { visitRoutes } from './http/visit-routes.ts'
import type { makeSingleSignOn, SsoChecks } from './integrations/single-sign-on.ts'
import type { Accounts } from './services/accounts.ts'
import type { IncidentReader } from './services/incidents-view.ts'
import type { Logins } from './services/logins.ts'
import { makeOneTimeLinks } from './services/one-time-links.ts'
import type { Outbox } from './services/outbox.ts'
import { makeOwnAccount } from './services/own-account.ts'
import type { Passkeys } from './services/passkeys.ts'
import { makePeople } from './services/people.ts'
import { makePhoneDesk } from './services/phone-desk.ts'
import { makeReportPromises } from './services/report-promises.ts'
import type { RuleTrials } from './services/rule-trials.ts'
import { makeSecondFactors } from './services/second-factors.ts'
import type { makeServicedesk } from './services/servicedesk/servicedesk.ts'
import { makeServing } from './services/serving.ts'
import { makeSsoJourneys } from './services/sso-journeys.ts'
import type { Uptime } from './services/uptime.ts'
import { makeVisitJobs } from './services/visit-jobs.ts'
import type { Database } from './store/database.ts'

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
    commandRoutes({ commands: house.commands, fleet, audit: accounts.audit }),
    evidenceRoutes({ intake: house.intake, evidence: house.evidence, incidents: deps.incidents }),
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
