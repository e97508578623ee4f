/**
 * Takes mail from an IMAP inbox: told at once by IDLE, asked every minute besides. A mail is moved to `Kioskeeper/Done` only after
 * it was written, so a crash in between repeats it at most, and the intake knows a mail it has taken.
 */
import { ImapFlow } from 'imapflow'
import type { Logger } from 'pino'
import { MAX_MAIL_BYTES } from './mail-reading.ts'

const DONE = ['Kioskeeper', 'Done']
const FIRST_PAUSE_MS = 1000
const LONGEST_PAUSE_MS = 300_000
const HEAD_BYTES = 64 * 1024
const POLL_MS = 60_000

export type ImapInbox = { stop(): Promise<void> }
type Receive = (raw: Uint8Array, isCut: boolean) => Promise<unknown>

/** Settings in an address `imap(s)://user:pass@host:port/INBOX`. */
function partsOf(address: string) {
  const url = new URL(address)
  const secure = url.protocol === 'imaps:'
  return {
    host: url.hostname.replaceAll(/^\[|\]$/g, ''),
    port: url.port === '' ? (secure ? 993 : 143) : Number(url.port),
    secure,
    user: decodeURIComponent(url.username),
    pass: decodeURIComponent(url.password),
    mailbox: decodeURIComponent(url.pathname.slice(1)) || 'INBOX',
  }
}

/** Starts taking mail. Never throws for what the outside does: it tries again, with growing pauses. `pollMs` is how often it asks anyway. */
export function startImapInbox(deps: { url: string; log: Logger; receive: Receive; pollMs?: number }): ImapInbox {
  const { log, receive, pollMs = POLL_MS } = deps
  const parts = partsOf(deps.url)
  const ended = new AbortController()
  let client: ImapFlow | null = null
  let pauseMs = FIRST_PAUSE_MS
  let wakeUp: () => void = () => undefined
  /** Taken in this session but not moved: not asked for again. */
  const stuck = new Set<number>()

  let done = DONE.join('/')

  const pause = (ms: number): Promise<void> =>
    new Promise(resolve => {
      const timer = setTimeout(resolve, ms)
      wakeUp = () => {
        clearTimeout(timer)
        resolve()
      }
    })

  const takeOne = async (connection: ImapFlow, uid: number): Promise<void> => {
    const about = await connection.fetchOne(String(uid), { uid: true, size: true }, { uid: true })
    if (!about) return
    const isCut = (about.size ?? 0) > MAX_MAIL_BYTES
    const range = isCut ? { start: 0, maxLength: HEAD_BYTES } : true
    const mail = await connection.fetchOne(String(uid), { uid: true, source: range }, { uid: true })
    if (!mail || !mail.source) return
    try {
      await receive(mail.source, isCut)
    } catch (error) {
      // It stays where it is and is tried at the next turn; the mails after it must not wait for it.
      log.error({ err: error, uid }, 'a mail could not be taken')
      return
    }
    try {
      if (!(await connection.messageMove(String(uid), done, { uid: true }))) throw new Error('the server did not move it')
    } catch (error) {
      if (!connection.usable) throw error
      log.warn({ err: error, uid }, 'a mail was taken but not moved; it is marked as seen')
      stuck.add(uid)
      await connection.messageFlagsAdd(String(uid), ['\\Seen'], { uid: true })
    }
  }

  const takeAll = async (connection: ImapFlow): Promise<void> => {
    const uids = (await connection.search({ all: true }, { uid: true })) || []
    for (const uid of uids) {
      if (ended.signal.aborted) return
      if (!stuck.has(uid)) await takeOne(connection, uid)
    }
  }

  const session = async (): Promise<void> => {
    const connection = new ImapFlow({
      host: parts.host,
      port: parts.port,
      secure: parts.secure,
      auth: { user: parts.user, pass: parts.pass },
      logger: false,
      // What is asked for in between ends an IDLE by itself.
      maxIdleTime: pollMs,
    })
    // Without a listener a dropped connection would end the process.
    connection.on('error', (error: Error) => log.warn({ err: error }, 'the connection to the inbox broke'))
    connection.on('close', () => wakeUp())
    connection.on('exists', () => wakeUp())
    client = connection
    try {
      await connection.connect()
      // The server says how its folders are written: `Kioskeeper/Done`, `INBOX.Kioskeeper.Done`.
      try {
        done = (await connection.mailboxCreate(DONE)).path
      } catch (error) {
        if (!connection.usable) throw error
        log.warn({ err: error }, 'the inbox has no folder for what is done; mails are marked as seen instead')
      }
      await connection.mailboxOpen(parts.mailbox)
      stuck.clear()
      log.info({ host: parts.host, mailbox: parts.mailbox }, 'mail is taken from the inbox')
      while (!ended.signal.aborted && connection.usable) {
        const arrived = pause(pollMs)
        await takeAll(connection)
        pauseMs = FIRST_PAUSE_MS
        // IDLE runs until something is asked; its end is told by the events above.
        void connection.idle().catch(() => undefined)
        await arrived
      }
    } finally {
      client = null
      connection.close()
    }
  }

  const run = async (): Promise<void> => {
    while (!ended.signal.aborted) {
      try {
        await session()
      } catch (error) {
        log.warn({ err: error, again: pauseMs }, 'the inbox could not be read; it is tried again')
      }
      if (ended.signal.aborted) return
      await pause(pauseMs)
      pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2)
    }
  }
  const running = run()

  return {
    async stop() {
      ended.abort()
      wakeUp()
      // A mail under way is finished or taken again at the next start.
      client?.close()
      await running
    },
  }
}
