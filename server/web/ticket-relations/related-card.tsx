/** What a ticket belongs to: other tickets, defects, a major incident, and who watches; with the ways to tie it. */
import { Button, Menu, Paper, Text, Title, Group } from '@mantine/core'
import {
  IconAlertTriangle,
  IconArrowMerge,
  IconBan,
  IconBug,
  IconChevronDown,
  IconEye,
  IconEyeOff,
  IconLink,
  IconSitemap,
  IconSubtask,
} from '@tabler/icons-react'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'wouter'
import type { Defect } from '../../../shared/api/defects/defect-api.ts'
import type { Page } from '../../../shared/api/list.ts'
import type { Major } from '../../../shared/api/majors/major-api.ts'
import type { Relations } from '../../../shared/api/tickets/relation-api.ts'
import type { Ticket } from '../../../shared/api/tickets/ticket-api.ts'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { Tag } from '../components/tags.tsx'
import { LinkDefectModal } from '../defects/link-defect-modal.tsx'
import { DEFECT_STATUS } from '../defects/defect-words.ts'
import { RaiseMajorModal } from '../majors/raise-major-modal.tsx'
import { useSession } from '../session/use-session.ts'
import { callApi } from '../api/api-client.ts'
import { keys } from '../api/query-keys.ts'
import { ResolveParts } from './resolve-parts.tsx'
import { ScopeModal } from './scope-modal.tsx'
import { TiedGroup, TiedList } from './tied-list.tsx'
import { TieModal, type TieKind } from './tie-modal.tsx'
import { useRelations } from './use-relations.ts'
import { WatcherList } from './watcher-list.tsx'
import './relations.css'

type Opened = TieKind | 'defect' | 'major' | 'scope' | null

/** For staff; what only looks on sees everything and ties nothing. */
export function RelatedCard({ ticket, mayWrite }: { ticket: Ticket; mayWrite: boolean }) {
  const [opened, setOpened] = useState<Opened>(null)
  const { data, error, keep, refetch } = useRelations(ticket.id)
  const { data: me } = useSession()
  const defects = useQuery({
    queryKey: keys.ticketDefects(ticket.id),
    queryFn: ({ signal }) => callApi<Page<Defect>>('GET', `/defects?ticketId=${ticket.id}`, { signal }),
  })
  const majors = useQuery({
    queryKey: keys.ticketMajors(ticket.id),
    queryFn: ({ signal }) => callApi<Page<Major>>('GET', `/majors?ticketId=${ticket.id}`, { signal }),
  })
  const untie = useMutation({
    mutationFn: (linkId: string) => callApi<Relations>('DELETE', `/tickets/${ticket.id}/links/${linkId}`),
    onSuccess: keep,
  })
  const watch = useMutation({
    mutationFn: (own: string | null) =>
      own === null
        ? callApi<Relations>('POST', `/tickets/${ticket.id}/watchers`, { body: {} })
        : callApi<Relations>('DELETE', `/tickets/${ticket.id}/watchers/${own}`),
    onSuccess: keep,
  })
  if (!data) return <ProblemAlert error={error} again={refetch} />
  const isMerged = data.mergedInto !== null
  const removable = (one: { linkId: string; ticket: Relations['merged'][number] }) => ({
    ticket: one.ticket,
    onRemove: mayWrite ? () => untie.mutate(one.linkId) : undefined,
  })
  const own = data.watchers.find(watcher => watcher.kind === 'staff' && watcher.name === me?.name && data.isWatching)
  const defectItems = defects.data?.items ?? []
  const majorItems = majors.data?.items ?? []
  const isAlone =
    [data.merged, data.children, data.related, data.duplicates, data.watchers, defectItems, majorItems].every(list => list.length === 0) &&
    data.parent === null
  const item = (kind: Exclude<Opened, null>, Icon: typeof IconLink, words: string) => (
    <Menu.Item leftSection={<Icon size={16} aria-hidden />} onClick={() => setOpened(kind)}>
      {words}
    </Menu.Item>
  )
  if (isMerged && isAlone) return null
  return (
    <Paper p="md" component="section" aria-label="Related">
      <Group justify="space-between" mb={isAlone ? 4 : 'xs'}>
        <Title order={2} size="h4">
          Related
        </Title>
        {mayWrite && !isMerged && (
          <Menu position="bottom-end" width={260}>
            <Menu.Target>
              <Button size="compact-sm" variant="default" rightSection={<IconChevronDown size={14} aria-hidden />}>
                Link
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Label>Another ticket</Menu.Label>
              {item('merge', IconArrowMerge, 'Merge into another ticket')}
              {item('related', IconLink, 'Related ticket')}
              {item('child', IconSubtask, 'Is a part of a ticket')}
              {item('parent', IconSitemap, 'Has a part')}
              <Menu.Label>This ticket</Menu.Label>
              {item('defect', IconBug, 'Defect')}
              {item('major', IconAlertTriangle, 'Major incident')}
              {item('scope', IconBan, 'Out of scope')}
              <Menu.Item
                leftSection={data.isWatching ? <IconEyeOff size={16} aria-hidden /> : <IconEye size={16} aria-hidden />}
                onClick={() => watch.mutate(own?.id ?? null)}
              >
                {data.isWatching ? 'Watch no longer' : 'Watch it'}
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        )}
      </Group>
      {isAlone && (
        <Text size="sm" c="dimmed">
          Linked to nothing yet: no duplicate was found, nobody watches it.
        </Text>
      )}
      {mayWrite && <ResolveParts ticket={ticket} parts={data.children.map(one => one.ticket)} onDone={keep} />}
      <TiedList name="May be the same" items={data.duplicates.map(({ ticket: other, why }) => ({ ticket: other, note: why }))} />
      {mayWrite && data.duplicates.length > 0 && (
        <Button size="compact-xs" variant="default" mt={4} onClick={() => setOpened('merge')}>
          Merge
        </Button>
      )}
      <TiedList name="Part of" items={data.parent ? [removable(data.parent)] : []} />
      <TiedList name="Parts" items={data.children.map(removable)} />
      <TiedList name="Related tickets" items={data.related.map(removable)} />
      <TiedList name="Merged into this one" items={data.merged.map(other => ({ ticket: other }))} />
      {defectItems.length > 0 && (
        <TiedGroup name="Defects">
          <ul className="tied-list">
            {defectItems.map(defect => (
              <li key={defect.id}>
                <div>
                  <Link href={`/defects/${defect.id}`}>
                    <span className="mono">{defect.reference}</span>
                  </Link>{' '}
                  <Tag tone={DEFECT_STATUS[defect.status].tone}>{DEFECT_STATUS[defect.status].word}</Tag>
                  <div className="tied-subject">{defect.title}</div>
                </div>
              </li>
            ))}
          </ul>
        </TiedGroup>
      )}
      {majorItems.length > 0 && (
        <TiedGroup name="Major incident">
          <ul className="tied-list">
            {majorItems.map(major => (
              <li key={major.id}>
                <div>
                  <Link href={`/major/${major.id}`}>
                    <span className="mono">{major.reference}</span>
                  </Link>{' '}
                  <Tag tone={major.state === 'open' ? 'bad' : 'plain'}>{major.state === 'open' ? 'Running' : 'Ended'}</Tag>
                  <div className="tied-subject">{major.title}</div>
                </div>
              </li>
            ))}
          </ul>
        </TiedGroup>
      )}
      <WatcherList ticket={ticket} watchers={data.watchers} mayWrite={mayWrite && !isMerged} onDone={keep} />
      {(opened === 'merge' || opened === 'related' || opened === 'child' || opened === 'parent') && (
        <TieModal
          ticket={ticket}
          kind={opened}
          first={data.duplicates.map(one => one.ticket)}
          onDone={keep}
          onClose={() => setOpened(null)}
        />
      )}
      {opened === 'defect' && <LinkDefectModal ticket={ticket} onClose={() => setOpened(null)} />}
      {opened === 'major' && <RaiseMajorModal ticket={ticket} onClose={() => setOpened(null)} />}
      {opened === 'scope' && <ScopeModal ticket={ticket} onClose={() => setOpened(null)} />}
    </Paper>
  )
}
