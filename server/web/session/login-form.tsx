/** Who is it: password and code, a passkey, or the single sign-on. */
import { Anchor, Button, Divider, Group, PasswordInput, Stack, TextInput } from '@mantine/core'
import { IconFingerprint, IconLogin2 } from '@tabler/icons-react'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'wouter'
import type { LoginChallenge, LoginWays, Session } from '../../../shared/api/accounts/account-api.ts'
import { callApi } from '../api/api-client.ts'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { useFields } from '../components/use-fields.ts'
import { keys } from '../api/query-keys.ts'
import { CodeForm } from './code-form.tsx'
import { logInWithPasskey } from './passkey-login.ts'

/** What else than a password; nothing where there is nothing else. */
function OtherWays({ onDone }: { onDone: () => void }) {
  const ways = useQuery({
    queryKey: keys.loginWays,
    queryFn: ({ signal }) => callApi<LoginWays>('GET', '/session/ways', { signal }),
    staleTime: 5 * 60_000,
  })
  const passkey = useMutation({ mutationFn: logInWithPasskey, onSuccess: onDone, meta: { isShownInPlace: true } })
  const hasPasskeys = ways.data?.passkeys === true && 'PublicKeyCredential' in window
  if (!hasPasskeys && !ways.data?.sso) return null
  const to = `${window.location.pathname}${window.location.search}`
  return (
    <Stack gap="sm" mt="md">
      <Divider label="or" />
      <ProblemAlert error={passkey.error} />
      {hasPasskeys && (
        <Button
          variant="default"
          fullWidth
          loading={passkey.isPending}
          leftSection={<IconFingerprint size={18} aria-hidden />}
          onClick={() => passkey.mutate()}
        >
          Log in with a passkey
        </Button>
      )}
      {ways.data?.sso && (
        <Button
          component="a"
          href={`/api/v1/session/sso?to=${encodeURIComponent(to.startsWith('/login') ? '/' : to)}`}
          variant="default"
          fullWidth
          leftSection={<IconLogin2 size={18} aria-hidden />}
        >
          Log in with {ways.data.sso.name}
        </Button>
      )}
    </Stack>
  )
}

/** Logs in and says when it is done. */
export function LoginForm({ onDone }: { onDone: () => void }) {
  const [challenge, setChallenge] = useState<LoginChallenge | null>(null)
  const login = useMutation({
    mutationFn: (body: { email: string; password: string }) => callApi<Session | LoginChallenge>('POST', '/session', { body }),
    onSuccess: answer => ('challenge' in answer ? setChallenge(answer) : onDone()),
    meta: { isShownInPlace: true },
  })
  const fields = useFields({ email: '', password: '' }, login.error)
  if (challenge) {
    const again = (): void => {
      setChallenge(null)
      fields.set('password', '')
      login.reset()
    }
    return <CodeForm challenge={challenge} onDone={onDone} onBack={again} />
  }
  return (
    <>
      <form
        onSubmit={event => {
          event.preventDefault()
          login.mutate(fields.values)
        }}
      >
        <Stack gap="sm">
          <ProblemAlert error={login.error} hidesFaults />
          <TextInput label="E-mail" type="email" autoComplete="username" required data-autofocus autoFocus {...fields.input('email')} />
          <PasswordInput label="Password" autoComplete="current-password" required {...fields.input('password')} />
          <Button type="submit" loading={login.isPending} mt="xs" fullWidth>
            Log in
          </Button>
          <Group justify="center">
            <Anchor component={Link} href="/forgotten" size="sm">
              Forgotten password?
            </Anchor>
          </Group>
        </Stack>
      </form>
      <OtherWays onDone={onDone} />
    </>
  )
}
