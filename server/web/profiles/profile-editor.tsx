/** Form of a profile: what to watch and how often. */
import { Button, Group, NumberInput, Paper, Stack, Switch, TagsInput, Text, TextInput, Title } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useLocation } from 'wouter'
import type { ProfileInput, WatchedProcess, WatchedUrl } from '../../../shared/profile.ts'
import { callApi } from '../wire/api-client.ts'
import type { StoredProfile } from '../wire/catalog-queries.ts'
import { keys } from '../wire/query-keys.ts'
import { showDone } from '../wire/show-problem.ts'
import { ProblemAlert } from '../parts/problem-alert.tsx'
import { ProcessRows } from './process-rows.tsx'
import { UrlRows } from './url-rows.tsx'

/** An id from a name, as the address of the profile: `Ticket kiosk (v2)` becomes `ticket-kiosk-v2`. */
function idFromName(name: string): string {
  const id = name
    .toLowerCase()
    .normalize('NFKD')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 48)
  return id === '' || id === 'new' ? `profile-${Date.now().toString(36)}` : id
}

/** What the form does not show is kept as it was. */
function restOf(stored: StoredProfile | null): Omit<ProfileInput, 'name'> {
  if (!stored) return {}
  const { kioskApp, peripherals, displays, printers, touch, serial, cameras, audio, business } = stored
  return { kioskApp, peripherals, displays, printers, touch, serial, cameras, audio, ...(business && { business }) }
}

/** Saves as a whole; its devices get it at once. */
export function ProfileEditor({ stored, mayChange }: { stored: StoredProfile | null; mayChange: boolean }) {
  const client = useQueryClient()
  const [, go] = useLocation()
  const [name, setName] = useState(stored?.name ?? '')
  const [critical, setCritical] = useState(stored?.critical ?? false)
  const [processes, setProcesses] = useState<WatchedProcess[]>(stored?.processes ?? [])
  const [urls, setUrls] = useState<WatchedUrl[]>(stored?.urls ?? [])
  const [units, setUnits] = useState<string[]>(stored?.units ?? [])
  const [sampleSeconds, setSampleSeconds] = useState<number | string>(stored?.intervals.sampleSeconds ?? 30)
  const [heartbeatSeconds, setHeartbeatSeconds] = useState<number | string>(stored?.intervals.heartbeatSeconds ?? 10)
  const save = useMutation({
    mutationFn: (body: ProfileInput) => callApi<StoredProfile>('PUT', `/profiles/${stored?.id ?? idFromName(name)}`, { body }),
    onSuccess: saved => {
      client.setQueryData(keys.profile(saved.id), saved)
      void client.invalidateQueries({ queryKey: keys.profiles, exact: true })
      showDone(`Saved as version ${saved.version}`)
      if (!stored) go(`/profiles/${saved.id}`, { replace: true })
    },
    meta: { isShownInPlace: true },
  })
  const send = (): void =>
    save.mutate({
      ...restOf(stored),
      name: name.trim(),
      critical,
      processes,
      units,
      urls,
      intervals: { sampleSeconds: Number(sampleSeconds), heartbeatSeconds: Number(heartbeatSeconds) },
    })
  const kept = stored
    ? [
        stored.peripherals.length > 0 && 'peripherals',
        stored.displays.length > 0 && 'displays',
        stored.printers.length > 0 && 'printers',
        stored.touch.length > 0 && 'touch screens',
        stored.serial.length > 0 && 'serial devices',
        stored.cameras.length > 0 && 'cameras',
        stored.audio.length > 0 && 'sound',
        stored.business && 'business',
        Object.keys(stored.kioskApp).length > 0 && 'the kiosk app',
      ].filter(Boolean)
    : []
  return (
    <form
      onSubmit={event => {
        event.preventDefault()
        send()
      }}
    >
      <fieldset disabled={!mayChange} className="bare-fieldset">
        <Stack gap="md">
          <ProblemAlert error={save.error} />
          <Paper p="md">
            <Stack gap="sm">
              <TextInput
                label="Name"
                required
                maxLength={120}
                placeholder="Ticket kiosk"
                value={name}
                onChange={event => setName(event.currentTarget.value)}
              />
              <Switch
                label="Critical"
                description="A device with this profile that goes offline is level 1 instead of 2"
                checked={critical}
                onChange={event => setCritical(event.currentTarget.checked)}
              />
            </Stack>
          </Paper>
          <ProcessRows processes={processes} onChange={setProcesses} />
          <Paper p="md">
            <Title order={2} size="h4">
              Services
            </Title>
            <Text size="sm" c="dimmed" mb="sm">
              Units of systemd that must be active.
            </Text>
            <TagsInput
              aria-label="Units of systemd"
              placeholder="cups.service, then Enter"
              value={units}
              onChange={setUnits}
              splitChars={[',', ' ']}
              clearButtonProps={{ 'aria-label': 'No units' }}
            />
          </Paper>
          <UrlRows urls={urls} onChange={setUrls} />
          <Paper p="md">
            <Title order={2} size="h4" mb="sm">
              How often
            </Title>
            <Group gap="md" align="flex-end">
              <NumberInput label="Measure every" suffix=" s" min={1} max={3600} value={sampleSeconds} onChange={setSampleSeconds} w={150} />
              <NumberInput
                label="Heartbeat every"
                suffix=" s"
                min={5}
                max={300}
                value={heartbeatSeconds}
                onChange={setHeartbeatSeconds}
                w={150}
              />
            </Group>
          </Paper>
          {kept.length > 0 && (
            <Text size="sm" c="dimmed">
              This profile also says something about {kept.join(', ')}; that is kept as it is.
            </Text>
          )}
          <Group>
            <Button type="submit" loading={save.isPending} disabled={name.trim() === ''}>
              {stored ? 'Save' : 'Make the profile'}
            </Button>
          </Group>
        </Stack>
      </fieldset>
    </form>
  )
}
