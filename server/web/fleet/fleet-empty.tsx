/** Before the first device: what to do next. */
import { IconBuildingStore, IconDeviceDesktopPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { customersQuery } from '../api/catalog-queries.ts'
import { LinkButton } from '../components/link-button.tsx'
import { NothingHere } from '../components/nothing-here.tsx'

/** A customer first, then a device; one page does both. */
export function FleetEmpty() {
  const customers = useQuery(customersQuery)
  const hasCustomer = (customers.data?.length ?? 0) > 0
  return (
    <NothingHere
      icon={hasCustomer ? <IconDeviceDesktopPlus /> : <IconBuildingStore />}
      title={hasCustomer ? 'No devices yet' : 'Welcome to Kioskeeper'}
      action={
        <LinkButton to="/add-device" mt="xs">
          {hasCustomer ? 'Add the first device' : 'Add a customer and a device'}
        </LinkButton>
      }
    >
      {hasCustomer
        ? 'Choose a site, copy one command onto the device, and it shows up here by itself.'
        : 'Begin with a customer and its support plan. Then choose a site, copy one command onto the device, and it shows up here by itself.'}
    </NothingHere>
  )
}
