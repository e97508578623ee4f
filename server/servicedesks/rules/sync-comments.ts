/** Comments of a client's desk: which are new, which are our own come back, and which stay where they are. */

/** `isPublic` null = their desk does not say; `isOurs`: written by our user there. */
export type TheirComment = {
  id: string
  text: string
  isPublic: boolean | null
  isOurs: boolean
  author: string | null
  atMs: number | null
}
/** What was written there by us: `externalId` null = the desk gave none, or its answer was lost. */
export type OurComment = { rowId: string; externalId: string | null; hash: string }

export type CommentAction =
  /** A word of the customer. */
  | { kind: 'message'; comment: TheirComment }
  /** Nobody said that it is public: kept for the desk alone. */
  | { kind: 'note'; comment: TheirComment }
  /** Internal over there: it stays there. */
  | { kind: 'skip'; comment: TheirComment }
  /** Our own come back: from now on known by its id. */
  | { kind: 'ours'; comment: TheirComment; rowId: string }

/** Text as both sides would have it: desks turn line ends, spaces and entities into their own. */
export function sameText(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim()
}

/**
 * What to do with the comments of a ticket, oldest first. Known by id = nothing. Those of our user are matched with what we wrote
 * and have no id of; one that matches nothing is on its way and is left alone. A text of ours under another name is an echo
 * too (some desks write in the name of their own rules), but only while the id of ours is still open: people do repeat a word.
 */
export function decideComments(
  comments: readonly TheirComment[],
  known: ReadonlySet<string>,
  written: readonly OurComment[],
  hashOf: (text: string) => string,
): CommentAction[] {
  const open = written.filter(one => one.externalId === null)
  const claim = (comment: TheirComment): OurComment | null => {
    const index = open.findIndex(one => one.hash === hashOf(comment.text))
    return index < 0 ? null : (open.splice(index, 1)[0] ?? null)
  }
  const fresh = comments.filter(comment => !known.has(comment.id))
  const echoes = new Map<string, string>()
  for (const comment of fresh.filter(one => one.isOurs)) {
    const match = claim(comment)
    if (match) echoes.set(comment.id, match.rowId)
  }
  const actions: CommentAction[] = []
  for (const comment of fresh) {
    const own = echoes.get(comment.id) ?? (comment.isOurs ? undefined : claim(comment)?.rowId)
    if (own !== undefined) actions.push({ kind: 'ours', comment, rowId: own })
    else if (!comment.isOurs)
      actions.push({ kind: comment.isPublic === true ? 'message' : comment.isPublic === false ? 'skip' : 'note', comment })
  }
  return actions
}
