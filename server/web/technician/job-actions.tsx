/** What a technician can do next: large buttons, one thing at a time. */
import { Button, NumberInput, Stack, TextInput, Textarea } from '@mantine/core'
import { useState } from 'react'
import type { Job, VisitMove } from '../../../shared/api/visits/visit-api.ts'
import { HOUR_MS } from '../../../shared/units.ts'

type Act = { job: Job; isBusy: boolean; onMove: (move: VisitMove) => void }

/** This phone's local time, whole minutes, as an input of the kind datetime-local holds it. */
function localInput(ms: number): string {
  return new Date(ms - new Date(ms).getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}

function Schedule({ isBusy, onMove, onBack }: Act & { onBack: () => void }) {
  const [at, setAt] = useState(() => localInput(Date.now() + 2 * HOUR_MS))
  return (
    <Stack gap="sm">
      <TextInput
        type="datetime-local"
        size="md"
        label="When will you be there?"
        description="Inside the opening hours of the place"
        value={at}
        onChange={event => setAt(event.currentTarget.value)}
      />
      <Button size="lg" loading={isBusy} disabled={at === ''} onClick={() => onMove({ to: 'scheduled', at: new Date(at).toISOString() })}>
        Set the time
      </Button>
      <Button size="md" variant="default" onClick={onBack}>
        Back
      </Button>
    </Stack>
  )
}

function Decline({ isBusy, onMove, onBack }: Act & { onBack: () => void }) {
  const [reason, setReason] = useState('')
  return (
    <Stack gap="sm">
      <Textarea
        size="md"
        label="Why not?"
        autosize
        minRows={2}
        maxLength={2000}
        value={reason}
        onChange={event => setReason(event.currentTarget.value)}
      />
      <Button
        size="lg"
        color="red"
        loading={isBusy}
        disabled={reason.trim() === ''}
        onClick={() => onMove({ to: 'declined', reason: reason.trim() })}
      >
        Decline
      </Button>
      <Button size="md" variant="default" onClick={onBack}>
        Back
      </Button>
    </Stack>
  )
}

function Done({ job, isBusy, onMove, onBack }: Act & { onBack: () => void }) {
  const [parts, setParts] = useState('')
  const [minutes, setMinutes] = useState<number | string>('')
  const [note, setNote] = useState('')
  const named = parts
    .split('\n')
    .map(name => name.trim())
    .filter(Boolean)
  return (
    <Stack gap="sm">
      <Textarea
        size="md"
        label="Parts used, one a line"
        placeholder={job.likelyParts[0] ?? 'HDMI cable'}
        autosize
        minRows={2}
        value={parts}
        onChange={event => setParts(event.currentTarget.value)}
      />
      <NumberInput size="md" label="Minutes worked" min={0} max={10_000} value={minutes} onChange={setMinutes} />
      <Textarea
        size="md"
        label="What was done"
        autosize
        minRows={2}
        maxLength={4000}
        value={note}
        onChange={event => setNote(event.currentTarget.value)}
      />
      <Button
        size="lg"
        color="teal"
        loading={isBusy}
        onClick={() =>
          onMove({
            to: 'done',
            ...(named.length > 0 ? { parts: named.slice(0, 50).map(name => ({ name: name.slice(0, 200) })) } : {}),
            ...(minutes === '' ? {} : { minutes: Number(minutes) }),
            ...(note.trim() === '' ? {} : { note: note.trim() }),
          })
        }
      >
        Done
      </Button>
      <Button size="md" variant="default" onClick={onBack}>
        Back
      </Button>
    </Stack>
  )
}

/** Buttons for what is allowed now. */
export function JobActions(act: Act) {
  const { job, isBusy, onMove } = act
  const [open, setOpen] = useState<'scheduled' | 'declined' | 'done' | null>(null)
  const may = (to: VisitMove['to']): boolean => job.allowed.includes(to)
  const back = (): void => setOpen(null)
  const sent = { ...act, onMove: (move: VisitMove) => (back(), onMove(move)), onBack: back }
  if (open === 'scheduled') return <Schedule {...sent} />
  if (open === 'declined') return <Decline {...sent} />
  if (open === 'done') return <Done {...sent} />
  return (
    <Stack gap="sm">
      {may('accepted') && (
        <Button size="lg" loading={isBusy} onClick={() => onMove({ to: 'accepted' })}>
          Accept
        </Button>
      )}
      {may('scheduled') && (
        <Button size="lg" variant={job.state === 'accepted' ? 'filled' : 'default'} onClick={() => setOpen('scheduled')}>
          {job.state === 'scheduled' ? 'Set another time' : 'Set a time'}
        </Button>
      )}
      {may('on-site') && (
        <Button
          size="lg"
          variant={job.state === 'scheduled' ? 'filled' : 'default'}
          loading={isBusy}
          onClick={() => onMove({ to: 'on-site' })}
        >
          I am here
        </Button>
      )}
      {may('done') && (
        <Button size="lg" color="teal" onClick={() => setOpen('done')}>
          Done …
        </Button>
      )}
      {may('declined') && (
        <Button size="lg" variant="default" onClick={() => setOpen('declined')}>
          {job.state === 'offered' ? 'Decline …' : 'Give it back …'}
        </Button>
      )}
    </Stack>
  )
}
