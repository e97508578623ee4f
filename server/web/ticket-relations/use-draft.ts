/** What somebody is writing is kept in this browser until it is sent: a reload, a lost session or a crash loses no words. */
import { useState } from 'react'

const PREFIX = 'kioskeeper-draft:'
/** Drafts nobody went back to. */
const KEPT_MS = 14 * 86_400_000
type Kept = { text: string; atMs: number }

function readDraft(key: string): string {
  try {
    const kept = JSON.parse(localStorage.getItem(PREFIX + key) ?? 'null') as Kept | null
    return kept && typeof kept.text === 'string' && Date.now() - kept.atMs < KEPT_MS ? kept.text : ''
  } catch {
    return ''
  }
}

function keepDraft(key: string, text: string): void {
  try {
    if (text === '') localStorage.removeItem(PREFIX + key)
    else localStorage.setItem(PREFIX + key, JSON.stringify({ text, atMs: Date.now() } satisfies Kept))
  } catch {
    // A full or forbidden storage: the words stay on the page.
  }
}

/** State of a text that survives the page; an empty text forgets it. `wasKept`: it came from an earlier visit. */
export function useDraft(key: string): { text: string; setText: (text: string) => void; wasKept: boolean } {
  const [kept] = useState(() => readDraft(key))
  const [text, set] = useState(kept)
  return {
    text,
    setText: next => {
      set(next)
      keepDraft(key, next)
    },
    wasKept: kept !== '' && text === kept,
  }
}
