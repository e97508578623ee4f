/** Processes that must run. */
import { ActionIcon, Button, Paper, Select, Text, TextInput, Title } from '@mantine/core'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import type { WatchedProcess } from '../../../shared/profile.ts'
import { levelWord } from '../parts/truth-words.ts'

const LEVELS = [1, 2, 3, 4].map(level => ({ value: String(level), label: `${level} ${levelWord(level)}` }))
/** Without the keys that were emptied: the schema knows no empty text. */
function tidy(process: WatchedProcess): WatchedProcess {
  const { startCommand, level, ...rest } = process
  return { ...rest, ...(startCommand ? { startCommand } : {}), ...(level ? { level } : {}) }
}

/** Name, what its command line contains, how bad it is when it is gone, how to start it. */
export function ProcessRows({
  processes,
  onChange,
}: {
  processes: readonly WatchedProcess[]
  onChange: (processes: WatchedProcess[]) => void
}) {
  const set = (index: number, change: Partial<WatchedProcess>): void =>
    onChange(processes.map((process, at) => (at === index ? tidy({ ...process, ...change }) : process)))
  return (
    <Paper p="md">
      <Title order={2} size="h4">
        Processes
      </Title>
      <Text size="sm" c="dimmed" mb="sm">
        Must run. When one is gone for 20 seconds, the agent starts it with its command; if that does not help, a ticket opens.
      </Text>
      {processes.map((process, index) => (
        // Rows have no identity of their own; they are only added at the end and removed.
        // oxlint-disable-next-line react/no-array-index-key
        <div className="profile-row" key={index} role="group" aria-label={`Process ${index + 1}`}>
          <TextInput
            label="Name"
            required
            placeholder="till"
            pattern="[^\s\/]{1,64}"
            title="No spaces, no slashes"
            value={process.name}
            onChange={event => set(index, { name: event.currentTarget.value })}
          />
          <TextInput
            label="Command line contains"
            required
            placeholder="/opt/till/main"
            value={process.match}
            onChange={event => set(index, { match: event.currentTarget.value })}
          />
          <TextInput
            label="Start with"
            placeholder="optional command"
            value={process.startCommand ?? ''}
            onChange={event => set(index, { startCommand: event.currentTarget.value })}
          />
          <Select
            label="Level"
            placeholder="2 Major"
            clearable
            clearButtonProps={{ 'aria-label': 'Level of the rule' }}
            data={LEVELS}
            value={process.level ? String(process.level) : null}
            onChange={value =>
              onChange(processes.map((other, at) => (at === index ? tidy({ ...other, level: Number(value ?? 0) }) : other)))
            }
          />
          <ActionIcon
            variant="subtle"
            color="gray"
            size="lg"
            aria-label={`Remove process ${process.name || index + 1}`}
            onClick={() => onChange(processes.filter((_process, at) => at !== index))}
          >
            <IconTrash size={17} />
          </ActionIcon>
        </div>
      ))}
      <Button
        size="xs"
        variant="default"
        leftSection={<IconPlus size={15} aria-hidden />}
        onClick={() => onChange([...processes, { name: '', match: '' }])}
      >
        Watch a process
      </Button>
    </Paper>
  )
}
