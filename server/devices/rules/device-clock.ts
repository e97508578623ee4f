/** When something happened on a device, by the server's clock (research of the device link: no device clock is trusted). */

/** A sample cannot be older than this: a device that was off the net for longer has nothing to tell any more. */
const MAX_AGE_MS = 400 * 86_400_000

/**
 * The device's own clock is not needed while it still runs the same boot: receive time less the monotonic time since.
 * Records of an earlier boot go by its wall clock and the known offset. Never later than the receive time.
 */
export function correctedAtMs(
  message: { ts: number; su?: number; bid: string },
  sampledUpMs: number,
  link: { bootId: string | null; clockOffsetMs: number | null },
  receivedAtMs: number,
): number {
  const isSameBoot = link.bootId === null || link.bootId === message.bid
  const ageMs = isSameBoot && message.su !== undefined ? message.su - sampledUpMs : receivedAtMs - (message.ts - (link.clockOffsetMs ?? 0))
  return Math.round(receivedAtMs - Math.min(Math.max(ageMs, 0), MAX_AGE_MS))
}

/** A time that a message names by the device's own wall clock (ms, or RFC 3339), corrected as the message's own time `atMs` is. Never after it. */
export function saidAtMs(said: number | string, message: { ts: number }, atMs: number): number {
  const wallMs = typeof said === 'number' ? said : Date.parse(said)
  const agoMs = Number.isFinite(wallMs) ? message.ts - wallMs : 0
  return Math.round(atMs - Math.min(Math.max(agoMs, 0), MAX_AGE_MS))
}
