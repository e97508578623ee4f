/** A login with a passkey; what speaks to the browser is loaded when it is wanted. */
import type { PublicKeyCredentialRequestOptionsJSON } from '@simplewebauthn/browser'
import { callApi } from '../api/api-client.ts'

/** Asks the browser for any passkey of this site and logs in with it. Throws what the browser or the server says. */
export async function logInWithPasskey(): Promise<void> {
  const optionsJSON = await callApi<PublicKeyCredentialRequestOptionsJSON>('POST', '/session/passkey/options')
  const { startAuthentication } = await import('@simplewebauthn/browser')
  const response = await startAuthentication({ optionsJSON })
  await callApi('POST', '/session/passkey', { body: response })
}
