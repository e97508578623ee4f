/** Makes or changes a rota: people, their shifts, turns, and exceptions. */
import {
  ActionIcon,
  Button,
  Group,
  Modal,
  MultiSelect,
  NumberInput,
  Select,
  SimpleGrid,
  Stack,
  Text,
  TextInput,
  Title,
} from '@mantine/core'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { Rota, RotaInput } from '../../../shared/api/on-call/on-call-api.ts'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { TIME_ZONES } from '../components/time-zones.ts'
import { callApi } from '../api/api-client.ts'
import { customersQuery } from '../api/catalog-queries.ts'
import { keys } from '../api/query-keys.ts'
import { showDone } from '../api/show-problem.ts'
import { blankRota, DAYS, freeKey, inputOf, withoutPerson, type Day } from './rota-draft.ts'
import { OverrideRows } from './override-rows.tsx'
import './on-call.css'

const DAY_CHOICES = Object.entries(DAYS).map(([value, label]) => ({ value, label }))
/** The list with one item changed. */
const changed = <Item,>(items: readonly Item[], index: number, change: Partial<Item>): Item[] =>
  items.map((item, at) => (at === index ? { ...item, ...change } : item))

type Editing = { rota: RotaInput; set: (change: Partial<RotaInput>) => void }

function People({ rota, set, replace }: Editing & { replace: (rota: RotaInput) => void }) {
  return (
    <div>
      <Title order={3} size="h5" mb={4}>
        People, in the order in which the next one is asked
      </Title>
      <Stack gap="xs">
        {rota.people.map((person, index) => (
          <Group key={person.key} gap="xs" align="end">
            <TextInput
              label="Name"
              required
              value={person.name}
              onChange={event => set({ people: changed(rota.people, index, { name: event.currentTarget.value }) })}
              style={{ flex: '1 1 140px' }}
            />
            <TextInput
              label="E-mail"
              type="email"
              required
              value={person.email}
              onChange={event => set({ people: changed(rota.people, index, { email: event.currentTarget.value }) })}
              style={{ flex: '1 1 180px' }}
            />
            <TextInput
              label="Webhook"
              type="url"
              placeholder="for a pager, if any"
              value={person.webhookUrl ?? ''}
              onChange={event => {
                const { webhookUrl: _before, ...rest } = person
                const value = event.currentTarget.value
                set({
                  people: rota.people.map((other, at) => (at === index ? (value === '' ? rest : { ...rest, webhookUrl: value }) : other)),
                })
              }}
              style={{ flex: '1 1 180px' }}
            />
            <ActionIcon
              variant="subtle"
              color="gray"
              size="lg"
              disabled={rota.people.length === 1}
              aria-label={`Remove ${person.name || 'this person'}`}
              onClick={() => replace(withoutPerson(rota, person.key))}
            >
              <IconTrash size={17} aria-hidden />
            </ActionIcon>
          </Group>
        ))}
      </Stack>
      <Button
        variant="subtle"
        size="compact-sm"
        mt={6}
        leftSection={<IconPlus size={15} aria-hidden />}
        onClick={() => set({ people: [...rota.people, { key: freeKey(rota.people), name: '', email: '' }] })}
      >
        Another person
      </Button>
    </div>
  )
}

function Shifts({ rota, set }: Editing) {
  const choices = rota.people.map(({ key, name }) => ({ value: key, label: name || 'No name yet' }))
  return (
    <div>
      <Title order={3} size="h5" mb={4}>
        Shifts of every week
      </Title>
      <Stack gap="xs">
        {rota.shifts.map((shift, index) => (
          <Group key={`${index}`} gap="xs" align="flex-start">
            <MultiSelect
              label="Begins on"
              data={DAY_CHOICES}
              value={shift.days}
              onChange={days => days.length > 0 && set({ shifts: changed(rota.shifts, index, { days: days as Day[] }) })}
              style={{ flex: '2 1 200px' }}
            />
            <TextInput
              type="time"
              label="From"
              value={shift.from}
              onChange={event => set({ shifts: changed(rota.shifts, index, { from: event.currentTarget.value }) })}
            />
            <TextInput
              type="time"
              label="To"
              value={shift.to}
              onChange={event => set({ shifts: changed(rota.shifts, index, { to: event.currentTarget.value }) })}
            />
            <MultiSelect
              label="Who, in turns by week"
              data={choices}
              value={shift.people}
              onChange={people => people.length > 0 && set({ shifts: changed(rota.shifts, index, { people }) })}
              style={{ flex: '2 1 180px' }}
            />
            <ActionIcon
              variant="subtle"
              color="gray"
              size="lg"
              mt={26}
              aria-label={`Remove shift ${index + 1}`}
              onClick={() => set({ shifts: rota.shifts.filter((_, at) => at !== index) })}
            >
              <IconTrash size={17} aria-hidden />
            </ActionIcon>
          </Group>
        ))}
      </Stack>
      <Text size="xs" c="dimmed" mt={4}>
        An end at or before the beginning is on the next day: 17:00 to 09:00 is a night, 09:00 to 09:00 a day and a night.
      </Text>
      <Button
        variant="subtle"
        size="compact-sm"
        mt={2}
        leftSection={<IconPlus size={15} aria-hidden />}
        onClick={() =>
          set({ shifts: [...rota.shifts, { days: ['mon'], from: '17:00', to: '09:00', people: [rota.people[0]?.key ?? 'p1'] }] })
        }
      >
        Another shift
      </Button>
    </div>
  )
}

/** `rota` null: a new one. */
export function RotaModal({ rota: before, onClose }: { rota: Rota | null; onClose: () => void }) {
  const client = useQueryClient()
  const customers = useQuery(customersQuery)
  const [rota, setRota] = useState<RotaInput>(() => (before ? inputOf(before) : blankRota(new Date().toLocaleDateString('en-CA'))))
  const set = (change: Partial<RotaInput>): void => setRota(now => ({ ...now, ...change }))
  const done = (words: string): void => {
    void client.invalidateQueries({ queryKey: keys.rotas })
    showDone(words)
    onClose()
  }
  const keep = useMutation({
    mutationFn: () => callApi<Rota>(before ? 'PUT' : 'POST', before ? `/on-call/${before.id}` : '/on-call', { body: rota }),
    onSuccess: kept => done(`Kept: ${kept.name}`),
    meta: { isShownInPlace: true },
  })
  const remove = useMutation({
    mutationFn: () => callApi('DELETE', `/on-call/${before?.id ?? ''}`),
    onSuccess: () => done('The rota is gone'),
    meta: { isShownInPlace: true },
  })
  return (
    <Modal opened onClose={onClose} title={before ? `Rota: ${before.name}` : 'New rota'} size="xl">
      <form
        onSubmit={event => {
          event.preventDefault()
          keep.mutate()
        }}
      >
        <Stack gap="md">
          <ProblemAlert error={keep.error ?? remove.error} />
          <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
            <TextInput
              label="Name of the rota"
              required
              maxLength={120}
              placeholder="Nights and weekends"
              value={rota.name}
              onChange={event => set({ name: event.currentTarget.value })}
            />
            <MultiSelect
              label="Customers"
              placeholder={rota.customers.length === 0 ? 'Every customer' : ''}
              searchable
              data={(customers.data ?? []).map(({ id, name }) => ({ value: id, label: name }))}
              value={rota.customers}
              onChange={chosen => set({ customers: chosen })}
            />
            <Select
              label="Time zone"
              searchable
              allowDeselect={false}
              data={TIME_ZONES as string[]}
              value={rota.timeZone}
              onChange={value => value && set({ timeZone: value })}
            />
            <NumberInput
              label="Ask the next one after"
              suffix=" min"
              min={1}
              max={120}
              value={rota.nextAfterMinutes}
              onChange={value => set({ nextAfterMinutes: Number(value) || 1 })}
            />
          </SimpleGrid>
          <People rota={rota} set={set} replace={setRota} />
          <Shifts rota={rota} set={set} />
          <SimpleGrid cols={{ base: 1, sm: 3 }} spacing="sm">
            <Select
              label="Turns change on"
              allowDeselect={false}
              data={DAY_CHOICES}
              value={rota.handOver.day}
              onChange={value => set({ handOver: { ...rota.handOver, day: value as Day } })}
            />
            <TextInput
              type="time"
              label="At"
              value={rota.handOver.time}
              onChange={event => set({ handOver: { ...rota.handOver, time: event.currentTarget.value } })}
            />
            <TextInput
              type="date"
              label="First turn in the week of"
              value={rota.handOver.since}
              onChange={event => set({ handOver: { ...rota.handOver, since: event.currentTarget.value } })}
            />
          </SimpleGrid>
          <OverrideRows rota={rota} set={set} />
          <Group justify="space-between">
            {before ? (
              <Button variant="subtle" color="red" loading={remove.isPending} onClick={() => remove.mutate()}>
                Remove
              </Button>
            ) : (
              <span />
            )}
            <Group>
              <Button variant="default" onClick={onClose}>
                Cancel
              </Button>
              <Button type="submit" loading={keep.isPending}>
                Keep
              </Button>
            </Group>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
