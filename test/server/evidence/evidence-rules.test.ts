/** Which episode evidence belongs to, what is taken, and what goes. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { stateAfter, type CommandState } from '../../../server/devices/rules/device-command.ts'
import { contentTypeOf, episodeOf, overfull, refuseAnnouncement } from '../../../server/evidence/rules/evidence-rules.ts'

const MINUTE_MS = 60_000
const episode = (id: string, from: number, to: number | null) => ({
  id,
  startedAtMs: from * MINUTE_MS,
  endedAtMs: to === null ? null : to * MINUTE_MS,
})

describe('evidence', () => {
  it.each([
    { at: 10, episodes: [episode('a', 5, 20)], is: 'a', why: 'within it' },
    { at: 10, episodes: [episode('a', 11, 20)], is: 'a', why: 'a minute before: the clock was corrected a little differently' },
    { at: 10, episodes: [episode('a', 13, 20)], is: null, why: 'three minutes before is another failure' },
    { at: 10, episodes: [episode('a', 1, 9)], is: 'a', why: 'a minute after its end' },
    { at: 10, episodes: [episode('a', 1, 5)], is: null, why: 'five minutes after its end' },
    { at: 100, episodes: [episode('a', 1, null)], is: 'a', why: 'it is still open' },
    { at: 10, episodes: [episode('a', 1, 9), episode('b', 10, null)], is: 'b', why: 'the one that covers it, not the one before' },
    { at: 10, episodes: [episode('a', 1, null), episode('b', 9, null)], is: 'b', why: 'of two that cover it the newer' },
    { at: 10, episodes: [], is: null, why: 'there is none' },
  ])('of minute $at belongs to $is: $why', ({ at, episodes, is }) => {
    expect(episodeOf(episodes, at * MINUTE_MS)?.id ?? null).toBe(is)
  })

  it.each([
    [{ uploads: 0, bytes: 0 }, 16 * 1024 * 1024, true, 'a whole bundle of eight full parts'],
    [{ uploads: 39, bytes: 0 }, 1, true, 'the fortieth'],
    [{ uploads: 40, bytes: 0 }, 1, false, 'the forty-first'],
    [{ uploads: 4, bytes: 60 * 1024 * 1024 }, 5 * 1024 * 1024, false, 'too much together'],
  ])('with %j open, %i more bytes are taken: %s (%s)', (open, bytes, isTaken) => {
    expect(refuseAnnouncement(open, bytes) === null).toBe(isTaken)
  })

  it.each<[CommandState, string, CommandState | null, string]>([
    ['sent', 'done', 'done', 'it is done'],
    ['queued', 'done', 'done', 'the answer was faster than our note of sending'],
    ['sent', 'refused', 'failed', 'the device did not want to'],
    ['sent', 'any word', 'failed', 'what is not done has failed'],
    ['sent', 'running', null, 'progress is no end'],
    ['expired', 'done', null, 'too late changes nothing'],
    ['done', 'failed', null, 'the first answer stands'],
  ])('a command that is %s and hears "%s" becomes %s: %s', (state, word, next) => {
    expect(stateAfter(state, word)).toBe(next)
  })

  it('lets the oldest go until the rest fits, and nothing more', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ bytes: fc.integer({ min: 0, max: 50 }) })), fc.integer({ min: 0, max: 400 }), (files, limit) => {
        const gone = overfull(files, limit)
        const kept = files.slice(gone.length)
        const sum = (list: { bytes: number }[]) => list.reduce((total, file) => total + file.bytes, 0)
        expect(gone).toEqual(files.slice(0, gone.length))
        expect(sum(kept)).toBeLessThanOrEqual(limit)
        if (gone.length > 0) expect(sum(kept) + (gone.at(-1)?.bytes ?? 0)).toBeGreaterThan(limit)
      }),
    )
  })

  it('finds a type for any bytes, and a picture only in a picture', () => {
    const jpeg = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 4, 0, 0, 0xff, 0xc0, 0, 11, 8, 0, 16, 0, 16, 1, 1, 0x11, 0, 0xff, 0xd9])
    expect(contentTypeOf('screenshot', jpeg, jpeg)).toBe('image/jpeg')
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, isJpegLike) => {
        const file = isJpegLike ? Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), bytes, Buffer.from([0xff, 0xd9])]) : bytes
        expect(['image/png', 'image/jpeg', 'application/octet-stream']).toContain(contentTypeOf('screenshot', file, file.subarray(-16)))
        expect(['application/gzip', 'application/octet-stream']).toContain(contentTypeOf('log', file, file.subarray(-16)))
      }),
    )
  })
})
