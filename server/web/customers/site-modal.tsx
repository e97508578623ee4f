/** A site: where it is, when it is open, who goes there. */
import { Button, Group, Modal, Select, Stack, Switch, Text, Textarea, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { Customer, Site, SiteInput } from '../../../shared/api/customer-api.ts'
import type { WeeklyHours } from '../../../shared/api/sla-api.ts'
import { callApi } from '../wire/api-client.ts'
import { partnersQuery } from '../wire/catalog-queries.ts'
import { keys } from '../wire/query-keys.ts'
import { ProblemAlert } from '../parts/problem-alert.tsx'
import { TIME_ZONES } from '../parts/time-zones.ts'
import { useFields } from '../parts/use-fields.ts'
import { DAY_WORDS, DAYS, dayText, parseDay, type Day } from './hours-text.ts'

type DayTexts = Record<Day, string>
const ALL_DAY = '00:00-24:00'
const USUAL: DayTexts = {
  mon: '08:00-18:00',
  tue: '08:00-18:00',
  wed: '08:00-18:00',
  thu: '08:00-18:00',
  fri: '08:00-18:00',
  sat: '',
  sun: '',
}
const everyDay = (text: string): DayTexts => ({ mon: text, tue: text, wed: text, thu: text, fri: text, sat: text, sun: text })

function hoursOf(site: Site | null): WeeklyHours | null {
  return (site?.openingHours as { hours?: WeeklyHours } | null | undefined)?.hours ?? null
}
const textsOf = (hours: WeeklyHours | null): DayTexts =>
  hours
    ? {
        mon: dayText(hours.mon),
        tue: dayText(hours.tue),
        wed: dayText(hours.wed),
        thu: dayText(hours.thu),
        fri: dayText(hours.fri),
        sat: dayText(hours.sat),
        sun: dayText(hours.sun),
      }
    : USUAL

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
  const [isAlways, setIsAlways] = useState(known === null || DAYS.every(day => dayText(known[day]) === ALL_DAY))
  const [texts, setTexts] = useState<DayTexts>(() => textsOf(known))
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
  const wrong = isAlways ? [] : DAYS.filter(day => parseDay(texts[day]) === null)
  const send = (): void => {
    const wanted = isAlways ? everyDay(ALL_DAY) : texts
    const hours: WeeklyHours = Object.fromEntries(DAYS.flatMap(day => (wanted[day] === '' ? [] : [[day, parseDay(wanted[day])]])))
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
            <div className="inset">
              <Group justify="space-between" mb={6}>
                <Text size="sm" fw={600}>
                  Opening hours
                </Text>
                <Button
                  size="compact-xs"
                  variant="default"
                  onClick={() => setTexts(before => ({ ...before, tue: before.mon, wed: before.mon, thu: before.mon, fri: before.mon }))}
                >
                  Monday’s for Tuesday to Friday
                </Button>
              </Group>
              <Text size="xs" c="dimmed" mb={8}>
                For example 08:00-12:00, 13:00-18:00. Empty means closed. Outside these hours faults raise no tickets.
              </Text>
              <div className="hours-grid">
                {DAYS.map(day => (
                  <TextInput
                    key={day}
                    size="xs"
                    label={DAY_WORDS[day]}
                    placeholder="closed"
                    value={texts[day]}
                    error={wrong.includes(day) ? 'Write it as 08:00-18:00' : undefined}
                    onChange={event => {
                      const text = event.currentTarget.value
                      setTexts(before => ({ ...before, [day]: text }))
                    }}
                  />
                ))}
              </div>
            </div>
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
