/** Evidence: uploads by devices at their one-time address, and the files for people. */
import { Type } from 'typebox'
import { mustSeeCustomer } from '../platform/caller.ts'
import { DomainError, notFound } from '../platform/errors.ts'
import type { EvidenceIntake } from './evidence-intake.ts'
import type { EvidenceKeeper } from './evidence.ts'
import { callerOf, type App } from '../platform/http/app.ts'
import type { FastifyRequest } from 'fastify'
import { Id } from '../../shared/schema-pieces.ts'

const Address = Type.Object({ token: Type.String({ maxLength: 100 }), part: Type.String({ maxLength: 64 }) })
const UPLOAD_TYPE = 'application/offset+octet-stream'

/** Whose an incident is (null = of the whole platform), and the partner its ticket was given to. Throws not-found. */
export type IncidentOwner = (incidentId: string) => Promise<{ customerId: string | null; partnerId: string | null }>

/** Bytes of a request; a line that breaks is the device's trouble and not a fault of ours. */
async function* bytesOf(body: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  try {
    yield* body
  } catch {
    throw new DomainError('conflict', 'upload-interrupted', 'The line broke. Ask with HEAD where to go on.')
  }
}

/** Routes of evidence. */
export function evidenceRoutes(deps: { intake: EvidenceIntake; evidence: EvidenceKeeper; incidentOwner: IncidentOwner }) {
  const { intake, evidence } = deps
  const mustSee = async (request: FastifyRequest, id: string): Promise<void> => {
    const caller = callerOf(request)
    const { customerId, incidentId } = await evidence.ownerOf(id)
    if (caller.role !== 'partner') return mustSeeCustomer(caller, customerId, 'evidence')
    const owner = incidentId === null ? null : await deps.incidentOwner(incidentId)
    if (owner?.partnerId == null || owner.partnerId !== caller.partnerId) throw notFound('evidence')
  }
  return async (app: App): Promise<void> => {
    app.get(
      '/evidence/:id',
      {
        config: { access: 'read' },
        schema: { tags: ['evidence'], summary: 'One file as the device sent it', params: Id, produces: ['image/png', 'application/gzip'] },
      },
      async (request, reply) => {
        await mustSee(request, request.params.id)
        const { stream, bytes, contentType, name } = await evidence.open(request.params.id)
        const isPicture = contentType.startsWith('image/')
        return (
          reply
            .header('content-length', bytes)
            .header('cache-control', 'private, max-age=86400')
            .header('x-content-type-options', 'nosniff')
            // Whatever a device may have put into a file, nothing of it runs here.
            .header('content-security-policy', "default-src 'none'; sandbox")
            .header('content-disposition', `${isPicture ? 'inline' : 'attachment'}; filename="${name}"`)
            .type(contentType)
            .send(stream)
        )
      },
    )
    await app.register(async scoped => {
      const uploads = scoped as unknown as App
      uploads.addContentTypeParser(UPLOAD_TYPE, (_request, payload, done) => done(null, payload))
      uploads.head(
        '/evidence-uploads/:token/:part',
        { config: { access: 'public' }, schema: { hide: true, params: Address } },
        async (request, reply) => {
          const { offset, length } = await intake.offsetOf(request.params.token, request.params.part)
          return reply.header('upload-offset', offset).header('upload-length', length).header('cache-control', 'no-store').send()
        },
      )
      uploads.patch(
        '/evidence-uploads/:token/:part',
        {
          config: { access: 'public' },
          schema: {
            tags: ['evidence'],
            summary: 'A device sends bytes of a part from `Upload-Offset` on; HEAD tells how many are here',
            params: Address,
            headers: Type.Object({ 'upload-offset': Type.Integer({ minimum: 0, maximum: 2 ** 31 }) }),
            response: { 204: Type.Null() },
          },
        },
        async (request, reply) => {
          const { token, part } = request.params
          try {
            const source = bytesOf(request.body as AsyncIterable<Uint8Array>)
            const { offset } = await intake.append(token, part, request.headers['upload-offset'], source)
            return await reply.code(204).header('upload-offset', offset).send(null)
          } catch (error) {
            // What is still on its way is not read any more.
            void reply.header('connection', 'close')
            if (error instanceof DomainError && typeof error.extra['offset'] === 'number')
              void reply.header('upload-offset', error.extra['offset'])
            throw error
          }
        },
      )
    })
  }
}
