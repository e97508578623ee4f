/** E-mail and password. */
import { Button, PasswordInput, Stack, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { callApi } from '../wire/api-client.ts'
import { ProblemAlert } from '../parts/problem-alert.tsx'
import { useFields } from '../parts/use-fields.ts'

/** Logs in and says when it is done. */
export function LoginForm({ onDone }: { onDone: () => void }) {
  const login = useMutation({
    mutationFn: (body: { email: string; password: string }) => callApi('POST', '/session', { body }),
    onSuccess: onDone,
    meta: { isShownInPlace: true },
  })
  const fields = useFields({ email: '', password: '' }, login.error)
  return (
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
      </Stack>
    </form>
  )
}
