/** Links to clients' desks for people: made, tried, switched on, and what waits for a decision. */
import type { ProblemSlug } from '../../shared/api/problem-slugs.ts'
import type { Page } from '../../shared/api/list.ts'
import type {
  ChangedServicedeskLink,
  ServicedeskHealth,
  ServicedeskLink,
  ServicedeskLinkInput,
  ServicedeskLinkPatch,
  ServicedeskTest,
} from '../../shared/api/servicedesks/servicedesk-api.ts'
import { DomainError, invalidInput, notFound, type FieldError } from '../platform/errors.ts'
import { mapFaults } from './rules/sync-states.ts'
import { findCustomer } from '../customers/store/customer-store.ts'
import { inTransaction, lockCustomer, type Database, type Tx } from '../database/database.ts'
import { toPage } from '../database/paging.ts'
import { deleteLink, findLink, findRunningLinks, insertLink, listLinks, updateLink } from './store/sync-link-store.ts'
import type { SyncLinkRow } from '../database/tables/sync-rows.ts'
import { listOpenTicketIds } from '../tickets/store/ticket-store.ts'
import type { Catalogue } from '../plans/catalogue.ts'
import { DeskFault, type DeskCheck, type Desks } from './desk-adapter.ts'
import { mapOf, openLink, SEALED, settingsOf } from './open-link.ts'
import { mirrorTicket } from './sync-capture.ts'
import { newHook, type LinkSecrets, type SecretBox } from './sync-secrets.ts'
import type { SyncWorker } from './sync-worker.ts'
import { newRowId } from '../database/row-id.ts'
import { iso, isoOrNull } from '../../shared/instants.ts'

const conflict = (slug: ProblemSlug, detail: string, errors: FieldError[] = []): DomainError =>
  new DomainError('conflict', slug, detail, { errors })

/** Makes the service. `publicUrl` is where their desk reaches us. */
export function makeSyncLinks(deps: {
  db: Database
  now: () => number
  catalogue: Pick<Catalogue, 'effectivePlanOf'>
  desks: Desks
  box: SecretBox
  worker: Pick<SyncWorker, 'health'>
  publicUrl(): string
}) {
  const { db, now, catalogue, desks, box, worker } = deps

  const mustFind = async (id: string): Promise<SyncLinkRow> => {
    const row = await findLink(db, id)
    if (!row) throw notFound('servicedesk link')
    return row
  }
  const mustBeInPlan = async (customerId: string): Promise<void> => {
    const plan = await catalogue.effectivePlanOf(db, customerId)
    if (!plan.deskIntegration)
      throw conflict(
        'desk-integration-not-in-plan',
        `The ${plan.name} plan has no client servicedesk integration. Change the plan, or agree it in the own terms of the customer.`,
      )
  }
  const view = async (row: SyncLinkRow): Promise<ServicedeskLink> => {
    const { state, why } = await worker.health(row)
    const secrets = box.open(row.id, row.secrets)
    return {
      id: row.id,
      customerId: row.customer_id,
      kind: row.kind,
      name: row.name,
      baseUrl: row.base_url,
      settings: settingsOf(row),
      stateMap: mapOf(row) as ServicedeskLink['stateMap'],
      secretsSet: Object.keys(secrets?.desk ?? {}).sort(),
      enabled: row.is_enabled === 1,
      syncUser: row.sync_user,
      health: state,
      why,
      createdAt: iso(row.created_at),
    }
  }
  const hookOf = (row: SyncLinkRow, secrets: LinkSecrets): NonNullable<ChangedServicedeskLink['webhook']> => {
    const path = `/api/v1/sync/${row.id}/${secrets.hookPath}`
    const url = `${deps.publicUrl().replace(/\/$/, '')}${path}`
    const { script } = desks.kinds[row.kind]
    return { path, url, secret: secrets.hookSecret, script: script?.({ url, secret: secrets.hookSecret, syncUser: row.sync_user }) ?? null }
  }
  const checkInput = (row: SyncLinkRow, secrets: LinkSecrets): void => {
    const { needs } = desks.kinds[row.kind]
    const settings = settingsOf(row)
    const url = new URL(row.base_url)
    throwFaults([
      ...(url.protocol === 'https:' || url.protocol === 'http:'
        ? []
        : [{ path: 'body/baseUrl', message: 'must begin with https:// or http://' }]),
      ...(url.username === '' && url.search === '' && url.hash === ''
        ? []
        : [{ path: 'body/baseUrl', message: 'is the bare address: no user, query or fragment' }]),
      ...needs.settings
        .filter(name => settings[name] === undefined)
        .map(name => ({ path: `body/settings/${name}`, message: 'is needed for this kind of desk' })),
      ...needs.secrets
        .filter(name => secrets.desk[name] === undefined)
        .map(name => ({ path: `body/secrets/${name}`, message: 'is needed for this kind of desk' })),
      ...mapFaults(mapOf(row)).map(fault => ({ path: `body/stateMap${fault.path}`, message: fault.message })),
    ])
  }
  const ask = async (row: SyncLinkRow): Promise<DeskCheck> => {
    const link = openLink({ desks, box, now }, row)
    if (link === null) return { faults: [{ path: 'body/secrets', message: SEALED }], states: [], syncUser: null }
    try {
      const found = await link.desk.check()
      const known = new Set(found.states.map(state => state.id))
      const unknown = known.size === 0 ? [] : Object.keys(link.map.theirs).filter(state => !known.has(state))
      const strange = unknown.map(state => ({ path: `body/stateMap/theirs/${state}`, message: 'is not a state of their desk' }))
      return { ...found, faults: [...found.faults, ...strange] }
    } catch (error) {
      if (!(error instanceof DeskFault)) throw error
      const isLogin = error.trouble.status === 401 || error.trouble.status === 403
      return { faults: [{ path: isLogin ? 'body/secrets' : 'body/baseUrl', message: error.message }], states: [], syncUser: null }
    }
  }

  /** Switches on or off in the caller's transaction; from then on every open ticket is at both desks. */
  const switchTo = async (tx: Tx, row: SyncLinkRow, isOn: boolean, syncUser: string | null): Promise<Partial<SyncLinkRow>> => {
    if (!isOn) return { is_enabled: 0, enabled_key: null, failing_since: null, last_error: null, alarmed_at: null }
    await lockCustomer(tx, row.customer_id)
    const running = (await findRunningLinks(tx, [row.customer_id])).get(row.customer_id)
    if (running !== undefined && running !== row.id)
      throw conflict('link-running', 'Another link of this customer is switched on. Switch it off first: a ticket has one other desk.')
    for (const ticketId of await listOpenTicketIds(tx, row.customer_id)) await mirrorTicket(tx, row.id, ticketId, now())
    return { is_enabled: 1, enabled_key: row.customer_id, sync_user: syncUser, warnings: '[]', reconciled_at: row.reconciled_at ?? now() }
  }

  return {
    /** Customer of a link; throws not-found. For tenant checks. */
    customerOf: async (id: string): Promise<string> => (await mustFind(id)).customer_id,

    async list(query: {
      scope: readonly string[] | null
      customerId?: string | undefined
      limit: number
      cursor?: string | undefined
    }): Promise<Page<ServicedeskLink>> {
      const { rows, total } = await listLinks(db, query)
      const page = toPage(
        rows,
        query.limit,
        total,
        row => row,
        row => [row.name, row.id] as const,
      )
      return { ...page, items: await Promise.all(page.items.map(view)) }
    },

    read: async (id: string): Promise<ServicedeskLink> => view(await mustFind(id)),

    /** Makes a link, switched off until it was tried. Its webhook is told here only. Throws desk-integration-not-in-plan and invalid-input. */
    async create(input: ServicedeskLinkInput): Promise<ChangedServicedeskLink> {
      if (!(await findCustomer(db, input.customerId))) throw invalidInput([{ path: 'body/customerId', message: 'is not a customer' }])
      await mustBeInPlan(input.customerId)
      const id = newRowId()
      const secrets: LinkSecrets = { desk: input.secrets, ...newHook() }
      const row: SyncLinkRow = {
        id,
        customer_id: input.customerId,
        kind: input.kind,
        name: input.name,
        base_url: input.baseUrl,
        settings: JSON.stringify(input.settings),
        secrets: box.seal(id, secrets),
        state_map: JSON.stringify(input.stateMap),
        is_enabled: 0,
        enabled_key: null,
        sync_user: null,
        warnings: '[]',
        failing_since: null,
        last_error: null,
        last_out_at: null,
        last_in_at: null,
        clock_skew_ms: null,
        reconciled_at: null,
        files_seen_at: now(),
        leased_until: null,
        alarmed_at: null,
        created_at: now(),
        updated_at: now(),
      }
      checkInput(row, secrets)
      await inTransaction(db, tx => insertLink(tx, row))
      return { ...(await view(row)), webhook: hookOf(row, secrets) }
    },

    /**
     * Changes a link. Switching it on tries it first and throws link-not-ready with what is missing; desk-integration-not-in-plan and
     * link-running as they say. Another address needs its secrets entered again: they must not travel to whoever is put there.
     */
    async update(id: string, patch: ServicedeskLinkPatch): Promise<ChangedServicedeskLink> {
      const before = await mustFind(id)
      const known = box.open(id, before.secrets)
      const isElsewhere = patch.baseUrl !== undefined && new URL(patch.baseUrl).origin !== new URL(before.base_url).origin
      if (patch.secrets === undefined && (isElsewhere || known === null))
        throw invalidInput([{ path: 'body/secrets', message: isElsewhere ? 'must be entered again for another address' : SEALED }])
      const kept = isElsewhere ? {} : (known?.desk ?? {})
      const hook = known !== null && patch.newWebhook === undefined ? { hookPath: known.hookPath, hookSecret: known.hookSecret } : newHook()
      const secrets: LinkSecrets = { desk: { ...kept, ...patch.secrets }, ...hook }
      const change: Partial<SyncLinkRow> = {
        ...(patch.name === undefined ? {} : { name: patch.name }),
        ...(patch.baseUrl === undefined ? {} : { base_url: patch.baseUrl }),
        ...(patch.settings === undefined ? {} : { settings: JSON.stringify(patch.settings) }),
        ...(patch.stateMap === undefined ? {} : { state_map: JSON.stringify(patch.stateMap), warnings: '[]' }),
        secrets: box.seal(id, secrets),
        updated_at: now(),
      }
      const row = { ...before, ...change }
      checkInput(row, secrets)
      const isOn = patch.enabled ?? before.is_enabled === 1
      const isTried =
        isOn &&
        (before.is_enabled === 0 ||
          isElsewhere ||
          patch.secrets !== undefined ||
          patch.settings !== undefined ||
          patch.stateMap !== undefined)
      if (isTried) await mustBeInPlan(row.customer_id)
      const found = isTried ? await ask(row) : { faults: [], syncUser: before.sync_user }
      if (found.faults.length > 0)
        throw conflict(
          'link-not-ready',
          'Their desk was tried and does not fit yet; errors lists what to mend. The link stays as it was.',
          found.faults,
        )
      await inTransaction(db, async tx => {
        const switched = isTried || patch.enabled === false ? await switchTo(tx, row, isOn, found.syncUser) : {}
        await updateLink(tx, id, { ...change, ...switched })
      })
      const saved = await mustFind(id)
      return { ...(await view(saved)), webhook: hook.hookPath === known?.hookPath ? null : hookOf(saved, secrets) }
    },

    /** Forgets a link; tickets on both sides stay as they are. */
    async remove(id: string): Promise<void> {
      await mustFind(id)
      await inTransaction(db, tx => deleteLink(tx, id))
    },

    /** Tries login and settings and says what does not fit. */
    async test(id: string): Promise<ServicedeskTest> {
      const { faults, states, syncUser } = await ask(await mustFind(id))
      return { faults, states, syncUser }
    },

    async health(id: string): Promise<ServicedeskHealth> {
      const row = await mustFind(id)
      const { state, why, depth, stoppedTickets } = await worker.health(row)
      return {
        state,
        why,
        lastOutAt: isoOrNull(row.last_out_at),
        lastInAt: isoOrNull(row.last_in_at),
        reconciledAt: isoOrNull(row.reconciled_at),
        pending: depth.pending,
        oldestPendingAt: isoOrNull(depth.oldestPendingAtMs),
        parked: depth.parked,
        oldestParkedAt: isoOrNull(depth.oldestParkedAtMs),
        stoppedTickets,
        clockSkewSeconds: row.clock_skew_ms === null ? null : Math.round(row.clock_skew_ms / 1000),
        lastError: row.last_error,
      }
    },
  }
}
export type SyncLinks = ReturnType<typeof makeSyncLinks>

function throwFaults(faults: FieldError[]): void {
  if (faults.length > 0) throw invalidInput(faults)
}
