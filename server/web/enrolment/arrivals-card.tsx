/** Who came with the command: waits, then turns green by itself. */
import { Alert, Button, Group, Loader, Paper, Text, Title } from '@mantine/core'
import { IconCircleCheckFilled, IconClockPause } from '@tabler/icons-react'
import { Link } from 'wouter'
import type { EnrolmentTokenStatus } from '../../../shared/api/devices/device-api.ts'
import { LinkButton } from '../components/link-button.tsx'
import { PlaceTag } from '../components/tags.tsx'
import { ConnectionMark } from '../components/truth-marks.tsx'

type Arrival = EnrolmentTokenStatus['devices'][number]
const isThere = (device: Arrival): boolean => device.state !== 'waiting' && device.connection === 'online'

function ArrivalRow({ device }: { device: Arrival }) {
  return (
    <li className="arrival" data-there={isThere(device) || undefined}>
      {isThere(device) ? (
        <IconCircleCheckFilled size={22} className="text-good" aria-hidden />
      ) : device.state === 'waiting' ? (
        <IconClockPause size={22} className="text-warn" aria-hidden />
      ) : (
        <Loader size={18} aria-hidden />
      )}
      <div>
        <Link href={`/devices/${device.id}`}>{device.name}</Link>
        <Group gap={8} fz="sm">
          {isThere(device) ? (
            <span className="text-good">Online</span>
          ) : device.state === 'waiting' ? (
            <span>Enrolled, but waits for a place in the plan</span>
          ) : device.connection === 'never' ? (
            <span className="quiet">Enrolled, connecting for the first time</span>
          ) : (
            <ConnectionMark connection={device.connection} />
          )}
          <PlaceTag state={device.state} />
        </Group>
      </div>
    </li>
  )
}

/** The devices of a token and what to do when the plan is full. */
export function ArrivalsCard({ status, onAgain }: { status: EnrolmentTokenStatus; onAgain: () => void }) {
  const { devices, maxUses } = status
  const there = devices.filter(isThere).length
  const waiting = devices.filter(device => device.state === 'waiting').length
  const isDone = there > 0 && there === devices.length && devices.length >= maxUses
  return (
    <Paper p="md" className="arrivals" data-done={isDone || undefined}>
      <Group justify="space-between" mb="sm">
        <Title order={2} size="h4">
          {isDone ? (maxUses === 1 ? 'The device is online' : 'All devices are online') : '4. Wait for it here'}
        </Title>
        {maxUses > 1 && (
          <Text size="sm" c="dimmed">
            {there} of {maxUses} online
          </Text>
        )}
      </Group>
      <div aria-live="polite">
        {devices.length === 0 && (
          <Group gap="sm" py="xs">
            <Loader size={18} aria-hidden />
            <Text size="sm">Nothing has used the command yet. This turns green by itself.</Text>
          </Group>
        )}
        {devices.length > 0 && (
          <ul className="arrival-list">
            {devices.map(device => (
              <ArrivalRow key={device.id} device={device} />
            ))}
          </ul>
        )}
        {waiting > 0 && (
          <Alert color="yellow" variant="outline" mt="sm" title="Waiting: device limit reached">
            <Text size="sm" mb="xs">
              All places of the plan are taken. The device enters by itself as soon as there is room: retire a device that is no longer
              used, or change the plan.
            </Text>
            <Group gap="xs">
              <LinkButton to={`/?customerId=${status.customerId}`} size="xs" variant="default">
                Find a device to retire
              </LinkButton>
              <LinkButton to={`/customers/${status.customerId}`} size="xs" variant="default">
                See the plan
              </LinkButton>
            </Group>
          </Alert>
        )}
      </div>
      {devices.length > 0 && (
        <Group mt="md" gap="xs">
          {there === 1 && devices.length === 1 && <LinkButton to={`/devices/${devices[0]?.id ?? ''}`}>Open the device</LinkButton>}
          <Button variant="default" onClick={onAgain}>
            Add another
          </Button>
        </Group>
      )}
    </Paper>
  )
}
