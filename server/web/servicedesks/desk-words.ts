/** Kinds of client's desks in words: what each needs, and where its usual states lie. */
import type {
  DeskKindWord,
  DeskSecrets,
  DeskSettings,
  ServicedeskLink,
  SyncStateMap,
} from '../../../shared/api/servicedesks/servicedesk-api.ts'
import type { Tone } from '../components/tags.tsx'

export const OUR_STATES = [
  'new',
  'in-progress',
  'waiting-customer',
  'waiting-partner',
  'waiting-information',
  'resolved',
  'closed',
] as const
/** A status as people read it. */
export const stateWords = (state: string): string => state.replaceAll('-', ' ')

type Field<Name> = { name: Name; label: string; hint?: string; isNeeded?: boolean; isNumber?: boolean; isHidden?: boolean }
export type KindFacts = {
  name: string
  about: string
  placeholder: string
  settings: readonly Field<keyof DeskSettings>[]
  secrets: readonly Field<keyof DeskSecrets>[]
  stateHint: string
  /** What our level is as their priority. */
  levelHint: string
  map: SyncStateMap
}

const same = (state: string): SyncStateMap['ours'] => ({
  new: state,
  'in-progress': state,
  'waiting-customer': state,
  'waiting-partner': state,
  'waiting-information': state,
  resolved: state,
  closed: state,
})
const usual = (fresh: string, open: string, waiting: string, solved: string, closed: string): SyncStateMap => ({
  theirs: { [fresh]: 'new', [open]: 'in-progress', [waiting]: 'waiting-customer', [solved]: 'resolved', [closed]: 'closed' },
  ours: {
    new: fresh,
    'in-progress': open,
    'waiting-customer': waiting,
    'waiting-partner': open,
    'waiting-information': waiting,
    resolved: solved,
    closed,
  },
})

export const KINDS: Record<DeskKindWord, KindFacts> = {
  jira: {
    name: 'Jira Service Management',
    about: 'Jira Service Management Cloud, with an agent account of its own',
    placeholder: 'https://client.atlassian.net',
    settings: [
      { name: 'projectKey', label: 'Project key', isNeeded: true, hint: 'As in HELP-123: HELP' },
      { name: 'serviceDeskId', label: 'Service desk id', isNeeded: true },
      { name: 'requestTypeId', label: 'Request type id', isNeeded: true },
      { name: 'customer', label: 'On behalf of', hint: 'Account id or e-mail; empty = our account' },
    ],
    secrets: [
      { name: 'user', label: 'E-mail of our account', isNeeded: true },
      { name: 'token', label: 'API token', isNeeded: true, isHidden: true },
    ],
    levelHint: 'Priority id',
    stateHint: 'Status ids, not names: names are translated. Make the link, then read them from their desk.',
    map: { theirs: {}, ours: same('ignore') },
  },
  servicenow: {
    name: 'ServiceNow',
    about: 'Incidents through the Table API, with a web service user',
    placeholder: 'https://client.service-now.com',
    settings: [
      { name: 'assignmentGroup', label: 'Assignment group (sys_id)', hint: 'Only its incidents are looked at' },
      { name: 'callerId', label: 'Caller', hint: 'sys_id or user name' },
      { name: 'closeCode', label: 'Close code', hint: 'Default: Solution provided' },
      { name: 'holdReason', label: 'Hold reason', hint: 'Default: 1' },
    ],
    secrets: [
      { name: 'user', label: 'User', isNeeded: true },
      { name: 'password', label: 'Password', isNeeded: true, isHidden: true },
    ],
    levelHint: 'impact:urgency, as 1:1',
    stateHint: 'State numbers of incident. Shown are the usual ones; instances change them.',
    map: { theirs: { ...usual('1', '2', '3', '6', '7').theirs, '8': 'ignore' }, ours: usual('1', '2', '3', '6', '7').ours },
  },
  zammad: {
    name: 'Zammad',
    about: 'Zammad 5 and later, with a token of its own',
    placeholder: 'https://support.client.example',
    settings: [
      { name: 'group', label: 'Group', isNeeded: true },
      { name: 'customer', label: 'Customer’s e-mail', isNeeded: true, hint: 'Whose tickets ours are over there' },
      { name: 'pendingHours', label: 'Hours of a pending state', hint: 'Default: 72', isNumber: true },
    ],
    secrets: [{ name: 'token', label: 'Access token', isNeeded: true, isHidden: true }],
    levelHint: 'Priority, as 3 high',
    stateHint: 'State ids. Make the link, then read them from their desk; shown are the usual ones.',
    map: { theirs: { ...usual('1', '2', '3', '4', '4').theirs, '4': 'closed' }, ours: { ...usual('1', '2', '3', '4', '4').ours } },
  },
  glpi: {
    name: 'GLPI',
    about: 'GLPI 9 to 11 through its legacy interface; webhooks from 11 on, else hourly',
    placeholder: 'https://glpi.client.example',
    settings: [
      { name: 'categoryId', label: 'Category id', hint: 'Only its tickets are looked at', isNumber: true },
      { name: 'requesterId', label: 'Requester’s user id', isNumber: true },
    ],
    secrets: [
      { name: 'token', label: 'User token', isNeeded: true, isHidden: true },
      { name: 'appToken', label: 'App token', isHidden: true },
    ],
    levelHint: 'Urgency, 1 to 5',
    stateHint: 'Status numbers.',
    map: { theirs: { ...usual('1', '2', '4', '5', '6').theirs, '3': 'in-progress' }, ours: usual('1', '2', '4', '5', '6').ours },
  },
  generic: {
    name: 'Signed webhook',
    about: 'Any desk that takes signed JSON and sends signed JSON',
    placeholder: 'https://hooks.client.example/kioskeeper',
    settings: [],
    secrets: [],
    levelHint: 'Any word',
    stateHint: 'The words that their side uses.',
    map: usual('new', 'open', 'waiting', 'solved', 'closed'),
  },
}

/** Health in a word and its tone. */
export const HEALTH: Record<ServicedeskLink['health'], { word: string; tone: Tone }> = {
  ok: { word: 'Works', tone: 'good' },
  warning: { word: 'Look at it', tone: 'warn' },
  alarm: { word: 'Stuck', tone: 'bad' },
  off: { word: 'Off', tone: 'plain' },
}
