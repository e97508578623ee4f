/** The page behind the link of a closing letter: one question, one click, a few words if one likes; in the language of the letter. */
import { Alert, Button, SimpleGrid, Stack, Text, Textarea, Title } from '@mantine/core'
import { useDocumentTitle } from '@mantine/hooks'
import { IconMoodHappy, IconMoodSad } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { AnswerInput, Question } from '../../../shared/api/satisfaction/satisfaction-api.ts'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { PageLoader } from '../shell/page-loader.tsx'
import { callApi } from '../api/api-client.ts'
import '../on-call/on-call.css'

const WORDS = {
  en: {
    ask: 'How did we do?',
    good: 'Good',
    bad: 'Not good',
    thanks: 'Thank you.',
    more: 'Anything to add?',
    send: 'Send',
    kept: 'Thank you, we read it.',
    gone: 'This link does not work any more.',
  },
  sv: {
    ask: 'Hur gick det?',
    good: 'Bra',
    bad: 'Inte bra',
    thanks: 'Tack.',
    more: 'Något att tillägga?',
    send: 'Skicka',
    kept: 'Tack, vi läser det.',
    gone: 'Länken fungerar inte längre.',
  },
  de: {
    ask: 'Wie waren wir?',
    good: 'Gut',
    bad: 'Nicht gut',
    thanks: 'Danke.',
    more: 'Möchten Sie etwas hinzufügen?',
    send: 'Senden',
    kept: 'Danke, wir lesen es.',
    gone: 'Dieser Link funktioniert nicht mehr.',
  },
  pt: {
    ask: 'Como correu?',
    good: 'Bem',
    bad: 'Mal',
    thanks: 'Obrigado.',
    more: 'Quer acrescentar algo?',
    send: 'Enviar',
    kept: 'Obrigado, vamos ler.',
    gone: 'Esta ligação já não funciona.',
  },
} as const
type Words = (typeof WORDS)[keyof typeof WORDS]
const wordsOf = (language: string | undefined): Words => WORDS[language as keyof typeof WORDS] ?? WORDS.en

/** No login: this question alone. */
export function HowWasItPage({ token }: { token: string }) {
  const client = useQueryClient()
  const [comment, setComment] = useState('')
  const key = ['how-was-it', token]
  const question = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => callApi<Question>('GET', `/satisfaction/${token}`, { signal }),
    meta: { isShownInPlace: true },
  })
  const answer = useMutation({
    mutationFn: (body: AnswerInput) => callApi<Question>('POST', `/satisfaction/${token}`, { body }),
    onSuccess: after => client.setQueryData(key, after),
    meta: { isShownInPlace: true },
  })
  const asked = question.data
  const words = wordsOf(asked?.language ?? navigator.language.slice(0, 2))
  useDocumentTitle(words.ask)
  if (question.isPending) return <PageLoader />
  if (!asked)
    return (
      <main className="plain-page">
        <Title order={1} size="h3">
          {words.gone}
        </Title>
      </main>
    )
  const { score } = asked
  return (
    <main className="plain-page" lang={asked.language}>
      <Stack gap="md">
        <div>
          <Text size="sm" c="dimmed" className="mono">
            {asked.reference}
          </Text>
          <Title order={1} size="h3">
            {words.ask}
          </Title>
          <Text>{asked.subject}</Text>
        </div>
        <ProblemAlert error={answer.error} />
        {score === null ? (
          <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
            <Button
              size="xl"
              variant="default"
              leftSection={<IconMoodHappy aria-hidden />}
              loading={answer.isPending}
              onClick={() => answer.mutate({ score: 'good' })}
            >
              {words.good}
            </Button>
            <Button
              size="xl"
              variant="default"
              leftSection={<IconMoodSad aria-hidden />}
              loading={answer.isPending}
              onClick={() => answer.mutate({ score: 'bad' })}
            >
              {words.bad}
            </Button>
          </SimpleGrid>
        ) : (
          <Alert color="teal" variant="outline" role="status" title={asked.comment === null ? words.thanks : words.kept}>
            {score === 'good' ? words.good : words.bad}
          </Alert>
        )}
        {score !== null && asked.comment === null && (
          <form
            onSubmit={event => {
              event.preventDefault()
              answer.mutate({ score, comment: comment.trim() })
            }}
          >
            <Textarea
              label={words.more}
              autosize
              minRows={3}
              maxLength={2_000}
              value={comment}
              onChange={event => setComment(event.currentTarget.value)}
            />
            <Button type="submit" mt="sm" loading={answer.isPending} disabled={comment.trim() === ''}>
              {words.send}
            </Button>
          </form>
        )}
      </Stack>
    </main>
  )
}
