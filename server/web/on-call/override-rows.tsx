/** Exceptions of a rota: somebody takes over for a while. */
import { ActionIcon, Button, Group, Select, Stack, TextInput, Title } from '@mantine/core'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import type { RotaInput } from '../../../shared/api/on-call/on-call-api.ts'
import { localInput } from './rota-draft.ts'
import { HOUR_MS } from '../../../shared/units.ts'

/** One row an exception; times are those of this browser. */
export function OverrideRows({ rota, set }: { rota: RotaInput; set: (change: Partial<RotaInput>) => void }) {
  const choices = rota.people.map(({ key, name }) => ({ value: key, label: name || 'No name yet' }))
  const change = (index: number, next: Partial<RotaInput['overrides'][number]>): void =>
    set({ overrides: rota.overrides.map((one, at) => (at === index ? { ...one, ...next } : one)) })
  const add = (): void => {
    const nowMs = Date.now()
    const span = { from: new Date(nowMs).toISOString(), to: new Date(nowMs + 12 * HOUR_MS).toISOString() }
    set({ overrides: [...rota.overrides, { ...span, person: rota.people[0]?.key ?? 'p1' }] })
  }
  return (
    <div>
      <Title order={3} size="h5" mb={4}>
        Exceptions
      </Title>
      <Stack gap="xs">
        {rota.overrides.map((one, index) => (
          <Group key={`${index}`} gap="xs" align="end">
            <TextInput
              type="datetime-local"
              label="From"
              value={localInput(one.from)}
              onChange={event =>
                event.currentTarget.value !== '' && change(index, { from: new Date(event.currentTarget.value).toISOString() })
              }
            />
            <TextInput
              type="datetime-local"
              label="To"
              value={localInput(one.to)}
              onChange={event =>
                event.currentTarget.value !== '' && change(index, { to: new Date(event.currentTarget.value).toISOString() })
              }
            />
            <Select
              label="Who takes over"
              allowDeselect={false}
              data={choices}
              value={one.person}
              onChange={value => value && change(index, { person: value })}
              style={{ flex: '1 1 160px' }}
            />
            <ActionIcon
              variant="subtle"
              color="gray"
              size="lg"
              aria-label={`Remove exception ${index + 1}`}
              onClick={() => set({ overrides: rota.overrides.filter((_, at) => at !== index) })}
            >
              <IconTrash size={17} aria-hidden />
            </ActionIcon>
          </Group>
        ))}
      </Stack>
      <Button variant="subtle" size="compact-sm" mt={6} leftSection={<IconPlus size={15} aria-hidden />} onClick={add}>
        Somebody takes over
      </Button>
    </div>
  )
}
