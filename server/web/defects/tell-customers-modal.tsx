/** The drafted words to the customers of a defect, by language; one click writes them on every linked ticket. */
import { Button, Group, Modal, Stack, Text, Textarea } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type {
  DefectDetail,
  DefectLetter,
  DefectLetterAnswer,
  DefectLetterInput,
  DefectLetterKind,
} from '../../../shared/api/defects/defect-api.ts'
import { LANGUAGE_NAMES, LANGUAGES, type Language } from '../../../shared/languages.ts'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { callApi } from '../api/api-client.ts'
import { keys } from '../api/query-keys.ts'
import { showDone } from '../api/show-problem.ts'

/** Only languages that one of the customers reads are shown. */
export function TellCustomersModal({ defect, what, onClose }: { defect: DefectDetail; what: DefectLetterKind; onClose: () => void }) {
  const client = useQueryClient()
  const [texts, setTexts] = useState<Partial<Record<Language, string>>>({})
  const letter = useQuery({
    queryKey: keys.defectLetter(defect.id, what, defect.version),
    queryFn: ({ signal }) => callApi<DefectLetter>('GET', `/defects/${defect.id}/letter?what=${what}`, { signal }),
  })
  const send = useMutation({
    mutationFn: (body: DefectLetterInput) => callApi<DefectLetterAnswer>('POST', `/defects/${defect.id}/letter`, { body }),
    onSuccess: answer => {
      showDone(`Told on ${answer.told.length} ${answer.told.length === 1 ? 'ticket' : 'tickets'}`)
      void client.invalidateQueries({ queryKey: keys.defects })
      void client.invalidateQueries({ queryKey: keys.tickets })
      onClose()
    },
    meta: { isShownInPlace: true },
  })
  const waiting = (letter.data?.recipients ?? []).filter(one => !one.isTold)
  const languages = LANGUAGES.filter(language => waiting.some(one => one.language === language))
  const textOf = (language: Language): string => texts[language] ?? letter.data?.texts[language] ?? ''
  return (
    <Modal opened onClose={onClose} title={`Tell the ${what}`} size="lg">
      <form
        onSubmit={event => {
          event.preventDefault()
          send.mutate({ what, texts: Object.fromEntries(languages.map(language => [language, textOf(language)])) })
        }}
      >
        <Stack gap="sm">
          <ProblemAlert error={letter.error ?? send.error} />
          <Text size="sm" c="dimmed">
            Written in your name on each ticket; it restarts the update clock. The defect itself is not named.
          </Text>
          {languages.map(language => (
            <Textarea
              key={language}
              label={LANGUAGE_NAMES[language]}
              description={waiting
                .filter(one => one.language === language)
                .map(one => `${one.ticket.reference} ${one.customerName}`)
                .join(', ')}
              autosize
              minRows={2}
              required
              maxLength={10_000}
              value={textOf(language)}
              onChange={event => {
                const text = event.currentTarget.value
                setTexts(before => ({ ...before, [language]: text }))
              }}
            />
          ))}
          {letter.data && waiting.length === 0 && <Text size="sm">Everybody has heard this.</Text>}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={send.isPending} disabled={waiting.length === 0}>
              {waiting.length === 1 ? 'Write it on the ticket' : `Write it on ${waiting.length} tickets`}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
