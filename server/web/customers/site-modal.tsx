/** A site: where it is, when it is open, who goes there. */
import { Button, Group, Modal, Select, Stack, Switch, Textarea, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { Customer, Site, SiteInput } from '../../../shared/api/contracts/customer-api.ts'
import type { WeeklyHours } from '../../../shared/api/sla/sla-api.ts'
import { callApi } from '../api/api-client.ts'
import { partnersQuery } from '../api/catalog-queries.ts'
import { keys } from '../api/query-keys.ts'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { TIME_ZONES } from '../components/time-zones.ts'
import { useFields } from '../components/use-fields.ts'
import { everyDay, HoursGrid, ALWAYS_OPEN, type DayTexts } from '../components/hours-grid.tsx'
import { weekText } from '../../../shared/week-words.ts'
import { parseWeek, weekTexts } from '../components/hours-text.ts'

const USUAL: DayTexts = { ...everyDay('08:00-18:00'), sat: '', sun: '' }

function hoursOf(site: Site | null): WeeklyHours | null {
  return (site?.openingHours as { hours?: WeeklyHours } | null | undefined)?.hours ?? null
}
/** Makes a site, or changes one. */
export function SiteModal({
  customer,
  site,
  onClose,
  onMade,
}: {
  customer: Customer
  site: Site | null
  onClose: () => void
  onMade?: (site: Site) => void
}) {
  const client = useQueryClient()
  const partners = useQuery(partnersQuery)
  const known = hoursOf(site)
  const [isAlways, setIsAlways] = useState(known === null || weekText(known) === 'Always')
  const [texts, setTexts] = useState<DayTexts>(() => (known ? weekTexts(known) : USUAL))
  const save = useMutation({
    mutationFn: (body: Partial<SiteInput>) =>
      site
        ? callApi<Site>('PATCH', `/customers/${customer.id}/sites/${site.id}`, { body })
        : callApi<Site>('POST', `/customers/${customer.id}/sites`, { body }),
    onSuccess: saved => {
      void client.invalidateQueries({ queryKey: keys.sites(customer.id) })
      onMade?.(saved)
      onClose()
    },
    meta: { isShownInPlace: true },
  })
  const fields = useFields(
    {
      name: site?.name ?? '',
      timeZone: site?.timeZone ?? customer.timeZone,
      address: site?.address ?? '',
      region: site?.region ?? '',
      partnerId: site?.partnerId ?? '',
    },
    save.error,
  )
  const { values } = fields
  const { hours, wrong } = parseWeek(isAlways ? ALWAYS_OPEN : texts)
  const send = (): void => {
    // A site without hours is always open; once it had some, "always" has to be said.
    const openingHours = isAlways && known === null ? {} : { openingHours: { ...site?.openingHours, hours } }
    save.mutate({
      name: values.name,
      timeZone: values.timeZone,
      ...(values.address === '' && !site ? {} : { address: values.address }),
      ...(values.region === '' && !site ? {} : { region: values.region }),
      ...(values.partnerId === '' && !site ? {} : { partnerId: values.partnerId === '' ? null : values.partnerId }),
      ...openingHours,
    })
  }
  return (
    <Modal opened onClose={onClose} title={site ? `Change ${site.name}` : `New site of ${customer.name}`} size="lg">
      <form
        onSubmit={event => {
          event.preventDefault()
          if (wrong.length === 0) send()
        }}
      >
        <Stack gap="sm">
          <ProblemAlert error={save.error} />
          <TextInput label="Name" required maxLength={200} data-autofocus placeholder="Central station, hall 2" {...fields.input('name')} />
          <Textarea label="Address" autosize minRows={2} maxLength={500} {...fields.input('address')} />
          <div className="three-fields">
            <Select
              label="Time zone"
              searchable
              limit={80}
              allowDeselect={false}
              data={TIME_ZONES}
              value={values.timeZone}
              onChange={value => fields.set('timeZone', value ?? customer.timeZone)}
              error={fields.fault('timeZone')}
            />
            <TextInput label="Region" {...fields.input('region')} />
            <Select
              label="Service partner"
              placeholder="By region"
              searchable
              clearable
              clearButtonProps={{ 'aria-label': 'By region' }}
              data={(partners.data ?? []).map(({ id, name }) => ({ value: id, label: name }))}
              value={values.partnerId === '' ? null : values.partnerId}
              onChange={value => fields.set('partnerId', value ?? '')}
            />
          </div>
          <Switch label="Always open" checked={isAlways} onChange={event => setIsAlways(event.currentTarget.checked)} />
          {!isAlways && (
            <HoursGrid title="Opening hours" note="Outside these hours faults raise no tickets." texts={texts} onChange={setTexts} />
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={save.isPending} disabled={wrong.length > 0}>
              {site ? 'Save' : 'Make the site'}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
