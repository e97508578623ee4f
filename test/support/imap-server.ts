/** A real Dovecot of our own in a temporary folder, on a free port. */
import { spawn } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ImapFlow } from 'imapflow'
import { freePorts } from './free-ports.ts'
import { until } from './until.ts'

export type ImapServer = {
  url: string
  /** Puts a mail into the inbox, as a mail server would. */
  deliver(raw: Buffer): Promise<void>
  /** How many mails a mailbox holds. */
  count(mailbox: string): Promise<number>
  /** Ends every connection, and starts anew on the same mails. */
  restart(): Promise<void>
  stop(): Promise<void>
}

/** Starts it. Any user may log in with the password `secret`. */
export async function startImapServer(): Promise<ImapServer> {
  const folder = mkdtempSync(join(tmpdir(), 'kioskeeper-imap-'))
  const [port = 0] = await freePorts(1)
  // The server's workers run under accounts of their own.
  chmodSync(folder, 0o755)
  mkdirSync(join(folder, 'mail'))
  chmodSync(join(folder, 'mail'), 0o777)
  const config = join(folder, 'dovecot.conf')
  writeFileSync(
    config,
    `base_dir = ${folder}/run
protocols = imap
listen = 127.0.0.1
log_path = ${folder}/log
ssl = no
disable_plaintext_auth = no
mail_location = maildir:${folder}/mail/%u
mail_uid = nobody
mail_gid = nogroup
first_valid_uid = 1
service imap-login {
  inet_listener imap {
    port = ${port}
  }
  inet_listener imaps {
    port = 0
  }
}
passdb {
  driver = static
  args = password=secret
}
userdb {
  driver = static
  args = uid=nobody gid=nogroup home=${folder}/mail/home-%u
}
`,
  )
  const connect = async (): Promise<ImapFlow> => {
    const client = new ImapFlow({ host: '127.0.0.1', port, secure: false, auth: { user: 'inbox', pass: 'secret' }, logger: false })
    client.on('error', () => undefined)
    await client.connect()
    return client
  }
  const launch = async () => {
    const child = spawn('/usr/sbin/dovecot', ['-F', '-c', config], { stdio: 'ignore' })
    const ended = new Promise<void>(resolve => child.once('exit', () => resolve()))
    await until('the IMAP server', async () => {
      await (await connect()).logout()
      return true
    })
    return {
      end: async () => {
        child.kill('SIGTERM')
        await ended
      },
    }
  }
  let server = await launch()
  return {
    url: `imap://inbox:secret@127.0.0.1:${port}/INBOX`,
    async deliver(raw) {
      const client = await connect()
      await client.append('INBOX', raw)
      await client.logout()
    },
    async count(mailbox) {
      const client = await connect()
      const status = await client.status(mailbox, { messages: true })
      await client.logout()
      return (status && status.messages) || 0
    },
    async restart() {
      await server.end()
      server = await launch()
    },
    async stop() {
      await server.end()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
