/** The password once more, before something about the login is changed. */
import { Button, Group, PasswordInput, Stack, Text } from '@mantine/core'
import { useState, type ReactNode } from 'react'
import { ProblemAlert } from '../components/problem-alert.tsx'

/** Asks for it where there is one; `onGo` gets the part of the body that proves it. */
export function ProveForm({
  hasPassword,
  children,
  action,
  error,
  isBusy,
  onGo,
}: {
  hasPassword: boolean
  children: ReactNode
  action: string
  error: unknown
  isBusy: boolean
  onGo: (proof: { password?: string }) => void
}) {
  const [password, setPassword] = useState('')
  return (
    <form
      onSubmit={event => {
        event.preventDefault()
        onGo(hasPassword ? { password } : {})
      }}
    >
      <Stack gap="sm">
        <Text size="sm" component="div">
          {children}
        </Text>
        <ProblemAlert error={error} />
        {hasPassword && (
          <PasswordInput
            label="Your password"
            autoComplete="current-password"
            required
            data-autofocus
            value={password}
            onChange={event => setPassword(event.currentTarget.value)}
          />
        )}
        <Group justify="flex-end">
          <Button type="submit" loading={isBusy} disabled={hasPassword && password === ''}>
            {action}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
