/** The fleet: who serves its customers, who does not, and why. */
import { Group, Progress, Text } from '@mantine/core'
import { IconDeviceDesktopPlus, IconFilterOff } from '@tabler/icons-react'
import { useDeferredValue, useMemo, useRef } from 'react'
import { Button } from '@mantine/core'
import { LinkButton } from '../components/link-button.tsx'
import { NothingHere } from '../components/nothing-here.tsx'
import { PageHead } from '../components/page-head.tsx'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { useMay } from '../session/use-session.ts'
import { PageLoader } from '../shell/page-loader.tsx'
import { FleetEmpty } from './fleet-empty.tsx'
import { FleetFilterBar } from './fleet-filter-bar.tsx'
import { passes, useFleetFilters } from './fleet-filters.ts'
import { FleetList, type FleetListHandle } from './fleet-list.tsx'
import { useFleet } from './fleet-query.ts'
import { FleetTiles } from './fleet-tiles.tsx'
import { OutageAlerts } from './outage-alerts.tsx'
import './fleet.css'

/** Tiles, filters and the list. */
export function FleetPage() {
  const fleet = useFleet()
  const [filters, change] = useFleetFilters()
  const wanted = useDeferredValue(filters)
  const shown = useMemo(() => fleet.devices.filter(device => passes(device, wanted)), [fleet.devices, wanted])
  const list = useRef<FleetListHandle>(null)
  const mayAdd = useMay('desk')

  if (fleet.isPending) return <PageLoader />
  const isEmpty = fleet.devices.length === 0 && !fleet.isLoadingMore && fleet.error === null
  return (
    <div className="page">
      <PageHead
        title="Fleet"
        actions={
          mayAdd && !isEmpty ? (
            <LinkButton to="/add-device" leftSection={<IconDeviceDesktopPlus size={17} aria-hidden />}>
              Add device
            </LinkButton>
          ) : undefined
        }
      />
      <ProblemAlert error={fleet.error} again={fleet.refetch} />
      {isEmpty ? (
        <FleetEmpty />
      ) : (
        <>
          <OutageAlerts />
          <FleetTiles devices={fleet.devices} filters={filters} onChange={change} />
          <FleetFilterBar
            devices={fleet.devices}
            filters={filters}
            onChange={change}
            onDown={() => list.current?.focusFirst()}
            onEnter={() => list.current?.openFirst()}
          />
          <Group justify="space-between" mb={6} mih={20}>
            <Text size="sm" c="dimmed" aria-live="polite">
              {shown.length === fleet.devices.length ? `${shown.length} devices` : `${shown.length} of ${fleet.devices.length} devices`}
            </Text>
            {fleet.isLoadingMore && (
              <Group gap="xs">
                <Progress value={(fleet.devices.length / Math.max(1, fleet.total)) * 100} w={120} size="sm" aria-label="Devices loaded" />
                <Text size="xs" c="dimmed">
                  Loading {fleet.total}
                </Text>
              </Group>
            )}
          </Group>
          {shown.length > 0 ? (
            <FleetList devices={shown} ref={list} />
          ) : (
            <NothingHere
              icon={<IconFilterOff />}
              title="No device matches"
              action={
                <Button
                  variant="default"
                  onClick={() => change({ q: null, customerId: null, siteId: null, state: null, connection: null, verdict: null })}
                >
                  Clear all filters
                </Button>
              }
            />
          )}
        </>
      )}
    </div>
  )
}
