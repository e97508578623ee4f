/** A technician's job, by the link in the mail without a login or as a person of the partner: made for a phone in front of a dead kiosk. */
import { Alert, Paper, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { Job, JobLive } from '../../../shared/api/visits/visit-api.ts'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { Tag } from '../components/tags.tsx'
import { useNow } from '../components/use-now.ts'
import { whenWords } from '../portal/promise-words.ts'
import { VISIT_STATES } from '../visits/visit-words.ts'
import { LadderList } from '../remedies/ladder-list.tsx'
import { PageLoader } from '../shell/page-loader.tsx'
import { callApi } from '../api/api-client.ts'
import { keys } from '../api/query-keys.ts'
import { JobActions } from './job-actions.tsx'
import { JobEvidence } from './job-evidence.tsx'
import { JobPhotos } from './job-photos.tsx'
import { useJobMoves } from './use-job-moves.ts'
import './job.css'

const LIVE_MS = 4_000
const JOB_MS = 30_000
const STATES: Record<Job['state'], string> = {
  offered: 'Can you take it?',
  accepted: 'Yours: set a time',
  declined: 'Declined',
  scheduled: 'A time is set',
  'on-site': 'You are there',
  done: 'Done. Thank you',
  cancelled: 'Called off: nothing to do any more',
}
const IS_OVER: readonly Job['state'][] = ['done', 'declined', 'cancelled']

function Live({ path, isOnSite }: { path: string; isOnSite: boolean }) {
  const live = useQuery({
    queryKey: keys.jobLive(path),
    queryFn: ({ signal }) => callApi<JobLive>('GET', `${path}/live`, { signal }),
    refetchInterval: LIVE_MS,
    meta: { isShownInPlace: true },
  })
  const now = live.data
  if (!now) return null
  return (
    <Alert
      color={now.isWell ? 'teal' : 'red'}
      variant="outline"
      title={now.isWell ? 'The device is well' : 'The device says what still fails'}
      aria-live="polite"
    >
      {now.failing.map(item => (
        <div key={item.signal}>
          {item.text}
          {item.advice && (
            <div>
              <b>Do:</b> {item.advice}
            </div>
          )}
        </div>
      ))}
      {now.isWell && isOnSite && 'You can finish the job.'}
      {isOnSite && !now.hasContact && <div>It has not been heard since you came: give it power and network, then wait a minute.</div>}
    </Alert>
  )
}

function Facts({ job }: { job: Job }) {
  const zone = job.site?.timeZone
  const nowMs = useNow()
  return (
    <Paper p="md">
      <Title order={2} size="h4" mb="xs">
        Where and what
      </Title>
      <dl className="facts job-facts">
        {job.site && (
          <>
            <dt>Place</dt>
            <dd>
              {job.site.name}
              {job.site.address && (
                <div>
                  <a
                    href={`https://www.openstreetmap.org/search?query=${encodeURIComponent(job.site.address)}`}
                    target="_blank"
                    rel="noreferrer"
                  >
                    {job.site.address}
                  </a>
                </div>
              )}
            </dd>
          </>
        )}
        {job.device && (
          <>
            <dt>Device</dt>
            <dd>{job.device}</dd>
          </>
        )}
        {job.contacts.map(contact => (
          <div key={contact.name} style={{ display: 'contents' }}>
            <dt>Contact</dt>
            <dd>
              {contact.name} {contact.phone && <a href={`tel:${contact.phone.replaceAll(/[^+\d]/g, '')}`}>{contact.phone}</a>}
            </dd>
          </div>
        ))}
        {job.scheduledAt && (
          <>
            <dt>Time</dt>
            <dd>{whenWords(job.scheduledAt, zone, nowMs)}</dd>
          </>
        )}
        {job.deadlineAt && (
          <>
            <dt>{job.state === 'accepted' ? 'Name a time by' : 'Answer by'}</dt>
            <dd>{whenWords(job.deadlineAt, zone, nowMs)}</dd>
          </>
        )}
        {job.likelyParts.length > 0 && (
          <>
            <dt>Bring</dt>
            <dd>{job.likelyParts.join(', ')}</dd>
          </>
        )}
      </dl>
    </Paper>
  )
}

/** Fault, place, what was tried, and the next step; the device's own word on whether it is well. `path`: of the job in the API. */
export function JobPage({ path }: { path: string }) {
  const nowMs = useNow()
  const query = useQuery({
    queryKey: keys.job(path),
    queryFn: ({ signal }) => callApi<Job>('GET', path, { signal }),
    refetchInterval: JOB_MS,
    meta: { isShownInPlace: true },
  })
  const moves = useJobMoves(path)
  const job = query.data
  if (query.isPending) return <PageLoader />
  if (!job)
    return (
      <main className="job">
        <Title order={1} size="h3" mb="sm">
          This link does not work
        </Title>
        <Text mb="md">It may be too old, or cut off in the mail. Ask whoever sent it for a new one.</Text>
        <ProblemAlert error={query.error} again={query.refetch} />
      </main>
    )
  return (
    <main className="job">
      <Stack gap="md">
        <div>
          <Text size="sm" c="dimmed" className="mono">
            {job.reference}
          </Text>
          <Title order={1} size="h3">
            {job.fault}
          </Title>
          <Text mt={4}>
            <Tag tone={IS_OVER.includes(job.state) ? 'plain' : 'warn'}>{STATES[job.state]}</Tag>
          </Text>
        </div>
        {moves.waiting && (
          <Alert color="yellow" variant="outline" title="Not sent yet" role="status">
            It is kept on this phone and sent by itself as soon as there is a network. Leave this page open.
          </Alert>
        )}
        <ProblemAlert error={moves.refusal} />
        {job.device !== null && !IS_OVER.includes(job.state) && <Live path={path} isOnSite={job.state === 'on-site'} />}
        <JobActions key={job.state} job={job} isBusy={moves.isPending} onMove={moves.move} />
        <JobPhotos path={path} job={job} />
        <Facts job={job} />
        <JobEvidence job={job} />
        {job.remedies.length > 0 && (
          <Paper p="md">
            <Title order={2} size="h4" mb={4}>
              What the device tried by itself
            </Title>
            <LadderList remedies={job.remedies} ladder="exhausted" />
          </Paper>
        )}
        {job.earlierVisits.length > 0 && (
          <Paper p="md">
            <Title order={2} size="h4" mb="xs">
              Earlier visits for this fault
            </Title>
            {job.earlierVisits.map(visit => (
              <Text size="sm" key={visit.at}>
                {whenWords(visit.at, job.site?.timeZone, nowMs)}: {visit.note ?? VISIT_STATES[visit.state].word}
              </Text>
            ))}
          </Paper>
        )}
      </Stack>
    </main>
  )
}
