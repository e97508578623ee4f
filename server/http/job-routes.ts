/** A technician's job by its secret link: no login, this job alone. */
import { Type } from 'typebox'
import { EvidenceDetail } from '../../shared/api/incident-api.ts'
import { Job, JobLive, VisitMove } from '../../shared/api/visit-api.ts'
import { MAX_FILE_BYTES } from '../domain/file-rules.ts'
import type { VisitJobs } from '../services/visit-jobs.ts'
import type { App } from './app.ts'
import { sendFile, takeBytes } from './file-routes.ts'

const Token = Type.Object({ token: Type.String({ maxLength: 100 }) })
const EvidenceOf = Type.Object({ token: Type.String({ maxLength: 100 }), id: Type.String({ maxLength: 64 }) })
/** Enough for a page that asks every few seconds from behind a shared address, and hopeless for guessing 256 bits. */
const config = { access: 'public', rateLimit: { max: 240, timeWindow: 60_000 } } as const
const tags = ['jobs']

/** Routes of jobs. */
export function jobRoutes({ jobs }: { jobs: VisitJobs }) {
  return async (app: App): Promise<void> => {
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
        request => jobs.read(request.params.token),
      )
      inner.get(
        '/jobs/:token/live',
        { config, schema: { tags, summary: 'Whether the device is well now', security: [], params: Token, response: { 200: JobLive } } },
        request => jobs.live(request.params.token),
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
        request => jobs.move(request.params.token, request.body),
      )
      inner.get(
        '/jobs/:token/evidence/:id',
        { config, schema: { tags, summary: 'One piece of evidence', security: [], params: EvidenceOf, response: { 200: EvidenceDetail } } },
        request => jobs.evidence(request.params.token, request.params.id),
      )
      inner.get(
        '/jobs/:token/photos/:id',
        {
          config,
          schema: { tags, summary: 'A photo of this visit', security: [], params: EvidenceOf, produces: ['image/jpeg', 'image/png'] },
        },
        async (request, reply) => sendFile(reply, { ...(await jobs.photo(request.params.token, request.params.id)), isShown: true }),
      )
      inner.get(
        '/jobs/:token/pictures/:id',
        {
          config,
          schema: { tags, summary: 'What the screen showed', security: [], params: EvidenceOf, produces: ['image/jpeg', 'image/png'] },
        },
        async (request, reply) => {
          const { stream, bytes, contentType, name } = await jobs.picture(request.params.token, request.params.id)
          return reply
            .header('content-length', bytes)
            .header('x-content-type-options', 'nosniff')
            .header('content-security-policy', "default-src 'none'; sandbox")
            .header('content-disposition', `inline; filename="${name}"`)
            .type(contentType)
            .send(stream)
        },
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
          request => jobs.addPhoto(request.params.token, (request.body as Uint8Array | undefined) ?? new Uint8Array()),
        )
        return Promise.resolve()
      })
      return Promise.resolve()
    })
  }
}
