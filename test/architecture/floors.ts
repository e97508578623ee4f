/**
 * The floors of the server, from the ground up: what stands on what. From this table come the import rules (dependency-cruiser.cjs) and the
 * table in the README. A module imports only modules of lower floors, types included; modules of one floor do not know each other.
 */

/** `modules`: folder below server/, and what it is in a few words. */
export type Floor = { name: string; modules: Readonly<Record<string, string>> }

export const FLOORS: readonly Floor[] = [
  { name: 'ground', modules: { platform: 'errors, who calls, changes told to pages, HTTP, certificates, what runs on a clock' } },
  { name: 'store', modules: { database: 'embedded SQLite or PostgreSQL, the tables, one set of migrations' } },
  { name: 'time', modules: { calendars: 'open time, holidays, opening hours, spans' } },
  {
    name: 'rows',
    modules: {
      customers: 'customers, sites, contacts, partners',
      attachments: 'kept files',
      notifications: 'the outbox and its channels',
    },
  },
  { name: 'people', modules: { accounts: 'callers, logins, passkeys, sessions, users' } },
  { name: 'owed', modules: { sla: 'clocks, escalation, promises: how time is owed' } },
  { name: 'plans', modules: { plans: 'the catalogue: plans, rules, profiles, products, versions' } },
  { name: 'devices', modules: { devices: 'device rows, timeline, commands, configuration, samples' } },
  {
    name: 'facts',
    modules: { evidence: 'what a device kept of a failure', uptime: 'how the platform itself was there' },
  },
  { name: 'waist', modules: { tickets: "a ticket's life; what must follow it does so through ticket-followers.ts" } },
  { name: 'judgement', modules: { incidents: "conditions, causes, outages, maintenance, and the incident's side of a ticket" } },
  {
    name: 'desk',
    modules: {
      verdicts: 'does a device serve people',
      visits: 'partners on site',
      mail: 'mail that comes in',
      servicedesks: "links to customers' own desks",
      'on-call': 'who is asked at night',
      satisfaction: 'the question to the customer',
    },
  },
  {
    name: 'desk tools',
    modules: {
      majors: 'one page and one message for many tickets',
      defects: 'one fault of ours behind many tickets',
      knowledge: 'articles, macros, drafts',
      chat: "the chat on a customer's site",
    },
  },
  {
    name: 'contracts',
    modules: { contracts: 'what a customer bought, uses and is billed: terms, cover of devices, statements, downgrades' },
  },
  {
    name: 'fleet',
    modules: { enrolment: 'tokens, admission, install commands', fleet: 'devices as people see and change them' },
  },
  { name: 'link', modules: { telemetry: "the server's end of the device link: gateway, presence, ingest" } },
  { name: 'operations', modules: { operations: 'the deadline worker, metrics, health and downloads' } },
]

/** Beside the floors: what puts the server together or is no code of it. `catalogue` is data, `web` the console, `cli` a program of its own. */
export const BESIDE_FLOORS: readonly string[] = ['catalogue', 'cli', 'web']

/** The table as the README has it, from the top floor down to the ground. */
export function floorsTable(): string {
  const lines = FLOORS.toReversed().map(({ name, modules }) => {
    const told = Object.entries(modules).map(([folder, what]) => `\`${folder}/\` ${what}`)
    return `| ${name} | ${told.join('<br>')} |`
  })
  return ['| floor | modules |', '|---|---|', ...lines].join('\n')
}
