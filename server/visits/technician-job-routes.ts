/** A technician's job: by its secret link without a login, this job alone; and as a person of the partner. */
import { Type } from 'typebox'
import { EvidenceDetail } from '../../shared/api/incidents/incident-api.ts'
import { ListOf } from '../../shared/api/list.ts'
import { Job, JobListItem, JobLive, JobQuery, VisitMove } from '../../shared/api/visits/visit-api.ts'
import { forbidden } from '../platform/caller.ts'
import { MAX_FILE_BYTES } from '../attachments/rules/file-rules.ts'
import type { AuditNote } from '../platform/http/audit-note.ts'
import type { JobKey, VisitJobs } from './technician-job.ts'
import { callerOf, type App } from '../platform/http/app.ts'
import { sendFile, takeBytes } from '../attachments/attachment-http.ts'
import type { FastifyReply, FastifyRequest } from 'fastify'

const Token = Type.Object({ token: Type.String({ maxLength: 100 }) })
const VisitId = Type.Object({ id: Type.String({ maxLength: 64 }) })
const VisitEvidence = Type.Object({ id: Type.String({ maxLength: 64 }), evidenceId: Type.String({ maxLength: 64 }) })
const VisitPhoto = Type.Object({ id: Type.String({ maxLength: 64 }), photoId: Type.String({ maxLength: 64 }) })
const EvidenceOf = Type.Object({ token: Type.String({ maxLength: 100 }), id: Type.String({ maxLength: 64 }) })
/** Enough for a page that asks every few seconds from behind a shared address, and hopeless for guessing 256 bits. */
const config = { access: 'public', rateLimit: { max: 240, timeWindow: 60_000 } } as const
const tags = ['jobs']

/** Bytes of a body that is a file. */
const bytesOf = (request: FastifyRequest): Uint8Array => (request.body as Uint8Array | undefined) ?? new Uint8Array()

function sendPicture(reply: FastifyReply, { stream, bytes, contentType, name }: Awaited<ReturnType<VisitJobs['picture']>>): FastifyReply {
  return reply
    .header('content-length', bytes)
    .header('x-content-type-options', 'nosniff')
    .header('content-security-policy', "default-src 'none'; sandbox")
    .header('content-disposition', `inline; filename="${name}"`)
    .type(contentType)
    .send(stream)
}

/** The partner a request speaks for. Throws forbidden for everybody who is not one. */
function partnerOf(request: FastifyRequest): string {
  const caller = callerOf(request)
  if (caller.role !== 'partner' || !caller.partnerId) throw forbidden('Jobs are for the people of a partner; see visits instead.')
  return caller.partnerId
}

/** Routes of jobs by a login. */
function partnerRoutes({ jobs, audit }: { jobs: VisitJobs; audit: AuditNote }, app: App): void {
  const keyOf = (request: FastifyRequest, visitId: string): JobKey => ({ visitId, partnerId: partnerOf(request) })
  const access = { access: 'read' } as const
  app.get(
    '/jobs',
    { config: access, schema: { tags, summary: "A partner's jobs", querystring: JobQuery, response: { 200: ListOf(JobListItem) } } },
    request => jobs.list(partnerOf(request), request.query),
  )
  app.get('/visits/:id/job', { config: access, schema: { tags, params: VisitId, response: { 200: Job } } }, request =>
    jobs.read(keyOf(request, request.params.id)),
  )
  app.get('/visits/:id/job/live', { config: access, schema: { tags, params: VisitId, response: { 200: JobLive } } }, request =>
    jobs.live(keyOf(request, request.params.id)),
  )
  app.post(
    '/visits/:id/job/transitions',
    { config: access, schema: { tags, params: VisitId, body: VisitMove, response: { 200: Job } } },
    async request => {
      const caller = callerOf(request)
      const job = await jobs.move(keyOf(request, request.params.id), request.body, caller.name)
      await audit(caller, 'visit.move', { kind: 'visit', id: request.params.id }, request.body)
      return job
    },
  )
  app.get(
    '/visits/:id/job/evidence/:evidenceId',
    { config: access, schema: { tags, params: VisitEvidence, response: { 200: EvidenceDetail } } },
    request => jobs.evidence(keyOf(request, request.params.id), request.params.evidenceId),
  )
  app.get(
    '/visits/:id/job/photos/:photoId',
    { config: access, schema: { tags, summary: 'A photo of this visit', params: VisitPhoto, produces: ['image/jpeg', 'image/png'] } },
    async (request, reply) =>
      sendFile(reply, { ...(await jobs.photo(keyOf(request, request.params.id), request.params.photoId)), isShown: true }),
  )
  app.get(
    '/visits/:id/job/pictures/:photoId',
    { config: access, schema: { tags, summary: 'What the screen showed', params: VisitPhoto, produces: ['image/jpeg', 'image/png'] } },
    async (request, reply) => sendPicture(reply, await jobs.picture(keyOf(request, request.params.id), request.params.photoId)),
  )
  void app.register(scope => {
    const photos = scope as unknown as App
    takeBytes(photos, MAX_FILE_BYTES)
    photos.post(
      '/visits/:id/job/photos',
      {
        bodyLimit: MAX_FILE_BYTES,
        config: { ...access, rateLimit: { max: 40, timeWindow: 60_000 } },
        schema: { tags, summary: 'Add a photo (application/octet-stream)', params: VisitId, response: { 200: Job } },
      },
      request => jobs.addPhoto(keyOf(request, request.params.id), bytesOf(request)),
    )
    return Promise.resolve()
  })
}

/** Routes of jobs. */
export function jobRoutes({ jobs, audit }: { jobs: VisitJobs; audit: AuditNote }) {
  return async (app: App): Promise<void> => {
    partnerRoutes({ jobs, audit }, app)
    await app.register(scope => {
      // The address is the secret: nothing keeps it, nobody is told it.
      scope.addHook('onSend', async (_request, reply) => {
        await Promise.resolve()
        void reply.header('cache-control', 'no-store').header('referrer-policy', 'no-referrer')
      })
      const inner = scope as unknown as App
      inner.get(
        '/jobs/:token',
        { config, schema: { tags, summary: 'One job by its link', security: [], params: Token, response: { 200: Job } } },
        request => jobs.read(request.params),
      )
      inner.get(
        '/jobs/:token/live',
        { config, schema: { tags, summary: 'Whether the device is well now', security: [], params: Token, response: { 200: JobLive } } },
        request => jobs.live(request.params),
      )
      inner.post(
        '/jobs/:token/transitions',
        {
          config,
          schema: {
            tags,
            summary: 'Move the visit; the same move again changes nothing',
            security: [],
            params: Token,
            body: VisitMove,
            response: { 200: Job },
          },
        },
        request => jobs.move(request.params, request.body),
      )
      inner.get(
        '/jobs/:token/evidence/:id',
        { config, schema: { tags, summary: 'One piece of evidence', security: [], params: EvidenceOf, response: { 200: EvidenceDetail } } },
        request => jobs.evidence({ token: request.params.token }, request.params.id),
      )
      inner.get(
        '/jobs/:token/photos/:id',
        {
          config,
          schema: { tags, summary: 'A photo of this visit', security: [], params: EvidenceOf, produces: ['image/jpeg', 'image/png'] },
        },
        async (request, reply) =>
          sendFile(reply, { ...(await jobs.photo({ token: request.params.token }, request.params.id)), isShown: true }),
      )
      inner.get(
        '/jobs/:token/pictures/:id',
        {
          config,
          schema: { tags, summary: 'What the screen showed', security: [], params: EvidenceOf, produces: ['image/jpeg', 'image/png'] },
        },
        async (request, reply) => sendPicture(reply, await jobs.picture({ token: request.params.token }, request.params.id)),
      )
      void inner.register(scoped => {
        const photos = scoped as unknown as App
        takeBytes(photos, MAX_FILE_BYTES)
        photos.post(
          '/jobs/:token/photos',
          {
            bodyLimit: MAX_FILE_BYTES,
            config: { access: 'public', rateLimit: { max: 40, timeWindow: 60_000 } },
            schema: {
              tags,
              summary: 'Add a photo (application/octet-stream); the same again changes nothing',
              security: [],
              params: Token,
              response: { 200: Job },
            },
          },
          request => jobs.addPhoto(request.params, bytesOf(request)),
        )
        return Promise.resolve()
      })
      return Promise.resolve()
    })
  }
}
