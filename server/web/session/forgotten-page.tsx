/** A password that was forgotten: a link by mail. */
import { Button, Stack, Text, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { LinkButton } from '../components/link-button.tsx'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { useFields } from '../components/use-fields.ts'
import { callApi } from '../api/api-client.ts'
import { EntryCard } from './entry-card.tsx'

/** Says the same whether there is such an account or not. */
export function ForgottenPage() {
  const ask = useMutation({
    mutationFn: (body: { email: string }) => callApi('POST', '/session/forgotten', { body }),
    meta: { isShownInPlace: true },
  })
  const fields = useFields({ email: '' }, ask.error)
  if (ask.isSuccess) {
    return (
      <EntryCard title="Look into your mail">
        <Stack>
          <Text size="sm">
            If {fields.values.email} has an account, a link is on its way. It works once, for an hour. Nothing there? Look into the spam, or
            ask whoever invited you.
          </Text>
          <LinkButton to="/" variant="default">
            Back to the login
          </LinkButton>
        </Stack>
      </EntryCard>
    )
  }
  return (
    <EntryCard title="Forgotten password" note="We send a link with which you choose a new one.">
      <form
        onSubmit={event => {
          event.preventDefault()
          ask.mutate(fields.values)
        }}
      >
        <Stack gap="sm">
          <ProblemAlert error={ask.error} hidesFaults />
          <TextInput label="E-mail" type="email" autoComplete="username" required autoFocus {...fields.input('email')} />
          <Button type="submit" loading={ask.isPending} mt="xs">
            Send the link
          </Button>
          <LinkButton to="/" variant="subtle">
            Back to the login
          </LinkButton>
        </Stack>
      </form>
    </EntryCard>
  )
}
