/** The table of states: what each of theirs is here, and what each of ours is set as there. */
import { ActionIcon, Button, Group, Select, Stack, Table, Text, TextInput } from '@mantine/core'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import { OUR_STATES, stateWords } from './desk-words.ts'
import type { LinkDraft, TheirRow } from './link-draft.ts'

const MEANINGS = [...OUR_STATES.map(state => ({ value: state, label: stateWords(state) })), { value: 'ignore', label: 'ignore' }]

type Part = {
  draft: LinkDraft
  set(change: Partial<LinkDraft>): void
  /** Names of their states by id, where their desk has told them. */
  names: ReadonlyMap<string, string>
  fault(path: string): string | undefined
}

function TheirStates({ draft, set, names, fault }: Part) {
  const change = (index: number, more: Partial<TheirRow>): void =>
    set({ theirs: draft.theirs.map((row, place) => (place === index ? { ...row, ...more } : row)) })
  return (
    <Stack gap={6}>
      <Text size="sm" fw={550}>
        Theirs, and what it is here
      </Text>
      {draft.theirs.map((row, index) => (
        // The state is what is typed: a row has nothing else of its own.
        <Group key={index} gap={6} wrap="nowrap" align="flex-start" role="group" aria-label={`Their state ${row.state || 'new'}`}>
          <TextInput
            size="xs"
            w={110}
            aria-label="Their state"
            value={row.state}
            maxLength={100}
            onChange={event => change(index, { state: event.currentTarget.value })}
            description={names.get(row.state)}
            inputWrapperOrder={['input', 'description', 'error']}
            error={fault(`/stateMap/theirs/${row.state}`)}
          />
          <Select
            size="xs"
            className="grow"
            aria-label={`What ${row.state || 'it'} is here`}
            allowDeselect={false}
            data={MEANINGS}
            value={row.means}
            onChange={value => value && change(index, { means: value as TheirRow['means'] })}
          />
          <ActionIcon
            variant="subtle"
            color="gray"
            mt={2}
            aria-label={`Remove state ${row.state}`}
            onClick={() => set({ theirs: draft.theirs.filter((_row, place) => place !== index) })}
          >
            <IconTrash size={16} />
          </ActionIcon>
        </Group>
      ))}
      <Group>
        <Button
          size="compact-xs"
          variant="default"
          leftSection={<IconPlus size={14} aria-hidden />}
          onClick={() => set({ theirs: [...draft.theirs, { state: '', means: 'ignore' }] })}
        >
          Add a state
        </Button>
      </Group>
    </Stack>
  )
}

function OurStates({ draft, set, names, fault }: Part) {
  const known = [...new Set(draft.theirs.map(row => row.state.trim()).filter(Boolean))]
  const data = [
    ...known.map(state => ({ value: state, label: names.has(state) ? `${state} · ${names.get(state) ?? ''}` : state })),
    { value: 'ignore', label: 'ignore' },
  ].filter((item, index, all) => all.findIndex(other => other.value === item.value) === index)
  return (
    <div>
      <Text size="sm" fw={550} mb={6}>
        Ours, and what is set there
      </Text>
      <Table verticalSpacing={3} aria-label="Our states">
        <Table.Tbody>
          {OUR_STATES.map(state => (
            <Table.Tr key={state}>
              <Table.Td pl={0}>{stateWords(state)}</Table.Td>
              <Table.Td pr={0}>
                <Select
                  size="xs"
                  aria-label={`What ${stateWords(state)} is there`}
                  allowDeselect={false}
                  data={data}
                  value={data.some(item => item.value === draft.ours[state]) ? draft.ours[state] : null}
                  placeholder="choose"
                  onChange={value => value && set({ ours: { ...draft.ours, [state]: value } })}
                  error={fault(`/stateMap/ours/${state}`)}
                />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  )
}

/** Both ways side by side; on a phone one under the other. */
export function StateTable(part: Part) {
  return (
    <div className="state-columns">
      <TheirStates {...part} />
      <OurStates {...part} />
    </div>
  )
}
