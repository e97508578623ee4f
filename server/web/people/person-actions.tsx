/** What can be done about somebody's login. */
import { Button, Divider, Group } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import type { InvitedPerson, Person } from '../../../shared/api/accounts/people-api.ts'
import { callApi } from '../api/api-client.ts'
import { showDone } from '../api/show-problem.ts'

type Act = 'invite' | 'sessions' | 'factors' | 'disable' | 'enable'
const DONE: Record<Exclude<Act, 'invite'>, string> = {
  sessions: 'Every session has ended',
  factors: 'Second factor and passkeys are gone',
  disable: 'Cannot log in any more',
  enable: 'May log in again',
}

/** Buttons by the state of the person. */
export function PersonActions({
  person,
  onInvited,
  onDone,
}: {
  person: Person
  onInvited: (invited: InvitedPerson) => void
  onDone: () => void
}) {
  const act = useMutation({
    mutationFn: async (what: Act): Promise<InvitedPerson | null> => {
      const path = `/people/${person.id}`
      if (what === 'invite') return callApi<InvitedPerson>('POST', `${path}/invitations`)
      if (what === 'sessions' || what === 'factors') await callApi('DELETE', `${path}/${what}`)
      else await callApi('PATCH', path, { body: { isDisabled: what === 'disable' } })
      return null
    },
    onSuccess: (invited, what) => {
      if (invited) return onInvited(invited)
      if (what !== 'invite') showDone(DONE[what])
      onDone()
    },
  })
  const button = (what: Act, label: string, color?: string) => (
    <Button
      key={what}
      size="xs"
      variant="default"
      {...(color ? { c: color } : {})}
      loading={act.isPending && act.variables === what}
      onClick={() => act.mutate(what)}
    >
      {label}
    </Button>
  )
  const hasFactor = person.secondFactor !== 'none' || person.hasPasskey
  return (
    <>
      <Divider mt="xs" label="Login" labelPosition="left" />
      <Group gap="xs">
        {person.state === 'invited' && button('invite', 'Invite again')}
        {person.state === 'active' && button('sessions', 'End every session')}
        {hasFactor && button('factors', 'Lost the phone: remove second factor')}
        {person.state === 'disabled' ? button('enable', 'Let log in again') : button('disable', 'Disable', 'var(--bad)')}
      </Group>
    </>
  )
}
