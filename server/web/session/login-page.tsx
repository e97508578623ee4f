/** The login as a page of its own. */
import { Alert, Text } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useSearchParams } from 'wouter'
import { callApi } from '../api/api-client.ts'
import { keys } from '../api/query-keys.ts'
import { EntryCard } from './entry-card.tsx'
import { LoginForm } from './login-form.tsx'
import { markSessionAlive } from './session-state.ts'

/** Why the single sign-on sent somebody back. */
const SSO_WORDS: Record<string, string> = {
  'no-account': 'There is no account for you here. Ask an administrator to invite you with the address you use there.',
  'not-verified': 'It does not say that your e-mail address is verified. Verify it there, then try again.',
  'linked-elsewhere': 'The account with your address is linked to somebody else there. Ask an administrator.',
  expired: 'It took too long, or was begun in another browser. Try again.',
  unavailable: 'It does not answer. Log in another way, or try again later.',
  refused: 'Its answer was not right. Try again; if it stays, ask an administrator.',
}

/** Login; says so when there is nobody who could log in yet. */
export function LoginPage() {
  const client = useQueryClient()
  const [params] = useSearchParams()
  const sso = params.get('sso')
  const setup = useQuery({ queryKey: keys.setup, queryFn: ({ signal }) => callApi<{ needed: boolean }>('GET', '/setup', { signal }) })
  return (
    <EntryCard title="Log in">
      {sso !== null && (
        <Alert color="yellow" variant="outline" title="Single sign-on" mb="md" role="alert">
          <Text size="sm">{SSO_WORDS[sso] ?? SSO_WORDS['refused']}</Text>
        </Alert>
      )}
      {setup.data?.needed ? (
        <Alert color="yellow" variant="outline" title="No administrator yet">
          <Text size="sm">Open the one-time link that the server printed when it started. It ends in /setup# and a secret.</Text>
        </Alert>
      ) : (
        <LoginForm
          onDone={() => {
            markSessionAlive()
            void client.invalidateQueries()
          }}
        />
      )}
    </EntryCard>
  )
}
