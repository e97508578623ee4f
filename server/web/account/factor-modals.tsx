/** Setting the second factor up, and the recovery codes that come with it. */
import { Alert, Button, Code, CopyButton, Group, Modal, SimpleGrid, Stack, Text, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import type { RecoveryCodes, TotpSetup } from '../../../shared/api/accounts/account-api.ts'
import { QrCode } from '../enrolment/qr-code.tsx'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { callApi } from '../api/api-client.ts'
import { ProveForm } from './prove-form.tsx'
import '../enrolment/add-device.css'

/** Codes to keep, shown once. */
function Recovery({ codes, onClose }: { codes: readonly string[]; onClose: () => void }) {
  return (
    <Stack gap="sm">
      <Alert color="yellow" variant="outline" title="Keep these codes">
        <Text size="sm">Each logs you in once, when your phone or mail is out of reach. They are shown only now.</Text>
      </Alert>
      <SimpleGrid cols={2} spacing={6} component="ul" p={0} m={0} style={{ listStyle: 'none' }} aria-label="Recovery codes">
        {codes.map(code => (
          <li key={code}>
            <Code fz="sm">{code}</Code>
          </li>
        ))}
      </SimpleGrid>
      <Group justify="space-between">
        <CopyButton value={codes.join('\n')}>
          {({ copied, copy }) => (
            <Button variant="default" onClick={copy}>
              {copied ? 'Copied' : 'Copy all'}
            </Button>
          )}
        </CopyButton>
        <Button onClick={onClose}>I have kept them</Button>
      </Group>
    </Stack>
  )
}

type Opened = { hasPassword: boolean; onClose: () => void }

/** An authenticator: password, QR code, the first code, recovery codes. */
export function AuthenticatorModal({ hasPassword, onClose }: Opened) {
  const [proof, setProof] = useState<{ password?: string }>({})
  const [code, setCode] = useState('')
  const begin = useMutation({
    mutationFn: (body: { password?: string }) => callApi<TotpSetup>('POST', '/account/totp', { body }),
    meta: { isShownInPlace: true },
  })
  const confirm = useMutation({
    mutationFn: () => callApi<RecoveryCodes>('PUT', '/account/totp', { body: { code: code.trim(), ...proof } }),
    onError: () => setCode(''),
    meta: { isShownInPlace: true },
  })
  const codes = confirm.data?.recoveryCodes
  return (
    <Modal opened onClose={onClose} title="Authenticator" closeOnClickOutside={codes === undefined}>
      {codes ? (
        <Recovery codes={codes} onClose={onClose} />
      ) : begin.data ? (
        <form
          onSubmit={event => {
            event.preventDefault()
            confirm.mutate()
          }}
        >
          <Stack gap="sm">
            <Text size="sm">Scan this with the authenticator on your phone, then type the code it shows.</Text>
            <div style={{ maxWidth: 220, margin: '0 auto', width: '100%' }}>
              <QrCode text={begin.data.uri} label="The secret of the authenticator as a QR code" />
            </div>
            <Text size="xs" c="dimmed">
              It cannot scan? Type the secret: <Code>{begin.data.secret.match(/.{1,4}/g)?.join(' ')}</Code>
            </Text>
            <ProblemAlert error={confirm.error} />
            <TextInput
              label="Code"
              inputMode="numeric"
              autoComplete="one-time-code"
              maxLength={10}
              required
              value={code}
              onChange={event => setCode(event.currentTarget.value)}
            />
            <Group justify="flex-end">
              <Button type="submit" loading={confirm.isPending} disabled={code.trim().length < 6}>
                Use it from now on
              </Button>
            </Group>
          </Stack>
        </form>
      ) : (
        <ProveForm
          hasPassword={hasPassword}
          action="Show the QR code"
          error={begin.error}
          isBusy={begin.isPending}
          onGo={given => {
            setProof(given)
            begin.mutate(given)
          }}
        >
          You will be asked for its code whenever you log in with your password.
        </ProveForm>
      )}
    </Modal>
  )
}

/** Codes by mail, no second factor any more, or new recovery codes. */
export function FactorModal({ change, hasPassword, onClose }: Opened & { change: 'mail' | 'none' | 'codes' }) {
  const set = useMutation({
    mutationFn: (proof: { password?: string }) =>
      change === 'codes'
        ? callApi<RecoveryCodes>('POST', '/account/recovery-codes', { body: proof })
        : callApi<RecoveryCodes>('PUT', '/account/second-factor', { body: { to: change, ...proof } }),
    onSuccess: ({ recoveryCodes }) => {
      if (recoveryCodes.length === 0) onClose()
    },
    meta: { isShownInPlace: true },
  })
  const words = {
    mail: { title: 'Codes by mail', action: 'Send me codes', about: 'After your password we mail you a code of six digits, each time.' },
    none: { title: 'No second factor', action: 'Ask for no code', about: 'Your password alone will be enough. Your recovery codes end.' },
    codes: { title: 'New recovery codes', action: 'Make new codes', about: 'The codes you have kept end.' },
  }[change]
  const codes = set.data?.recoveryCodes ?? []
  return (
    <Modal opened onClose={onClose} title={words.title} closeOnClickOutside={codes.length === 0}>
      {codes.length > 0 ? (
        <Recovery codes={codes} onClose={onClose} />
      ) : (
        <ProveForm
          hasPassword={hasPassword}
          action={words.action}
          error={set.error}
          isBusy={set.isPending}
          onGo={proof => set.mutate(proof)}
        >
          {words.about}
        </ProveForm>
      )}
    </Modal>
  )
}
