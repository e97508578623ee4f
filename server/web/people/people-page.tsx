/** People who log in. */
import { Button, Select, Table, Text, TextInput } from '@mantine/core'
import { IconPlus, IconUsers } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Person } from '../../../shared/api/accounts/people-api.ts'
import { Ago } from '../components/ago.tsx'
import { NothingHere } from '../components/nothing-here.tsx'
import { PageHead } from '../components/page-head.tsx'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { Tag } from '../components/tags.tsx'
import { useSession } from '../session/use-session.ts'
import { PageLoader } from '../shell/page-loader.tsx'
import { readAll } from '../api/api-client.ts'
import { customersQuery, partnersQuery } from '../api/catalog-queries.ts'
import { keys } from '../api/query-keys.ts'
import { PersonModal } from './person-modal.tsx'
import { FACTOR_WORDS, ROLE_WORDS } from './person-words.ts'

function Belongs({ person }: { person: Person }) {
  const customers = useQuery(customersQuery)
  const partners = useQuery(partnersQuery)
  if (person.partnerId !== null) return partners.data?.find(({ id }) => id === person.partnerId)?.name ?? '…'
  if (person.customerIds.length === 0) return <span className="quiet">every customer</span>
  const names = person.customerIds.map(wanted => customers.data?.find(({ id }) => id === wanted)?.name ?? '…')
  return names.join(', ')
}

function Row({ person, isMe, onOpen }: { person: Person; isMe: boolean; onOpen: () => void }) {
  return (
    <Table.Tr>
      <Table.Td>
        {isMe ? (
          <b>
            {person.name} <Tag>you</Tag>
          </b>
        ) : (
          <button type="button" className="link-button" onClick={onOpen}>
            {person.name}
          </button>
        )}
        <Text size="xs" c="dimmed">
          {person.email}
        </Text>
      </Table.Td>
      <Table.Td>{ROLE_WORDS[person.role].word}</Table.Td>
      <Table.Td>
        <Belongs person={person} />
      </Table.Td>
      <Table.Td data-name="Second factor">
        {person.hasPasskey ? 'Passkey' : person.hasSso ? 'Single sign-on' : FACTOR_WORDS[person.secondFactor]}
      </Table.Td>
      <Table.Td data-name="Last login">
        {person.state === 'disabled' ? (
          <Tag tone="bad">Disabled</Tag>
        ) : person.state === 'invited' ? (
          <Tag tone="warn">Invited</Tag>
        ) : person.lastLoginAt ? (
          <Ago at={person.lastLoginAt} />
        ) : (
          'never'
        )}
      </Table.Td>
    </Table.Tr>
  )
}

/** List, invite and change. */
export function PeoplePage() {
  const { data: me } = useSession()
  const [q, setQ] = useState('')
  const [role, setRole] = useState<string | null>(null)
  const [open, setOpen] = useState<Person | 'new' | null>(null)
  const people = useQuery({ queryKey: keys.people, queryFn: ({ signal }) => readAll<Person>('/people', {}, signal) })
  if (people.isPending) return <PageLoader />
  const wanted = q.trim().toLowerCase()
  const shown = (people.data ?? []).filter(
    person =>
      (role === null || person.role === role) &&
      (person.name.toLowerCase().includes(wanted) || person.email.toLowerCase().includes(wanted)),
  )
  const isAlone = (people.data ?? []).every(({ id }) => id === me?.id)
  const invite = (
    <Button leftSection={<IconPlus size={17} aria-hidden />} onClick={() => setOpen('new')}>
      Invite somebody
    </Button>
  )
  return (
    <div className="page page-narrow">
      <PageHead
        title="People"
        note="Who logs in here: staff, people of customers and of partners."
        actions={isAlone ? undefined : invite}
      />
      <ProblemAlert error={people.error} again={people.refetch} />
      {isAlone && !people.isError ? (
        <NothingHere icon={<IconUsers />} title="Nobody else yet" action={invite}>
          Invite colleagues, people of your customers, who see their own kiosks and report faults, and technicians of partners.
        </NothingHere>
      ) : (
        <>
          <div className="three-fields" style={{ marginBottom: 12 }}>
            <TextInput aria-label="Find" placeholder="Name or address" value={q} onChange={event => setQ(event.currentTarget.value)} />
            <Select
              aria-label="Role"
              placeholder="Every role"
              clearable
              clearButtonProps={{ 'aria-label': 'Every role' }}
              data={Object.entries(ROLE_WORDS).map(([value, { word }]) => ({ value, label: word }))}
              value={role}
              onChange={setRole}
            />
          </div>
          <div className="table-box" role="region" aria-label="People" tabIndex={0}>
            <Table verticalSpacing="xs" aria-label="People" className="phone-cards">
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>Person</Table.Th>
                  <Table.Th>Role</Table.Th>
                  <Table.Th>Sees</Table.Th>
                  <Table.Th>Second factor</Table.Th>
                  <Table.Th>Last login</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {shown.map(person => (
                  <Row key={person.id} person={person} isMe={person.id === me?.id} onOpen={() => setOpen(person)} />
                ))}
              </Table.Tbody>
            </Table>
            {shown.length === 0 && (
              <Text size="sm" c="dimmed" p="md">
                Nobody like that. Clear the filters to see everybody.
              </Text>
            )}
          </div>
        </>
      )}
      {open !== null && <PersonModal person={open === 'new' ? null : open} onClose={() => setOpen(null)} />}
    </div>
  )
}
