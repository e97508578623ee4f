/** The three truths about a device, apart: does the link stand, is the agent well, does it serve its customers. */
import { Paper, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import type { DeviceDetail } from '../../../shared/api/devices/device-api.ts'
import { Ago, Since } from '../components/ago.tsx'
import { Tag } from '../components/tags.tsx'
import { durationWords } from '../components/time-words.ts'
import { ConnectionIcon, VerdictIcon } from '../components/truth-marks.tsx'
import { CONNECTION_MEANS, CONNECTION_WORDS, levelWord, VERDICT_MEANS, VERDICT_WORDS } from '../components/truth-words.ts'

const CLOCK_TOLERANCE_MS = 2000

function Truth({ title, word, icon, children }: { title: string; word: ReactNode; icon: ReactNode; children: ReactNode }) {
  return (
    <Paper p="md" component="section" aria-label={title}>
      <Title order={2} size="xs" c="dimmed" fw={600} mb={4}>
        {title}
      </Title>
      <div className="truth-word">
        {icon}
        <span>{word}</span>
      </div>
      {children}
    </Paper>
  )
}

function clockWords(offsetMs: number | null): string {
  if (offsetMs === null) return 'not known yet'
  if (Math.abs(offsetMs) < CLOCK_TOLERANCE_MS) return 'right'
  return `${durationWords(offsetMs)} ${offsetMs > 0 ? 'behind' : 'ahead'}`
}

function configWords(config: DeviceDetail['config']): ReactNode {
  if (config.applied === config.wanted) return `${config.wanted}, applied`
  return (
    <>
      {config.wanted} wanted, {config.applied === 0 ? 'none' : config.applied} applied{' '}
      <Tag tone="warn">{config.status.replaceAll('_', ' ')}</Tag>
    </>
  )
}

/** Verdict, connection and agent side by side. */
export function DeviceTruths({ device }: { device: DeviceDetail }) {
  const hasReported = device.inventory !== null || device.latest !== null || device.config.applied > 0
  return (
    <div className="truths">
      <Truth
        title="Does it serve its customers"
        word={VERDICT_WORDS[device.verdict]}
        icon={<VerdictIcon verdict={device.verdict} size={24} />}
      >
        <Text size="sm" c="dimmed">
          {VERDICT_MEANS[device.verdict]}, for <Since at={device.verdictSince} />
        </Text>
        {device.reasons.length > 0 && (
          <ul className="reasons">
            {device.reasons.map(reason => (
              <li key={reason.signal}>
                <Tag tone={reason.severity === 1 ? 'bad' : reason.severity === 2 ? 'warn' : 'plain'}>{levelWord(reason.severity)}</Tag>
                <span>
                  {reason.text}{' '}
                  <span className="quiet">
                    for <Since at={reason.since} />
                  </span>
                </span>
              </li>
            ))}
          </ul>
        )}
      </Truth>
      <Truth
        title="Does its link stand"
        word={CONNECTION_WORDS[device.connection]}
        icon={<ConnectionIcon connection={device.connection} size={24} />}
      >
        <Text size="sm" c="dimmed">
          {CONNECTION_MEANS[device.connection]}, for <Since at={device.connectionSince} />
        </Text>
        <dl className="facts facts-tight">
          <dt>Last heard</dt>
          <dd>{device.lastSeenAt ? <Ago at={device.lastSeenAt} /> : 'never'}</dd>
          {device.expectedBackAt && (
            <>
              <dt>Expected back</dt>
              <dd>{new Date(device.expectedBackAt).toLocaleString()}</dd>
            </>
          )}
        </dl>
      </Truth>
      <Truth title="Is its agent well" word={`Agent ${device.agentVersion}`} icon={null}>
        <Text size="sm" c="dimmed">
          {hasReported ? `${device.platform} on ${device.hostname}` : 'Has not reported yet'}
        </Text>
        <dl className="facts facts-tight">
          <dt>Configuration</dt>
          <dd>{configWords(device.config)}</dd>
          <dt>Its clock</dt>
          <dd>{clockWords(device.clockOffsetMs)}</dd>
          {device.latest?.metrics['uptimeSeconds'] !== undefined && (
            <>
              <dt>Running for</dt>
              <dd>{durationWords(device.latest.metrics['uptimeSeconds'] * 1000)}</dd>
            </>
          )}
        </dl>
      </Truth>
    </div>
  )
}
