/** What comes in by mail and needs a person: why, what it says, and where it goes. */
import { Accordion, Button, Group, SegmentedControl, Text } from '@mantine/core'
import { IconInbox, IconPhone } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'wouter'
import type { IntakeItem } from '../../../shared/api/mail/intake-api.ts'
import { Ago } from '../components/ago.tsx'
import { NothingHere } from '../components/nothing-here.tsx'
import { PageHead } from '../components/page-head.tsx'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { Tag, type Tone } from '../components/tags.tsx'
import { useMay } from '../session/use-session.ts'
import { PageLoader } from '../shell/page-loader.tsx'
import { readAll } from '../api/api-client.ts'
import { keys } from '../api/query-keys.ts'
import { IntakeDetail } from './intake-detail.tsx'
import './intake.css'

type State = IntakeItem['state']
const STATES: { value: State; label: string }[] = [
  { value: 'open', label: 'Waiting' },
  { value: 'assigned', label: 'Placed' },
  { value: 'dismissed', label: 'Dropped' },
  { value: 'ignored', label: 'Ignored by rule' },
]
const REASONS: Record<string, { word: string; tone: Tone }> = {
  'unknown-sender': { word: 'Unknown sender', tone: 'warn' },
  'several-customers': { word: 'Several customers', tone: 'warn' },
  'sender-not-authentic': { word: 'Sender not authentic', tone: 'bad' },
  'too-large': { word: 'Too large', tone: 'bad' },
  'nested-too-deep': { word: 'Nested too deep', tone: 'bad' },
  unreadable: { word: 'Cannot be read', tone: 'bad' },
  'no-sender': { word: 'No sender', tone: 'bad' },
  'auto-reply': { word: 'Automatic reply', tone: 'plain' },
  bounce: { word: 'Bounce', tone: 'plain' },
  loop: { word: 'Loop', tone: 'bad' },
  'own-mail': { word: 'Our own mail', tone: 'plain' },
  list: { word: 'Mailing list', tone: 'plain' },
}
const EMPTY: Record<State, { title: string; text: string }> = {
  open: { title: 'No mail waits', text: 'Mails of known senders become tickets by themselves. What needs a person appears here.' },
  assigned: { title: 'Nothing was placed yet', text: 'Mails that somebody made a ticket of, or put on one.' },
  dismissed: { title: 'Nothing was dropped', text: 'Mails that were no report. They stay kept.' },
  ignored: {
    title: 'Nothing was ignored',
    text: 'Automatic replies, bounces and lists. They are never answered, and can still be placed.',
  },
}

function Item({ item, mayDecide, isOpen }: { item: IntakeItem; mayDecide: boolean; isOpen: boolean }) {
  const reason = REASONS[item.reason] ?? { word: item.reason, tone: 'plain' as const }
  return (
    <Accordion.Item value={item.id}>
      <Accordion.Control>
        <div className="intake-head">
          <div>
            <b>{item.subject || '(no subject)'}</b>
            <div className="quiet">{item.from || 'no sender'}</div>
          </div>
          <div className="intake-facts">
            <Tag tone={reason.tone}>{reason.word}</Tag>
            <span className="quiet">
              <Ago at={item.createdAt} />
            </span>
          </div>
        </div>
      </Accordion.Control>
      <Accordion.Panel>
        <Text size="sm" mb="sm">
          {item.why}
        </Text>
        {item.ticketId && (
          <Text size="sm" mb="sm">
            <Link href={`/tickets/${item.ticketId}`}>Open its ticket</Link>
            {item.decidedBy ? `, placed by ${item.decidedBy}` : ''}
          </Text>
        )}
        {isOpen && <IntakeDetail item={item} mayDecide={mayDecide} />}
      </Accordion.Panel>
    </Accordion.Item>
  )
}

/** Mails by what became of them. */
export function IntakePage() {
  const [state, setState] = useState<State>('open')
  const [opened, setOpened] = useState<string | null>(null)
  const mayDecide = useMay('desk')
  const items = useQuery({
    queryKey: [...keys.intake, state],
    queryFn: ({ signal }) => readAll<IntakeItem>('/intake', { state }, signal),
    refetchInterval: 30_000,
  })
  const all = items.data ?? []
  return (
    <div className="page page-narrow">
      <PageHead
        title="Intake"
        note="Mails that need a person before they become anything."
        actions={
          mayDecide && (
            <Button component={Link} href="/intake/call" leftSection={<IconPhone size={17} aria-hidden />}>
              Log a call
            </Button>
          )
        }
      />
      <Group mb="md">
        <SegmentedControl size="xs" aria-label="Which mails" value={state} onChange={setState} data={STATES} />
      </Group>
      <ProblemAlert error={items.error} again={items.refetch} />
      {items.isPending && <PageLoader />}
      {!items.isPending && !items.isError && all.length === 0 && (
        <NothingHere icon={<IconInbox />} title={EMPTY[state].title}>
          {EMPTY[state].text}
        </NothingHere>
      )}
      {all.length > 0 && (
        <Accordion variant="separated" value={opened} onChange={setOpened} className="intake-list">
          {all.map(item => (
            <Item key={item.id} item={item} mayDecide={mayDecide} isOpen={opened === item.id} />
          ))}
        </Accordion>
      )}
    </div>
  )
}
