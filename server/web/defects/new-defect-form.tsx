/** Writes down a defect. */
import { Button, Group, Select, Stack, Textarea, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { DefectDetail, DefectInput } from '../../../shared/api/defects/defect-api.ts'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { levelWord } from '../components/truth-words.ts'
import { useFields } from '../components/use-fields.ts'
import { useMay } from '../session/use-session.ts'
import { callApi } from '../api/api-client.ts'
import { keys } from '../api/query-keys.ts'
import { CLASS_CHOICES } from './defect-words.ts'

const SEVERITIES = [1, 2, 3, 4].map(level => ({ value: String(level), label: `${level} ${levelWord(level)}` }))

/** `ticket`: the one it was found on. The severity is for managers. */
export function NewDefectForm({
  ticket,
  onDone,
  onCancel,
}: {
  ticket?: { id: string; subject: string }
  onDone: (defect: DefectDetail) => void
  onCancel: () => void
}) {
  const client = useQueryClient()
  const mayRate = useMay('manage')
  const make = useMutation({
    mutationFn: (body: DefectInput) => callApi<DefectDetail>('POST', '/defects', { body }),
    onSuccess: defect => {
      void client.invalidateQueries({ queryKey: keys.defects })
      void client.invalidateQueries({ queryKey: keys.tickets })
      onDone(defect)
    },
    meta: { isShownInPlace: true },
  })
  const fields = useFields({ class: 'other', title: ticket?.subject ?? '', impact: '', severity: '' }, make.error)
  const { values } = fields
  return (
    <form
      onSubmit={event => {
        event.preventDefault()
        make.mutate({
          class: values.class as DefectInput['class'],
          title: values.title.trim(),
          impact: values.impact.trim(),
          ...(values.severity === '' ? {} : { severity: Number(values.severity) }),
          ...(ticket ? { ticketId: ticket.id } : {}),
        })
      }}
    >
      <Stack gap="sm">
        <ProblemAlert error={make.error} />
        <TextInput label="Title" required maxLength={200} data-autofocus {...fields.input('title')} />
        <Group grow gap="sm" align="flex-start">
          <Select
            label="Class"
            required
            allowDeselect={false}
            data={CLASS_CHOICES}
            value={values.class}
            onChange={value => fields.set('class', value ?? 'other')}
          />
          {mayRate && (
            <Select
              label="Severity"
              placeholder="Later"
              clearable
              clearButtonProps={{ 'aria-label': 'No severity yet' }}
              data={SEVERITIES}
              value={values.severity === '' ? null : values.severity}
              onChange={value => fields.set('severity', value ?? '')}
            />
          )}
        </Group>
        <Textarea
          label="Impact"
          description="What does not work, for whom; stays inside"
          required
          autosize
          minRows={3}
          maxLength={4000}
          {...fields.input('impact')}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onCancel}>
            Cancel
          </Button>
          <Button type="submit" loading={make.isPending} disabled={values.title.trim() === '' || values.impact.trim() === ''}>
            Keep defect
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
