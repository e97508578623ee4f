/** The house holds its own rules, and each check names what is planted against it. */
import { describe, expect, it } from 'vitest'
import {
  barrelFaults,
  clockFaults,
  codeFiles,
  defaultExportFaults,
  longFileFaults,
  longFunctionFaults,
  MAX_FILE_LINES,
  MAX_FUNCTION_LINES,
  migrationFaults,
  statementFaults,
  twinFaults,
  type OpenFunctions,
  type SourceFile,
} from './house-rules.ts'

/** Functions over the limit, with their lines. The list only becomes shorter: take out what is short, lower what has shrunk. */
const OPEN: OpenFunctions = {
  'agent/agent.ts:startAgent': 258,
  'agent/hardware/display-watch.ts:makeDisplayWatch': 89,
  'agent/hardware/hardware-watch.ts:makeHardwareWatch': 126,
  'agent/helper/verbs.ts:makeVerbs': 157,
  'agent/kiosk/browser-connection.ts:makeBrowserConnection': 96,
  'agent/kiosk/browser.ts:openBrowser': 180,
  'agent/kiosk/kiosk-watch.ts:makeKioskWatch': 182,
  'agent/kiosk/screen/screen-watch.ts:makeScreenWatch': 92,
  'agent/kiosk/supervisor.ts:makeSupervisor': 212,
  'agent/link/spool.ts:openSpool': 233,
  'agent/link/uplink.ts:makeUplink': 265,
  'agent/machine/machine-watch.ts:makeMonitor': 153,
  'agent/recorder/recorder.ts:makeRecorder': 208,
  'agent/recorder/ring.ts:openRing': 82,
  'agent/recorder/uploader.ts:makeUploader': 87,
  'agent/remedy/remedy-watch.ts:makeRemedyWatch': 237,
  'broker/broker.ts:makeBroker': 247,
  'broker/commit-gate.ts:makeCommitGate': 93,
  'broker/links.ts:makeLinks': 101,
  'broker/listeners.ts:makeListeners': 119,
  'server/accounts/accounts.ts:makeAccounts': 150,
  'server/accounts/logins.ts:makeLogins': 114,
  'server/accounts/own-account-routes.ts:ownAccountRoutes': 91,
  'server/accounts/own-account.ts:makeOwnAccount': 95,
  'server/accounts/passkeys.ts:makePasskeys': 126,
  'server/accounts/users.ts:makePeople': 151,
  'server/chat/chat-routes.ts:chatRoutes': 130,
  'server/chat/chats.ts:makeChats': 143,
  'server/contracts/customer-routes.ts:customerRoutes': 137,
  'server/contracts/customers.ts:makeCustomers': 169,
  'server/contracts/device-cover.ts:makePlaces': 92,
  'server/contracts/downgrades.ts:makeDowngrades': 109,
  'server/contracts/edit-preview.ts:makeEditPreview': 89,
  'server/contracts/entitlements.ts:makeEntitlements': 116,
  'server/contracts/plan-notifications.ts:makePlanNotices': 108,
  'server/contracts/plan-usage-routes.ts:usageRoutes': 172,
  'server/contracts/plan-usage.ts:makeUsage': 109,
  'server/contracts/statements.ts:makeStatements': 164,
  'server/defects/defect-routes.ts:defectRoutes': 123,
  'server/defects/defects.ts:makeDefects': 213,
  'server/devices/device-commands.ts:makeDeviceCommands': 117,
  'server/devices/samples.ts:makeSamples': 109,
  'server/enrolment/enrolment-routes.ts:enrolmentRoutes': 99,
  'server/enrolment/enrolment.ts:makeEnrolment': 178,
  'server/evidence/evidence-intake.ts:makeEvidenceIntake': 199,
  'server/fleet/device-routes.ts:deviceRoutes': 81,
  'server/fleet/fleet.ts:makeFleet': 126,
  'server/incidents/group-tickets.ts:makeGroupingDesk': 104,
  'server/incidents/incident-ticket.ts:makeMonitoringDesk': 230,
  'server/incidents/incident-ticket.ts:raiseNew': 84,
  'server/incidents/incidents.ts:makeIncidents': 207,
  'server/incidents/maintenance.ts:makeMaintenance': 153,
  'server/incidents/open-incident.ts:makeOpener': 259,
  'server/incidents/outage-effects.ts:makeOutageDesk': 206,
  'server/incidents/outages.ts:makeOutages': 182,
  'server/incidents/rule-routes.ts:ruleRoutes': 90,
  'server/incidents/rule-trials.ts:makeRuleTrials': 154,
  'server/knowledge/articles.ts:makeArticles': 126,
  'server/knowledge/macros.ts:makeMacros': 122,
  'server/mail/imap-inbox.ts:startImapInbox': 118,
  'server/mail/mail-intake-routes.ts:intakeRoutes': 168,
  'server/mail/mail-intake.ts:makeMailIntake': 240,
  'server/majors/major-routes.ts:majorRoutes': 136,
  'server/majors/major-view.ts:makeMajorView': 96,
  'server/majors/majors.ts:makeMajors': 223,
  'server/notifications/delivery.ts:makeDelivery': 91,
  'server/on-call/on-call-routes.ts:onCallRoutes': 84,
  'server/on-call/on-call.ts:makeOnCall': 231,
  'server/operations/deadlines.ts:makeDeadlines': 98,
  'server/plans/catalogue.ts:makeCatalogue': 250,
  'server/platform/http/app.ts:makeApp': 88,
  'server/servicedesks/adapters/glpi-desk.ts:openGlpi': 155,
  'server/servicedesks/adapters/jira-desk.ts:openJira': 190,
  'server/servicedesks/adapters/servicenow-desk.ts:openServiceNow': 153,
  'server/servicedesks/adapters/zammad-desk.ts:openZammad': 132,
  'server/servicedesks/servicedesk-routes.ts:servicedeskRoutes': 176,
  'server/servicedesks/sync-links.ts:makeSyncLinks': 234,
  'server/servicedesks/sync-out.ts:makeSyncSender': 128,
  'server/servicedesks/sync-take.ts:makeSyncTaker': 148,
  'server/servicedesks/sync-worker.ts:makeSyncWorker': 201,
  'server/telemetry/ingest.ts:makeIngest': 255,
  'server/telemetry/presence.ts:makePresence': 214,
  'server/tickets/register-ticket.ts:registerTicket': 100,
  'server/tickets/ticket-attachments.ts:makeTicketFiles': 108,
  'server/tickets/ticket-notifications.ts:makeTeller': 123,
  'server/tickets/ticket-notifications.ts:tell': 97,
  'server/tickets/ticket-relation-routes.ts:relationRoutes': 204,
  'server/tickets/ticket-relations.ts:makeTicketRelations': 105,
  'server/tickets/ticket-routes.ts:ticketRoutes': 165,
  'server/tickets/tickets.ts:makeTicketing': 121,
  'server/uptime/uptime-routes.ts:uptimeRoutes': 82,
  'server/uptime/uptime.ts:makeUptime': 159,
  'server/verdicts/serving.ts:makeServing': 90,
  'server/verdicts/verdicts.ts:makeVerdicts': 101,
  'server/visits/technician-job-routes.ts:jobRoutes': 81,
  'server/visits/technician-job.ts:makeVisitJobs': 198,
  'server/visits/visits.ts:makeVisits': 246,
}

const files = codeFiles()
const file = (path: string, text: string): SourceFile => ({ path, text })
const lines = (count: number): string => 'void 0\n'.repeat(count)
const longFunction = (name: string, count: number): string => `export function ${name}(): void {\n${lines(count - 2)}}\n`

describe('the house', () => {
  it('has files whose names are found once', () => {
    expect(twinFaults(files)).toEqual([])
    expect(
      twinFaults([file('agent/clock.ts', ''), file('server/sla/clock.ts', ''), file('agent/main.ts', ''), file('server/main.ts', '')]),
    ).toEqual(['clock.ts: agent/clock.ts, server/sla/clock.ts'])
  })

  it(`has no file over ${MAX_FILE_LINES} lines without a reason in its first comment`, () => {
    expect(longFileFaults(files)).toEqual([])
    const text = lines(MAX_FILE_LINES)
    expect(
      longFileFaults([
        file('server/tickets/a.ts', text),
        file('server/tickets/b.ts', `/** A list. Long because\n * it is whole. */\n${text}`),
      ]),
    ).toEqual([])
    expect(longFileFaults([file('server/tickets/a.ts', `/** A list. */\n${text}`)])).toEqual([
      'server/tickets/a.ts: 301 lines and no reason',
    ])
  })

  it(`has no function over ${MAX_FUNCTION_LINES} lines but for those known, which become fewer`, () => {
    expect(longFunctionFaults(files, OPEN)).toEqual([])
    const planted = [file('server/tickets/a.ts', longFunction('grow', 90))]
    expect(longFunctionFaults([file('server/tickets/a.ts', longFunction('grow', MAX_FUNCTION_LINES))], {})).toEqual([])
    expect(longFunctionFaults(planted, {})).toEqual(['server/tickets/a.ts:grow: 90 lines, 80 allowed'])
    expect(longFunctionFaults(planted, { 'server/tickets/a.ts:grow': 90 })).toEqual([])
    expect(longFunctionFaults(planted, { 'server/tickets/a.ts:grow': 89 })).toEqual(['server/tickets/a.ts:grow: 90 lines, 89 allowed'])
    expect(longFunctionFaults([], { 'server/tickets/a.ts:grow': 90 })).toEqual([
      'server/tickets/a.ts:grow: is short or gone now, take it from the list',
    ])
    const inner = `export const outer = {\n  async inner() {\n${lines(90)}  },\n  arrow: () => {\n${lines(90)}  },\n}\n`
    expect(longFunctionFaults([file('server/tickets/a.ts', inner)], {})).toEqual([
      'server/tickets/a.ts:inner: 92 lines, 80 allowed',
      'server/tickets/a.ts:arrow: 92 lines, 80 allowed',
    ])
    expect(longFunctionFaults([file('server/web/a.tsx', `export function Page() {\n${lines(90)}return <p>ä</p>\n}\n`)], {})).toEqual([])
  })

  it('has no file that only passes on what others declare', () => {
    expect(barrelFaults(files)).toEqual([])
    expect(barrelFaults([file('server/tickets/a.ts', `export { b } from './b.ts'\nexport * from './c.ts'\n`)])).toEqual([
      'server/tickets/a.ts: only passes on what others declare',
    ])
    expect(barrelFaults([file('server/tickets/a.ts', `export { b } from './b.ts'\nexport const c = 1\n`)])).toEqual([])
  })

  it('has no default export', () => {
    expect(defaultExportFaults(files)).toEqual([])
    const planted = [file('server/tickets/a.ts', 'export default 1\n'), file('server/tickets/b.ts', 'export default function b() {}\n')]
    expect(defaultExportFaults(planted)).toEqual(['server/tickets/a.ts: default export', 'server/tickets/b.ts: default export'])
  })

  it('has migrations that take nothing from outside', () => {
    expect(migrationFaults(files)).toEqual([])
    const text = `import { sql } from 'kysely'\nimport type { A } from '../tables/a.ts'\nimport { need } from './columns.ts'\n`
    expect(migrationFaults([file('server/database/migrations/019-a.ts', text)])).toEqual([])
    const planted = `${text}import {\n  queueAt,\n} from '../../tickets/rules/ticket-queue.ts'\nimport { readFileSync } from 'node:fs'\n`
    expect(migrationFaults([file('server/database/migrations/019-a.ts', planted)])).toEqual([
      'server/database/migrations/019-a.ts: imports ../../tickets/rules/ticket-queue.ts',
      'server/database/migrations/019-a.ts: imports node:fs',
    ])
  })

  it('has its statements in store/ and database/ alone', () => {
    expect(statementFaults(files)).toEqual([])
    const text = `export const find = (db: Database) => db\n  .selectFrom('devices')\n  .selectAll()\n`
    expect(statementFaults([file('server/fleet/store/a.ts', text), file('server/fleet/b.ts', text)])).toEqual([
      'server/fleet/b.ts: runs a statement outside of store/',
    ])
  })

  it('has rules that are given time and chance', () => {
    expect(clockFaults(files)).toEqual([])
    expect(
      clockFaults([file('server/sla/rules/a.ts', 'export const now = () => Date.now()\n'), file('server/sla/b.ts', 'Date.now()')]),
    ).toEqual(['server/sla/rules/a.ts: asks for the time or for chance'])
  })
})
