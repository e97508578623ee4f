/** Marks of the truths: a shape, a colour and a word each, so that none depends on colour alone. */
import {
  IconAlertTriangleFilled,
  IconCircleCheckFilled,
  IconCircleXFilled,
  IconHelpCircleFilled,
  IconMoonFilled,
  IconPlugConnected,
  IconPlugConnectedX,
  IconPlugOff,
  IconPlugX,
  IconQuestionMark,
  IconWaveSine,
} from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { CONNECTION_MEANS, CONNECTION_WORDS, VERDICT_MEANS, VERDICT_WORDS, type Connection, type Verdict } from './truth-words.ts'

const VERDICT_ICONS = {
  serving: IconCircleCheckFilled,
  degraded: IconAlertTriangleFilled,
  'not-serving': IconCircleXFilled,
  closed: IconMoonFilled,
  unknown: IconHelpCircleFilled,
} as const
const CONNECTION_ICONS = {
  online: IconPlugConnected,
  suspect: IconWaveSine,
  offline: IconPlugConnectedX,
  'planned-offline': IconPlugOff,
  unknown: IconQuestionMark,
  never: IconPlugX,
} as const

/** Icon of a verdict alone. */
export function VerdictIcon({ verdict, size = 16 }: { verdict: Verdict; size?: number }) {
  const Icon = VERDICT_ICONS[verdict]
  return <Icon size={size} className="truth-icon" data-verdict={verdict} aria-hidden />
}

/** Icon of a connection alone. */
export function ConnectionIcon({ connection, size = 16 }: { connection: Connection; size?: number }) {
  const Icon = CONNECTION_ICONS[connection]
  return <Icon size={size} className="truth-icon" data-connection={connection} aria-hidden />
}

function Mark({ icon, word, title }: { icon: ReactNode; word: string; title: string }) {
  return (
    <span className="mark" title={title}>
      {icon}
      <span>{word}</span>
    </span>
  )
}

/** Does it serve its customers. */
export function VerdictMark({ verdict }: { verdict: Verdict }) {
  return <Mark icon={<VerdictIcon verdict={verdict} />} word={VERDICT_WORDS[verdict]} title={VERDICT_MEANS[verdict]} />
}

/** Does its link stand. */
export function ConnectionMark({ connection }: { connection: Connection }) {
  return <Mark icon={<ConnectionIcon connection={connection} />} word={CONNECTION_WORDS[connection]} title={CONNECTION_MEANS[connection]} />
}
