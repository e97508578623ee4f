/** Level, status, source and flags of a ticket. */
import { IconActivityHeartbeat, IconUser } from '@tabler/icons-react'
import type { Ticket } from '../../../shared/api/tickets/ticket-api.ts'
import { Tag } from '../components/tags.tsx'
import { levelWord } from '../components/truth-words.ts'
import { flagFacts, LEVEL_TONES, STATUS_TONES, STATUS_WORDS } from './ticket-words.ts'

/** `1 Critical`, as the plan calls it. */
export function LevelTag({ level, name }: { level: number; name?: string }) {
  return (
    <Tag tone={LEVEL_TONES[level] ?? 'plain'} title={`Level ${level}`}>
      {level} {levelWord(level, name)}
    </Tag>
  )
}

/** Where the ticket stands. */
export function StatusTag({ status }: { status: Ticket['status'] }) {
  return <Tag tone={STATUS_TONES[status]}>{STATUS_WORDS[status]}</Tag>
}

/** Raised by the monitoring or by a person. */
export function SourceMark({ source }: { source: Ticket['source'] }) {
  const Icon = source === 'monitoring' ? IconActivityHeartbeat : IconUser
  const word = source === 'monitoring' ? 'Raised by the monitoring' : 'Registered by a person'
  return <Icon size={15} className="quiet" role="img" aria-label={word} title={word} />
}

/** Flags with their meaning as tooltips. */
export function FlagTags({ flags }: { flags: readonly string[] }) {
  return flags.map(flag => {
    const { word, means, tone } = flagFacts(flag)
    return (
      <Tag key={flag} tone={tone} title={means}>
        {word}
      </Tag>
    )
  })
}
