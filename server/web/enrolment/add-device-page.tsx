/** From nothing to a device that is seen: where, one command, and it turns green by itself. */
import { Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useSearchParams } from 'wouter'
import type { EnrolmentToken, EnrolmentTokenStatus } from '../../../shared/api/devices/device-api.ts'
import { callApi } from '../api/api-client.ts'
import { keys } from '../api/query-keys.ts'
import { PageHead } from '../components/page-head.tsx'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { ArrivalsCard } from './arrivals-card.tsx'
import { CommandCard } from './command-card.tsx'
import { PlaceCard } from './place-card.tsx'
import './add-device.css'

/** Until the device is there. Changes are told as they happen; this is the net beneath. */
const LOOK_MS = 3000

/** Three steps on one page; the token stays in the address, so that a reload goes on waiting. */
export function AddDevicePage() {
  const [params, setParams] = useSearchParams()
  const tokenId = params.get('token')
  // The token itself is shown once and lives only here.
  const [made, setMade] = useState<EnrolmentToken | null>(null)
  const status = useQuery({
    queryKey: keys.enrolmentToken(tokenId ?? ''),
    enabled: tokenId !== null,
    queryFn: ({ signal }) => callApi<EnrolmentTokenStatus>('GET', `/enrolment-tokens/${tokenId ?? ''}`, { signal }),
    refetchInterval: LOOK_MS,
  })
  const begin = (token: EnrolmentToken): void => {
    setMade(token)
    setParams({ token: token.id }, { replace: true })
  }
  const again = (): void => {
    setMade(null)
    setParams(status.data ? { customerId: status.data.customerId, siteId: status.data.siteId } : {}, { replace: true })
  }
  return (
    <div className="page page-narrow">
      <PageHead title="Add device" crumbs={[{ to: '/', name: 'Fleet' }]} />
      <Stack gap="md">
        {tokenId === null ? (
          <PlaceCard customerId={params.get('customerId')} siteId={params.get('siteId')} onMade={begin} />
        ) : (
          <>
            <ProblemAlert error={status.error} again={status.refetch} />
            <CommandCard made={made?.id === tokenId ? made : null} status={status.data} onAgain={again} />
            {status.data && <ArrivalsCard status={status.data} onAgain={again} />}
          </>
        )}
      </Stack>
    </div>
  )
}
