/** Form of a profile: what to watch and how often. */
import { Button, Group, NumberInput, Paper, Stack, Switch, TagsInput, Text, TextInput, Title } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useLocation } from 'wouter'
import type { ProfileInput } from '../../../shared/profile.ts'
import { callApi } from '../api/api-client.ts'
import type { StoredProfile } from '../api/catalog-queries.ts'
import { keys } from '../api/query-keys.ts'
import { showDone } from '../api/show-problem.ts'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { BusinessCard } from './business-card.tsx'
import { KioskAppCard } from './kiosk-app-card.tsx'
import { LearnButton } from './learn-modal.tsx'
import { Lists, type ProfileLists } from './profile-lists.tsx'

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

const NO_LISTS: ProfileLists = {
  processes: [],
  urls: [],
  displays: [],
  touch: [],
  peripherals: [],
  printers: [],
  serial: [],
  cameras: [],
  audio: [],
}

/** What the form does not show is kept as it was. */
function restOf(stored: StoredProfile | null): Omit<ProfileInput, 'name'> {
  if (!stored) return {}
  const { id: _id, version: _version, business: _business, ...rest } = stored
  return rest
}

/** The lists of a stored profile alone. */
function listsOf(stored: StoredProfile | null): ProfileLists {
  if (!stored) return NO_LISTS
  const { processes, urls, displays, touch, peripherals, printers, serial, cameras, audio } = stored
  return { processes, urls, displays, touch, peripherals, printers, serial, cameras, audio }
}

/** Saves as a whole; its devices get it at once. */
export function ProfileEditor({ stored, mayChange }: { stored: StoredProfile | null; mayChange: boolean }) {
  const client = useQueryClient()
  const [, go] = useLocation()
  const [name, setName] = useState(stored?.name ?? '')
  const [critical, setCritical] = useState(stored?.critical ?? false)
  const [lists, setLists] = useState(() => listsOf(stored))
  const [kioskApp, setKioskApp] = useState(stored?.kioskApp ?? {})
  const [business, setBusiness] = useState(stored?.business)
  const [cleanup, setCleanup] = useState<string[]>(stored?.cleanup ?? [])
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
      ...lists,
      name: name.trim(),
      critical,
      units,
      cleanup,
      kioskApp,
      ...(business && { business }),
      intervals: { sampleSeconds: Number(sampleSeconds), heartbeatSeconds: Number(heartbeatSeconds) },
    })
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
          {mayChange && <LearnButton lists={lists} onLearn={setLists} profileId={stored?.id ?? null} />}
          <KioskAppCard app={kioskApp} onChange={setKioskApp} />
          <Lists of={['displays', 'touch', 'peripherals', 'printers', 'serial', 'cameras', 'audio']} lists={lists} onChange={setLists} />
          <BusinessCard business={business} onChange={setBusiness} />
          <Lists of={['processes']} lists={lists} onChange={setLists} />
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
          <Lists of={['urls']} lists={lists} onChange={setLists} />
          <Paper p="md">
            <Title order={2} size="h4">
              Cleaned when the disk fills
            </Title>
            <Text size="sm" c="dimmed" mb="sm">
              Folders in which the agent may delete files older than a day.
            </Text>
            <TagsInput
              aria-label="Folders to clean"
              placeholder="/var/cache/kiosk, then Enter"
              value={cleanup}
              onChange={setCleanup}
              clearButtonProps={{ 'aria-label': 'No folders' }}
            />
          </Paper>
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
