/** Valid packets made wrong, the same way for the same seed. */

/** A small deterministic generator (mulberry32): numbers in [0, 1). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** One stream of bytes made of the packets, with one to four faults: flipped, cut, doubled, swapped, inserted or overwritten. */
export function mutate(packets: readonly Buffer[], random: () => number): Buffer {
  const upTo = (limit: number) => Math.floor(random() * limit)
  let list = [...packets]
  if (random() < 0.3) list = list.filter(() => random() < 0.8)
  if (random() < 0.2) list.splice(upTo(list.length), 0, list[upTo(list.length)] ?? Buffer.alloc(1))
  if (random() < 0.1) list.sort(() => random() - 0.5)
  let bytes = Buffer.from(Buffer.concat(list))
  // Half of the faults hit the session behind a good CONNECT: that is where most of the code is.
  const first = random() < 0.5 ? (packets[0]?.length ?? 0) : 0
  for (let faults = 1 + upTo(4); faults > 0 && bytes.length > first; faults--) {
    const at = first + upTo(bytes.length - first)
    const kind = upTo(6)
    if (kind === 0) bytes[at] = (bytes[at] ?? 0) ^ (1 << upTo(8))
    else if (kind === 1) bytes = bytes.subarray(0, at)
    else if (kind === 2)
      bytes = Buffer.concat([bytes.subarray(0, at), Buffer.from(Array.from({ length: 1 + upTo(8) }, () => upTo(256))), bytes.subarray(at)])
    else if (kind === 3) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + upTo(8))])
    else if (kind === 4) bytes[at] = [0x00, 0x7f, 0x80, 0xff][upTo(4)] ?? 0
    else bytes = Buffer.concat([bytes, bytes.subarray(at, at + upTo(64))])
  }
  return bytes
}
