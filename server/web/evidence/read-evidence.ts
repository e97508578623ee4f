/** Reads a piece of evidence, whichever way it is kept: told with the event, or uploaded as a file. */
import type { Evidence } from '../../../shared/api/tickets/ticket-api.ts'
import { callApi, problemOf } from '../api/api-client.ts'

const FILES = '/api/v1/evidence/'
/** What is unpacked in the browser; a device that packs more than this is not to be trusted. */
const MAX_UNPACKED_BYTES = 8 * 1024 * 1024

/** Whether it is a file of its own, as pictures and recordings are. */
export const isFile = ({ url }: Pick<Evidence, 'url'>): boolean => url.startsWith(FILES)

async function unpack(body: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<string> {
  const reader = body.pipeThrough(new DecompressionStream('gzip')).getReader()
  const pieces: Uint8Array<ArrayBuffer>[] = []
  let bytes = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    bytes += value.byteLength
    if (bytes > MAX_UNPACKED_BYTES) {
      await reader.cancel()
      throw new Error('It is larger than what is shown here: download it.')
    }
    pieces.push(value)
  }
  return new Blob(pieces).text()
}

/** What it says. Files are packed JSON; pictures are shown by their address and not read here. */
export async function readEvidence(evidence: Evidence, signal: AbortSignal): Promise<unknown> {
  if (!isFile(evidence)) return (await callApi<{ data: unknown }>('GET', evidence.url.replace(/^\/api\/v1/, ''), { signal })).data
  const response = await fetch(evidence.url, { signal })
  if (!response.ok || !response.body) throw await problemOf(response)
  const content: unknown = JSON.parse(await unpack(response.body))
  const lines = typeof content === 'object' && content !== null && 'lines' in content ? content.lines : null
  if (!Array.isArray(lines)) return content
  return (lines as { at?: string; from?: string; text?: string }[]).map(line => `${line.at ?? ''}  ${line.from ?? ''}: ${line.text ?? ''}`)
}
