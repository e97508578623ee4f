/** Whose device it is and where it stands; both can be made here. */
import { Button, Group, NumberInput, Paper, SegmentedControl, Select, Stack, TextInput, Title } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { Customer, Site } from '../../../shared/api/contracts/customer-api.ts'
import type { EnrolmentToken } from '../../../shared/api/devices/device-api.ts'
import { CustomerForm } from '../customers/customer-form.tsx'
import { callApi } from '../api/api-client.ts'
import { customersQuery, sitesQuery } from '../api/catalog-queries.ts'
import { keys } from '../api/query-keys.ts'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { HERE_ZONE } from '../components/time-zones.ts'
import { useFields } from '../components/use-fields.ts'
import { useMay } from '../session/use-session.ts'
import { PageLoader } from '../shell/page-loader.tsx'
import { PlanRoom } from './plan-room.tsx'

const MAX_DEVICES = 5000
const WHICH = [
  { value: 'known', label: 'Existing' },
  { value: 'new', label: 'New' },
]

/** Makes what is missing, then the token, in one go. */
export function PlaceCard(props: { customerId: string | null; siteId: string | null; onMade: (token: EnrolmentToken) => void }) {
  const customers = useQuery(customersQuery)
  if (customers.isPending) return <PageLoader />
  if (customers.error) return <ProblemAlert error={customers.error} again={customers.refetch} />
  return <PlaceForm {...props} customers={customers.data} />
}

function PlaceForm({
  customers,
  customerId: givenCustomer,
  siteId: givenSite,
  onMade,
}: {
  customers: Customer[]
  customerId: string | null
  siteId: string | null
  onMade: (token: EnrolmentToken) => void
}) {
  const client = useQueryClient()
  const mayMakeCustomer = useMay('manage')
  const [which, setWhich] = useState(customers.length === 0 ? 'new' : 'known')
  const [customerId, setCustomerId] = useState(givenCustomer ?? (customers.length === 1 ? (customers[0]?.id ?? '') : ''))
  const [siteId, setSiteId] = useState(givenSite ?? '')
  const [isNewSite, setIsNewSite] = useState(false)
  const [count, setCount] = useState<number | string>(1)
  const isNewCustomer = which === 'new'
  const sites = useQuery(sitesQuery(isNewCustomer ? '' : customerId))
  const needsSite = isNewCustomer || isNewSite || (sites.data?.length === 0 && customerId !== '')
  const onlySite = sites.data?.length === 1 ? sites.data[0]?.id : undefined
  const chosenSite = sites.data?.some(site => site.id === siteId) ? siteId : (onlySite ?? '')

  const make = useMutation({
    mutationFn: async (): Promise<EnrolmentToken> => {
      let owner = customerId
      if (isNewCustomer) {
        const customer = await callApi<Customer>('POST', '/customers', { body: fields.values })
        owner = customer.id
        // From here on it exists: another try must not make a second one.
        setWhich('known')
        setCustomerId(owner)
        void client.invalidateQueries({ queryKey: keys.customers })
      }
      let place = chosenSite
      if (needsSite) {
        const site = await callApi<Site>('POST', `/customers/${owner}/sites`, {
          body: { name: siteFields.values.siteName, ...(siteFields.values.address === '' ? {} : { address: siteFields.values.address }) },
        })
        place = site.id
        setSiteId(place)
        setIsNewSite(false)
        await client.invalidateQueries({ queryKey: keys.sites(owner) })
      }
      return callApi<EnrolmentToken>('POST', '/enrolment-tokens', { body: { customerId: owner, siteId: place, maxUses: Number(count) } })
    },
    onSuccess: onMade,
    meta: { isShownInPlace: true },
  })
  const fields = useFields({ name: '', planId: '', timeZone: HERE_ZONE }, make.error)
  const siteFields = useFields({ siteName: '', address: '' })
  const isReady =
    (isNewCustomer ? fields.values.name !== '' && fields.values.planId !== '' : customerId !== '') &&
    (needsSite ? siteFields.values.siteName !== '' : chosenSite !== '')

  return (
    <form
      onSubmit={event => {
        event.preventDefault()
        if (isReady) make.mutate()
      }}
    >
      <Stack gap="md">
        <ProblemAlert error={make.error} />
        <Paper p="md">
          <Group justify="space-between" mb="sm">
            <Title order={2} size="h4">
              1. Customer
            </Title>
            {customers.length > 0 && mayMakeCustomer && (
              <SegmentedControl size="xs" aria-label="Existing or new customer" value={which} onChange={setWhich} data={WHICH} />
            )}
          </Group>
          {isNewCustomer ? (
            <Stack gap="sm">
              <CustomerForm fields={fields} />
            </Stack>
          ) : (
            <>
              <Select
                label="Customer"
                required
                searchable
                placeholder="Choose"
                data={customers.map(({ id, name, planName }) => ({ value: id, label: `${name} · ${planName}` }))}
                value={customerId === '' ? null : customerId}
                onChange={value => {
                  setCustomerId(value ?? '')
                  setSiteId('')
                  setIsNewSite(false)
                }}
              />
              {customerId !== '' && <PlanRoom customerId={customerId} wanted={Number(count)} />}
            </>
          )}
        </Paper>
        <Paper p="md">
          <Group justify="space-between" mb="sm">
            <Title order={2} size="h4">
              2. Site
            </Title>
            {!isNewCustomer && (sites.data?.length ?? 0) > 0 && (
              <SegmentedControl
                size="xs"
                aria-label="Existing or new site"
                value={isNewSite ? 'new' : 'known'}
                onChange={value => setIsNewSite(value === 'new')}
                data={WHICH}
              />
            )}
          </Group>
          {needsSite ? (
            <div className="three-fields">
              <TextInput
                label="Name of the site"
                required
                maxLength={200}
                placeholder="Central station, hall 2"
                {...siteFields.input('siteName')}
              />
              <TextInput label="Address" maxLength={500} {...siteFields.input('address')} />
            </div>
          ) : (
            <Select
              label="Site"
              required
              searchable
              placeholder={customerId === '' ? 'Choose the customer first' : 'Choose'}
              disabled={customerId === ''}
              data={(sites.data ?? []).map(({ id, name }) => ({ value: id, label: name }))}
              value={chosenSite === '' ? null : chosenSite}
              onChange={value => setSiteId(value ?? '')}
            />
          )}
        </Paper>
        <Group align="flex-end">
          <NumberInput
            label="How many devices"
            description="One command serves them all"
            min={1}
            max={MAX_DEVICES}
            value={count}
            onChange={setCount}
            w={220}
          />
          <Button type="submit" loading={make.isPending} disabled={!isReady}>
            Show the command
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
