/** The secret of a visitor's conversation, kept in their browser so that a reload goes on with it. */

const nameOf = (chatKey: string): string => `kioskeeper-chat-${chatKey}`

/** Null where none is kept; a frame may be forbidden to keep anything. */
export function readConversation(chatKey: string): string | null {
  try {
    return localStorage.getItem(nameOf(chatKey))
  } catch {
    return null
  }
}
export function keepConversation(chatKey: string, token: string): void {
  try {
    localStorage.setItem(nameOf(chatKey), token)
  } catch {
    // Without it the conversation lives as long as the page.
  }
}
export function forgetConversation(chatKey: string): void {
  try {
    localStorage.removeItem(nameOf(chatKey))
  } catch {
    // Nothing was kept.
  }
}
