/** Enrolment tokens for people, and the one call a device makes before it has a credential. */
import { Type } from 'typebox'
import {
  type Device,
  EnrolInput,
  Enrolled,
  EnrolmentToken,
  EnrolmentTokenInput,
  EnrolmentTokenStatus,
} from '../../shared/api/devices/device-api.ts'
import { mustSeeCustomer } from '../platform/caller.ts'
import { DomainError, notFound } from '../platform/errors.ts'
import type { AuditNote } from '../platform/http/audit-note.ts'
import type { Enrolment } from './enrolment.ts'
import { callerOf, type App } from '../platform/http/app.ts'
import { MINUTE_MS } from '../../shared/units.ts'
import { Id } from '../../shared/schema-pieces.ts'

const REFUSED_PER_MINUTE = 10

/** Refused attempts per address in the running minute; successes never count. */
function makeRefusalLimit(now: () => number) {
  const refused = new Map<string, { sinceMs: number; count: number }>()
  return {
    check(address: string): void {
      const known = refused.get(address)
      if (known && now() - known.sinceMs < MINUTE_MS && known.count >= REFUSED_PER_MINUTE) {
        throw new DomainError(
          'too-many',
          'too-many-requests',
          'Too many refused enrolments from this address. Wait a minute and check the token.',
        )
      }
    },
    note(address: string): void {
      // Old entries go before the map can grow with every address there is.
      if (refused.size > 10_000) for (const [key, entry] of refused) if (now() - entry.sinceMs >= MINUTE_MS) refused.delete(key)
      const known = refused.get(address)
      if (!known || now() - known.sinceMs >= MINUTE_MS) refused.set(address, { sinceMs: now(), count: 1 })
      else known.count += 1
    },
  }
}

export type EnrolmentRouteDeps = {
  enrolment: Enrolment
  audit: AuditNote
  now: () => number
  installCommands(token: string): { linux: string; windows: string }
  devicesOf(tokenId: string): Promise<Pick<Device, 'id' | 'name' | 'state' | 'connection'>[]>
}

/** Routes of enrolment. */
export function enrolmentRoutes({ enrolment, audit, now, installCommands, devicesOf }: EnrolmentRouteDeps) {
  const limit = makeRefusalLimit(now)
  return (app: App): void => {
    app.post(
      '/enrolment-tokens',
      {
        config: { access: 'desk' },
        schema: {
          tags: ['devices'],
          summary: 'Make a token for a site; it is shown once',
          body: EnrolmentTokenInput,
          response: { 201: EnrolmentToken },
        },
      },
      async (request, reply) => {
        const { customerId, siteId, maxUses, expiresAt } = request.body
        mustSeeCustomer(callerOf(request), customerId, 'customer')
        const made = await enrolment.createToken({
          customerId,
          siteId,
          maxUses: maxUses ?? 1,
          expiresAtMs: expiresAt === undefined ? null : Date.parse(expiresAt),
          createdBy: callerOf(request).id,
        })
        await audit(callerOf(request), 'enrolment-token.create', { kind: 'enrolment-token', id: made.id }, request.body)
        return reply.code(201).send({
          id: made.id,
          token: made.token,
          expiresAt: new Date(made.expiresAtMs).toISOString(),
          maxUses: maxUses ?? 1,
          installCommands: installCommands(made.token),
        })
      },
    )
    app.get(
      '/enrolment-tokens/:id',
      {
        config: { access: 'desk' },
        schema: {
          tags: ['devices'],
          summary: 'What became of a token: the devices it let in',
          params: Id,
          response: { 200: EnrolmentTokenStatus },
        },
      },
      async request => {
        const token = await enrolment.findToken(request.params.id)
        if (!token) throw notFound('enrolment token')
        mustSeeCustomer(callerOf(request), token.customer_id, 'enrolment token')
        return {
          id: token.id,
          customerId: token.customer_id,
          siteId: token.site_id,
          maxUses: token.max_uses,
          uses: token.uses,
          expiresAt: new Date(token.expires_at).toISOString(),
          revokedAt: token.revoked_at === null ? null : new Date(token.revoked_at).toISOString(),
          devices: await devicesOf(token.id),
        }
      },
    )
    app.delete(
      '/enrolment-tokens/:id',
      { config: { access: 'desk' }, schema: { tags: ['devices'], summary: 'Revoke a token', params: Id, response: { 204: Type.Null() } } },
      async (request, reply) => {
        const token = await enrolment.findToken(request.params.id)
        if (!token) throw notFound('enrolment token')
        mustSeeCustomer(callerOf(request), token.customer_id, 'enrolment token')
        await enrolment.revokeToken(token.id)
        await audit(callerOf(request), 'enrolment-token.revoke', { kind: 'enrolment-token', id: token.id })
        return reply.code(204).send(null)
      },
    )
    app.post(
      '/enrol',
      {
        config: { access: 'public' },
        schema: { tags: ['devices'], summary: 'A device asks for its place in the plan', body: EnrolInput, response: { 201: Enrolled } },
      },
      async (request, reply) => {
        limit.check(request.ip)
        try {
          const outcome = await enrolment.enrol(request.body)
          if (outcome.admitted) return await reply.code(201).send(outcome.answer)
          const { deviceId, included, covered } = outcome
          throw new DomainError(
            'forbidden',
            'device-limit-reached',
            `The plan includes ${included} ${included === 1 ? 'device' : 'devices'} and all places are taken. This device waits and enters by itself when a place is freed.`,
            { extra: { deviceId, state: 'waiting', included, covered } },
          )
        } catch (error) {
          if (error instanceof DomainError && error.slug === 'enrolment-token-invalid') limit.note(request.ip)
          throw error
        }
      },
    )
  }
}
