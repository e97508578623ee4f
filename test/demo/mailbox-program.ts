/** `npm run mailbox`: a mail server for trying things out. It prints every mail it gets and keeps none. */
import { SMTPServer } from 'smtp-server'
import { onStopSignal } from '../../server/platform/stop-signals.ts'
import PostalMime from 'postal-mime'

const PORT = 1025

/** Prints a mail as a person would read it. */
async function print(raw: Buffer, to: string): Promise<void> {
  const mail = await PostalMime.parse(raw)
  console.log(`\n--- ${new Date().toISOString()} to ${to}\n    ${mail.subject ?? ''}\n\n${(mail.text ?? '').trim()}`)
}

const server = new SMTPServer({
  authOptional: true,
  disabledCommands: ['STARTTLS'],
  onData(stream, session, callback) {
    const to = session.envelope.rcptTo.map(recipient => recipient.address).join(', ')
    const chunks: Buffer[] = []
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    stream.on('end', () => {
      void print(Buffer.concat(chunks), to)
      callback()
    })
  },
})
server.listen(PORT, '127.0.0.1', () => console.log(`Mail server on smtp://127.0.0.1:${PORT}; every mail is printed here. Ctrl-C ends it.`))
onStopSignal(() => {
  server.close(() => process.exit(0))
})
