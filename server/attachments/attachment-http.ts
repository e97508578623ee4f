/** Files over HTTP, for the routes of whoever has files: taken as bytes, shown or saved with headers that run nothing. */
import type { FastifyReply } from 'fastify'
import type { Caller } from '../platform/caller.ts'
import type { App } from '../platform/http/app.ts'
import { isPicture } from './rules/file-rules.ts'

/** What bytes are sent as; what they are is found out. */
const BYTES_TYPE = 'application/octet-stream'

/** Whose a waiting file is. */
export function fileOwner(caller: Caller): string {
  return `${caller.kind}:${caller.id}`
}

/** What somebody sent: pictures may be shown in a page when asked for, everything else is saved. Nothing of it runs here. */
export function sendFile(reply: FastifyReply, file: { bytes: Uint8Array; type: string; name: string; isShown?: boolean }): FastifyReply {
  const kind = file.isShown === true && isPicture(file.type) ? 'inline' : 'attachment'
  return reply
    .header('cache-control', 'private, no-store')
    .header('x-content-type-options', 'nosniff')
    .header('content-security-policy', "default-src 'none'; sandbox")
    .header('content-disposition', `${kind}; filename*=UTF-8''${encodeURIComponent(file.name.toWellFormed()).replaceAll(/['()*]/g, '_')}`)
    .type(file.type)
    .send(Buffer.from(file.bytes))
}

/** In this scope a body is bytes up to `bodyLimit`, and nothing else. */
export function takeBytes(app: App, bodyLimit: number): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(BYTES_TYPE, { parseAs: 'buffer', bodyLimit }, (_request, body, done) => done(null, body))
}
