/** People who log in: invited, changed, locked out. Nobody locks the house from inside: one administrator stays. */
import type { Person, PersonInput, PersonPatch, PersonQuery } from '../../shared/api/accounts/people-api.ts'
import type { Page } from '../../shared/api/list.ts'
import type { Caller, Role } from '../platform/caller.ts'
import { DomainError, invalidInput, notFound } from '../platform/errors.ts'
import { mayManage, mustBind, mustManage, type Binding } from './rules/user-rules.ts'
import { countAdmins, endSessions, findUser, findUserByEmail, insertUser, listUsers, lockUser, updateUser } from './store/account-store.ts'
import { findCustomer, listContacts } from '../customers/store/customer-store.ts'
import { inTransaction, type Database, type Tx } from '../database/database.ts'
import { forgetOneTime } from './store/one-time-store.ts'
import { readCursor, toPage } from '../database/paging.ts'
import { findPartner } from '../customers/store/partner-store.ts'
import { deletePasskeys, listPasskeyOwners } from './store/passkey-store.ts'
import type { UserRow } from '../database/tables/schema.ts'
import { noteAccount } from './account-audit.ts'
import { sendInvitation } from './one-time-links.ts'
import { newRowId } from '../database/row-id.ts'
import { iso } from '../../shared/instants.ts'

const bindingOf = (row: UserRow): Binding => ({
  role: row.role as Role,
  customerIds: JSON.parse(row.customer_ids) as string[],
  partnerId: row.partner_id ?? null,
  contactId: row.contact_id ?? null,
})

/** Whether somebody has ever been able to log in. */
const isInvited = (row: UserRow, hasPasskey: boolean): boolean => row.password_hash === '' && row.sso_subject == null && !hasPasskey

function toPerson(row: UserRow, hasPasskey: boolean): Person {
  return {
    id: row.id,
    email: row.email,
    name: row.name,
    ...bindingOf(row),
    customerIds: [...bindingOf(row).customerIds],
    state: row.disabled_at !== null ? 'disabled' : isInvited(row, hasPasskey) ? 'invited' : 'active',
    secondFactor: row.second_factor,
    hasPasskey,
    hasSso: row.sso_subject != null,
    lastLoginAt: row.last_login_at == null ? null : iso(row.last_login_at),
    createdAt: iso(row.created_at),
  }
}

/** Throws invalid-input for customers, a partner or a contact that are not there. */
async function mustExist(tx: Tx, { customerIds, partnerId, contactId }: Binding): Promise<void> {
  for (const id of customerIds)
    if (!(await findCustomer(tx, id))) throw invalidInput([{ path: 'body/customerIds', message: `${id} is not a customer` }])
  if (partnerId !== null && !(await findPartner(tx, partnerId)))
    throw invalidInput([{ path: 'body/partnerId', message: 'is not a partner' }])
  if (contactId === null) return
  const contacts = await Promise.all(customerIds.map(id => listContacts(tx, id)))
  if (!contacts.flat().some(contact => contact.id === contactId))
    throw invalidInput([{ path: 'body/contactId', message: 'is not a named contact of these customers' }])
}

/** Makes the service. */
export function makePeople({ db, now }: { db: Database; now: () => number }) {
  const view = async (row: UserRow): Promise<Person> => toPerson(row, (await listPasskeyOwners(db, [row.id])).has(row.id))

  /** A person the caller may change, locked; never oneself. */
  const lockOther = async (tx: Tx, caller: Caller, id: string): Promise<UserRow> => {
    const row = await lockUser(tx, id)
    if (!row) throw notFound('person')
    mustManage(caller, bindingOf(row))
    if (row.id === caller.id)
      throw new DomainError('conflict', 'conflict', 'This is your own account: change it on your account page, or let somebody else do it.')
    return row
  }
  const audit = (tx: Tx, caller: Caller, action: string, accountId: string, detail?: unknown): Promise<void> =>
    noteAccount(tx, { nowMs: now(), action, actorId: caller.id, accountId, detail })

  return {
    /** People the caller may manage. */
    async list(caller: Caller, query: PersonQuery): Promise<Page<Person>> {
      const limit = query.limit ?? 50
      const all = (await listUsers(db, query)).filter(row => mayManage(caller, bindingOf(row)))
      const cursor = readCursor(query.cursor)
      // The order of the database is its own: a page begins behind the row the last one ended with.
      const start = cursor === null ? 0 : all.findIndex(row => row.id === cursor[1]) + 1
      const rows = all.slice(start, start + limit + 1)
      const owners = await listPasskeyOwners(
        db,
        rows.map(row => row.id),
      )
      return toPage(
        rows,
        limit,
        all.length,
        row => toPerson(row, owners.has(row.id)),
        row => [row.name, row.id] as const,
      )
    },

    /** Throws not-found. */
    async read(caller: Caller, id: string): Promise<Person> {
      const row = await findUser(db, id)
      if (!row) throw notFound('person')
      mustManage(caller, bindingOf(row))
      return view(row)
    },

    /** Invites somebody; gives the path of the link besides. Throws person-exists, and invalid-input for a binding that does not fit. */
    async invite(caller: Caller, input: PersonInput): Promise<{ person: Person; linkPath: string }> {
      const binding: Binding = {
        role: input.role,
        customerIds: input.customerIds ?? [],
        partnerId: input.partnerId ?? null,
        contactId: input.contactId ?? null,
      }
      mustBind(caller, binding)
      const row: UserRow = {
        id: newRowId(),
        email: input.email.toLowerCase(),
        name: input.name,
        role: binding.role,
        customer_ids: JSON.stringify(binding.customerIds),
        partner_id: binding.partnerId,
        contact_id: binding.contactId,
        password_hash: '',
        second_factor: 'none',
        recovery_codes: '[]',
        disabled_at: null,
        created_at: now(),
      }
      const linkPath = await inTransaction(db, async tx => {
        await mustExist(tx, binding)
        if (await findUserByEmail(tx, row.email))
          throw new DomainError('conflict', 'person-exists', 'Somebody with this e-mail address has an account already.')
        await insertUser(tx, row)
        await audit(tx, caller, 'person.invite', row.id, { email: row.email, ...binding })
        return sendInvitation(tx, row, caller.name, now())
      })
      return { person: toPerson(row, false), linkPath }
    },

    /** Sends a new invitation; the one before ends. Only before the first login: later a forgotten password is the person's own to ask for. */
    async inviteAgain(caller: Caller, id: string): Promise<{ person: Person; linkPath: string }> {
      const { row, linkPath } = await inTransaction(db, async tx => {
        const found = await lockOther(tx, caller, id)
        if (!isInvited(found, (await listPasskeyOwners(tx, [id])).has(id)) || found.disabled_at !== null)
          throw new DomainError('conflict', 'conflict', 'Only somebody who has not logged in yet is invited again.')
        await audit(tx, caller, 'person.invite', id)
        return { row: found, linkPath: await sendInvitation(tx, found, caller.name, now()) }
      })
      return { person: await view(row), linkPath }
    },

    /** Changes name, role, binding or whether somebody may log in. Throws last-administrator. */
    async update(caller: Caller, id: string, patch: PersonPatch): Promise<Person> {
      const after = await inTransaction(db, async tx => {
        const adminCount = await countAdmins(tx)
        const row = await lockOther(tx, caller, id)
        const before = bindingOf(row)
        const binding: Binding = {
          role: patch.role ?? before.role,
          customerIds: patch.customerIds ?? before.customerIds,
          partnerId: patch.partnerId === undefined ? before.partnerId : patch.partnerId,
          contactId: patch.contactId === undefined ? before.contactId : patch.contactId,
        }
        mustBind(caller, binding)
        await mustExist(tx, binding)
        const isDisabled = patch.isDisabled ?? row.disabled_at !== null
        const isAdminLost = row.role === 'admin' && row.disabled_at === null && (binding.role !== 'admin' || isDisabled)
        if (isAdminLost && adminCount < 2)
          throw new DomainError('conflict', 'last-administrator', 'This is the only administrator who can log in. Make another one first.')
        const change: Partial<UserRow> = {
          name: patch.name ?? row.name,
          role: binding.role,
          customer_ids: JSON.stringify(binding.customerIds),
          partner_id: binding.partnerId,
          contact_id: binding.contactId,
          disabled_at: isDisabled ? (row.disabled_at ?? now()) : null,
        }
        await updateUser(tx, id, change)
        if (isDisabled) {
          await endSessions(tx, id)
          await forgetOneTime(tx, id, ['invite', 'reset', 'login-code'])
        }
        await audit(tx, caller, 'person.update', id, patch)
        return { ...row, ...change }
      })
      return view(after)
    },

    /** Ends every session of somebody; how many. */
    endSessions: (caller: Caller, id: string): Promise<number> =>
      inTransaction(db, async tx => {
        await lockOther(tx, caller, id)
        await audit(tx, caller, 'person.sessions-ended', id)
        return endSessions(tx, id)
      }),

    /** Takes away second factor and passkeys of somebody who lost the phone; their sessions end, the password stays. */
    async resetFactors(caller: Caller, id: string): Promise<Person> {
      const after = await inTransaction(db, async tx => {
        const row = await lockOther(tx, caller, id)
        const change: Partial<UserRow> = { second_factor: 'none', totp_secret: null, totp_last_step: null, recovery_codes: '[]' }
        await updateUser(tx, id, change)
        await deletePasskeys(tx, id)
        await endSessions(tx, id)
        await audit(tx, caller, 'person.factors-reset', id)
        return { ...row, ...change }
      })
      return view(after)
    },
  }
}
export type People = ReturnType<typeof makePeople>
