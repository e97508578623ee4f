/** The login as a page of its own. */
import { Alert, Text } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { callApi } from '../wire/api-client.ts'
import { keys } from '../wire/query-keys.ts'
import { EntryCard } from './entry-card.tsx'
import { LoginForm } from './login-form.tsx'
import { markSessionAlive } from './session-state.ts'

/** Login; says so when there is nobody who could log in yet. */
export function LoginPage() {
  const client = useQueryClient()
  const setup = useQuery({ queryKey: keys.setup, queryFn: ({ signal }) => callApi<{ needed: boolean }>('GET', '/setup', { signal }) })
  return (
    <EntryCard title="Log in">
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
