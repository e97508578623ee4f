/** People who log in, for those who manage them. */
import { ListOf } from '../../shared/api/list.ts'
import { EndedSessions, InvitedPerson, Person, PersonInput, PersonPatch, PersonQuery } from '../../shared/api/accounts/people-api.ts'
import type { People } from './users.ts'
import { callerOf, type App } from '../platform/http/app.ts'
import { Id } from '../../shared/schema-pieces.ts'

const config = { access: 'manage' } as const
const tags = ['people']

/** Routes of people. `consoleUrl` is the address links begin with. */
export function peopleRoutes({ people, consoleUrl }: { people: People; consoleUrl(): string }) {
  const withLink = ({ person, linkPath }: Awaited<ReturnType<People['invite']>>) => ({
    ...person,
    link: `${consoleUrl().replace(/\/$/, '')}/${linkPath}`,
  })
  return (app: App): void => {
    app.get('/people', { config, schema: { tags, querystring: PersonQuery, response: { 200: ListOf(Person) } } }, request =>
      people.list(callerOf(request), request.query),
    )
    app.post(
      '/people',
      { config, schema: { tags, summary: 'Invite somebody, by mail and link', body: PersonInput, response: { 201: InvitedPerson } } },
      async (request, reply) => reply.code(201).send(withLink(await people.invite(callerOf(request), request.body))),
    )
    app.get('/people/:id', { config, schema: { tags, params: Id, response: { 200: Person } } }, request =>
      people.read(callerOf(request), request.params.id),
    )
    app.patch(
      '/people/:id',
      {
        config,
        schema: { tags, summary: 'Role, binding, or whether they may log in', params: Id, body: PersonPatch, response: { 200: Person } },
      },
      request => people.update(callerOf(request), request.params.id, request.body),
    )
    app.post(
      '/people/:id/invitations',
      { config, schema: { tags, summary: 'Invite again; the link before ends', params: Id, response: { 201: InvitedPerson } } },
      async (request, reply) => reply.code(201).send(withLink(await people.inviteAgain(callerOf(request), request.params.id))),
    )
    app.delete(
      '/people/:id/sessions',
      { config, schema: { tags, summary: 'End every session of somebody', params: Id, response: { 200: EndedSessions } } },
      async request => ({ ended: await people.endSessions(callerOf(request), request.params.id) }),
    )
    app.delete(
      '/people/:id/factors',
      {
        config,
        schema: { tags, summary: 'Take second factor and passkeys away: the phone was lost', params: Id, response: { 200: Person } },
      },
      request => people.resetFactors(callerOf(request), request.params.id),
    )
  }
}
