/** `npm run mailbox`: a mail server for trying things out. It prints every mail it gets and keeps none. */
import { SMTPServer } from 'smtp-server'
import PostalMime from 'postal-mime'

const PORT = 1025

const server = new SMTPServer({
  authOptional: true,
  disabledCommands: ['STARTTLS'],
  onData(stream, session, callback) {
    const chunks: Buffer[] = []
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    stream.on('end', () => {
      void PostalMime.parse(Buffer.concat(chunks)).then(mail => {
        const to = session.envelope.rcptTo.map(recipient => recipient.address).join(', ')
        console.log(`\n--- ${new Date().toISOString()} to ${to}\n    ${mail.subject ?? ''}\n\n${(mail.text ?? '').trim()}`)
        callback()
      })
    })
  },
})
server.listen(PORT, '127.0.0.1', () => console.log(`Mail server on smtp://127.0.0.1:${PORT}; every mail is printed here. Ctrl-C ends it.`))
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => server.close(() => process.exit(0)))
