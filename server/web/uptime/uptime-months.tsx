/** Months of the platform against the promise, and the gaps behind each number. */
import { Paper, Table, Text } from '@mantine/core'
import { useState } from 'react'
import type { UptimeMonth } from '../../../shared/api/uptime/uptime-api.ts'
import { Tag, type Tone } from '../components/tags.tsx'
import { durationWords, fullTime } from '../components/time-words.ts'

const STATES: Record<UptimeMonth['state'], { word: string; tone: Tone }> = {
  kept: { word: 'Kept', tone: 'good' },
  broken: { word: 'Broken', tone: 'bad' },
  'no-promise': { word: 'No promise', tone: 'plain' },
  unknown: { word: 'Not measured', tone: 'plain' },
}

/** Floor, not round: 99.9999 must not read as 100. */
function percentText(percent: number | null): string {
  return percent === null ? '–' : `${Math.floor(percent * 1e5) / 1e5} %`
}

/** Seconds exactly, as a promise of 26 s a month asks for. */
function secondsText(seconds: number): string {
  return seconds < 60 ? `${Math.round(seconds * 10) / 10} s` : durationWords(seconds * 1000)
}

function Gaps({ month, timeZone }: { month: UptimeMonth; timeZone: string }) {
  return (
    <ul className="gap-list">
      {month.gaps.map(gap => (
        <li key={gap.from}>
          <b>{secondsText(gap.seconds)}</b> from {fullTime(gap.from, timeZone)}: {gap.reason}{' '}
          <span className="quiet">(seen by {gap.seenBy.map(name => (name === 'inside' ? 'the server itself' : name)).join(', ')})</span>{' '}
          {gap.planned && <Tag>announced maintenance</Tag>}
        </li>
      ))}
    </ul>
  )
}

/** One row a month; its gaps open below it. */
export function UptimeMonths({ months, timeZone }: { months: readonly UptimeMonth[]; timeZone: string }) {
  const [opened, setOpened] = useState<string | null>(months.find(month => month.gaps.length > 0)?.month ?? null)
  return (
    <Paper p="md">
      <div className="scroll-box" role="region" aria-label="Months" tabIndex={0}>
        <Table verticalSpacing={7} aria-label="Uptime by month">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Month</Table.Th>
              <Table.Th>Uptime</Table.Th>
              <Table.Th>Down</Table.Th>
              <Table.Th>Allowed</Table.Th>
              <Table.Th>Announced</Table.Th>
              <Table.Th>
                <span className="sr-only">Promise</span>
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {months.map(month => (
              <Table.Tr key={month.month}>
                <Table.Td style={{ whiteSpace: 'nowrap' }}>
                  {month.gaps.length > 0 ? (
                    <button
                      type="button"
                      className="link-button"
                      aria-expanded={opened === month.month}
                      onClick={() => setOpened(opened === month.month ? null : month.month)}
                    >
                      {month.month}
                    </button>
                  ) : (
                    month.month
                  )}
                </Table.Td>
                <Table.Td>
                  <b>{percentText(month.measuredPercent)}</b>
                  {month.promisePercent !== null && <span className="quiet"> of {month.promisePercent} %</span>}
                </Table.Td>
                <Table.Td>{secondsText(month.downSeconds)}</Table.Td>
                <Table.Td>{month.allowedSeconds === null ? '–' : secondsText(month.allowedSeconds)}</Table.Td>
                <Table.Td>{month.plannedSeconds === 0 ? '–' : secondsText(month.plannedSeconds)}</Table.Td>
                <Table.Td>
                  <Tag tone={STATES[month.state].tone} title={month.why}>
                    {STATES[month.state].word}
                  </Tag>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
      {months
        .filter(month => month.month === opened)
        .map(month => (
          <div key={month.month} className="inset" style={{ marginTop: 12 }}>
            <Text size="sm" fw={600} mb={4}>
              {month.month}: when it was not there
            </Text>
            <Gaps month={month} timeZone={timeZone} />
          </div>
        ))}
    </Paper>
  )
}
