/** Sends bundles to the addresses the server gave, one at a time, and goes on where the line broke. A bundle is dropped when the server has it whole. */
import type { Logger } from 'pino'
import type { EvidencePart } from '../../shared/messages.ts'
import type { Clock } from '../platform/agent-clock.ts'
import { backoffMs } from '../link/backoff.ts'
import { isUploadUrl, uploadRequest } from '../link/send-bytes.ts'
import type { BundleStore } from './bundles.ts'

/** The server says that the bytes are not those announced: once may be the line, twice is our disk. */
const MAX_DAMAGED = 2

export type UploadOrder = { bundleId: string; url: string; token: string; expiresAt: number }
export type UploadOutcome = { state: 'done' | 'failed'; text: string }
type PartOutcome = 'sent' | 'again' | 'address-gone' | 'damaged'

/** Makes the uploader. `serverMs` is the server's clock as far as known. */
export function makeUploader(options: {
  bundles: BundleStore
  clock: Clock
  log: Logger
  caPem: string | null
  serverMs: () => number
  random?: () => number
}) {
  const { bundles, clock, log, caPem, serverMs } = options
  const random = options.random ?? Math.random
  let queue: Promise<unknown> = Promise.resolve()
  const stopped = new AbortController()
  let wake = () => {}

  const wait = (delayMs: number) =>
    new Promise<void>(resolve => {
      // stopped while a request was under way: nobody wakes this wait any more
      if (stopped.signal.aborted) return resolve()
      const cancel = clock.after(delayMs, resolve)
      wake = () => {
        cancel()
        resolve()
      }
    })

  /** One attempt at one part. */
  async function sendPart(order: UploadOrder, part: EvidencePart): Promise<PartOutcome> {
    const url = `${order.url}/${order.token}/${part.name}`
    const there = await uploadRequest(url, caPem)
    if (there.status === 404) return 'address-gone'
    if (there.status !== 200 || there.offset === null) return 'again'
    if (there.offset >= part.bytes) return 'sent'
    const answer = await uploadRequest(url, caPem, { offset: there.offset, body: bundles.open(order.bundleId, part.name, there.offset) })
    if (answer.status === 204 || answer.status === 410) return 'sent'
    if (answer.status === 404) return 'address-gone'
    if (answer.status === 422 || answer.status === 413) return 'damaged'
    return 'again'
  }

  /** Tries until the part is there; null = go on, else why the bundle cannot be sent. */
  async function sendWhole(order: UploadOrder, part: EvidencePart): Promise<string | null> {
    let damaged = 0
    for (let failures = 1; !stopped.signal.aborted; failures++) {
      const outcome = await sendPart(order, part)
      if (outcome === 'sent') return null
      if (outcome === 'address-gone') return 'the address is not valid any more'
      if (outcome === 'damaged' && ++damaged >= MAX_DAMAGED) {
        bundles.drop(order.bundleId)
        return 'the file on the device is damaged'
      }
      const delayMs = backoffMs('network', failures, random())
      if (serverMs() + delayMs > order.expiresAt) return 'the server could not be reached in time'
      await wait(delayMs)
    }
    return 'the agent was stopped'
  }

  async function upload(order: UploadOrder): Promise<UploadOutcome> {
    const bundle = bundles.find(order.bundleId)
    if (!bundle?.isWhole) return { state: 'failed', text: 'this evidence is not on the device any more' }
    if (!isUploadUrl(order.url)) return { state: 'failed', text: 'the address is neither https nor on this machine' }
    for (const part of bundle.parts) {
      const fault = await sendWhole(order, part)
      if (fault !== null) {
        log.debug({ bundleId: bundle.id, fault }, 'evidence not sent')
        return { state: 'failed', text: fault }
      }
    }
    bundles.drop(bundle.id)
    log.info({ bundleId: bundle.id, signal: bundle.signal, parts: bundle.parts.length }, 'evidence sent')
    return { state: 'done', text: `${bundle.parts.length} files sent` }
  }

  return {
    /** Answers when the bundle is there, or cannot be sent with this address; null when stopped before. */
    async send(order: UploadOrder): Promise<UploadOutcome | null> {
      const sent = queue.then(() => (stopped.signal.aborted ? null : upload(order)))
      queue = sent.catch(() => null)
      const outcome = await sent
      return stopped.signal.aborted && outcome?.state !== 'done' ? null : outcome
    },
    stop(): void {
      stopped.abort()
      wake()
    },
  }
}
