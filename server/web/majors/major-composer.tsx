/** One message to all concerned, in the languages they read; a note for colleagues; or the last message that ends it. */
import { Button, Checkbox, Group, Paper, SegmentedControl, Stack, Text, Textarea, Title } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { MajorAnswer, MajorDetail } from '../../../shared/api/majors/major-api.ts'
import { LANGUAGE_NAMES, LANGUAGES, type Language } from '../../../shared/languages.ts'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { useDraft } from '../ticket-relations/use-draft.ts'
import { callApi } from '../api/api-client.ts'
import { keys } from '../api/query-keys.ts'
import { showDone } from '../api/show-problem.ts'

/** What is typed is kept until it is sent. */
export function MajorComposer({ major }: { major: MajorDetail }) {
  const client = useQueryClient()
  const [to, setTo] = useState<'all' | 'note'>('all')
  const [isLast, setIsLast] = useState(false)
  const [translations, setTranslations] = useState<Partial<Record<Language, string>>>({})
  const { text, setText } = useDraft(`major:${major.id}`)
  const heard = major.members.filter(member => member.hears)
  const languages = LANGUAGES.filter(language => language !== 'en' && heard.some(member => member.language === language))
  const send = useMutation({
    mutationFn: async (): Promise<string> => {
      if (to === 'note') {
        await callApi<MajorDetail>('POST', `/majors/${major.id}/notes`, { body: { text: text.trim() } })
        return 'Noted'
      }
      const written = Object.fromEntries(
        languages.flatMap(language => (translations[language]?.trim() ? [[language, translations[language].trim()]] : [])),
      )
      const body = { body: text.trim(), ...(Object.keys(written).length > 0 ? { translations: written } : {}) }
      const answer = await callApi<MajorAnswer>('POST', `/majors/${major.id}/${isLast ? 'end' : 'messages'}`, { body })
      return `Told on ${answer.told.length} ${answer.told.length === 1 ? 'ticket' : 'tickets'}`
    },
    onSuccess: words => {
      showDone(words)
      setText('')
      setTranslations({})
      void client.invalidateQueries({ queryKey: keys.majors })
      void client.invalidateQueries({ queryKey: keys.tickets })
    },
    meta: { isShownInPlace: true },
  })
  const isNote = to === 'note'
  return (
    <Paper p="md" component="section" aria-label="Message">
      <Group justify="space-between" mb="sm">
        <Title order={2} size="h4">
          {isNote ? 'Note for colleagues' : 'One message to all concerned'}
        </Title>
        <SegmentedControl
          size="xs"
          aria-label="Who reads it"
          value={to}
          onChange={setTo}
          data={[
            { value: 'all', label: 'To all' },
            { value: 'note', label: 'Internal note' },
          ]}
        />
      </Group>
      <form
        className="composer"
        data-visibility={isNote ? 'internal' : 'public'}
        onSubmit={event => {
          event.preventDefault()
          if (text.trim() !== '') send.mutate()
        }}
      >
        <Stack gap="sm">
          <Textarea
            aria-label={isNote ? 'Note for colleagues' : 'Message to all concerned'}
            placeholder={
              isNote ? 'What colleagues should know' : 'What happened, what it means, when the next word comes. Name no customer.'
            }
            autosize
            minRows={3}
            maxRows={14}
            maxLength={10_000}
            value={text}
            onChange={event => setText(event.currentTarget.value)}
          />
          {!isNote &&
            languages.map(language => (
              <Textarea
                key={language}
                label={`In ${LANGUAGE_NAMES[language]}`}
                description="Empty: these customers read the text above"
                autosize
                minRows={2}
                maxLength={10_000}
                value={translations[language] ?? ''}
                onChange={event => {
                  const value = event.currentTarget.value
                  setTranslations(before => ({ ...before, [language]: value }))
                }}
              />
            ))}
          <ProblemAlert error={send.error} />
          <Group justify="space-between" gap="xs">
            {isNote ? (
              <Text size="xs" c="dimmed">
                Only colleagues see this.
              </Text>
            ) : (
              <Group gap="md">
                <Checkbox
                  size="sm"
                  label="The last one: the incident is over"
                  checked={isLast}
                  onChange={event => setIsLast(event.currentTarget.checked)}
                />
                <Text size="xs" c="dimmed">
                  {heard.length === 0
                    ? 'No ticket here gets it.'
                    : `Goes to ${heard.length === 1 ? 'one ticket' : `${heard.length} tickets`} and restarts each update clock.`}
                </Text>
              </Group>
            )}
            <Button type="submit" size="sm" loading={send.isPending} disabled={text.trim() === ''}>
              {isNote ? 'Keep note' : isLast ? 'Send and end it' : 'Send to all'}
            </Button>
          </Group>
        </Stack>
      </form>
    </Paper>
  )
}
