/** After a downgrade: which devices stay covered. */
import { Button, Checkbox, Group, Text, TextInput } from '@mantine/core'
import { IconDevices, IconSearch } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Link, useLocation } from 'wouter'
import type { CoverChoice, Usage } from '../../../shared/api/contracts/customer-api.ts'
import { callApi } from '../api/api-client.ts'
import { customerQuery } from '../api/catalog-queries.ts'
import { coverChoiceQuery } from '../api/customer-queries.ts'
import { keys } from '../api/query-keys.ts'
import { showDone } from '../api/show-problem.ts'
import { NothingHere } from '../components/nothing-here.tsx'
import { PageHead } from '../components/page-head.tsx'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { PlaceTag } from '../components/tags.tsx'
import { fullTime } from '../components/time-words.ts'
import { useMay } from '../session/use-session.ts'
import { PageLoader } from '../shell/page-loader.tsx'
import { faultsByDevice } from './cover-faults.ts'
import './customers.css'

type Candidate = CoverChoice['items'][number]

/** More than this is for the search, not for the eye. */
const SHOWN = 200

const enrolled = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium' })

function Row({
  device,
  isChosen,
  mayChange,
  fault,
  onToggle,
}: {
  device: Candidate
  isChosen: boolean
  mayChange: boolean
  fault: string | undefined
  onToggle: () => void
}) {
  // The server refuses one that never held a place: it has to wait for its turn.
  const isWaiting = device.state === 'waiting'
  return (
    <li>
      <Checkbox
        checked={isChosen}
        disabled={isWaiting || !mayChange}
        onChange={onToggle}
        error={fault}
        label={
          <Group gap={8}>
            <b>{device.name}</b>
            <PlaceTag state={device.state} />
          </Group>
        }
        description={`${device.siteName}, enrolled ${enrolled.format(new Date(device.enrolledAt))}${isWaiting ? '; has held no place yet, so it cannot be chosen' : ''}`}
      />
    </li>
  )
}

function Choice({ customerId, choice }: { customerId: string; choice: CoverChoice }) {
  const client = useQueryClient()
  const [, go] = useLocation()
  const mayChange = useMay('desk')
  const { items, included } = choice
  const [chosen, setChosen] = useState<ReadonlySet<string>>(() => new Set(items.filter(item => item.chosen).map(item => item.deviceId)))
  const [search, setSearch] = useState('')
  const save = useMutation({
    mutationFn: (deviceIds: string[]) => callApi<Usage>('PUT', `/customers/${customerId}/covered-devices`, { body: { deviceIds } }),
    onSuccess: (usage, deviceIds) => {
      client.setQueryData(keys.usage(customerId), usage)
      void client.invalidateQueries({ queryKey: keys.customers })
      void client.invalidateQueries({ queryKey: keys.fleet })
      showDone(`${deviceIds.length} devices stay covered`)
      go(`/customers/${customerId}`)
    },
    meta: { isShownInPlace: true },
  })
  const toggle = (id: string): void => {
    save.reset()
    setChosen(before => new Set(before.has(id) ? [...before].filter(other => other !== id) : [...before, id]))
  }
  const wanted = search.trim().toLowerCase()
  const found = items.filter(item => `${item.name} ${item.siteName}`.toLowerCase().includes(wanted))
  const ids = items.map(item => item.deviceId).filter(id => chosen.has(id))
  const beyond = included === null ? 0 : ids.length - included
  const faults = faultsByDevice(save.error, save.variables ?? [])
  return (
    <>
      <TextInput
        aria-label="Search devices"
        placeholder="Name or site"
        leftSection={<IconSearch size={16} aria-hidden />}
        maw={340}
        mb="sm"
        value={search}
        onChange={event => setSearch(event.currentTarget.value)}
      />
      <div className="table-box">
        {found.length === 0 ? (
          <Text p="md" size="sm" c="dimmed">
            No device is called that.
          </Text>
        ) : (
          <ul className="cover-list" aria-label="Devices">
            {found.slice(0, SHOWN).map(device => (
              <Row
                key={device.deviceId}
                device={device}
                isChosen={chosen.has(device.deviceId)}
                mayChange={mayChange}
                fault={faults.get(device.deviceId)}
                onToggle={() => toggle(device.deviceId)}
              />
            ))}
          </ul>
        )}
      </div>
      {found.length > SHOWN && (
        <Text size="sm" c="dimmed" mt="xs">
          {found.length - SHOWN} more: search by name or site to see them.
        </Text>
      )}
      <div className="cover-foot">
        <div>
          <Text fw={600} size="sm" aria-live="polite" className={beyond > 0 ? 'text-bad' : undefined}>
            {included === null ? `${ids.length} chosen, the plan has no limit` : `${ids.length} of ${included} chosen`}
          </Text>
          <Text size="xs" c="dimmed">
            {beyond > 0
              ? `Take ${beyond} away: the plan includes ${included}.`
              : 'The rest is uncovered at once: still watched, but it raises no tickets.'}
          </Text>
        </div>
        {mayChange && (
          <Button disabled={beyond > 0} loading={save.isPending} onClick={() => save.mutate(ids)}>
            Cover these
          </Button>
        )}
        {save.error && (
          <div style={{ flexBasis: '100%' }}>
            <ProblemAlert error={save.error} />
          </div>
        )}
      </div>
    </>
  )
}

/** A list to tick, with a counter; those that would stay anyway are ticked. */
export function CoveredDevicesPage({ id }: { id: string }) {
  const customer = useQuery(customerQuery(id))
  // What is ticked must not be taken away by a refresh in the background.
  const choice = useQuery({ ...coverChoiceQuery(id), staleTime: 0, refetchOnWindowFocus: false })
  if (choice.isPending || customer.isPending) return <PageLoader />
  const { data } = choice
  const isRoomForAll = data !== undefined && (data.included === null || data.items.length <= data.included)
  return (
    <div className="page page-narrow">
      <PageHead
        title="Devices that stay covered"
        crumbs={[
          { to: '/customers', name: 'Customers' },
          { to: `/customers/${id}`, name: customer.data?.name ?? 'Customer' },
        ]}
        note={
          data?.until
            ? `Until ${fullTime(data.until)} all stay covered. Without a choice those enrolled longest stay; they are ticked here.`
            : undefined
        }
      />
      <ProblemAlert error={choice.error ?? customer.error} again={choice.refetch} />
      {data && isRoomForAll && (
        <NothingHere icon={<IconDevices />} title="Nothing to choose" action={<Link href={`/customers/${id}`}>Back to the customer</Link>}>
          The plan has room for every device this customer has.
        </NothingHere>
      )}
      {data && !isRoomForAll && <Choice customerId={id} choice={data} />}
    </div>
  )
}
