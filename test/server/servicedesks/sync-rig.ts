/** A customer with a link to a stand-in desk, the server's own services before it, and a line between them that a test can break. */
import type {
  DeskKindWord,
  DeskSecrets,
  DeskSettings,
  ServicedeskLinkInput,
  SyncStateMap,
} from '../../../shared/api/servicedesks/servicedesk-api.ts'
import { newSigningKey } from '../../../shared/signing.ts'
import { DESK_KINDS } from '../../../server/servicedesks/adapters/desk-kinds.ts'
import { DeskFault, type DeskCall, type Desks } from '../../../server/servicedesks/desk-adapter.ts'
import { makeServicedesk } from '../../../server/servicedesks/servicedesk.ts'
import type { Author } from '../../../server/tickets/ticket-context.ts'
import { makeMailDisk } from '../../../server/attachments/store/mail-disk.ts'
import { inTransaction, type Store } from '../../../server/database/database.ts'
import { insertAttachments } from '../../../server/attachments/store/attachment-store.ts'
import {
  makeDeskModel,
  type DeskModel,
  type Hook,
  type ModelComment,
  type ModelTicket,
  type StandIn,
  type StandInRequest,
} from '../../support/desks/desk-model.ts'
import { genericStandIn } from '../../support/desks/generic-stand-in.ts'
import { glpiStandIn } from '../../support/desks/glpi-stand-in.ts'
import { jiraStandIn } from '../../support/desks/jira-stand-in.ts'
import { serviceNowStandIn } from '../../support/desks/servicenow-stand-in.ts'
import { zammadStandIn } from '../../support/desks/zammad-stand-in.ts'
import { makeTestHouse } from '../../support/test-house.ts'
import { testLog } from '../../support/test-log.ts'

export const ADA: Author = { author_kind: 'person', author_name: 'Ada' }
export const START_MS = Date.parse('2026-11-16T10:00:00+01:00')

const map = (fresh: string, open: string, waiting: string, solved: string, closed: string): SyncStateMap => ({
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

type Setup = {
  settings: DeskSettings
  secrets: DeskSecrets
  stateMap: SyncStateMap
  idOf?: (n: number) => string
  standIn(model: DeskModel, now: () => number, secret: () => string): StandIn
}
/** What each kind of link is set to in tests. */
export const SETUPS: Record<DeskKindWord, Setup> = {
  jira: {
    settings: { serviceDeskId: '10', requestTypeId: '25', projectKey: 'HELP' },
    secrets: { user: 'bot@client.example', token: 'token' },
    stateMap: map('1', '3', '10', '5', '6'),
    standIn: (model, now) => jiraStandIn(model, now),
  },
  servicenow: {
    settings: { assignmentGroup: 'kiosks' },
    secrets: { user: 'kioskeeper', password: 'secret' },
    stateMap: map('1', '2', '3', '6', '7'),
    idOf: n => n.toString(16).padStart(32, '0'),
    standIn: model => serviceNowStandIn(model),
  },
  zammad: {
    settings: { group: 'Kiosks', customer: 'anna@client.example' },
    secrets: { token: 'zt' },
    stateMap: map('1', '2', '3', '8', '4'),
    standIn: model => zammadStandIn(model),
  },
  glpi: {
    settings: {},
    secrets: { token: 'gt', appToken: 'ga' },
    stateMap: map('1', '2', '4', '5', '6'),
    standIn: (model, now) => glpiStandIn(model, now),
  },
  generic: {
    settings: {},
    secrets: {},
    stateMap: map('fresh', 'open', 'waiting', 'solved', 'shut'),
    standIn: genericStandIn,
  },
}

/** What a line may do to a call: before it arrives, or to its answer. Nothing = all is well. */
export type Trouble = (
  request: StandInRequest,
) => { lost?: boolean; status?: number; headers?: Record<string, string>; answerLost?: boolean; answer?: number } | null

/** Makes everything; the link is on. `options.standIn` replaces the desk, `options.settings` adds to its settings. */
export async function makeSyncRig(
  store: Store,
  kind: DeskKindWord,
  options: { standIn?: Setup['standIn']; settings?: DeskSettings; mailFolder?: string; planId?: string; isOff?: boolean } = {},
) {
  const time = { nowMs: START_MS }
  const now = (): number => time.nowMs
  const setup = SETUPS[kind]
  const firstState = setup.stateMap.ours.new
  const model = makeDeskModel(now, firstState, setup.idOf)
  let secret = ''
  const standIn = (options.standIn ?? setup.standIn)(model, now, () => secret)
  const line: { trouble: Trouble; during: (request: StandInRequest) => Promise<void>; calls: StandInRequest[] } = {
    trouble: () => null,
    during: () => Promise.resolve(),
    calls: [],
  }

  const none = (): DeskFault => new DeskFault({ status: null, retryAfterMs: null, reason: 'no answer' })
  const call: DeskCall = async request => {
    const text = request.body === undefined ? '' : Buffer.from(request.body).toString('utf8')
    const seen: StandInRequest = {
      method: request.method,
      path: request.path,
      query: request.query ?? {},
      headers: request.headers ?? {},
      text,
    }
    line.calls.push(seen)
    await line.during(seen)
    const trouble = line.trouble(seen)
    if (trouble?.lost) throw none()
    if (trouble?.status !== undefined) return { status: trouble.status, headers: trouble.headers ?? {}, text: '{"error":"not now"}' }
    const answer = standIn.handle(seen)
    if (trouble?.answerLost) throw none()
    if (trouble?.answer !== undefined) return { status: trouble.answer, headers: {}, text: 'oops' }
    return {
      status: answer.status,
      headers: answer.headers ?? {},
      text: answer.body === undefined ? '' : JSON.stringify(answer.body),
    }
  }
  const desks: Desks = { kinds: DESK_KINDS, callTo: () => call }
  const house = makeTestHouse(store, now, {
    deskEmail: 'desk@kioskeeper.example',
    ...(options.mailFolder ? { mailFolder: options.mailFolder } : {}),
  })
  await house.catalogue.load()
  let signingKey = newSigningKey('sync')
  const wire = () =>
    makeServicedesk({
      db: store.db,
      log: testLog(),
      now,
      bus: house.bus,
      catalogue: house.catalogue,
      ticketing: house.ticketing,
      desks,
      signingKey,
      disk: makeMailDisk(options.mailFolder ?? ''),
      deskEmail: 'desk@kioskeeper.example',
      publicUrl: () => 'https://kiosk.example',
      jitter: () => 0.5,
    })
  const customer = await house.customers.create({
    name: 'Corner Shops',
    planId: options.planId ?? 'ombori-enterprise',
    timeZone: 'Europe/Stockholm',
  })
  const input: ServicedeskLinkInput = {
    customerId: customer.id,
    kind,
    name: 'Their desk',
    baseUrl: 'https://desk.client.example',
    settings: { ...setup.settings, ...options.settings },
    secrets: setup.secrets,
    stateMap: setup.stateMap,
  }
  let desk = wire()
  const made = await desk.links.create(input)
  const webhook = made.webhook
  if (webhook === null) throw new Error('a new link has a webhook')
  secret = webhook.secret
  if (options.isOff !== true) await desk.links.update(made.id, { enabled: true })
  const hooks: Hook[] = []
  model.onChange((ticket: ModelTicket, _by, comment: ModelComment | null) => hooks.push(standIn.hook(ticket, comment, webhook.secret)))

  const rig = {
    house,
    store,
    time,
    model,
    line,
    hooks,
    input,
    linkId: made.id,
    customerId: customer.id,
    webhook,
    stateMap: setup.stateMap,
    get desk() {
      return desk
    },
    /** The services made anew, as by a restart. */
    again: () => void (desk = wire()),
    /** A restart on another machine, without the instance file. */
    newKey(): void {
      signingKey = newSigningKey('other')
      desk = wire()
    },
    pass: (minutes: number) => void (time.nowMs += Math.round(minutes * 60_000)),
    send: (hook: Hook) => desk.hook.receive(made.id, webhook.path.split('/').at(-1) ?? '', hook.raw, hook.headers),
    /** Delivers every webhook that waits, and works. */
    async settle(): Promise<void> {
      for (const hook of hooks.splice(0)) await rig.send(hook)
      await desk.worker.runDue()
    },
    async ticket(subject = 'Screen is black') {
      return house.ticketing.register(
        {
          customerId: customer.id,
          level: 2,
          subject,
          description: `${subject}: since this morning.`,
          channel: 'phone',
          reporter: { name: 'Carl' },
        },
        ADA,
      )
    },
    say: (ticketId: string, body: string, visibility: 'public' | 'internal' = 'public') =>
      house.ticketing.write(ticketId, { visibility, body }, ADA),
    status: async (ticketId: string) => (await house.ticketing.read(ticketId)).status,
    async messages(ticketId: string) {
      const { items } = await house.ticketing.timeline(ticketId, { isPublicOnly: false, limit: 500 })
      return items.toReversed()
    },
    /** A file on a ticket, as a mail brings it. */
    async attach(
      ticketId: string,
      name: string,
      contentType: string,
      bytes: Uint8Array,
      visibility: 'public' | 'internal' = 'public',
    ): Promise<void> {
      const sha256 = await makeMailDisk(options.mailFolder ?? '').keep(bytes)
      const about = { id: crypto.randomUUID(), ticket_id: ticketId, mail_id: null, created_at: now() }
      await inTransaction(store.db, tx =>
        insertAttachments(tx, [{ ...about, name, content_type: contentType, bytes: bytes.length, sha256, visibility }]),
      )
    },
    theirs(reference: string): ModelTicket {
      const found = [...model.tickets.values()].filter(one => one.reference === reference || one.subject.includes(reference))
      if (found.length !== 1 || !found[0]) throw new Error(`${found.length} tickets of ${reference} over there`)
      return found[0]
    },
  }
  return rig
}
export type SyncRig = Awaited<ReturnType<typeof makeSyncRig>>

/** Lines only the desk reads, of what the link says. */
export async function deskNotes(rig: SyncRig, ticketId: string): Promise<string[]> {
  return (await rig.messages(ticketId)).filter(line => line.kind === 'servicedesk' && line.visibility === 'internal').map(line => line.text)
}
