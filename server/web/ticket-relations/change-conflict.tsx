/** Somebody was faster: what they did, and the choice to look first or to do it all the same. */
import { Alert, Button, Group, List } from '@mantine/core'
import { IconUsers } from '@tabler/icons-react'
import { Ago } from '../components/ago.tsx'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { ApiProblem } from '../api/api-client.ts'

type Changed = { at: string; kind: string; text: string; author: { kind: string; name: string | null } }

const isConflict = (error: unknown): error is ApiProblem => error instanceof ApiProblem && error.slug === 'ticket-changed'

/** Any other refusal is shown as ever. `onAnyway` repeats it on the ticket as it is now, `onLook` gives it up. */
export function ChangeConflict({ error, onAnyway, onLook }: { error: unknown; onAnyway: () => void; onLook: () => void }) {
  if (!isConflict(error)) return <ProblemAlert error={error} />
  const changes = (error.extra['changes'] ?? []) as Changed[]
  return (
    <Alert color="yellow" variant="outline" icon={<IconUsers />} title="The ticket has changed since you opened it" role="alert">
      Nothing was overwritten. Meanwhile:
      <List size="sm" mt={4}>
        {changes.slice(0, 4).map(change => (
          <List.Item key={change.at + change.text}>
            <b>{change.author.name ?? (change.author.kind === 'system' ? 'Kioskeeper' : change.author.kind)}</b>:{' '}
            {change.text.slice(0, 160)}{' '}
            <span className="quiet">
              <Ago at={change.at} />
            </span>
          </List.Item>
        ))}
      </List>
      <Group gap="xs" mt="sm">
        <Button size="xs" variant="default" onClick={onLook}>
          Look at it first
        </Button>
        <Button size="xs" variant="subtle" color="gray" onClick={onAnyway}>
          Do it all the same
        </Button>
      </Group>
    </Alert>
  )
}
