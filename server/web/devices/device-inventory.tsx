/** What the device is made of, as its agent reported it. */
import { Accordion, Code, Paper, Text, Title } from '@mantine/core'

const TITLES: Record<string, string> = {
  os: 'Operating system',
  cpu: 'Processor',
  memory: 'Memory',
  disks: 'Disks',
  displays: 'Displays',
  usb: 'USB',
  network: 'Network',
  system: 'Machine',
}
const titleOf = (name: string): string =>
  TITLES[name] ?? name.replaceAll(/([a-z])([A-Z])/g, '$1 $2').replace(/^./, letter => letter.toUpperCase())
const isPlain = (value: unknown): value is string | number | boolean => ['string', 'number', 'boolean'].includes(typeof value)
/** Link facts of the session, not of the machine. */
const HIDDEN = new Set(['sid', 'agentVersion', 'hostname', 'platform'])

function Value({ value }: { value: unknown }) {
  if (value === null || value === undefined) return <span className="quiet">not known</span>
  if (isPlain(value)) return String(value)
  return <Code block>{JSON.stringify(value, null, 2)}</Code>
}

/** Plain facts first, larger ones folded. */
export function DeviceInventory({ inventory }: { inventory: Record<string, unknown> | null }) {
  const entries = Object.entries(inventory ?? {}).filter(([name]) => !HIDDEN.has(name))
  const plain = entries.filter(([, value]) => isPlain(value) || value === null)
  const large = entries.filter(([, value]) => !isPlain(value) && value !== null)
  return (
    <Paper p="md">
      <Title order={2} size="h4" mb="xs">
        Inventory
      </Title>
      {entries.length === 0 && (
        <Text size="sm" c="dimmed">
          The agent has not sent an inventory yet.
        </Text>
      )}
      {plain.length > 0 && (
        <dl className="facts">
          {plain.map(([name, value]) => (
            <div key={name} style={{ display: 'contents' }}>
              <dt>{titleOf(name)}</dt>
              <dd>
                <Value value={value} />
              </dd>
            </div>
          ))}
        </dl>
      )}
      {large.length > 0 && (
        <Accordion variant="default" multiple mt="xs" chevronPosition="left">
          {large.map(([name, value]) => (
            <Accordion.Item key={name} value={name}>
              <Accordion.Control py={2}>{titleOf(name)}</Accordion.Control>
              <Accordion.Panel>
                <Value value={value} />
              </Accordion.Panel>
            </Accordion.Item>
          ))}
        </Accordion>
      )}
    </Paper>
  )
}
