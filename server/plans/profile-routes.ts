/** Profiles: what a device model must have and do. */
import { Type } from 'typebox'
import { ListOf } from '../../shared/api/list.ts'
import { Profile, ProfileInput } from '../../shared/profile.ts'
import { Closed } from '../../shared/schema-pieces.ts'
import { notFound } from '../platform/errors.ts'
import type { AuditNote } from '../platform/http/audit-note.ts'
import type { Catalogue } from './catalogue.ts'
import { inTransaction, type Database } from '../database/database.ts'
import { callerOf, type App } from '../platform/http/app.ts'
import { inBody } from '../platform/http/body-faults.ts'

const Id = Type.Object({ id: Type.String({ pattern: '^[A-Za-z0-9-]{1,64}$' }) })
const StoredProfile = Closed({ ...Profile.properties, id: Type.String(), version: Type.Integer() })

export type ProfileRouteDeps = {
  db: Database
  catalogue: Pick<Catalogue, 'getProfile' | 'listProfiles' | 'putProfile'>
  audit: AuditNote
  /** After the commit: these devices are to get their configuration anew. */
  configWanted(deviceIds: readonly string[]): Promise<void>
}

/** Routes of profiles. */
export function profileRoutes({ db, catalogue, audit, configWanted }: ProfileRouteDeps) {
  return (app: App): void => {
    app.get(
      '/profiles',
      { config: { access: 'staff' }, schema: { tags: ['catalogue'], response: { 200: ListOf(StoredProfile) } } },
      async () => {
        const items = await catalogue.listProfiles(db)
        return { items, total: items.length, next: null }
      },
    )
    app.get(
      '/profiles/:id',
      { config: { access: 'staff' }, schema: { tags: ['catalogue'], params: Id, response: { 200: StoredProfile } } },
      async request => {
        const profile = await catalogue.getProfile(db, request.params.id)
        if (!profile) throw notFound('profile')
        return profile
      },
    )
    app.put(
      '/profiles/:id',
      {
        config: { access: 'manage', isForAll: true },
        schema: {
          tags: ['catalogue'],
          summary: 'Create or replace a profile; its devices get it at once',
          params: Id,
          body: ProfileInput,
          response: { 200: StoredProfile },
        },
      },
      async request => {
        const caller = callerOf(request)
        const { id } = request.params
        const { profile, deviceIds } = await inBody(() =>
          inTransaction(db, tx => catalogue.putProfile(tx, { id, profile: request.body, by: caller.id })),
        )
        await audit(caller, 'profile.put', { kind: 'profile', id }, { version: profile.version, devices: deviceIds.length })
        await configWanted(deviceIds)
        return profile
      },
    )
  }
}
