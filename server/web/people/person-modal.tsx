/** One person: invited, changed, locked out. */
import { Alert, Button, Code, CopyButton, Group, Modal, MultiSelect, Select, Stack, Text, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { InvitedPerson, Person, PersonInput, PersonPatch } from '../../../shared/api/accounts/people-api.ts'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { useFields } from '../components/use-fields.ts'
import { useSession } from '../session/use-session.ts'
import { callApi } from '../api/api-client.ts'
import { contactsQuery, customersQuery, partnersQuery } from '../api/catalog-queries.ts'
import { keys } from '../api/query-keys.ts'
import { showDone } from '../api/show-problem.ts'
import { PersonActions } from './person-actions.tsx'
import { ROLE_WORDS } from './person-words.ts'

type Bound = { role: Person['role']; customerIds: string[]; partnerId: string | null; contactId: string | null }

/** The link of an invitation, shown once. */
export function InvitationLink({ invited, onClose }: { invited: InvitedPerson; onClose: () => void }) {
  return (
    <Stack gap="sm">
      <Alert color="teal" variant="outline" title={`${invited.name} is invited`}>
        <Text size="sm">
          A mail with the link is on its way to {invited.email}. You can also hand it over yourself; it works once, for seven days.
        </Text>
      </Alert>
      <Code block style={{ overflowWrap: 'anywhere', whiteSpace: 'pre-wrap' }}>
        {invited.link}
      </Code>
      <Group justify="space-between">
        <CopyButton value={invited.link}>
          {({ copied, copy }) => (
            <Button variant="default" onClick={copy}>
              {copied ? 'Copied' : 'Copy the link'}
            </Button>
          )}
        </CopyButton>
        <Button onClick={onClose}>Done</Button>
      </Group>
    </Stack>
  )
}

function BindingFields({
  bound,
  onChange,
  fault,
}: {
  bound: Bound
  onChange: (next: Bound) => void
  fault: (name: string) => string | undefined
}) {
  const { data: me } = useSession()
  const customers = useQuery(customersQuery)
  const partners = useQuery(partnersQuery)
  const first = bound.customerIds[0]
  const contacts = useQuery({ ...contactsQuery(first ?? ''), enabled: bound.role === 'customer' && first !== undefined })
  const roles =
    me?.role === 'admin' ? Object.keys(ROLE_WORDS) : ['desk', 'viewer', 'customer', ...(me?.customerIds === null ? ['partner'] : [])]
  return (
    <>
      <Select
        label="Role"
        description={`May ${ROLE_WORDS[bound.role].may}`}
        required
        allowDeselect={false}
        data={roles.map(value => ({ value, label: ROLE_WORDS[value as Person['role']].word }))}
        value={bound.role}
        onChange={value => onChange({ role: value as Person['role'], customerIds: [], partnerId: null, contactId: null })}
        error={fault('role')}
      />
      {bound.role === 'partner' ? (
        <Select
          label="Partner"
          required
          searchable
          data={(partners.data ?? []).map(({ id, name }) => ({ value: id, label: name }))}
          value={bound.partnerId}
          onChange={partnerId => onChange({ ...bound, partnerId })}
          error={fault('partnerId')}
        />
      ) : (
        bound.role !== 'admin' && (
          <MultiSelect
            label={bound.role === 'customer' ? 'Belongs to' : 'Sees only'}
            description={bound.role === 'customer' ? undefined : 'Leave it empty for every customer'}
            required={bound.role === 'customer'}
            searchable
            data={(customers.data ?? []).map(({ id, name }) => ({ value: id, label: name }))}
            value={bound.customerIds}
            onChange={customerIds => onChange({ ...bound, customerIds, contactId: null })}
            error={fault('customerIds')}
          />
        )
      )}
      {bound.role === 'customer' && (contacts.data?.length ?? 0) > 0 && (
        <Select
          label="Is the named contact"
          description="Tickets they report then count as reported by this contact"
          clearable
          clearButtonProps={{ 'aria-label': 'No named contact' }}
          data={(contacts.data ?? []).map(({ id, name, email }) => ({ value: id, label: `${name}, ${email}` }))}
          value={bound.contactId}
          onChange={contactId => onChange({ ...bound, contactId })}
          error={fault('contactId')}
        />
      )}
    </>
  )
}

/** Null = somebody new. */
export function PersonModal({ person, onClose }: { person: Person | null; onClose: () => void }) {
  const client = useQueryClient()
  const [invited, setInvited] = useState<InvitedPerson | null>(null)
  const [bound, setBound] = useState<Bound>({
    role: person?.role ?? 'desk',
    customerIds: person?.customerIds ?? [],
    partnerId: person?.partnerId ?? null,
    contactId: person?.contactId ?? null,
  })
  const changed = (): void => void client.invalidateQueries({ queryKey: keys.people })
  const save = useMutation({
    mutationFn: async (): Promise<InvitedPerson | null> => {
      if (person === null) return callApi<InvitedPerson>('POST', '/people', { body: { ...fields.values, ...bound } satisfies PersonInput })
      await callApi('PATCH', `/people/${person.id}`, { body: { name: fields.values.name, ...bound } satisfies PersonPatch })
      return null
    },
    onSuccess: answer => {
      changed()
      if (answer) return setInvited(answer)
      showDone('Saved')
      onClose()
    },
    meta: { isShownInPlace: true },
  })
  const fields = useFields({ email: person?.email ?? '', name: person?.name ?? '' }, save.error)
  return (
    <Modal opened onClose={onClose} title={person?.name ?? 'Invite somebody'} size="lg">
      {invited ? (
        <InvitationLink invited={invited} onClose={onClose} />
      ) : (
        <form
          onSubmit={event => {
            event.preventDefault()
            save.mutate()
          }}
        >
          <Stack gap="sm">
            <ProblemAlert error={save.error} hidesFaults />
            <TextInput label="Name" required maxLength={200} data-autofocus {...fields.input('name')} />
            <TextInput label="E-mail" type="email" required readOnly={person !== null} {...fields.input('email')} />
            <BindingFields bound={bound} onChange={setBound} fault={fields.fault} />
            <Group justify="flex-end">
              <Button variant="default" onClick={onClose}>
                Cancel
              </Button>
              <Button type="submit" loading={save.isPending}>
                {person === null ? 'Invite' : 'Save'}
              </Button>
            </Group>
            {person && (
              <PersonActions
                person={person}
                onInvited={setInvited}
                onDone={() => {
                  changed()
                  onClose()
                }}
              />
            )}
          </Stack>
        </form>
      )}
    </Modal>
  )
}
