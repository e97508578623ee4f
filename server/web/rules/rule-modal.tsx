/** A rule to change: tried on the last thirty days while it is typed, saved when it is right. */
import { ActionIcon, Alert, Button, Group, Modal, NumberInput, Select, SimpleGrid, Stack, Switch, Text } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconArrowDown, IconArrowUp, IconTrash } from '@tabler/icons-react'
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'wouter'
import type { Rule } from '../../../shared/api/incidents/rule-api.ts'
import type { RuleTrial } from '../../../shared/api/incidents/rule-trial-api.ts'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { Tag, type Tone } from '../components/tags.tsx'
import { fullTime } from '../components/time-words.ts'
import { levelWord } from '../components/truth-words.ts'
import { callApi } from '../api/api-client.ts'
import { keys } from '../api/query-keys.ts'
import { showDone } from '../api/show-problem.ts'
import { REMEDY_IDS } from '../../../shared/remedies.ts'
import { remedyWord } from '../remedies/remedy-words.ts'
import { FIXED_BY } from './rule-words.ts'

const TRY_AFTER_MS = 400
const FRESH_REMEDY = { attempts: 2, cooldownSeconds: 300 }
const JUDGED: Record<RuleTrial['examples'][number]['judged'], { word: string; tone: Tone }> = {
  real: { word: 'Real', tone: 'good' },
  noise: { word: 'Nobody acted', tone: 'plain' },
  unseen: { word: 'No ticket then', tone: 'plain' },
}

function Trial({ trial }: { trial: RuleTrial }) {
  return (
    <Alert color={trial.missed.length > 0 ? 'yellow' : 'gray'} variant="outline" title="Tried on the last 30 days">
      <Text size="sm">{trial.why}</Text>
      {trial.missed.length > 0 && (
        <Text size="sm" mt={4}>
          Missed:{' '}
          {trial.missed.map(ticket => (
            <Link key={ticket.ticketId} href={`/tickets/${ticket.ticketId}`} style={{ marginRight: 8 }}>
              {ticket.reference}
            </Link>
          ))}
        </Text>
      )}
      {trial.examples.length > 0 && (
        <details className="trial-examples">
          <summary>What it would have opened</summary>
          <ul className="trial-list">
            {trial.examples.map(example => (
              <li key={`${example.deviceId} ${example.component} ${example.openedAt}`}>
                <Tag tone={JUDGED[example.judged].tone}>{JUDGED[example.judged].word}</Tag>{' '}
                <Link href={`/devices/${example.deviceId}`}>{example.deviceName}</Link> {fullTime(example.openedAt)}: {example.text}
              </li>
            ))}
          </ul>
        </details>
      )}
      {trial.isCut && (
        <Text size="xs" c="dimmed" mt={4}>
          Only the newest {trial.events} events were looked at.
        </Text>
      )}
    </Alert>
  )
}

function Ladder({ remedies, onChange }: { remedies: Rule['remedies']; onChange: (remedies: Rule['remedies']) => void }) {
  const set = (index: number, change: Partial<Rule['remedies'][number]>): void =>
    onChange(remedies.map((remedy, at) => (at === index ? { ...remedy, ...change } : remedy)))
  const swap = (index: number, other: number): void => {
    const next = [...remedies]
    const [one, two] = [next[index], next[other]]
    if (!one || !two) return
    next[index] = two
    next[other] = one
    onChange(next)
  }
  const left = REMEDY_IDS.filter(id => !remedies.some(remedy => remedy.id === id))
  return (
    <div role="group" aria-label="Remedies">
      <Text size="sm" fw={500}>
        The device tries, in this order
      </Text>
      <Text size="xs" c="dimmed" mb={6}>
        Never while a customer is served. Nothing: the ticket opens after the hold.
      </Text>
      {remedies.map((remedy, index) => (
        <div key={remedy.id} className="remedy-row" role="group" aria-label={remedyWord(remedy.id)}>
          <span>{remedyWord(remedy.id)}</span>
          <NumberInput
            aria-label="Attempts"
            size="xs"
            suffix={remedy.attempts === 1 ? ' time' : ' times'}
            min={1}
            max={20}
            value={remedy.attempts}
            onChange={value => set(index, { attempts: Number(value) || 1 })}
          />
          <NumberInput
            aria-label="Pause between attempts"
            size="xs"
            suffix=" s apart"
            min={0}
            max={86_400}
            value={remedy.cooldownSeconds}
            onChange={value => set(index, { cooldownSeconds: Number(value) || 0 })}
          />
          <Group gap={2} wrap="nowrap">
            <ActionIcon variant="subtle" color="gray" aria-label="Earlier" disabled={index === 0} onClick={() => swap(index, index - 1)}>
              <IconArrowUp size={16} />
            </ActionIcon>
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label="Later"
              disabled={index === remedies.length - 1}
              onClick={() => swap(index, index + 1)}
            >
              <IconArrowDown size={16} />
            </ActionIcon>
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label="Remove"
              onClick={() => onChange(remedies.filter((_remedy, at) => at !== index))}
            >
              <IconTrash size={16} />
            </ActionIcon>
          </Group>
        </div>
      ))}
      <Select
        aria-label="Add a remedy"
        placeholder="Add a remedy"
        size="xs"
        maw={260}
        data={left.map(id => ({ value: id, label: remedyWord(id) }))}
        value={null}
        onChange={id => id !== null && onChange([...remedies, { id, ...FRESH_REMEDY }])}
      />
    </div>
  )
}

/** Everybody's rule of one signal. */
export function RuleModal({ rule, onClose }: { rule: Rule; onClose: () => void }) {
  const client = useQueryClient()
  const [draft, setDraft] = useState(rule)
  const [asked] = useDebouncedValue(draft, TRY_AFTER_MS)
  const set = (change: Partial<Rule>): void => setDraft(before => ({ ...before, ...change }))
  const setRaise = (change: { afterMinutes?: number | undefined; whenDevices?: number | undefined }): void =>
    setDraft(({ raise, ...rest }) => {
      const all = { ...raise, ...change }
      const kept = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
      return Object.keys(kept).length === 0 ? rest : { ...rest, raise: kept }
    })
  const trial = useQuery({
    queryKey: keys.ruleTrial(rule.signal, JSON.stringify(asked)),
    queryFn: ({ signal }) => callApi<RuleTrial>('POST', `/rules/${rule.signal}/try`, { body: asked, signal }),
    placeholderData: keepPreviousData,
    meta: { isShownInPlace: true },
  })
  const save = useMutation({
    mutationFn: () => callApi<Rule>('PUT', `/rules/${rule.signal}`, { body: draft }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: keys.rules })
      showDone(`Saved: ${rule.signal}`)
      onClose()
    },
    meta: { isShownInPlace: true },
  })
  const seconds = (key: 'holdSeconds' | 'clearSeconds' | 'ladderSeconds', label: string, description: string) => (
    <NumberInput
      label={label}
      description={description}
      suffix=" s"
      min={0}
      max={key === 'ladderSeconds' ? 86_400 : 2_592_000}
      value={draft[key]}
      onChange={value => set({ [key]: Number(value) || 0 })}
    />
  )
  return (
    <Modal opened onClose={onClose} title={draft.title ?? rule.signal} size="xl">
      <form
        onSubmit={event => {
          event.preventDefault()
          save.mutate()
        }}
      >
        <Stack gap="sm">
          <ProblemAlert error={save.error ?? trial.error} />
          <Switch
            label="Raises tickets"
            description="Off: the signal is shown and kept in the timeline, and calls nobody"
            checked={draft.enabled}
            onChange={event => set({ enabled: event.currentTarget.checked })}
          />
          <SimpleGrid cols={{ base: 1, sm: 3 }} spacing="sm">
            <Select
              label="Level"
              description="How serious it is"
              allowDeselect={false}
              data={[1, 2, 3, 4].map(level => ({ value: String(level), label: `${level} ${levelWord(level)}` }))}
              value={String(draft.level)}
              onChange={value => set({ level: Number(value) })}
            />
            {seconds('holdSeconds', 'Hold', 'Mended within it, it is no ticket')}
            {seconds('clearSeconds', 'Quiet time', 'Well for this long, it is over')}
          </SimpleGrid>
          <SimpleGrid cols={{ base: 1, sm: 3 }} spacing="sm">
            <Select
              label="Mended"
              description="When no remedy helps"
              allowDeselect={false}
              data={Object.entries(FIXED_BY).map(([value, label]) => ({ value, label }))}
              value={draft.fixedBy}
              onChange={value => set({ fixedBy: value as Rule['fixedBy'] })}
            />
            {seconds('ladderSeconds', 'Wait for remedies', 'Level 1 does not wait')}
          </SimpleGrid>
          <SimpleGrid cols={{ base: 1, sm: 3 }} spacing="sm">
            <NumberInput
              label="Level rises after"
              description="Still open then: one level up, once"
              placeholder="never"
              suffix=" min"
              min={1}
              max={43_200}
              value={draft.raise?.afterMinutes ?? ''}
              onChange={value => setRaise({ afterMinutes: value === '' ? undefined : Number(value) })}
            />
            <NumberInput
              label="or when it spreads to"
              description="Devices of one site at once"
              placeholder="never"
              suffix=" devices"
              min={2}
              max={1_000}
              value={draft.raise?.whenDevices ?? ''}
              onChange={value => setRaise({ whenDevices: value === '' ? undefined : Number(value) })}
            />
          </SimpleGrid>
          <Ladder remedies={draft.remedies} onChange={remedies => set({ remedies })} />
          {trial.data && <Trial trial={trial.data} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={save.isPending} disabled={JSON.stringify(draft) === JSON.stringify(rule)}>
              Save
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
