/** The mails a real mail server got, read as a mail program reads them. */
import PostalMime, { type Email } from 'postal-mime'
import type { Mailbox } from './mailbox.ts'

/** Mails to an address, oldest first. */
export function lettersTo(mailbox: Mailbox, to: string): Promise<Email[]> {
  return Promise.all(mailbox.mails.filter(mail => mail.to.includes(to)).map(mail => PostalMime.parse(mail.text)))
}

/** A header of a mail, or undefined. */
export function headerOf(mail: Email, key: string): string | undefined {
  return mail.headers.find(one => one.key === key)?.value
}

/** Every word of every mail, decoded, files too: what must not leave the house is searched in it. */
export async function everyWord(mailbox: Mailbox, to?: string): Promise<string> {
  const mails = mailbox.mails.filter(mail => to === undefined || mail.to.includes(to))
  const words = mails.map(async raw => {
    const mail = await PostalMime.parse(raw.text)
    const files = mail.attachments.map(({ content }) => (typeof content === 'string' ? content : new TextDecoder().decode(content)))
    return [mail.subject, mail.text, mail.html, JSON.stringify(mail.headers), ...files].join('\n')
  })
  return (await Promise.all(words)).join('\n')
}
