/** One defect: what it does, when it is fixed, whose tickets it is behind. */
import { Alert, Button, Group, Paper, Stack, Text, Textarea, Title } from '@mantine/core'
import { IconLock } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { DefectDetail, DefectLetterKind } from '../../../shared/api/defects/defect-api.ts'
import { Ago } from '../components/ago.tsx'
import { PageHead } from '../components/page-head.tsx'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { Tag } from '../components/tags.tsx'
import { TiedList } from '../ticket-relations/tied-list.tsx'
import { useDraft } from '../ticket-relations/use-draft.ts'
import { useMay } from '../session/use-session.ts'
import { PageLoader } from '../shell/page-loader.tsx'
import { LevelTag } from '../tickets/ticket-tags.tsx'
import { callApi } from '../api/api-client.ts'
import { keys } from '../api/query-keys.ts'
import { DefectFields } from './defect-fields.tsx'
import { DEFECT_CLASS, DEFECT_STATUS } from './defect-words.ts'
import { TellCustomersModal } from './tell-customers-modal.tsx'
import '../ticket-relations/relations.css'
import '../tickets/tickets.css'

/** What its customers heard last, in words. */
function toldWords(told: string | null): string {
  if (told === null) return 'heard nothing yet'
  return told.startsWith('estimate:') ? `heard the estimate ${told.slice('estimate:'.length)}` : 'heard of the fix'
}

function Comments({ defect, mayWrite, keep }: { defect: DefectDetail; mayWrite: boolean; keep: (defect: DefectDetail) => void }) {
  const draft = useDraft(`defect:${defect.id}`)
  const comment = useMutation({
    mutationFn: (text: string) => callApi<DefectDetail>('POST', `/defects/${defect.id}/comments`, { body: { text } }),
    onSuccess: answer => {
      keep(answer)
      draft.setText('')
    },
    meta: { isShownInPlace: true },
  })
  return (
    <Paper p="md" component="section" aria-label="Comments and history">
      <Title order={2} size="h4" mb="xs">
        Comments and history
      </Title>
      {mayWrite && (
        <form
          onSubmit={event => {
            event.preventDefault()
            if (draft.text.trim() !== '') comment.mutate(draft.text.trim())
          }}
        >
          <Textarea
            aria-label="Comment for colleagues"
            placeholder="Comment for colleagues; customers never see it"
            autosize
            minRows={2}
            maxLength={10_000}
            value={draft.text}
            onChange={event => draft.setText(event.currentTarget.value)}
          />
          <Group justify="flex-end" mt={6}>
            <Button type="submit" size="xs" loading={comment.isPending} disabled={draft.text.trim() === ''}>
              Comment
            </Button>
          </Group>
          <ProblemAlert error={comment.error} />
        </form>
      )}
      <ol className="tied-list" aria-label="History, newest first">
        {defect.history.map(event => (
          <li key={event.id}>
            <div>
              <div className="quiet">
                {event.by}, <Ago at={event.at} />
              </div>
              <div className="ticket-text">{event.text}</div>
            </div>
          </li>
        ))}
      </ol>
    </Paper>
  )
}

/** Facts to change on the left with the history; tickets and the words to customers on the right. */
export function DefectPage({ id }: { id: string }) {
  const client = useQueryClient()
  const [telling, setTelling] = useState<DefectLetterKind | null>(null)
  const mayWrite = useMay('desk')
  const query = useQuery({
    queryKey: keys.defect(id),
    queryFn: ({ signal }) => callApi<DefectDetail>('GET', `/defects/${id}`, { signal }),
  })
  const keep = (defect: DefectDetail): void => {
    client.setQueryData(keys.defect(id), defect)
    void client.invalidateQueries({ queryKey: keys.tickets })
  }
  const unlink = useMutation({
    mutationFn: (ticketId: string) => callApi<DefectDetail>('DELETE', `/defects/${id}/tickets/${ticketId}`),
    onSuccess: keep,
  })
  if (query.isPending) return <PageLoader />
  const defect = query.data
  const crumbs = [{ to: '/defects', name: 'Defects' }]
  if (!defect)
    return (
      <div className="page">
        <PageHead title="Defect" crumbs={crumbs} />
        <ProblemAlert error={query.error} again={query.refetch} />
      </div>
    )
  const news: DefectLetterKind | null =
    defect.status === 'fixed' ? 'fix' : defect.estimateOn !== null && defect.status !== 'not-fixed' ? 'estimate' : null
  const key =
    news === 'fix' ? `fix:${defect.fixedIn?.productId ?? ''}:${defect.fixedIn?.version ?? ''}` : `estimate:${defect.estimateOn ?? ''}`
  const untold = news === null ? [] : defect.linked.filter(one => one.told !== key)
  return (
    <div className="page">
      <PageHead
        title={defect.title}
        crumbs={crumbs}
        note={
          <Group gap={8}>
            <span className="mono">{defect.reference}</span>
            <Tag>{DEFECT_CLASS[defect.class]}</Tag>
            <Tag tone={DEFECT_STATUS[defect.status].tone}>{DEFECT_STATUS[defect.status].word}</Tag>
            {defect.severity === null ? <span>not rated</span> : <LevelTag level={defect.severity} />}
          </Group>
        }
      />
      <div className="ticket-columns">
        <Stack gap="md" className="ticket-main">
          <Paper p="md">
            <Title order={2} size="h4" mb={6}>
              Impact
            </Title>
            <Text size="sm" className="ticket-text">
              {defect.impact}
            </Text>
          </Paper>
          <Comments defect={defect} mayWrite={mayWrite} keep={keep} />
        </Stack>
        <div className="ticket-promises">
          <DefectFields key={defect.version} defect={defect} mayWrite={mayWrite} keep={keep} />
        </div>
        <Stack gap="md" className="ticket-side">
          <Paper p="md" component="section" aria-label="Tickets">
            <Title order={2} size="h4" mb={4}>
              Tickets
            </Title>
            {defect.linked.length === 0 && (
              <Text size="sm" c="dimmed">
                Linked from the Related card of a ticket.
              </Text>
            )}
            {mayWrite && news !== null && untold.length > 0 && (
              <Button size="xs" mt={4} onClick={() => setTelling(news)}>
                Tell the {news} to {untold.length === 1 ? 'one customer' : `${untold.length} tickets`}
              </Button>
            )}
            <TiedList
              name="Linked"
              items={defect.linked.map(({ ticket, told }) => ({
                ticket,
                note: toldWords(told),
                onRemove: mayWrite ? () => unlink.mutate(ticket.id) : undefined,
              }))}
            />
          </Paper>
          <Alert variant="default" icon={<IconLock />}>
            Nothing on this page leaves the house. Customers hear the estimate and the fix as a message on their own ticket.
          </Alert>
        </Stack>
      </div>
      {telling !== null && <TellCustomersModal defect={defect} what={telling} onClose={() => setTelling(null)} />}
    </div>
  )
}
