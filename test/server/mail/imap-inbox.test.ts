/** The inbox against a real Dovecot: what happens when taking a mail fails, and when the server goes away. */
import { afterEach, beforeEach, expect, it } from 'vitest'
import { startImapInbox } from '../../../server/mail/imap-inbox.ts'
import { startImapServer, type ImapServer } from '../../support/imap-server.ts'
import { rawMail } from '../../support/raw-mail.ts'
import { takeErrorLines, testLog } from '../../support/test-log.ts'
import { until } from '../../support/until.ts'

let imap: ImapServer
beforeEach(async () => {
  imap = await startImapServer()
})
afterEach(() => imap.stop())

it('a mail that cannot be taken stays where it is, holds up no other, and is taken later', async () => {
  await imap.deliver(rawMail({ subject: 'first' }))
  await imap.deliver(rawMail({ subject: 'second' }))
  const taken: string[] = []
  let isBroken = true
  const receive = (raw: Uint8Array): Promise<void> => {
    const subject = /^Subject: (.*)$/m.exec(Buffer.from(raw).toString())?.[1]?.trim() ?? ''
    if (isBroken && subject === 'first') return Promise.reject(new Error('the store is away'))
    taken.push(subject)
    return Promise.resolve()
  }
  const inbox = startImapInbox({ url: imap.url, log: testLog(), receive, pollMs: 200 })
  try {
    await until('the second mail', () => taken.includes('second'))
    await until('the first mail alone', async () => (await imap.count('INBOX')) === 1)
    isBroken = false
    await until('the first mail', () => taken.includes('first'))
    await until('an empty inbox', async () => (await imap.count('INBOX')) === 0)
  } finally {
    await inbox.stop()
  }
  expect(taken).toEqual(['second', 'first'])
  expect(takeErrorLines().every(line => line.includes('a mail could not be taken'))).toBe(true)
})

it('outlives a server that goes away, and one that was never there; it stops at once', async () => {
  const taken: number[] = []
  const receive = (raw: Uint8Array): Promise<void> => Promise.resolve(void taken.push(raw.length))
  const nobody = startImapInbox({ url: 'imap://inbox:secret@127.0.0.1:1/INBOX', log: testLog(), receive })
  const inbox = startImapInbox({ url: imap.url, log: testLog(), receive })
  try {
    await imap.deliver(rawMail())
    await until('the first mail', () => taken.length === 1)
    await imap.restart()
    await imap.deliver(rawMail())
    await until('the second mail', () => taken.length === 2)
  } finally {
    await Promise.all([inbox.stop(), nobody.stop()])
  }
  expect(taken).toHaveLength(2)
})
