/** People to log in with, and mails that wait: made once, over the API of the running demo, as an administrator would. */
import { randomBytes } from 'node:crypto'
import type { Customer } from '../../shared/api/contracts/customer-api.ts'
import type { Page } from '../../shared/api/list.ts'
import type { Partner } from '../../shared/api/customers/partner-api.ts'
import type { InvitedPerson, PersonInput } from '../../shared/api/accounts/people-api.ts'
import { serverApi } from '../simulate/server-api.ts'
import { rawMail } from '../support/raw-mail.ts'
import { DEMO_PARTNER } from './desk-scenes.ts'
import { MAILS } from './desk-texts.ts'

/** `of`: what they are, in words. */
export type DemoPerson = { email: string; password: string; of: string }
const CUSTOMER = 'Lindqvist Livs'

/** Makes them. Whose customer or partner a small demo lacks is left out. */
export async function makeDemoPeople(serverUrl: string, token: string): Promise<DemoPerson[]> {
  const api = serverApi(serverUrl, token)
  const customers = await api.call<Page<Customer>>('GET', '/customers?limit=500')
  const partners = await api.call<Page<Partner>>('GET', '/partners?limit=500')
  const customer = customers.items.find(({ name }) => name === CUSTOMER)
  const partner = partners.items.find(({ name }) => name === DEMO_PARTNER)
  const wanted: { input: PersonInput; of: string }[] = [
    { input: { email: 'nils@kioskeeper.example', name: 'Nils Ekman', role: 'desk' }, of: 'second of the desk' },
    ...(customer
      ? [
          {
            input: { email: 'ebba@lindqvist.example', name: 'Ebba Lindqvist', role: 'customer' as const, customerIds: [customer.id] },
            of: `customer portal, ${CUSTOMER}`,
          },
        ]
      : []),
    ...(partner
      ? [
          {
            input: { email: 'karin@faltkraft.example', name: 'Karin Falk', role: 'partner' as const, partnerId: partner.id },
            of: `partner's jobs, ${DEMO_PARTNER}`,
          },
        ]
      : []),
  ]
  const people: DemoPerson[] = []
  for (const { input, of } of wanted) {
    const { link } = await api.call<InvitedPerson>('POST', '/people', input)
    const password = randomBytes(12).toString('base64url')
    await api.call('POST', '/session/link', { secret: new URL(link).hash.slice(1), password })
    people.push({ email: input.email, password, of })
  }
  return people
}

/** Hands over mails that need a person. */
export async function handOverMails(serverUrl: string, token: string): Promise<void> {
  for (const mail of MAILS) {
    const response = await fetch(`${serverUrl}/api/v1/intake/mail`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'message/rfc822' },
      body: new Uint8Array(rawMail(mail)),
    })
    if (!response.ok) throw new Error(`A mail of the demo was refused: ${await response.text()}`)
  }
}
