/** The page behind the link of a call: one large button for somebody who was just woken. */
import { Alert, Button, Paper, Stack, Text, Title } from '@mantine/core'
import { useDocumentTitle } from '@mantine/hooks'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { OnCallCall } from '../../../shared/api/on-call/on-call-api.ts'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { PageLoader } from '../shell/page-loader.tsx'
import { callApi } from '../api/api-client.ts'
import './on-call.css'

/** No login: this call alone. */
export function CallLinkPage({ token }: { token: string }) {
  useDocumentTitle('On call · Kioskeeper')
  const client = useQueryClient()
  const key = ['on-call', 'link', token]
  const call = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => callApi<OnCallCall>('GET', `/on-call/calls/${token}`, { signal }),
    refetchInterval: 15_000,
    meta: { isShownInPlace: true },
  })
  const take = useMutation({
    mutationFn: () => callApi<OnCallCall>('POST', `/on-call/calls/${token}/acknowledge`),
    onSuccess: after => client.setQueryData(key, after),
    onError: () => void call.refetch(),
    meta: { isShownInPlace: true },
  })
  if (call.isPending) return <PageLoader />
  const it = call.data
  if (!it)
    return (
      <main className="plain-page">
        <Title order={1} size="h3" mb="sm">
          This link does not work
        </Title>
        <Text mb="md">It may be older than a day. Open the ticket in the console instead.</Text>
        <ProblemAlert error={call.error} again={call.refetch} />
      </main>
    )
  return (
    <main className="plain-page">
      <Stack gap="md">
        <div>
          <Text size="sm" c="dimmed" className="mono">
            {it.reference}, level {it.level}
          </Text>
          <Title order={1} size="h3">
            {it.subject}
          </Title>
          <Text>
            {it.customer}
            {it.place ? `, ${it.place}` : ''}
          </Text>
        </div>
        {it.state === 'acknowledged' && (
          <Alert color="teal" variant="outline" title={it.acknowledgedBy === it.name ? 'It is yours' : `${it.acknowledgedBy} has taken it`}>
            {it.acknowledgedBy === it.name ? 'Nobody else is woken.' : 'You need not do anything.'}
          </Alert>
        )}
        {it.state === 'over' && (
          <Alert color="teal" variant="outline" title="It is over">
            Somebody has answered the customer already.
          </Alert>
        )}
        <ProblemAlert error={take.error} />
        {(it.state === 'calling' || it.state === 'nobody') && (
          <Button size="xl" fullWidth loading={take.isPending} onClick={() => take.mutate()}>
            I take it
          </Button>
        )}
        <Button component="a" href={`/tickets/${it.ticketId}`} variant="default" size="md" fullWidth>
          Open the ticket
        </Button>
        <Paper p="md">
          {it.why.map(sentence => (
            <Text key={sentence} size="sm">
              {sentence}
            </Text>
          ))}
        </Paper>
      </Stack>
    </main>
  )
}
