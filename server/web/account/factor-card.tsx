/** What is asked for after the password. */
import { Button, Group, Paper, Text, Title } from '@mantine/core'
import { useState } from 'react'
import type { Account } from '../../../shared/api/accounts/account-api.ts'
import { Tag } from '../components/tags.tsx'
import { AuthenticatorModal, FactorModal } from './factor-modals.tsx'
import { useReread } from './use-account.ts'

const WORDS = {
  none: 'Your password alone is enough. A code besides it keeps out whoever learns it.',
  totp: 'After your password we ask for the code of your authenticator.',
  mail: 'After your password we mail you a code.',
} as const
const FEW = 3

/** The factor of now, and the others. */
export function FactorCard({ account }: { account: Account }) {
  const reread = useReread()
  const [open, setOpen] = useState<'totp' | 'mail' | 'none' | 'codes' | null>(null)
  const close = (): void => {
    setOpen(null)
    reread()
  }
  const { secondFactor: factor, recoveryCodesLeft: left } = account
  return (
    <Paper p="md" component="section" aria-label="Second factor">
      <Group gap="xs" mb={4}>
        <Title order={2} size="h4">
          Second factor
        </Title>
        <Tag tone={factor === 'none' ? 'warn' : 'good'}>{factor === 'none' ? 'none' : factor === 'totp' ? 'authenticator' : 'by mail'}</Tag>
      </Group>
      <Text size="sm" c="dimmed" mb="sm">
        {WORDS[factor]}
      </Text>
      {factor !== 'none' && (
        <Text size="sm" mb="sm" className={left <= FEW ? 'text-warn' : undefined}>
          {left} recovery codes left.
        </Text>
      )}
      <Group gap="xs">
        <Button variant={factor === 'none' ? 'filled' : 'default'} onClick={() => setOpen('totp')}>
          {factor === 'totp' ? 'Another authenticator' : 'Use an authenticator'}
        </Button>
        {factor !== 'mail' && account.mayUse.mail && (
          <Button variant="default" onClick={() => setOpen('mail')}>
            Codes by mail
          </Button>
        )}
        {factor !== 'none' && (
          <>
            <Button variant="default" onClick={() => setOpen('codes')}>
              New recovery codes
            </Button>
            <Button variant="default" onClick={() => setOpen('none')}>
              Turn off
            </Button>
          </>
        )}
      </Group>
      {open === 'totp' && <AuthenticatorModal hasPassword={account.hasPassword} onClose={close} />}
      {open !== null && open !== 'totp' && <FactorModal change={open} hasPassword={account.hasPassword} onClose={close} />}
    </Paper>
  )
}
