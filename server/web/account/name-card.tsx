/** Name and password. */
import { Button, Group, Paper, PasswordInput, Stack, Text, TextInput, Title } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import type { Account } from '../../../shared/api/accounts/account-api.ts'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { useFields } from '../components/use-fields.ts'
import { ROLE_WORDS } from '../people/person-words.ts'
import { NewPassword } from '../session/new-password.tsx'
import { LEAST_LENGTH } from '../session/password-strength.ts'
import { callApi } from '../api/api-client.ts'
import { showDone } from '../api/show-problem.ts'
import { useReread } from './use-account.ts'

/** What others see of one. */
export function NameCard({ account }: { account: Account }) {
  const reread = useReread()
  const rename = useMutation({
    mutationFn: (body: { name: string }) => callApi<Account>('PATCH', '/account', { body }),
    onSuccess: () => {
      reread()
      showDone('Name changed')
    },
    meta: { isShownInPlace: true },
  })
  const fields = useFields({ name: account.name }, rename.error)
  return (
    <Paper p="md" component="section" aria-label="You">
      <Title order={2} size="h4" mb="sm">
        You
      </Title>
      <form
        onSubmit={event => {
          event.preventDefault()
          rename.mutate(fields.values)
        }}
      >
        <Stack gap="sm">
          <ProblemAlert error={rename.error} hidesFaults />
          <TextInput label="Name" required maxLength={200} autoComplete="name" {...fields.input('name')} />
          <dl className="facts">
            <dt>E-mail</dt>
            <dd>{account.email}</dd>
            <dt>Role</dt>
            <dd>{ROLE_WORDS[account.role].word}</dd>
            {account.hasSso && (
              <>
                <dt>Single sign-on</dt>
                <dd>linked</dd>
              </>
            )}
          </dl>
          <Group justify="flex-end">
            <Button
              type="submit"
              loading={rename.isPending}
              disabled={fields.values.name.trim() === '' || fields.values.name === account.name}
            >
              Save
            </Button>
          </Group>
        </Stack>
      </form>
    </Paper>
  )
}

/** Another password; every other session ends with it. */
export function PasswordCard({ account }: { account: Account }) {
  const reread = useReread()
  const change = useMutation({
    mutationFn: (body: { current?: string; password: string }) => callApi<Account>('PUT', '/account/password', { body }),
    onSuccess: () => {
      fields.reset()
      reread()
      showDone('Password changed. Every other session has ended')
    },
    meta: { isShownInPlace: true },
  })
  const fields = useFields({ current: '', password: '' }, change.error)
  const { current, password } = fields.values
  return (
    <Paper p="md" component="section" aria-label="Password">
      <Title order={2} size="h4" mb="sm">
        Password
      </Title>
      <form
        onSubmit={event => {
          event.preventDefault()
          change.mutate({ ...(account.hasPassword ? { current } : {}), password })
        }}
      >
        <Stack gap="sm">
          <ProblemAlert error={change.error} hidesFaults />
          {account.hasPassword ? (
            <PasswordInput label="Password of now" autoComplete="current-password" required {...fields.input('current')} />
          ) : (
            <Text size="sm" c="dimmed">
              You have none yet: you log in another way.
            </Text>
          )}
          <NewPassword input={fields.input('password')} label="New password" />
          <Group justify="flex-end">
            <Button type="submit" loading={change.isPending} disabled={password.length < LEAST_LENGTH}>
              Change the password
            </Button>
          </Group>
        </Stack>
      </form>
    </Paper>
  )
}
