/** Outages of sites and of the platform that stand now: one line each, above the devices they explain. */
import { Alert, Stack } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { Link, useLocation } from 'wouter'
import type { Incident } from '../../../shared/api/incidents/incident-api.ts'
import type { Page } from '../../../shared/api/list.ts'
import type { MajorDetail } from '../../../shared/api/majors/major-api.ts'
import { Since } from '../components/ago.tsx'
import { useMay } from '../session/use-session.ts'
import { callApi } from '../api/api-client.ts'
import { keys } from '../api/query-keys.ts'

const LOOK_MS = 30_000
const SHOWN = 5

const STATES: Record<Incident['state'], string> = {
  pending: 'May be over in a moment',
  open: 'Open',
  recovering: 'Contact has returned: watched for a while',
  closed: '',
}

/** Nothing while there is none. */
export function OutageAlerts() {
  const outages = useQuery({
    queryKey: keys.outages,
    queryFn: async ({ signal }) => {
      const of = (kind: string): Promise<Page<Incident>> => callApi('GET', `/incidents?kind=${kind}&limit=50`, { signal })
      const all = await Promise.all([of('platform'), of('site')])
      return all.flatMap(page => page.items).filter(incident => incident.state !== 'closed')
    },
    refetchInterval: LOOK_MS,
    meta: { isShownInPlace: true },
  })
  const [, go] = useLocation()
  const mayLead = useMay('desk')
  const raise = useMutation({
    mutationFn: (incident: Incident) =>
      callApi<MajorDetail>('POST', '/majors', { body: { title: incident.text.slice(0, 200), incidentId: incident.id } }),
    onSuccess: major => go(`/major/${major.id}`),
  })
  const all = outages.data ?? []
  if (all.length === 0) return null
  return (
    <Stack gap="xs" mb="md" role="region" aria-label="Outages">
      {all.slice(0, SHOWN).map(incident => (
        <Alert
          key={incident.id}
          color={incident.state === 'open' ? 'red' : 'yellow'}
          variant="outline"
          title={incident.kind === 'platform' ? 'A large part of all devices lost contact together: it is us' : 'A site lost contact'}
        >
          {incident.text}, for <Since at={incident.startedAt} />. {STATES[incident.state]}.{' '}
          {incident.siteId && <Link href={`/?siteId=${incident.siteId}`}>See its devices</Link>}{' '}
          {incident.ticketId && <Link href={`/tickets/${incident.ticketId}`}>See its ticket</Link>}{' '}
          {mayLead && incident.state === 'open' && (
            <button type="button" className="link-button" disabled={raise.isPending} onClick={() => raise.mutate(incident)}>
              Lead it as a major incident
            </button>
          )}
        </Alert>
      ))}
      {all.length > SHOWN && <span className="quiet">and {all.length - SHOWN} more</span>}
    </Stack>
  )
}
