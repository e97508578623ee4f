/** A password chosen by a one-time link: the first one of somebody invited, or a new one. */
import { Button, Stack, Text, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useLocation } from 'wouter'
import type { LinkFacts, LoginChallenge, Session } from '../../../shared/api/accounts/account-api.ts'
import { LinkButton } from '../components/link-button.tsx'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { useFields } from '../components/use-fields.ts'
import { PageLoader } from '../shell/page-loader.tsx'
import { callApi } from '../api/api-client.ts'
import { keys } from '../api/query-keys.ts'
import { CodeForm } from './code-form.tsx'
import { EntryCard } from './entry-card.tsx'
import { NewPassword } from './new-password.tsx'
import { LEAST_LENGTH } from './password-strength.ts'
import { markSessionAlive } from './session-state.ts'

/** The secret comes with the address, after the #, so that it is in no log. */
export function WelcomePage() {
  const [, go] = useLocation()
  const client = useQueryClient()
  const [secret] = useState(() => window.location.hash.slice(1))
  const [challenge, setChallenge] = useState<LoginChallenge | null>(null)
  const link = useQuery({
    queryKey: keys.oneTimeLink(secret),
    queryFn: ({ signal }) => callApi<LinkFacts>('POST', '/session/link/look', { body: { secret }, signal }),
    enabled: secret !== '',
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
  })
  const enter = async (): Promise<void> => {
    markSessionAlive()
    go('/', { replace: true })
    // The link is used up: asking about it again would only be refused.
    await client.invalidateQueries({ predicate: query => query.queryKey[0] !== 'one-time-link' })
  }
  const choose = useMutation({
    mutationFn: (password: string) => callApi<Session | LoginChallenge>('POST', '/session/link', { body: { secret, password } }),
    onSuccess: answer => ('challenge' in answer ? setChallenge(answer) : void enter()),
    meta: { isShownInPlace: true },
  })
  const fields = useFields({ password: '' }, choose.error)
  if (challenge)
    return (
      <EntryCard title="One more step" note="Your new password is set.">
        <CodeForm challenge={challenge} onDone={() => void enter()} onBack={() => go('/', { replace: true })} />
      </EntryCard>
    )
  if (secret !== '' && link.isPending) return <PageLoader />
  if (!link.data)
    return (
      <EntryCard title="This link does not work">
        <Stack>
          <Text size="sm">
            It was used, has expired, or is not whole. Ask whoever invited you for a new one; a forgotten password you can ask for yourself.
          </Text>
          <LinkButton to="/forgotten">Forgotten password</LinkButton>
          <LinkButton to="/" variant="default">
            To the login
          </LinkButton>
        </Stack>
      </EntryCard>
    )
  const isInvited = link.data.kind === 'invite'
  return (
    <EntryCard title={isInvited ? `Welcome, ${link.data.name}` : 'A new password'} note="Choose the password you will log in with.">
      <form
        onSubmit={event => {
          event.preventDefault()
          choose.mutate(fields.values.password)
        }}
      >
        <Stack gap="sm">
          <ProblemAlert error={choose.error} hidesFaults />
          <TextInput label="E-mail" type="email" autoComplete="username" readOnly value={link.data.email} />
          <NewPassword input={fields.input('password')} isFirst />
          <Button type="submit" loading={choose.isPending} disabled={fields.values.password.length < LEAST_LENGTH} mt="xs">
            {isInvited ? 'Set the password and go in' : 'Set the password'}
          </Button>
        </Stack>
      </form>
    </EntryCard>
  )
}
