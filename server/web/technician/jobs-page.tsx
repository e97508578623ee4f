/** A partner's jobs: what waits for an answer, what is agreed, what is over. */
import { Button, Paper, Stack, Title } from '@mantine/core'
import { IconTool } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'wouter'
import type { Page } from '../../../shared/api/list.ts'
import type { JobListItem } from '../../../shared/api/visits/visit-api.ts'
import { NothingHere } from '../components/nothing-here.tsx'
import { PageHead } from '../components/page-head.tsx'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { Tag, type Tone } from '../components/tags.tsx'
import { useNow } from '../components/use-now.ts'
import { whenWords } from '../portal/promise-words.ts'
import { PageLoader } from '../shell/page-loader.tsx'
import { callApi } from '../api/api-client.ts'
import { keys } from '../api/query-keys.ts'

const AGAIN_MS = 30_000
const SHOWN = 100
const STATES: Record<JobListItem['state'], { word: string; tone: Tone }> = {
  offered: { word: 'Can you take it?', tone: 'warn' },
  accepted: { word: 'Set a time', tone: 'warn' },
  scheduled: { word: 'Scheduled', tone: 'plain' },
  'on-site': { word: 'You are there', tone: 'odd' },
  done: { word: 'Done', tone: 'good' },
  declined: { word: 'Not taken', tone: 'plain' },
  cancelled: { word: 'Called off', tone: 'plain' },
}
const GROUPS: readonly { title: string; states: readonly JobListItem['state'][]; atFirst?: number }[] = [
  { title: 'Offered to you', states: ['offered'] },
  { title: 'Yours', states: ['on-site', 'scheduled', 'accepted'] },
  { title: 'Over', states: ['done', 'cancelled', 'declined'], atFirst: 8 },
]

function momentOf(job: JobListItem, nowMs: number): string {
  const when = (iso: string): string => whenWords(iso, job.timeZone ?? undefined, nowMs)
  if (job.state === 'scheduled' && job.scheduledAt) return when(job.scheduledAt)
  if (job.state === 'offered' && job.deadlineAt) return `Answer by ${when(job.deadlineAt)}`
  if (job.state === 'accepted' && job.deadlineAt) return `Name a time by ${when(job.deadlineAt)}`
  return when(job.doneAt ?? job.offeredAt)
}

function Line({ job }: { job: JobListItem }) {
  const nowMs = useNow()
  const { word, tone } = STATES[job.state]
  const where = [job.place, job.address, job.device].filter(Boolean).join(', ')
  const isLate = (job.state === 'offered' || job.state === 'accepted') && job.deadlineAt !== null && Date.parse(job.deadlineAt) < nowMs
  const inner = (
    <>
      <b className="job-fault">{job.fault}</b>
      <Tag tone={tone}>{word}</Tag>
      <small>
        {where !== '' && (
          <>
            {where}
            <br />
          </>
        )}
        <span className={isLate ? 'text-bad' : undefined}>{momentOf(job, nowMs)}</span> · <span className="mono">{job.reference}</span>
      </small>
    </>
  )
  if (!job.isReadable) return <div className="portal-line">{inner}</div>
  return (
    <Link href={`/jobs/${job.visitId}`} className="portal-line">
      {inner}
    </Link>
  )
}

/** What waits comes first. */
export function JobsPage() {
  const [showsAll, setShowsAll] = useState(false)
  const jobs = useQuery({
    queryKey: keys.jobs,
    queryFn: async ({ signal }) => (await callApi<Page<JobListItem>>('GET', `/jobs?limit=${SHOWN}`, { signal })).items,
    refetchInterval: AGAIN_MS,
  })
  if (jobs.isPending) return <PageLoader />
  const all = jobs.data ?? []
  return (
    <main>
      <PageHead title="Jobs" />
      <ProblemAlert error={jobs.error} again={jobs.refetch} />
      {all.length === 0 && !jobs.isError && (
        <NothingHere icon={<IconTool />} title="No jobs yet">
          When a kiosk in your region needs hands, the offer comes here and by mail. There is nothing to do until then.
        </NothingHere>
      )}
      <Stack gap="md">
        {GROUPS.map(({ title, states, atFirst }) => {
          const whole = all.filter(({ state }) => states.includes(state))
          if (whole.length === 0) return null
          const items = showsAll ? whole : whole.slice(0, atFirst)
          return (
            <Paper key={title} p="md" component="section" aria-label={title}>
              <Title order={2} size="h4" mb={4}>
                {title}
              </Title>
              <ul className="portal-list">
                {items.map(job => (
                  <li key={job.visitId}>
                    <Line job={job} />
                  </li>
                ))}
              </ul>
              {items.length < whole.length && (
                <Button variant="default" size="xs" mt="sm" onClick={() => setShowsAll(true)}>
                  All {whole.length}
                </Button>
              )}
            </Paper>
          )
        })}
      </Stack>
    </main>
  )
}
