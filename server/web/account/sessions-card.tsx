/** Where one is logged in. */
import { Button, Group, Paper, Stack, Text, Title } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import type { Account } from '../../../shared/api/accounts/account-api.ts'
import { Ago } from '../components/ago.tsx'
import { Tag } from '../components/tags.tsx'
import { callApi } from '../api/api-client.ts'
import { showDone } from '../api/show-problem.ts'
import { browserName } from './browser-name.ts'
import { useReread } from './use-account.ts'

/** Each can be ended; all others at once. */
export function SessionsCard({ account }: { account: Account }) {
  const reread = useReread()
  const end = useMutation({
    mutationFn: (id: string | null) => callApi('DELETE', id === null ? '/account/sessions' : `/account/sessions/${id}`),
    onSuccess: () => {
      reread()
      showDone('Ended')
    },
  })
  return (
    <Paper p="md" component="section" aria-label="Sessions">
      <Title order={2} size="h4" mb="sm">
        Where you are logged in
      </Title>
      <Stack gap={10} component="ul" p={0} m={0} style={{ listStyle: 'none' }}>
        {account.sessions.map(session => (
          <Group key={session.id} component="li" justify="space-between" wrap="nowrap">
            <Text size="sm" component="div">
              <b>{browserName(session.browser)}</b> {session.isThis && <Tag tone="good">this one</Tag>}
              <div className="quiet">
                {session.address}, <Ago at={session.createdAt} />
                {session.way ? `, by ${session.way}` : ''}
              </div>
            </Text>
            {!session.isThis && (
              <Button
                size="compact-sm"
                variant="default"
                aria-label={`End the session of ${browserName(session.browser)}`}
                onClick={() => end.mutate(session.id)}
              >
                End
              </Button>
            )}
          </Group>
        ))}
      </Stack>
      {account.sessions.length > 2 && (
        <Button variant="default" mt="md" onClick={() => end.mutate(null)}>
          End all others
        </Button>
      )}
    </Paper>
  )
}
