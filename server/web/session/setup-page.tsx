/** The first administrator, by the one-time link. */
import { Alert, Button, Stack, Text, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useLocation } from 'wouter'
import type { SetupInput } from '../../../shared/api/accounts/account-api.ts'
import { callApi } from '../api/api-client.ts'
import { keys } from '../api/query-keys.ts'
import { LinkButton } from '../components/link-button.tsx'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { useFields } from '../components/use-fields.ts'
import { EntryCard } from './entry-card.tsx'
import { NewPassword } from './new-password.tsx'
import { LEAST_LENGTH } from './password-strength.ts'

/** Name, e-mail, password; the secret comes with the address, after the #, so that it is in no log. */
export function SetupPage() {
  const [, go] = useLocation()
  const client = useQueryClient()
  const [secret] = useState(() => window.location.hash.slice(1))
  const setup = useQuery({ queryKey: keys.setup, queryFn: ({ signal }) => callApi<{ needed: boolean }>('GET', '/setup', { signal }) })
  const make = useMutation({
    mutationFn: (body: SetupInput) => callApi('POST', '/setup', { body }),
    onSuccess: async () => {
      await client.invalidateQueries()
      go('/', { replace: true })
    },
    meta: { isShownInPlace: true },
  })
  const fields = useFields({ name: '', email: '', password: '' }, make.error)

  if (setup.data && !setup.data.needed && !make.isSuccess) {
    return (
      <EntryCard title="Set-up is done" note="The first administrator exists already.">
        <LinkButton to="/">Log in</LinkButton>
      </EntryCard>
    )
  }
  return (
    <EntryCard title="First administrator" note="This account may do everything. It can make others later.">
      {secret === '' ? (
        <Alert color="yellow" variant="outline" title="The link is not complete">
          <Text size="sm">Open the whole link that the server printed when it started, with everything after the # sign.</Text>
        </Alert>
      ) : (
        <form
          onSubmit={event => {
            event.preventDefault()
            make.mutate({ secret, ...fields.values })
          }}
        >
          <Stack gap="sm">
            <ProblemAlert error={make.error} hidesFaults />
            <TextInput label="Name" autoComplete="name" required autoFocus maxLength={200} {...fields.input('name')} />
            <TextInput label="E-mail" type="email" autoComplete="username" required {...fields.input('email')} />
            <NewPassword input={fields.input('password')} />
            <Button type="submit" loading={make.isPending} disabled={fields.values.password.length < LEAST_LENGTH} mt="xs">
              Make the administrator
            </Button>
          </Stack>
        </form>
      )}
    </EntryCard>
  )
}
