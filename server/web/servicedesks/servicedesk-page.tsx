/** One link to a client's desk: how it is, what waits, and what is set. */
import { Alert, Button, List, Modal, Paper, Stack, Text, Title } from '@mantine/core'
import { modals } from '@mantine/modals'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Link, useLocation } from 'wouter'
import type {
  ChangedServicedeskLink,
  ServicedeskHealth,
  ServicedeskLink,
  ServicedeskLinkPatch,
  ServicedeskTest,
} from '../../../shared/api/servicedesks/servicedesk-api.ts'
import { Ago } from '../components/ago.tsx'
import { PageHead } from '../components/page-head.tsx'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { Tag } from '../components/tags.tsx'
import { useMay } from '../session/use-session.ts'
import { PageLoader } from '../shell/page-loader.tsx'
import { callApi } from '../api/api-client.ts'
import { customerQuery } from '../api/catalog-queries.ts'
import { keys } from '../api/query-keys.ts'
import { showDone } from '../api/show-problem.ts'
import { HEALTH, KINDS } from './desk-words.ts'
import { LinkModal } from './link-modal.tsx'
import { ParkedCard } from './parked-card.tsx'
import { WebhookTold } from './webhook-told.tsx'
import './servicedesks.css'

function HealthCard({ health }: { health: ServicedeskHealth }) {
  const when = (at: string | null) => (at === null ? 'never' : <Ago at={at} />)
  return (
    <Paper p="md" component="section" aria-label="Health">
      <Title order={2} size="h4" mb={6}>
        Health <Tag tone={HEALTH[health.state].tone}>{HEALTH[health.state].word}</Tag>
      </Title>
      {health.why.length > 0 && (
        <List size="sm" mb="sm">
          {health.why.map(why => (
            <List.Item key={why}>{why}</List.Item>
          ))}
        </List>
      )}
      <dl className="facts">
        <dt>Last sent</dt>
        <dd>{when(health.lastOutAt)}</dd>
        <dt>Last taken</dt>
        <dd>{when(health.lastInAt)}</dd>
        <dt>Compared</dt>
        <dd>{when(health.reconciledAt)}, every hour</dd>
        <dt>Waiting</dt>
        <dd>
          {health.pending === 1 ? '1 change' : `${health.pending} changes`}
          {health.oldestPendingAt !== null && (
            <>
              , the oldest <Ago at={health.oldestPendingAt} />
            </>
          )}
        </dd>
        {health.clockSkewSeconds !== null && (
          <>
            <dt>Their clock</dt>
            <dd>{Math.abs(health.clockSkewSeconds) < 2 ? 'as ours' : `${health.clockSkewSeconds} s off ours`}</dd>
          </>
        )}
      </dl>
    </Paper>
  )
}

function TestAnswer({ test }: { test: ServicedeskTest }) {
  if (test.faults.length === 0)
    return (
      <Alert color="teal" variant="outline" title="Their desk answers, and everything fits">
        {test.states.length > 0 && `Its states: ${test.states.map(state => `${state.id} ${state.name}`).join(', ')}.`}
      </Alert>
    )
  return (
    <Alert color="red" variant="outline" title="It does not fit yet" role="alert">
      <List size="sm">
        {test.faults.map(fault => (
          <List.Item key={fault.path + fault.message}>
            <b>{fault.path.replace(/^body\/?/, '')}</b> {fault.message}
          </List.Item>
        ))}
      </List>
    </Alert>
  )
}

/** Everything about one link. */
export function ServicedeskPage({ id }: { id: string }) {
  const client = useQueryClient()
  const [, go] = useLocation()
  const [isEditing, setIsEditing] = useState(false)
  const [mayManage, mayDecide] = [useMay('manage'), useMay('desk')]
  const path = `/servicedesk-links/${id}`
  const link = useQuery({ queryKey: keys.servicedesk(id), queryFn: ({ signal }) => callApi<ServicedeskLink>('GET', path, { signal }) })
  const health = useQuery({
    queryKey: keys.servicedeskHealth(id),
    queryFn: ({ signal }) => callApi<ServicedeskHealth>('GET', `${path}/health`, { signal }),
    refetchInterval: 10_000,
  })
  const customer = useQuery({ ...customerQuery(link.data?.customerId ?? ''), enabled: link.data !== undefined })
  const test = useMutation({ mutationFn: () => callApi<ServicedeskTest>('POST', `${path}/test`) })
  const change = useMutation({
    mutationFn: (body: ServicedeskLinkPatch) => callApi<ChangedServicedeskLink>('PATCH', path, { body }),
    onSuccess: saved => {
      void client.invalidateQueries({ queryKey: keys.servicedesks })
      if (saved.webhook === null) showDone(`${saved.name} is ${saved.enabled ? 'on' : 'off'}`)
    },
    meta: { isShownInPlace: true },
  })
  const remove = useMutation({
    mutationFn: () => callApi('DELETE', path),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: keys.servicedesks })
      go('/servicedesks')
    },
  })
  const ask = (): void => {
    modals.openConfirmModal({
      title: 'Forget this link?',
      children: 'Tickets stay on both sides, and do not know of each other any more. A link made anew makes them again over there.',
      labels: { confirm: 'Forget it', cancel: 'Keep it' },
      confirmProps: { color: 'red' },
      onConfirm: () => remove.mutate(),
    })
  }
  if (link.isPending) return <PageLoader />
  if (!link.data) {
    return (
      <div className="page">
        <PageHead title="Service desk" crumbs={[{ to: '/servicedesks', name: 'Service desks' }]} />
        <ProblemAlert error={link.error} again={link.refetch} />
      </div>
    )
  }
  const { name, kind, baseUrl, enabled, customerId } = link.data
  return (
    <div className="page page-narrow">
      <PageHead
        title={name}
        crumbs={[{ to: '/servicedesks', name: 'Service desks' }]}
        note={
          <>
            {KINDS[kind].name} at <span className="mono">{new URL(baseUrl).host}</span> for{' '}
            <Link href={`/customers/${customerId}`}>{customer.data?.name ?? 'the customer'}</Link>
          </>
        }
        actions={
          mayManage && (
            <>
              <Button variant="default" loading={test.isPending} onClick={() => test.mutate()}>
                Try it
              </Button>
              <Button variant="default" onClick={() => setIsEditing(true)}>
                Change
              </Button>
              <Button
                loading={change.isPending}
                variant={enabled ? 'default' : 'filled'}
                onClick={() => change.mutate({ enabled: !enabled })}
              >
                {enabled ? 'Switch off' : 'Switch on'}
              </Button>
            </>
          )
        }
      />
      <Stack gap="md">
        <ProblemAlert error={change.error} />
        {test.data && <TestAnswer test={test.data} />}
        {health.data && <HealthCard health={health.data} />}
        <ParkedCard linkId={id} mayDecide={mayDecide} />
        {mayManage && (
          <Paper p="md" component="section" aria-label="Webhook">
            <Title order={2} size="h4" mb={6}>
              Webhook
            </Title>
            <Text size="sm" c="dimmed" mb="sm">
              Their desk tells us of changes at a secret address. It was shown when the link was made; a new one ends the old at once.
            </Text>
            <Button size="xs" variant="default" onClick={() => change.mutate({ newWebhook: true })}>
              New address and secret
            </Button>
          </Paper>
        )}
        {mayManage && (
          <div>
            <Button size="compact-sm" variant="subtle" color="red" onClick={ask}>
              Forget this link
            </Button>
          </div>
        )}
      </Stack>
      {isEditing && <LinkModal link={link.data} onClose={() => setIsEditing(false)} />}
      {change.data?.webhook && (
        <Modal opened onClose={change.reset} size="lg" title="The new webhook">
          <Stack>
            <WebhookTold link={change.data} />
            <Button onClick={change.reset}>I have kept them</Button>
          </Stack>
        </Modal>
      )}
    </div>
  )
}
