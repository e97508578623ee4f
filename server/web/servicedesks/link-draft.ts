/** A link as it stands in its form. */
import type {
  DeskKindWord,
  DeskSecrets,
  DeskSettings,
  ServicedeskLink,
  ServicedeskLinkInput,
  SyncStateMap,
} from '../../../shared/api/servicedesks/servicedesk-api.ts'
import { KINDS } from './desk-words.ts'

export type TheirRow = { state: string; means: SyncStateMap['theirs'][string] }
export const LEVEL_KEYS = ['1', '2', '3', '4'] as const
export type LevelKey = (typeof LEVEL_KEYS)[number]
export type LinkDraft = {
  customerId: string
  kind: DeskKindWord
  name: string
  baseUrl: string
  settings: Record<string, string>
  requestFields: string
  levels: Record<LevelKey, string>
  maxFileMegabytes: string
  takeNew: boolean
  newTicketLevel: string
  unsignedAllowed: boolean
  canRead: boolean
  secrets: Record<string, string>
  theirs: TheirRow[]
  ours: SyncStateMap['ours']
}

const rowsOf = (map: SyncStateMap): TheirRow[] => Object.entries(map.theirs).map(([state, means]) => ({ state, means }))

/** A new link of a kind, or the form of one that is there. */
export function draftOf(link: ServicedeskLink | null, kind: DeskKindWord = 'jira'): LinkDraft {
  const facts = KINDS[link?.kind ?? kind]
  const settings = link?.settings ?? {}
  const map = link?.stateMap ?? facts.map
  return {
    customerId: link?.customerId ?? '',
    kind: link?.kind ?? kind,
    name: link?.name ?? '',
    baseUrl: link?.baseUrl ?? '',
    settings: Object.fromEntries(facts.settings.map(({ name }) => [name, textOf(settings[name])])),
    requestFields: Object.entries(settings.requestFields ?? {})
      .map(([name, value]) => `${name} = ${value}`)
      .join('\n'),
    levels: { '1': '', '2': '', '3': '', '4': '', ...settings.levels },
    maxFileMegabytes: String(settings.maxFileMegabytes ?? 10),
    takeNew: settings.takeNew !== false,
    newTicketLevel: String(settings.newTicketLevel ?? 3),
    unsignedAllowed: settings.unsignedAllowed === true,
    canRead: settings.canRead !== false,
    secrets: Object.fromEntries(facts.secrets.map(({ name }) => [name, ''])),
    theirs: rowsOf(map),
    ours: map.ours,
  }
}

function textOf(value: DeskSettings[keyof DeskSettings]): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}

function fieldsOf(text: string): Record<string, string> {
  const lines = text.split('\n').flatMap(line => {
    const [name, ...value] = line.split('=')
    return name?.trim() ? [[name.trim(), value.join('=').trim()] as const] : []
  })
  return Object.fromEntries(lines)
}

function settingsOf(draft: LinkDraft): DeskSettings {
  const facts = KINDS[draft.kind]
  const shown = facts.settings.flatMap(({ name, isNumber }) => {
    const value = draft.settings[name]?.trim() ?? ''
    return value === '' ? [] : [[name, isNumber ? Number(value) : value] as const]
  })
  const levels = LEVEL_KEYS.flatMap(level => (draft.levels[level].trim() === '' ? [] : [[level, draft.levels[level].trim()] as const]))
  const requestFields = fieldsOf(draft.requestFields)
  return {
    ...(levels.length === 0 ? {} : { levels: Object.fromEntries(levels) }),
    maxFileMegabytes: Number(draft.maxFileMegabytes),
    ...(Object.fromEntries(shown) as DeskSettings),
    ...(draft.kind === 'jira' && Object.keys(requestFields).length > 0 ? { requestFields } : {}),
    ...(draft.kind === 'generic' && !draft.canRead ? { canRead: false } : {}),
    ...(draft.unsignedAllowed ? { unsignedAllowed: true } : {}),
    takeNew: draft.takeNew,
    newTicketLevel: Number(draft.newTicketLevel),
  }
}

/** The body of a call; secrets left empty stay as they are. */
export function inputOf(draft: LinkDraft, link: ServicedeskLink | null): Omit<ServicedeskLinkInput, 'secrets'> & { secrets?: DeskSecrets } {
  const secrets = Object.fromEntries(Object.entries(draft.secrets).filter(([, value]) => value !== '')) as DeskSecrets
  const theirs = Object.fromEntries(draft.theirs.filter(row => row.state.trim() !== '').map(row => [row.state.trim(), row.means]))
  return {
    customerId: draft.customerId,
    kind: draft.kind,
    name: draft.name.trim(),
    baseUrl: draft.baseUrl.trim(),
    settings: settingsOf(draft),
    stateMap: { theirs, ours: draft.ours },
    ...(link !== null && Object.keys(secrets).length === 0 ? {} : { secrets }),
  }
}
