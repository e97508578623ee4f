/** A ticket that goes on elsewhere says where, and how long that can be undone. */
import { Alert, Button, Group } from '@mantine/core'
import { IconArrowMerge } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import type { Relations } from '../../../shared/api/tickets/relation-api.ts'
import { LinkButton } from '../components/link-button.tsx'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { dueTime } from '../components/time-words.ts'
import { useNow } from '../components/use-now.ts'
import { callApi } from '../api/api-client.ts'
import { useRelations } from './use-relations.ts'

/** Nothing for a ticket that is worked on here. */
export function MergedBanner({ ticketId, mayWrite }: { ticketId: string; mayWrite: boolean }) {
  const { data, keep } = useRelations(ticketId)
  const nowMs = useNow()
  const undo = useMutation({
    mutationFn: () => callApi<Relations>('DELETE', `/tickets/${ticketId}/merge`),
    onSuccess: keep,
    meta: { isShownInPlace: true },
  })
  const into = data?.mergedInto
  if (!into) return null
  const undoUntil = data.undoUntil !== null && Date.parse(data.undoUntil) > nowMs ? data.undoUntil : null
  return (
    <Alert mb="md" variant="default" icon={<IconArrowMerge />} title={`Goes on in ${into.reference}: ${into.subject}`}>
      What was said here stays here. What its customer writes from now on is kept there.
      <Group gap="xs" mt="sm">
        <LinkButton size="xs" to={`/tickets/${into.id}`}>
          Open {into.reference}
        </LinkButton>
        {mayWrite && undoUntil !== null && (
          <Button size="xs" variant="default" loading={undo.isPending} onClick={() => undo.mutate()}>
            Undo the merge (until {dueTime(undoUntil, undefined, nowMs)})
          </Button>
        )}
      </Group>
      <ProblemAlert error={undo.error} />
    </Alert>
  )
}
