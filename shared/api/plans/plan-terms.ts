/**
 * Every term a plan can have, once: its shape, what older versions are read with, its words, its place in the editor. The schema of a plan,
 * the reading of stored versions, the facts on the console and the rows of its editor are made of this table. Pieces of the API come in
 * this order.
 */
import { Type } from 'typebox'
import { OneOf, Text, TimeZone } from '../../schema-pieces.ts'
import { weekText } from '../../week-words.ts'
import { Category, Channel, SpecialDates, WeeklyHours } from '../sla/sla-api.ts'
import {
  AfterHours,
  Cases,
  Contacts,
  Days,
  Devices,
  Entitlement,
  EscalationStep,
  Holidays,
  Levels,
  OutOfScope,
  Releases,
  RequiredField,
  VersionPolicy,
} from './plan-parts.ts'
import { CATEGORY_WORDS, CHANNEL_WORDS, FIELD_WORDS, limitText, listed, yesNo } from './term-words.ts'
import { fromTheFirst, mayBeMissing, withDefault } from './term-line.ts'

const MONITORING = { none: 'not part of the plan', tickets: 'raises tickets', proactive: 'raises tickets and mends remotely' }
const FIRST_LINE = { us: 'is ours', partner: 'is the partner’s' }
const ONSITE = { none: 'not part of the plan', partner: 'routed to a partner' }
const MANAGERS = { none: 'none', 'dedicated-contact': 'a dedicated contact', 'regional-engineer': 'a named regional engineer' }

export const PLAN_TERMS = {
  /** Zone the offer names: the suggestion when a customer is made; the customer's own zone decides. */
  suggestedTimeZone: fromTheFirst(TimeZone, { title: 'Zone the offer names', group: 'included', editor: 'zone', tell: zone => zone }),
  marketplace: withDefault(Type.Boolean(), false, {
    title: 'Sold through a marketplace',
    group: 'included',
    editor: 'switch',
    tell: yesNo,
  }),
  devices: fromTheFirst(Devices, {
    title: 'Devices',
    group: 'included',
    isFact: true,
    editor: 'own',
    tell: ({ included, more }) =>
      `${limitText(included, 'device', 'devices')}, more ${more === 'billed' ? 'billed separately' : 'refused'}`,
  }),
  contacts: fromTheFirst(Contacts, {
    title: 'Named contacts',
    group: 'included',
    isFact: true,
    editor: 'own',
    tell: ({ included }) => limitText(included, 'contact', 'contacts'),
  }),
  cases: fromTheFirst(Cases, {
    title: 'Cases a month',
    group: 'included',
    isFact: true,
    editor: 'own',
    tell: ({ perMonth }) => limitText(perMonth, 'case', 'cases'),
  }),
  channels: fromTheFirst(Type.Array(Channel, { description: 'how people may register; monitoring follows `monitoring`' }), {
    title: 'Channels',
    group: 'intake',
    isFact: true,
    editor: 'several',
    choices: CHANNEL_WORDS,
    tell: channels => channels.join(', ') || 'none',
  }),
  monitoring: withDefault(OneOf(['none', 'tickets', 'proactive']), 'none', {
    title: 'Monitoring',
    group: 'intake',
    isFact: true,
    editor: 'choice',
    choices: MONITORING,
    tell: monitoring => MONITORING[monitoring],
  }),
  hours: fromTheFirst(WeeklyHours, { title: 'Service hours', group: 'hours', isFact: true, editor: 'own', tell: weekText }),
  holidays: withDefault(Holidays, [], {
    title: 'Holidays',
    group: 'hours',
    editor: 'own',
    tell: holidays => (Array.isArray(holidays) ? limitText(holidays.length, 'date', 'dates') : (holidays.region ?? holidays.country)),
  }),
  lines: withDefault(Type.Integer({ minimum: 1, maximum: 3 }), 1, {
    title: 'Lines of support',
    group: 'escalation',
    editor: 'number',
    tell: String,
  }),
  firstLine: withDefault(OneOf(['us', 'partner']), 'us', {
    title: 'First line',
    group: 'services',
    editor: 'choice',
    choices: FIRST_LINE,
    tell: line => FIRST_LINE[line],
  }),
  firstLinePhone: withDefault(Type.Boolean(), false, { title: 'First line by phone', group: 'services', editor: 'switch', tell: yesNo }),
  /** The customer is told at each escalation to another line. */
  tellEscalations: withDefault(Type.Boolean(), false, {
    title: 'The customer is told at each escalation',
    group: 'services',
    editor: 'switch',
    tell: yesNo,
  }),
  requiredFields: withDefault(Type.Array(RequiredField), [], {
    title: 'Required in a report',
    group: 'intake',
    isFact: true,
    editor: 'several',
    choices: FIELD_WORDS,
    tell: fields => fields.map(field => FIELD_WORDS[field]).join(', ') || null,
  }),
  /** Until the required fields are there the ticket waits for information and its clocks stand still. */
  withholdUntilComplete: withDefault(Type.Boolean(), false, {
    title: 'Clocks wait until the report is complete',
    group: 'intake',
    editor: 'switch',
    tell: yesNo,
  }),
  autoCloseAfterDays: withDefault(Type.Union([Days, Type.Null()]), null, {
    title: 'Closes by itself after',
    hint: 'empty = never',
    group: 'intake',
    isFact: true,
    editor: 'number',
    suffix: ' days',
    tell: days => (days === null ? null : `${limitText(days, 'day', 'days')} without the customer’s answer`),
  }),
  waitingPartnerPauses: withDefault(Type.Boolean(), false, {
    title: 'Waiting for a partner stops the resolution clock',
    group: 'intake',
    editor: 'switch',
    tell: yesNo,
  }),
  remoteSupport: withDefault(Type.Boolean(), false, { title: 'Remote support', group: 'services', editor: 'switch', tell: yesNo }),
  remoteTools: withDefault(Type.Array(Text(60)), [], { title: 'Remote tools', group: 'services', editor: 'texts', tell: listed }),
  distributedSetups: withDefault(Type.Boolean(), false, { title: 'Distributed set-ups', group: 'services', editor: 'switch', tell: yesNo }),
  onsite: withDefault(OneOf(['none', 'partner']), 'none', {
    title: 'On site',
    group: 'services',
    isFact: true,
    editor: 'choice',
    choices: ONSITE,
    tell: onsite => ONSITE[onsite],
  }),
  /** Categories that only a visit can mend. */
  onsiteCategories: withDefault(Type.Array(Category), [], {
    title: 'Always need a visit',
    group: 'services',
    editor: 'several',
    choices: CATEGORY_WORDS,
    tell: categories => listed(categories.map(category => CATEGORY_WORDS[category])),
  }),
  uptimePercent: withDefault(Type.Union([Type.Number({ minimum: 0, maximum: 100 }), Type.Null()]), null, {
    title: 'Uptime of the platform',
    group: 'services',
    editor: 'number',
    suffix: ' %',
    decimals: 5,
    empty: 'not promised',
    tell: percent => (percent === null ? 'not promised' : `${percent} %`),
  }),
  analytics: withDefault(Type.Boolean(), false, { title: 'Analytics', group: 'services', editor: 'switch', tell: yesNo }),
  reports: withDefault(Type.Boolean(), false, { title: 'Reports', group: 'services', editor: 'switch', tell: yesNo }),
  suggestions: withDefault(Type.Boolean(), false, {
    title: 'Suggestions to lower the number of tickets',
    group: 'services',
    editor: 'switch',
    tell: yesNo,
  }),
  manager: withDefault(OneOf(['none', 'dedicated-contact', 'regional-engineer']), 'none', {
    title: 'Support manager',
    group: 'services',
    editor: 'choice',
    choices: MANAGERS,
    tell: manager => MANAGERS[manager],
  }),
  escalationPhone: withDefault(Type.Boolean(), false, { title: 'Escalation phone', group: 'services', editor: 'switch', tell: yesNo }),
  majorIncidentCommunication: withDefault(Type.Boolean(), false, {
    title: 'Major incident communication',
    group: 'services',
    editor: 'switch',
    tell: yesNo,
  }),
  priorityCases: withDefault(Type.Boolean(), false, { title: 'Priority case process', group: 'services', editor: 'switch', tell: yesNo }),
  deskIntegration: withDefault(Type.Boolean(), false, {
    title: 'Integration of the customer’s servicedesk',
    group: 'services',
    editor: 'switch',
    tell: yesNo,
  }),
  selfHelp: withDefault(Type.Array(Text(60), { description: 'knowledge base, portal, forum, ...' }), [], {
    title: 'Self help',
    group: 'services',
    editor: 'texts',
    tell: listed,
  }),
  /** Subjects the plan does not cover. */
  outOfScope: withDefault(
    OutOfScope,
    { categories: [], subjects: [], offer: 'billable' },
    {
      title: 'Not covered',
      group: 'intake',
      editor: 'own',
      tell: ({ categories, subjects }) => listed([...categories.map(category => CATEGORY_WORDS[category]), ...subjects]),
    },
  ),
  entitlements: withDefault(Type.Array(Entitlement, { maxItems: 50 }), [], {
    title: 'Entitlements',
    group: 'entitlements',
    editor: 'own',
    tell: entitlements => listed(entitlements.map(({ name }) => name)),
  }),
  defectClasses: withDefault(Type.Array(Text(40)), [], {
    title: 'Classes of linked defects',
    group: 'services',
    editor: 'texts',
    tell: listed,
  }),
  levels: fromTheFirst(Levels, {
    title: 'Levels',
    group: 'levels',
    editor: 'own',
    tell: levels => [levels[1], levels[2], levels[3], levels[4]].map(({ name }) => name).join(', '),
  }),
  afterHours: mayBeMissing(AfterHours, {
    title: 'After hours',
    group: 'hours',
    isFact: true,
    editor: 'own',
    tell: after => ('levels' in after ? `levels ${after.levels.join(', ')} by ${after.channels.join(', ')}` : 'first line only'),
  }),
  versionPolicy: mayBeMissing(VersionPolicy, {
    title: 'Only some versions are supported',
    group: 'services',
    editor: 'own',
    tell: ({ majorMonths }) => `a major version ${majorMonths} months at most`,
  }),
  endOfLifeNoticeMonths: mayBeMissing(Type.Integer({ minimum: 0, maximum: 120 }), {
    title: 'End of life is told',
    group: 'services',
    editor: 'number',
    suffix: ' months ahead',
    empty: 'not promised',
    tell: months => `${months} months ahead`,
  }),
  releases: mayBeMissing(Releases, {
    title: 'Releases',
    group: 'services',
    editor: 'file',
    tell: ({ everyMonths, notesBefore, staged, days, previewEnvironment }) =>
      [
        everyMonths === 1 ? 'every month' : `every ${everyMonths} months`,
        days.length > 0 && `on ${days.join(', ')}`,
        notesBefore && 'notes beforehand',
        staged && 'staged',
        previewEnvironment && 'a preview environment',
      ]
        .filter(Boolean)
        .join(', '),
  }),
  estimateOnAfterHours: mayBeMissing(Type.Boolean(), {
    title: 'Notices after hours name an estimate',
    group: 'hours',
    editor: 'switch',
    tell: yesNo,
  }),
  /** One row a date, and it wins over weekly hours and holidays: intervals that are open, or none = closed. */
  specialDates: mayBeMissing(SpecialDates, {
    title: 'Special dates',
    group: 'hours',
    editor: 'own',
    tell: dates => listed(Object.keys(dates).toSorted()),
  }),
  /** In any order; what is due first is taken first. Left out = the usual one: desk at 75 % and when overdue. */
  escalation: mayBeMissing(Type.Array(EscalationStep, { maxItems: 60 }), {
    title: 'Escalation',
    group: 'escalation',
    editor: 'own',
    tell: steps => limitText(steps.length, 'step', 'steps'),
  }),
}
export type PlanTerms = typeof PLAN_TERMS
export type TermKey = keyof PlanTerms
