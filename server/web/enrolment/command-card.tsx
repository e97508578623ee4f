/** The one command to run on the device. */
import { Alert, Button, CopyButton, Group, Paper, SegmentedControl, Text, Title } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'
import { useState } from 'react'
import type { EnrolmentToken, EnrolmentTokenStatus } from '../../../shared/api/devices/device-api.ts'
import { fullTime } from '../components/time-words.ts'
import { QrCode } from './qr-code.tsx'

/** Command, copy button and QR code; after a reload only the advice to make a new one. */
export function CommandCard({
  made,
  status,
  onAgain,
}: {
  made: EnrolmentToken | null
  status: EnrolmentTokenStatus | undefined
  onAgain: () => void
}) {
  const [system, setSystem] = useState<'linux' | 'windows'>('linux')
  if (!made) {
    return (
      <Alert variant="outline" color="ink" title="The command was shown once">
        <Text size="sm" mb="xs">
          If you copied it, go on: this page still waits for the device. If not, make a new one; the old one can then no longer surprise
          anybody once it has expired.
        </Text>
        <Button size="xs" variant="default" onClick={onAgain}>
          Make a new command
        </Button>
      </Alert>
    )
  }
  const command = made.installCommands[system]
  return (
    <Paper p="md">
      <Group justify="space-between" mb="xs">
        <Title order={2} size="h4">
          3. Run this on the device
        </Title>
        <SegmentedControl
          size="xs"
          aria-label="System of the device"
          value={system}
          onChange={setSystem}
          data={[
            { value: 'linux', label: 'Linux' },
            { value: 'windows', label: 'Windows' },
          ]}
        />
      </Group>
      <Text size="sm" c="dimmed" mb="sm">
        {system === 'linux'
          ? 'In a terminal. It asks for the password of an administrator.'
          : 'In a command prompt opened as administrator. Needs Node 26 on the machine.'}{' '}
        The command trusts this server only, by its key.
      </Text>
      <div className="command-line">
        <div className="command-main">
          <pre className="command" tabIndex={0} aria-label="Command">
            {command}
          </pre>
          <Group gap="sm">
            <CopyButton value={command} timeout={2500}>
              {({ copied, copy }) => (
                <Button onClick={copy} leftSection={copied ? <IconCheck size={16} aria-hidden /> : <IconCopy size={16} aria-hidden />}>
                  {copied ? 'Copied' : 'Copy the command'}
                </Button>
              )}
            </CopyButton>
            <Text size="xs" c="dimmed">
              For {made.maxUses === 1 ? 'one device' : `${made.maxUses} devices`}, until {fullTime(made.expiresAt)}
              {status?.revokedAt ? ', revoked' : ''}
            </Text>
          </Group>
        </div>
        <figure className="command-qr">
          <QrCode text={command} label="The command as a QR code" />
          <figcaption>Scan to get the command onto a phone</figcaption>
        </figure>
      </div>
    </Paper>
  )
}
