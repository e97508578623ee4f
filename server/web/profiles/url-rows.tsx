/** Addresses that must answer from the device. */
import { ActionIcon, Button, Paper, Text, TextInput, Title } from '@mantine/core'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import type { WatchedUrl } from '../../../shared/profile.ts'

function tidy({ expectText, ...rest }: WatchedUrl): WatchedUrl {
  return expectText ? { ...rest, expectText } : rest
}

/** Name, address, a text its answer must hold. */
export function UrlRows({ urls, onChange }: { urls: readonly WatchedUrl[]; onChange: (urls: WatchedUrl[]) => void }) {
  const set = (index: number, change: Partial<WatchedUrl>): void =>
    onChange(urls.map((url, at) => (at === index ? tidy({ ...url, ...change }) : url)))
  return (
    <Paper p="md">
      <Title order={2} size="h4">
        Addresses
      </Title>
      <Text size="sm" c="dimmed" mb="sm">
        Asked from the device itself, so that its own network counts. Certificates that end within 14 days are told.
      </Text>
      {urls.map((url, index) => (
        // Rows have no identity of their own; they are only added at the end and removed.
        // oxlint-disable-next-line react/no-array-index-key
        <div className="profile-row profile-row-urls" key={index} role="group" aria-label={`Address ${index + 1}`}>
          <TextInput
            label="Name"
            required
            placeholder="api"
            pattern="[^\s\/]{1,64}"
            title="No spaces, no slashes"
            value={url.name}
            onChange={event => set(index, { name: event.currentTarget.value })}
          />
          <TextInput
            label="Address"
            type="url"
            required
            placeholder="https://api.example.com/health"
            value={url.url}
            onChange={event => set(index, { url: event.currentTarget.value })}
          />
          <TextInput
            label="Answer contains"
            placeholder="optional text"
            value={url.expectText ?? ''}
            onChange={event => set(index, { expectText: event.currentTarget.value })}
          />
          <ActionIcon
            variant="subtle"
            color="gray"
            size="lg"
            aria-label={`Remove address ${url.name || index + 1}`}
            onClick={() => onChange(urls.filter((_url, at) => at !== index))}
          >
            <IconTrash size={17} />
          </ActionIcon>
        </div>
      ))}
      <Button
        size="xs"
        variant="default"
        leftSection={<IconPlus size={15} aria-hidden />}
        onClick={() => onChange([...urls, { name: '', url: '' }])}
      >
        Watch an address
      </Button>
    </Paper>
  )
}
