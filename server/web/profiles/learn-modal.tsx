/** "Learn from this device": a device as it stands there now becomes what the profile asks for. */
import { Alert, Button, Checkbox, Group, Modal, Select, Stack, Text, Title } from '@mantine/core'
import { IconSchool } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Device, DeviceDetail } from '../../../shared/api/devices/device-api.ts'
import type { Page } from '../../../shared/api/list.ts'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { callApi, queryText } from '../api/api-client.ts'
import { keys } from '../api/query-keys.ts'
import { learnFrom, withLearnt, type Suggestion } from './learn.ts'
import type { ProfileLists } from './profile-lists.tsx'

const GROUPS: [keyof ProfileLists, string][] = [
  ['displays', 'Displays'],
  ['touch', 'Touch screens'],
  ['peripherals', 'USB devices'],
  ['printers', 'Printers'],
  ['serial', 'Serial devices'],
  ['cameras', 'Cameras'],
  ['audio', 'Sound'],
]
const keyOf = (suggestion: Suggestion): string => `${suggestion.list} ${suggestion.text}`

function Found({
  suggestions,
  chosen,
  onChange,
}: {
  suggestions: readonly Suggestion[]
  chosen: ReadonlySet<string>
  onChange: (chosen: ReadonlySet<string>) => void
}) {
  const toggle = (key: string): void => {
    const next = new Set(chosen)
    if (!next.delete(key)) next.add(key)
    onChange(next)
  }
  return (
    <Stack gap="sm">
      {GROUPS.map(([list, title]) => {
        const here = suggestions.filter(suggestion => suggestion.list === list)
        return (
          here.length > 0 && (
            <div key={list} role="group" aria-label={title}>
              <Title order={3} size="h6" mb={4}>
                {title}
              </Title>
              <Stack gap={6}>
                {here.map(suggestion => (
                  <Checkbox
                    key={keyOf(suggestion)}
                    label={suggestion.text}
                    description={suggestion.isKnown ? 'The profile has it already' : undefined}
                    disabled={suggestion.isKnown}
                    checked={suggestion.isKnown || chosen.has(keyOf(suggestion))}
                    onChange={() => toggle(keyOf(suggestion))}
                  />
                ))}
              </Stack>
            </div>
          )
        )
      })}
    </Stack>
  )
}

function LearnModal({
  lists,
  profileId,
  onLearn,
  onClose,
}: {
  lists: ProfileLists
  profileId: string | null
  onLearn: (lists: ProfileLists) => void
  onClose: () => void
}) {
  const [q, setQ] = useState('')
  const [deviceId, setDeviceId] = useState<string | null>(null)
  const [left, setLeft] = useState<ReadonlySet<string> | null>(null)
  const devices = useQuery({
    queryKey: keys.learnDevices(q),
    queryFn: ({ signal }) => callApi<Page<Device>>('GET', `/devices${queryText({ limit: 50, q: q === '' ? undefined : q })}`, { signal }),
  })
  const device = useQuery({
    queryKey: keys.device(deviceId ?? ''),
    enabled: deviceId !== null,
    queryFn: ({ signal }) => callApi<DeviceDetail>('GET', `/devices/${deviceId}`, { signal }),
  })
  const suggestions = device.data ? learnFrom(device.data.inventory, lists) : []
  const chosen = left ?? new Set(suggestions.filter(item => item.isUsual && !item.isKnown).map(keyOf))
  const taken = suggestions.filter(item => !item.isKnown && chosen.has(keyOf(item)))
  const own = (devices.data?.items ?? []).toSorted(
    (one, other) => Number(other.profileId === profileId) - Number(one.profileId === profileId),
  )
  return (
    <Modal opened onClose={onClose} title="Learn from a device" size="lg">
      <Stack gap="md">
        <Text size="sm" c="dimmed">
          Choose a device that is set up as it should be. What is found on it becomes what this profile asks for; nothing is saved yet.
        </Text>
        <Select
          label="Device"
          placeholder="Search by name"
          searchable
          searchValue={q}
          onSearchChange={setQ}
          data={own.map(item => ({ value: item.id, label: `${item.name}, ${item.siteName}` }))}
          value={deviceId}
          onChange={next => {
            setDeviceId(next)
            setLeft(null)
          }}
          nothingFoundMessage="No device of this name"
        />
        <ProblemAlert error={devices.error ?? device.error} />
        {device.data && suggestions.length === 0 && (
          <Alert color="gray" variant="outline" title="Nothing to learn yet">
            {device.data.inventory === null
              ? 'Its agent has not sent an inventory. It does within a minute after it connects.'
              : 'Its inventory names no displays, USB devices or printers.'}
          </Alert>
        )}
        {suggestions.length > 0 && <Found suggestions={suggestions} chosen={chosen} onChange={setLeft} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button
            disabled={taken.length === 0}
            onClick={() => {
              onLearn(withLearnt(lists, taken))
              onClose()
            }}
          >
            {taken.length === 1 ? 'Take 1 thing' : `Take ${taken.length} things`}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}

/** Opens the choice. */
export function LearnButton({
  lists,
  profileId,
  onLearn,
}: {
  lists: ProfileLists
  profileId: string | null
  onLearn: (lists: ProfileLists) => void
}) {
  const [isOpen, setIsOpen] = useState(false)
  return (
    <Group>
      <Button variant="default" leftSection={<IconSchool size={17} aria-hidden />} onClick={() => setIsOpen(true)}>
        Learn from a device
      </Button>
      {isOpen && <LearnModal lists={lists} profileId={profileId} onLearn={onLearn} onClose={() => setIsOpen(false)} />}
    </Group>
  )
}
