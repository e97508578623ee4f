/** A refusal of the server, in place. */
import { Alert, Button, List } from '@mantine/core'
import { IconAlertCircle } from '@tabler/icons-react'
import { ApiProblem } from '../api/api-client.ts'

/** Title, detail and faults of a problem; `again` offers another try. Nothing when there is no error. */
export function ProblemAlert({ error, again, hidesFaults = false }: { error: unknown; again?: () => unknown; hidesFaults?: boolean }) {
  if (error === null || error === undefined) return null
  const problem = error instanceof ApiProblem ? error : null
  return (
    <Alert color="red" variant="outline" icon={<IconAlertCircle />} title={problem?.title ?? 'That did not work'} role="alert">
      {error instanceof Error ? error.message : 'Something unknown went wrong.'}
      {problem && !hidesFaults && problem.faults.length > 0 && (
        <List size="sm" mt={4}>
          {problem.faults.map(fault => (
            <List.Item key={fault.path + fault.message}>
              <b>{fault.path.replace(/^body\/?/, '') || 'input'}</b> {fault.message}
            </List.Item>
          ))}
        </List>
      )}
      {again && (
        <Button mt="sm" size="xs" variant="default" onClick={() => void again()}>
          Try again
        </Button>
      )}
    </Alert>
  )
}
