/** The business heartbeat: how the kiosk app shows that people use it. */
import { NumberInput, Paper, SimpleGrid, Switch, Text, TextInput, Title } from '@mantine/core'
import type { Business } from '../../../shared/profile.ts'

const FRESH: Business = { silentMinutes: 120 }

/** Off, or a file or a port and the longest silence. */
export function BusinessCard({
  business,
  onChange,
}: {
  business: Business | undefined
  onChange: (business: Business | undefined) => void
}) {
  return (
    <Paper p="md" component="section" aria-label="Business">
      <Title order={2} size="h4">
        Business
      </Title>
      <Text size="sm" c="dimmed" mb="sm">
        A kiosk nobody can buy from looks healthy to every other check. Let its app touch a file, or post to a port of its own machine, for
        each transaction.
      </Text>
      <Switch
        label="Tell when there is no business during opening hours"
        checked={business !== undefined}
        onChange={event => onChange(event.currentTarget.checked ? FRESH : undefined)}
      />
      {business && (
        <SimpleGrid cols={{ base: 1, sm: 3 }} spacing="sm" mt="sm">
          <NumberInput
            label="Silent for"
            suffix=" min"
            required
            min={1}
            max={10_080}
            value={business.silentMinutes}
            onChange={value => onChange({ ...business, silentMinutes: Number(value) || 1 })}
          />
          <TextInput
            label="File it touches"
            placeholder="/run/till/last-sale"
            pattern="/.{1,511}"
            title="A whole path"
            value={business.file ?? ''}
            onChange={event => {
              const { file: _before, ...rest } = business
              onChange(event.currentTarget.value === '' ? rest : { ...rest, file: event.currentTarget.value })
            }}
          />
          <NumberInput
            label="or port it posts to"
            placeholder="9321"
            min={1024}
            max={65_535}
            value={business.port ?? ''}
            onChange={value => {
              const { port: _before, ...rest } = business
              onChange(value === '' ? rest : { ...rest, port: Number(value) })
            }}
          />
        </SimpleGrid>
      )}
    </Paper>
  )
}
