/** What the screen shows, and what can be done to it from here. */
import { Button, Group, Menu, Modal, Paper, Text, Title, UnstyledButton } from '@mantine/core'
import { modals } from '@mantine/modals'
import { IconCamera, IconChevronDown } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { CommandInput, DeviceCommand } from '../../../shared/api/devices/command-api.ts'
import type { DeviceDetail } from '../../../shared/api/devices/device-api.ts'
import type { Page } from '../../../shared/api/list.ts'
import { REMEDIES, REMEDY_IDS, type RemedyName } from '../../../shared/remedies.ts'
import { Ago } from '../components/ago.tsx'
import { Tag, type Tone } from '../components/tags.tsx'
import { fullTime } from '../components/time-words.ts'
import { remedyWord } from '../remedies/remedy-words.ts'
import { useMay } from '../session/use-session.ts'
import { callApi } from '../api/api-client.ts'
import { keys } from '../api/query-keys.ts'
import '../evidence/evidence.css'

const BY_HAND = REMEDY_IDS.filter(id => REMEDIES[id].byHand)
const WAITING_MS = 2_000
const SHOWN = 4

const STATES: Record<DeviceCommand['state'], { word: string; tone: Tone }> = {
  queued: { word: 'Waits for the device', tone: 'plain' },
  sent: { word: 'Sent', tone: 'plain' },
  done: { word: 'Done', tone: 'good' },
  failed: { word: 'Failed', tone: 'bad' },
  expired: { word: 'Too late', tone: 'warn' },
}
const isOpen = (command: DeviceCommand): boolean => command.state === 'queued' || command.state === 'sent'

function commandWords({ kind, payload }: DeviceCommand): string {
  const remedy = payload['remedy'] ?? payload['id']
  return kind === 'take-picture' ? 'Take a picture' : typeof remedy === 'string' ? remedyWord(remedy) : kind
}

/** The last picture, a new one on demand, remedies by hand and what became of them. */
export function DeviceScreen({ device }: { device: DeviceDetail }) {
  const client = useQueryClient()
  const mayAct = useMay('desk')
  const [isLarge, setIsLarge] = useState(false)
  const commands = useQuery({
    queryKey: keys.deviceCommands(device.id),
    queryFn: ({ signal }) => callApi<Page<DeviceCommand>>('GET', `/devices/${device.id}/commands`, { signal }),
    enabled: mayAct,
    refetchInterval: query => (query.state.data?.items.some(isOpen) ? WAITING_MS : false),
  })
  const order = useMutation({
    mutationFn: (body: CommandInput) => callApi<{ id: string }>('POST', `/devices/${device.id}/commands`, { body }),
    onSuccess: () => void client.invalidateQueries({ queryKey: keys.deviceCommands(device.id) }),
  })
  const run = (id: RemedyName): void => {
    if (!REMEDIES[id].asksFirst) return order.mutate({ kind: 'run-remedy', id })
    modals.openConfirmModal({
      title: `${REMEDIES[id].imperative}?`,
      children:
        'Whoever stands in front of it loses what they are doing, unless the kiosk says that a customer is busy: then it is refused.',
      labels: { confirm: REMEDIES[id].imperative, cancel: 'Cancel' },
      onConfirm: () => order.mutate({ kind: 'run-remedy', id }),
    })
  }
  const shown = (commands.data?.items ?? []).filter(command => command.kind !== 'upload-evidence').slice(0, SHOWN)
  if (!mayAct && !device.picture) return null
  return (
    <Paper p="md" component="section" aria-label="Screen">
      <Group justify="space-between" mb="xs">
        <Title order={2} size="h4">
          Screen
        </Title>
        {mayAct && (
          <Menu position="bottom-end">
            <Menu.Target>
              <Button size="compact-sm" variant="default" rightSection={<IconChevronDown size={14} aria-hidden />}>
                Mend
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              {BY_HAND.map(id => (
                <Menu.Item key={id} onClick={() => run(id)}>
                  {REMEDIES[id].imperative}
                </Menu.Item>
              ))}
            </Menu.Dropdown>
          </Menu>
        )}
      </Group>
      {device.picture ? (
        <UnstyledButton onClick={() => setIsLarge(true)} style={{ width: '100%' }} aria-label="Show the picture large">
          <img src={device.picture.url} alt={`What the screen showed on ${fullTime(device.picture.at)}`} className="screen-picture" />
        </UnstyledButton>
      ) : (
        <Text size="sm" c="dimmed">
          No picture yet. It comes when the screen changes, when something fails, and when it is asked for. The profile must name the kiosk
          app.
        </Text>
      )}
      <Group justify="space-between" mt="xs">
        <Text size="xs" c="dimmed">
          {device.picture && <Ago at={device.picture.at} />}
        </Text>
        {mayAct && (
          <Button
            size="compact-sm"
            variant="default"
            leftSection={<IconCamera size={15} aria-hidden />}
            loading={order.isPending}
            onClick={() => order.mutate({ kind: 'take-picture' })}
          >
            Take a picture
          </Button>
        )}
      </Group>
      {shown.length > 0 && (
        <ul className="command-list" aria-label="Commands">
          {shown.map(command => (
            <li key={command.id}>
              <span>{commandWords(command)}</span>
              <Tag tone={command.result === 'refused' ? 'warn' : STATES[command.state].tone}>
                {command.result === 'refused' ? 'Refused' : STATES[command.state].word}
              </Tag>
              <span className="quiet">
                <Ago at={command.createdAt} /> {command.createdBy}
              </span>
              {command.resultText && <span className="quiet">{command.resultText}</span>}
            </li>
          ))}
        </ul>
      )}
      {device.picture && isLarge && (
        <Modal opened onClose={() => setIsLarge(false)} size="xl" title={`${device.name}, ${fullTime(device.picture.at)}`}>
          <img src={device.picture.url} alt="What the screen showed" className="evidence-picture" />
        </Modal>
      )}
    </Paper>
  )
}
