/** People of the customer who may ask for help. */
import { ActionIcon, Button, Group, Paper, Stack, Table, Text, TextInput, Title } from '@mantine/core'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { modals } from '@mantine/modals'
import { useState } from 'react'
import type { Contact, ContactInput } from '../../../shared/api/contracts/customer-api.ts'
import { callApi } from '../api/api-client.ts'
import { contactsQuery } from '../api/catalog-queries.ts'
import { keys } from '../api/query-keys.ts'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { useFields } from '../components/use-fields.ts'

function NewContact({ customerId, onDone }: { customerId: string; onDone: () => void }) {
  const client = useQueryClient()
  const add = useMutation({
    mutationFn: (body: ContactInput) => callApi<Contact>('POST', `/customers/${customerId}/contacts`, { body }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: keys.contacts(customerId) })
      void client.invalidateQueries({ queryKey: keys.usage(customerId) })
      onDone()
    },
    meta: { isShownInPlace: true },
  })
  const fields = useFields({ name: '', email: '', phone: '' }, add.error)
  return (
    <form
      onSubmit={event => {
        event.preventDefault()
        const { name, email, phone } = fields.values
        add.mutate({ name, email, ...(phone === '' ? {} : { phone }) })
      }}
    >
      <Stack gap="sm" className="inset" mb="sm">
        <ProblemAlert error={add.error} hidesFaults />
        <div className="three-fields">
          <TextInput label="Name" required autoFocus {...fields.input('name')} />
          <TextInput label="E-mail" type="email" required {...fields.input('email')} />
          <TextInput label="Phone" type="tel" {...fields.input('phone')} />
        </div>
        <Group gap="xs">
          <Button type="submit" size="xs" loading={add.isPending}>
            Add contact
          </Button>
          <Button variant="default" size="xs" onClick={onDone}>
            Cancel
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

/** Contacts with add and remove; the plan's limit is told where it is met. */
export function ContactsCard({ customerId, mayChange }: { customerId: string; mayChange: boolean }) {
  const client = useQueryClient()
  const contacts = useQuery(contactsQuery(customerId))
  const [isAdding, setIsAdding] = useState(false)
  const remove = useMutation({
    mutationFn: (contactId: string) => callApi('DELETE', `/customers/${customerId}/contacts/${contactId}`),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: keys.contacts(customerId) })
      void client.invalidateQueries({ queryKey: keys.usage(customerId) })
    },
  })
  const askRemove = (contact: Contact): void => {
    modals.openConfirmModal({
      title: `Remove ${contact.name}?`,
      children: (
        <Text size="sm">
          Tickets {contact.name} registers from now on are kept, but marked as not from a named contact where the plan asks for one.
        </Text>
      ),
      labels: { confirm: 'Remove', cancel: 'Keep' },
      confirmProps: { color: 'red' },
      onConfirm: () => remove.mutate(contact.id),
    })
  }
  return (
    <Paper p="md">
      <Group justify="space-between" mb="sm">
        <Title order={2} size="h4">
          Contacts
        </Title>
        {mayChange && !isAdding && (
          <Button size="xs" variant="default" leftSection={<IconPlus size={15} aria-hidden />} onClick={() => setIsAdding(true)}>
            Add contact
          </Button>
        )}
      </Group>
      {isAdding && <NewContact customerId={customerId} onDone={() => setIsAdding(false)} />}
      <ProblemAlert error={contacts.error} again={contacts.refetch} />
      {contacts.data?.length === 0 ? (
        <Text size="sm" c="dimmed">
          Nobody is named yet. Notices about tickets go to the contacts.
        </Text>
      ) : (
        <div className="scroll-box">
          <Table verticalSpacing={6} aria-label="Contacts" className="phone-cards">
            <Table.Tbody>
              {contacts.data?.map(contact => (
                <Table.Tr key={contact.id}>
                  <Table.Th scope="row" fw={550}>
                    {contact.name}
                  </Table.Th>
                  <Table.Td>
                    <a href={`mailto:${contact.email}`}>{contact.email}</a>
                  </Table.Td>
                  <Table.Td>{contact.phone}</Table.Td>
                  <Table.Td ta="right">
                    {mayChange && (
                      <ActionIcon variant="subtle" color="gray" aria-label={`Remove ${contact.name}`} onClick={() => askRemove(contact)}>
                        <IconTrash size={16} />
                      </ActionIcon>
                    )}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </div>
      )}
    </Paper>
  )
}
