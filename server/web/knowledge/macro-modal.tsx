/** Makes or changes a macro. */
import { Button, Checkbox, Group, Modal, SegmentedControl, Select, SimpleGrid, Stack, Tabs, Text, Textarea, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { Macro, MacroChanges, MacroInput } from '../../../shared/api/knowledge/macro-api.ts'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { STATUS_WORDS } from '../tickets/ticket-words.ts'
import { ApiProblem, callApi } from '../api/api-client.ts'
import { keys } from '../api/query-keys.ts'
import { showDone } from '../api/show-problem.ts'
import { macroVariablesQuery } from './knowledge-queries.ts'
import { LANGUAGE_NAMES, LANGUAGES, type Language } from '../../../shared/languages.ts'

const EMPTY: MacroInput = { name: '', texts: {}, visibility: 'public', changes: {} }
const LEVELS = ['1', '2', '3', '4'].map(level => ({ value: level, label: `Level ${level}` }))
const STATUSES = Object.entries(STATUS_WORDS)
  .filter(([value]) => value !== 'new')
  .map(([value, label]) => ({ value, label }))

/** What is left when a change is taken out of the macro. */
function without(changes: MacroChanges, name: keyof MacroChanges): MacroChanges {
  return Object.fromEntries(Object.entries(changes).filter(([key]) => key !== name))
}

/** `macro` null: a new one. */
export function MacroModal({ macro, onClose }: { macro: Macro | null; onClose: () => void }) {
  const client = useQueryClient()
  const variables = useQuery(macroVariablesQuery)
  const [input, setInput] = useState<MacroInput>(
    macro ? { name: macro.name, texts: macro.texts, visibility: macro.visibility, changes: macro.changes } : EMPTY,
  )
  const set = (change: Partial<MacroInput>): void => setInput(before => ({ ...before, ...change }))
  const change = <Name extends keyof MacroChanges>(name: Name, value: MacroChanges[Name] | undefined): void =>
    set({ changes: value === undefined ? without(input.changes, name) : { ...input.changes, [name]: value } })
  const done = (words: string): void => {
    void client.invalidateQueries({ queryKey: keys.macros })
    showDone(words)
    onClose()
  }
  const keep = useMutation({
    mutationFn: () => {
      const texts = Object.fromEntries(Object.entries(input.texts).filter(([, text]) => text.trim() !== '')) as MacroInput['texts']
      return callApi<Macro>(macro ? 'PUT' : 'POST', macro ? `/macros/${macro.id}` : '/macros', { body: { ...input, texts } })
    },
    onSuccess: () => done('The macro is kept'),
    meta: { isShownInPlace: true },
  })
  const remove = useMutation({
    mutationFn: () => callApi('DELETE', `/macros/${macro?.id ?? ''}`),
    onSuccess: () => done('The macro is gone'),
    meta: { isShownInPlace: true },
  })
  const faultOf = (language: Language): string | undefined =>
    keep.error instanceof ApiProblem ? keep.error.faults.find(fault => fault.path === `body/texts/${language}`)?.message : undefined
  return (
    <Modal opened onClose={onClose} title={macro ? `Macro: ${macro.name}` : 'New macro'} size="xl">
      <form
        onSubmit={event => {
          event.preventDefault()
          keep.mutate()
        }}
      >
        <Stack gap="sm">
          <ProblemAlert error={keep.error ?? remove.error} />
          <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
            <TextInput
              label="Name"
              required
              maxLength={120}
              placeholder="Ask for a photo"
              value={input.name}
              onChange={event => set({ name: event.currentTarget.value })}
            />
            <div>
              <Text size="sm" fw={600} mb={4}>
                The text is
              </Text>
              <SegmentedControl
                fullWidth
                aria-label="The text is"
                value={input.visibility}
                onChange={value => set({ visibility: value })}
                data={[
                  { value: 'public', label: 'To the customer' },
                  { value: 'internal', label: 'Internal note' },
                ]}
              />
            </div>
          </SimpleGrid>
          <Tabs defaultValue="en">
            <Tabs.List aria-label="Languages">
              {LANGUAGES.map(language => (
                <Tabs.Tab key={language} value={language}>
                  {LANGUAGE_NAMES[language]}
                  {(input.texts[language] ?? '') !== '' && ' ✓'}
                </Tabs.Tab>
              ))}
            </Tabs.List>
            {LANGUAGES.map(language => (
              <Tabs.Panel key={language} value={language} pt="xs">
                <Textarea
                  aria-label={`Text in ${LANGUAGE_NAMES[language]}`}
                  placeholder="Hello{% if contact %} {{ contact }}{% endif %}, please send us a photo of the screen."
                  autosize
                  minRows={5}
                  maxRows={16}
                  maxLength={8_000}
                  value={input.texts[language] ?? ''}
                  error={faultOf(language)}
                  onChange={event => set({ texts: { ...input.texts, [language]: event.currentTarget.value } })}
                />
              </Tabs.Panel>
            ))}
          </Tabs>
          <Text size="xs" c="dimmed">
            Customers get their own language, else English. Words you can use:{' '}
            {(variables.data ?? []).map((variable, index) => (
              <span key={variable.name} title={variable.means}>
                {index > 0 && ', '}
                <code>{`{{ ${variable.name} }}`}</code>
              </span>
            ))}
            .
          </Text>
          <SimpleGrid cols={{ base: 1, sm: 4 }} spacing="sm">
            <Select
              label="Status"
              placeholder="as it follows"
              clearable
              clearButtonProps={{ 'aria-label': 'No change of status' }}
              data={STATUSES}
              value={input.changes.status ?? null}
              onChange={value => change('status', (value ?? undefined) as MacroChanges['status'])}
            />
            <Select
              label="Level"
              placeholder="no change"
              clearable
              clearButtonProps={{ 'aria-label': 'No change of level' }}
              data={LEVELS}
              value={input.changes.level === undefined ? null : `${input.changes.level}`}
              onChange={value => change('level', value === null ? undefined : Number(value))}
            />
            <Select
              label="Line"
              placeholder="no change"
              clearable
              clearButtonProps={{ 'aria-label': 'No change of line' }}
              data={['1', '2', '3']}
              value={input.changes.line === undefined ? null : `${input.changes.line}`}
              onChange={value => change('line', value === null ? undefined : Number(value))}
            />
            <Select
              label="Assign to"
              placeholder="no change"
              clearable
              clearButtonProps={{ 'aria-label': 'No change of assignee' }}
              data={[
                { value: 'me', label: 'Whoever runs it' },
                { value: 'nobody', label: 'Nobody' },
              ]}
              value={input.changes.assignee === undefined ? null : input.changes.assignee === null ? 'nobody' : 'me'}
              onChange={value => change('assignee', value === null ? undefined : value === 'nobody' ? null : 'me')}
            />
          </SimpleGrid>
          <Checkbox
            label="Asks the customer: the ticket waits for the answer"
            checked={input.changes.asks === true}
            disabled={input.visibility === 'internal'}
            onChange={event => change('asks', event.currentTarget.checked ? true : undefined)}
          />
          <Group justify="space-between">
            {macro ? (
              <Button variant="subtle" color="red" loading={remove.isPending} onClick={() => remove.mutate()}>
                Remove
              </Button>
            ) : (
              <span />
            )}
            <Group>
              <Button variant="default" onClick={onClose}>
                Cancel
              </Button>
              <Button type="submit" loading={keep.isPending} disabled={input.name.trim() === ''}>
                Keep
              </Button>
            </Group>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
