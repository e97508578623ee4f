/** The code that is asked for after the password. */
import { Button, Stack, Text, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import type { LoginChallenge } from '../../../shared/api/accounts/account-api.ts'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { callApi } from '../api/api-client.ts'

/** Sends the code; `onBack` begins again. */
export function CodeForm({ challenge, onDone, onBack }: { challenge: LoginChallenge; onDone: () => void; onBack: () => void }) {
  const [code, setCode] = useState('')
  const answer = useMutation({
    mutationFn: () => callApi('POST', '/session/code', { body: { challenge: challenge.challenge, code: code.trim() } }),
    onSuccess: onDone,
    onError: () => setCode(''),
    meta: { isShownInPlace: true },
  })
  return (
    <form
      onSubmit={event => {
        event.preventDefault()
        if (code.trim() !== '') answer.mutate()
      }}
    >
      <Stack gap="sm">
        <Text size="sm">
          {challenge.kind === 'mail'
            ? `We have sent a code to ${challenge.sentTo ?? 'your address'}. It may take a minute.`
            : 'Type the code your authenticator shows.'}
        </Text>
        <ProblemAlert error={answer.error} />
        <TextInput
          label="Code"
          description="Six digits, or one of your recovery codes"
          autoComplete="one-time-code"
          inputMode="text"
          maxLength={40}
          required
          autoFocus
          value={code}
          onChange={event => setCode(event.currentTarget.value)}
        />
        <Button type="submit" loading={answer.isPending} mt="xs" fullWidth>
          Go on
        </Button>
        <Button variant="subtle" onClick={onBack}>
          Begin again
        </Button>
      </Stack>
    </form>
  )
}
