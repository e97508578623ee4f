/** Makes or changes a link to a client's desk. */
import { Button, Group, Modal, PasswordInput, Select, Stack, Switch, Text, Textarea, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import {
  DESK_KINDS,
  type ChangedServicedeskLink,
  type ServicedeskLink,
  type ServicedeskTest,
} from '../../../shared/api/servicedesks/servicedesk-api.ts'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { ApiProblem, callApi } from '../api/api-client.ts'
import { customersQuery } from '../api/catalog-queries.ts'
import { keys } from '../api/query-keys.ts'
import { showDone } from '../api/show-problem.ts'
import { KINDS } from './desk-words.ts'
import { draftOf, inputOf, LEVEL_KEYS, type LinkDraft } from './link-draft.ts'
import { StateTable } from './state-table.tsx'
import { WebhookTold } from './webhook-told.tsx'

const LEVELS = ['1', '2', '3', '4'].map(level => ({ value: level, label: `Level ${level}` }))

type Part = {
  draft: LinkDraft
  link: ServicedeskLink | null
  set(change: Partial<LinkDraft>): void
  fault(path: string): string | undefined
}

function Where({ draft, link, set, fault }: Part) {
  const customers = useQuery(customersQuery)
  return (
    <div className="link-fields">
      <Select
        label="Customer"
        required
        searchable
        disabled={link !== null}
        data={(customers.data ?? []).map(customer => ({ value: customer.id, label: `${customer.name} · ${customer.planName}` }))}
        value={draft.customerId === '' ? null : draft.customerId}
        onChange={value => set({ customerId: value ?? '' })}
        error={fault('/customerId')}
      />
      <Select
        label="Kind of desk"
        required
        allowDeselect={false}
        disabled={link !== null}
        description={KINDS[draft.kind].about}
        data={DESK_KINDS.map(kind => ({ value: kind, label: KINDS[kind].name }))}
        value={draft.kind}
        onChange={value =>
          value && set({ ...draftOf(null, value), customerId: draft.customerId, name: draft.name, baseUrl: draft.baseUrl })
        }
      />
      <TextInput
        label="Name"
        required
        maxLength={100}
        value={draft.name}
        onChange={event => set({ name: event.currentTarget.value })}
        error={fault('/name')}
      />
      <TextInput
        label="Address"
        required
        type="url"
        placeholder={KINDS[draft.kind].placeholder}
        value={draft.baseUrl}
        onChange={event => set({ baseUrl: event.currentTarget.value })}
        error={fault('/baseUrl')}
      />
    </div>
  )
}

function Needs({ draft, link, set, fault }: Part) {
  const facts = KINDS[draft.kind]
  return (
    <div className="link-fields">
      {facts.settings.map(({ name, label, hint, isNeeded }) => (
        <TextInput
          key={name}
          label={label}
          description={hint}
          required={isNeeded === true}
          value={draft.settings[name] ?? ''}
          onChange={event => set({ settings: { ...draft.settings, [name]: event.currentTarget.value } })}
          error={fault(`/settings/${name}`)}
        />
      ))}
      {facts.secrets.map(({ name, label, isNeeded, isHidden }) => {
        const Input = isHidden ? PasswordInput : TextInput
        const isSet = link?.secretsSet.includes(name) === true
        return (
          <Input
            key={name}
            label={label}
            required={isNeeded === true && !isSet}
            placeholder={isSet ? 'is set; leave empty to keep it' : ''}
            autoComplete="off"
            value={draft.secrets[name] ?? ''}
            onChange={event => set({ secrets: { ...draft.secrets, [name]: event.currentTarget.value } })}
            error={fault(`/secrets/${name}`)}
          />
        )
      })}
    </div>
  )
}

function Choices({ draft, set, fault }: Part) {
  return (
    <Stack gap="sm">
      {draft.kind === 'jira' && (
        <Textarea
          label="Further fields of the request type"
          description="One a line, as customfield_10050 = text; {subject}, {description} and {reference} are filled in"
          autosize
          minRows={2}
          value={draft.requestFields}
          onChange={event => set({ requestFields: event.currentTarget.value })}
          error={fault('/settings/requestFields')}
        />
      )}
      <fieldset className="level-fields">
        <legend>
          Our level as their priority <span className="quiet">({KINDS[draft.kind].levelHint}; empty = theirs stays as it is)</span>
        </legend>
        {LEVEL_KEYS.map(level => (
          <TextInput
            key={level}
            size="xs"
            label={`Level ${level}`}
            maxLength={200}
            value={draft.levels[level]}
            onChange={event => set({ levels: { ...draft.levels, [level]: event.currentTarget.value } })}
            error={fault(`/settings/levels/${level}`)}
          />
        ))}
        <TextInput
          size="xs"
          label="Files up to, MB"
          inputMode="numeric"
          value={draft.maxFileMegabytes}
          onChange={event => set({ maxFileMegabytes: event.currentTarget.value })}
          error={fault('/settings/maxFileMegabytes')}
        />
      </fieldset>
      <Group align="flex-end">
        <Switch
          label="Tickets made at their desk become ours"
          checked={draft.takeNew}
          onChange={event => set({ takeNew: event.currentTarget.checked })}
        />
        {draft.takeNew && (
          <Select
            size="xs"
            w={120}
            aria-label="Level of their new tickets"
            allowDeselect={false}
            data={LEVELS}
            value={draft.newTicketLevel}
            onChange={value => value && set({ newTicketLevel: value })}
          />
        )}
      </Group>
      {draft.kind === 'generic' && (
        <Switch
          label="Their side answers questions too (read, find, changes)"
          checked={draft.canRead}
          onChange={event => set({ canRead: event.currentTarget.checked })}
        />
      )}
      <Switch
        label="Take webhooks without a signature, by the secret in the address alone"
        checked={draft.unsignedAllowed}
        onChange={event => set({ unsignedAllowed: event.currentTarget.checked })}
      />
    </Stack>
  )
}

/** The form; `null` makes a new link, whose webhook is told after it. Each refusal stands at its field. */
export function LinkModal({ link, onClose }: { link: ServicedeskLink | null; onClose: () => void }) {
  const client = useQueryClient()
  const [draft, setDraft] = useState(() => draftOf(link))
  const [names, setNames] = useState<ReadonlyMap<string, string>>(new Map())
  const save = useMutation({
    mutationFn: () => {
      const { customerId, kind, ...rest } = inputOf(draft, link)
      return link === null
        ? callApi<ChangedServicedeskLink>('POST', '/servicedesk-links', { body: { customerId, kind, ...rest } })
        : callApi<ChangedServicedeskLink>('PATCH', `/servicedesk-links/${link.id}`, { body: rest })
    },
    onSuccess: saved => {
      void client.invalidateQueries({ queryKey: keys.servicedesks })
      if (saved.webhook !== null) return
      showDone(`${saved.name} is saved`)
      onClose()
    },
    meta: { isShownInPlace: true },
  })
  const readStates = useMutation({
    mutationFn: () => callApi<ServicedeskTest>('POST', `/servicedesk-links/${link?.id ?? ''}/test`),
    onSuccess: ({ states }) => {
      setNames(new Map(states.map(state => [state.id, state.name])))
      const missing = states.filter(state => draft.theirs.every(row => row.state !== state.id))
      setDraft(before => ({
        ...before,
        theirs: [...before.theirs, ...missing.map(state => ({ state: state.id, means: 'ignore' as const }))],
      }))
    },
  })
  if (save.data?.webhook) {
    return (
      <Modal opened onClose={onClose} size="lg" title={`${save.data.name} is made, and switched off`}>
        <Stack>
          <WebhookTold link={save.data} />
          <Text size="sm" c="dimmed">
            Then open the link, try it, and switch it on.
          </Text>
          <Button onClick={onClose}>I have kept them</Button>
        </Stack>
      </Modal>
    )
  }
  const faults = save.error instanceof ApiProblem ? save.error.faults : []
  const part: Part = {
    draft,
    link,
    set: change => {
      save.reset()
      setDraft(before => ({ ...before, ...change }))
    },
    fault: path => faults.find(fault => fault.path === `body${path}`)?.message,
  }
  return (
    <Modal opened onClose={onClose} size="xl" title={link ? `Change ${link.name}` : 'Link a service desk'}>
      <form
        onSubmit={event => {
          event.preventDefault()
          save.mutate()
        }}
      >
        <Stack gap="lg">
          <ProblemAlert error={save.error} />
          <Where {...part} />
          <Needs {...part} />
          <div>
            <Group justify="space-between" mb={6}>
              <Text size="sm" c="dimmed" maw={480}>
                {KINDS[draft.kind].stateHint}
              </Text>
              {link !== null && (
                <Button size="compact-sm" variant="default" loading={readStates.isPending} onClick={() => readStates.mutate()}>
                  Read their states
                </Button>
              )}
            </Group>
            <StateTable {...part} names={names} />
          </div>
          <Choices {...part} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={save.isPending}>
              {link ? 'Save' : 'Make the link'}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
