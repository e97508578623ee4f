/** Lists of spans of time: joined, in common, left over. */

/** [fromMs, toMs) */
export type Span = { fromMs: number; toMs: number }

/** Spans in order, touching and overlapping ones joined, empty ones dropped. */
export function joinSpans(spans: readonly Span[]): Span[] {
  const joined: Span[] = []
  for (const { fromMs, toMs } of spans.toSorted((one, other) => one.fromMs - other.fromMs)) {
    if (toMs <= fromMs) continue
    const last = joined.at(-1)
    if (last && fromMs <= last.toMs) last.toMs = Math.max(last.toMs, toMs)
    else joined.push({ fromMs, toMs })
  }
  return joined
}

/** What two lists have in common; the second need not be joined. */
export function commonSpans(one: readonly Span[], other: readonly Span[]): Span[] {
  const cuts = joinSpans(other)
  return joinSpans(one).flatMap(span =>
    cuts
      .map(cut => ({ fromMs: Math.max(span.fromMs, cut.fromMs), toMs: Math.min(span.toMs, cut.toMs) }))
      .filter(piece => piece.fromMs < piece.toMs),
  )
}

/** What of `spans` none of `cuts` covers. */
export function withoutSpans(spans: readonly Span[], cuts: readonly Span[]): Span[] {
  let left = joinSpans(spans)
  for (const cut of joinSpans(cuts)) {
    left = left.flatMap(span =>
      [
        { fromMs: span.fromMs, toMs: Math.min(span.toMs, cut.fromMs) },
        { fromMs: Math.max(span.fromMs, cut.toMs), toMs: span.toMs },
      ].filter(piece => piece.fromMs < piece.toMs),
    )
  }
  return left
}

/** Length of joined spans, ms. */
export function lengthOf(spans: readonly Span[]): number {
  return joinSpans(spans).reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0)
}
