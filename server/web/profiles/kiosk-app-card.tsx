/** The kiosk app: how it is found, started and stopped, what it must show, and when it must be left alone. */
import { NumberInput, Paper, SimpleGrid, Stack, TagsInput, Text, TextInput, Title } from '@mantine/core'
import type { KioskApp } from '../../../shared/profile.ts'
import { ListRows, type Field } from './list-rows.tsx'

const PERCENT = { kind: 'number', min: 0, max: 100, suffix: ' %', isRequired: true } as const
const ZONE_FIELDS: readonly Field[] = [
  { key: 'x', label: 'From left', ...PERCENT },
  { key: 'y', label: 'From top', ...PERCENT },
  { key: 'width', label: 'Width', ...PERCENT },
  { key: 'height', label: 'Height', ...PERCENT },
]

/** As the schema has it, but a field may also be said to be empty. */
type Change<Part> = { [Key in keyof Part]?: Part[Key] | undefined }
type Lock = NonNullable<KioskApp['lock']>

/** The app without what was emptied. */
function tidy(app: Omit<Change<KioskApp>, 'lock'> & { lock?: Change<Lock> }): KioskApp {
  const isEmpty = (value: unknown): boolean =>
    value === undefined ||
    value === '' ||
    (Array.isArray(value) && value.length === 0) ||
    (typeof value === 'object' && value !== null && Object.keys(value).length === 0)
  const withoutEmpty = (part: object): Record<string, unknown> =>
    Object.fromEntries(Object.entries(part).filter(([, value]) => !isEmpty(value)))
  const lock = withoutEmpty(app.lock ?? {})
  return withoutEmpty({ ...app, lock })
}

/** Every field may be left empty: what is not said is not watched. */
export function KioskAppCard({ app, onChange }: { app: KioskApp; onChange: (app: KioskApp) => void }) {
  const set = (change: Omit<Change<KioskApp>, 'lock'> & { lock?: Change<Lock> }): void => onChange(tidy({ ...app, ...change }))
  const text = (key: 'match' | 'startCommand' | 'stopCommand' | 'devToolsUrl' | 'url') => ({
    value: app[key] ?? '',
    onChange: (event: { currentTarget: { value: string } }) => set({ [key]: event.currentTarget.value }),
  })
  const setLock = (change: Change<Lock>): void => set({ lock: { ...app.lock, ...change } })
  const seconds = app.mustChange?.seconds
  return (
    <Paper p="md" component="section" aria-label="Kiosk app">
      <Title order={2} size="h4">
        Kiosk app
      </Title>
      <Text size="sm" c="dimmed" mb="sm">
        What people use. The agent starts it when it is gone, sees what its page shows, and mends what it can before anybody is called.
      </Text>
      <Stack gap="sm">
        <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
          <TextInput
            label="Command line contains"
            description="How its process is found"
            placeholder="chromium --kiosk"
            maxLength={256}
            {...text('match')}
          />
          <TextInput
            label="Browser's DevTools address"
            description="Start the browser with --remote-debugging-port=9222"
            type="url"
            placeholder="http://127.0.0.1:9222"
            {...text('devToolsUrl')}
          />
          <TextInput label="Start with" description="Run whenever it is absent" maxLength={1024} {...text('startCommand')} />
          <TextInput label="Stop with" description="Empty: it is asked to end, then made to" maxLength={1024} {...text('stopCommand')} />
          <TextInput
            label="Its address"
            description="The page it must show"
            type="url"
            placeholder="https://kiosk.example.com/"
            {...text('url')}
          />
          <TagsInput
            label="Other addresses it may show"
            description="An address that begins like one of these is right"
            placeholder="https://pay.example.com/, then Enter"
            value={app.allowedUrls ?? []}
            maxTags={50}
            onChange={allowedUrls => set({ allowedUrls })}
            clearButtonProps={{ 'aria-label': 'No other addresses' }}
          />
        </SimpleGrid>
        <Title order={3} size="h6" mt="xs">
          Must change
        </Title>
        <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
          <NumberInput
            label="At least every"
            description="Longer still is frozen; empty: it may be"
            suffix=" s"
            min={5}
            max={3600}
            value={seconds ?? ''}
            onChange={value => set({ mustChange: value === '' ? undefined : { ...app.mustChange, seconds: Number(value) } })}
          />
          <TextInput
            label="Element whose text changes"
            description="CSS selector of a clock or counter; empty: the whole picture"
            placeholder="#clock"
            maxLength={256}
            disabled={seconds === undefined}
            value={app.mustChange?.selector ?? ''}
            onChange={event => {
              const selector = event.currentTarget.value
              const { selector: _before, ...rest } = app.mustChange ?? { seconds: 60 }
              set({ mustChange: selector === '' ? rest : { ...rest, selector } })
            }}
          />
        </SimpleGrid>
        <Title order={3} size="h6" mt="xs">
          Left alone while
        </Title>
        <SimpleGrid cols={{ base: 1, sm: 3 }} spacing="sm">
          <TextInput
            label="This file exists"
            placeholder="/run/till/transaction"
            maxLength={512}
            value={app.lock?.file ?? ''}
            onChange={event => setLock({ file: event.currentTarget.value })}
          />
          <TextInput
            label="or this is true in the page"
            placeholder="window.cart?.items > 0"
            maxLength={1024}
            value={app.lock?.expression ?? ''}
            onChange={event => setLock({ expression: event.currentTarget.value })}
          />
          <NumberInput
            label="but no longer than"
            placeholder="600 s"
            suffix=" s"
            min={1}
            max={86_400}
            value={app.lock?.maxSeconds ?? ''}
            onChange={value => setLock({ maxSeconds: value === '' ? undefined : Number(value) })}
          />
        </SimpleGrid>
        <ListRows
          title="Never photographed"
          note="These parts of the screen are black in every picture, before it leaves the device. In percent of the screen."
          word="Zone"
          add="Mask a zone"
          max={50}
          fresh={{ x: 0, y: 0, width: 100, height: 10 }}
          fields={ZONE_FIELDS}
          items={app.maskedZones ?? []}
          onChange={maskedZones => set({ maskedZones })}
        />
      </Stack>
    </Paper>
  )
}
