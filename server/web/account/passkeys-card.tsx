/** Passkeys: logging in with the lock of a phone or a computer. */
import { ActionIcon, Button, Group, Modal, Paper, Stack, Text, TextInput, Title } from '@mantine/core'
import { modals } from '@mantine/modals'
import { IconFingerprint, IconTrash } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import type { PublicKeyCredentialCreationOptionsJSON } from '@simplewebauthn/browser'
import type { Account } from '../../../shared/api/accounts/account-api.ts'
import { Ago } from '../components/ago.tsx'
import { callApi } from '../api/api-client.ts'
import { browserName } from './browser-name.ts'
import { ProveForm } from './prove-form.tsx'
import { useReread } from './use-account.ts'

async function makePasskey(name: string, proof: { password?: string }): Promise<void> {
  const optionsJSON = await callApi<PublicKeyCredentialCreationOptionsJSON>('POST', '/account/passkeys/options', { body: proof })
  const { startRegistration } = await import('@simplewebauthn/browser')
  const response = await startRegistration({ optionsJSON })
  await callApi('POST', '/account/passkeys', { body: { name, response } })
}

function NewPasskey({ hasPassword, onClose }: { hasPassword: boolean; onClose: () => void }) {
  const [name, setName] = useState(() => browserName(navigator.userAgent))
  const make = useMutation({
    mutationFn: (proof: { password?: string }) => makePasskey(name.trim(), proof),
    onSuccess: onClose,
    meta: { isShownInPlace: true },
  })
  return (
    <Modal opened onClose={onClose} title="New passkey">
      <ProveForm
        hasPassword={hasPassword}
        action="Make the passkey"
        error={make.error}
        isBusy={make.isPending}
        onGo={proof => make.mutate(proof)}
      >
        <TextInput
          label="What you call it"
          required
          maxLength={60}
          value={name}
          onChange={event => setName(event.currentTarget.value)}
          mb="xs"
        />
      </ProveForm>
    </Modal>
  )
}

/** Keys with the time they were last used. */
export function PasskeysCard({ account }: { account: Account }) {
  const reread = useReread()
  const [isNew, setIsNew] = useState(false)
  const remove = useMutation({
    mutationFn: (id: string) => callApi('DELETE', `/account/passkeys/${encodeURIComponent(id)}`),
    onSuccess: reread,
  })
  const askRemove = (key: Account['passkeys'][number]): void => {
    modals.openConfirmModal({
      title: `Remove ${key.name}?`,
      children: <Text size="sm">It logs nobody in any more. Remove it from the device too.</Text>,
      labels: { confirm: 'Remove', cancel: 'Keep' },
      confirmProps: { color: 'red' },
      onConfirm: () => remove.mutate(key.id),
    })
  }
  const canMake = account.mayUse.passkeys && 'PublicKeyCredential' in window
  return (
    <Paper p="md" component="section" aria-label="Passkeys">
      <Title order={2} size="h4" mb={4}>
        Passkeys
      </Title>
      <Text size="sm" c="dimmed" mb="sm">
        {canMake
          ? 'Log in with fingerprint, face or PIN of this device; no password, no code.'
          : 'Passkeys need an https address with a name. Whoever runs this server can set one.'}
      </Text>
      <Stack gap={6} component="ul" p={0} m={0} mb="sm" style={{ listStyle: 'none' }}>
        {account.passkeys.map(key => (
          <Group key={key.id} component="li" justify="space-between" wrap="nowrap">
            <Text size="sm" component="div">
              <b>{key.name}</b>{' '}
              <span className="quiet">
                {key.lastUsedAt ? (
                  <>
                    used <Ago at={key.lastUsedAt} />
                  </>
                ) : (
                  <>
                    made <Ago at={key.createdAt} />
                  </>
                )}
              </span>
            </Text>
            <ActionIcon variant="subtle" color="gray" aria-label={`Remove ${key.name}`} onClick={() => askRemove(key)}>
              <IconTrash size={16} />
            </ActionIcon>
          </Group>
        ))}
      </Stack>
      {canMake && (
        <Button variant="default" leftSection={<IconFingerprint size={17} aria-hidden />} onClick={() => setIsNew(true)}>
          Add a passkey
        </Button>
      )}
      {isNew && (
        <NewPasskey
          hasPassword={account.hasPassword}
          onClose={() => {
            setIsNew(false)
            reread()
          }}
        />
      )}
    </Paper>
  )
}
