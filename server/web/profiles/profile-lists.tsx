/** Every list of a profile: what must run, answer, hang on the machine, and how each row is written. */
import { Stack } from '@mantine/core'
import type { Profile } from '../../../shared/profile.ts'
import { LEVEL_FIELD, ListRows, NAME_FIELD, USB_FIELD, type Field } from './list-rows.tsx'

/** The lists the editor changes. */
export type ProfileLists = Pick<
  Profile,
  'processes' | 'urls' | 'displays' | 'touch' | 'peripherals' | 'printers' | 'serial' | 'cameras' | 'audio'
>
type Spec<Key extends keyof ProfileLists> = {
  title: string
  note: string
  word: string
  add: string
  max: number
  fresh: ProfileLists[Key][number]
  fields: readonly Field[]
}

const MATCH_FIELD: Field = { key: 'match', label: 'or name contains', kind: 'text', placeholder: 'any will do', grow: 1.2 }
const choice = (value: string | number, label: string): { value: string; label: string } => ({ value: String(value), label })

const SPECS: { [Key in keyof ProfileLists]: Spec<Key> } = {
  processes: {
    title: 'Processes',
    note: 'Must run. When one is gone, the agent starts it with its command; if that does not help, a ticket opens.',
    word: 'Process',
    add: 'Watch a process',
    max: 100,
    fresh: { name: '', match: '' },
    fields: [
      { ...NAME_FIELD, placeholder: 'till' },
      { key: 'match', label: 'Command line contains', kind: 'text', isRequired: true, placeholder: '/opt/till/main', grow: 1.6 },
      { key: 'startCommand', label: 'Start with', kind: 'text', placeholder: 'optional command', grow: 1.4 },
      LEVEL_FIELD,
    ],
  },
  urls: {
    title: 'Addresses',
    note: 'Asked from the device itself, so that its own network counts. Certificates that end within 14 days are told.',
    word: 'Address',
    add: 'Watch an address',
    max: 50,
    fresh: { name: '', url: '' },
    fields: [
      { ...NAME_FIELD, placeholder: 'api' },
      { key: 'url', label: 'Address', kind: 'text', type: 'url', isRequired: true, placeholder: 'https://api.example.com/health', grow: 2 },
      { key: 'expectText', label: 'Answer contains', kind: 'text', placeholder: 'optional text', grow: 1.2 },
    ],
  },
  displays: {
    title: 'Displays',
    note: 'Must be connected and on. Width and height as a person in front of it sees them; an empty field does not matter.',
    word: 'Display',
    add: 'Expect a display',
    max: 8,
    fresh: {},
    fields: [
      { key: 'connector', label: 'Connector', kind: 'text', placeholder: 'any', title: "The kernel's name of the plug: HDMI-A-1" },
      { key: 'width', label: 'Width', kind: 'number', min: 1, max: 32_768, suffix: ' px' },
      { key: 'height', label: 'Height', kind: 'number', min: 1, max: 32_768, suffix: ' px' },
      {
        key: 'orientation',
        label: 'Stands',
        kind: 'choice',
        placeholder: 'any',
        choices: [choice('landscape', 'landscape'), choice('portrait', 'portrait')],
      },
      {
        key: 'rotation',
        label: 'Turned by',
        kind: 'choice',
        isNumber: true,
        placeholder: 'any',
        choices: [0, 90, 180, 270].map(degrees => choice(degrees, `${degrees}°`)),
      },
    ],
  },
  touch: {
    title: 'Touch screens',
    note: 'Must be among the inputs.',
    word: 'Touch screen',
    add: 'Expect a touch screen',
    max: 8,
    fresh: { name: '' },
    fields: [{ ...NAME_FIELD, placeholder: 'touch' }, USB_FIELD, MATCH_FIELD],
  },
  peripherals: {
    title: 'USB devices',
    note: 'Must be on the bus. When one is gone, the agent resets its port before anybody is called.',
    word: 'USB device',
    add: 'Expect a USB device',
    max: 50,
    fresh: { name: '', usb: '' },
    fields: [{ ...NAME_FIELD, placeholder: 'scanner' }, { ...USB_FIELD, isRequired: true }, LEVEL_FIELD],
  },
  printers: {
    title: 'Printers',
    note: 'A print queue of the device, or a network printer asked directly. What a one-way printer cannot tell is shown as unknown.',
    word: 'Printer',
    add: 'Watch a printer',
    max: 20,
    fresh: { name: '' },
    fields: [
      { ...NAME_FIELD, placeholder: 'receipts' },
      { key: 'queue', label: 'Queue', kind: 'text', placeholder: 'as the name' },
      { key: 'uri', label: 'or address', kind: 'text', placeholder: 'ipp://printer/ipp/print', grow: 1.4 },
      LEVEL_FIELD,
    ],
  },
  serial: {
    title: 'Serial devices',
    note: 'Their device file must be there. Best is a name that stays: /dev/serial/by-id/…',
    word: 'Serial device',
    add: 'Expect a serial device',
    max: 20,
    fresh: { name: '', path: '' },
    fields: [
      { ...NAME_FIELD, placeholder: 'scale' },
      {
        key: 'path',
        label: 'Device file',
        kind: 'text',
        isRequired: true,
        pattern: '/dev/.{1,250}',
        title: 'Begins with /dev/',
        placeholder: '/dev/serial/by-id/…',
        grow: 2,
      },
      LEVEL_FIELD,
    ],
  },
  cameras: {
    title: 'Cameras',
    note: 'Must be there; told by USB id or name.',
    word: 'Camera',
    add: 'Expect a camera',
    max: 20,
    fresh: { name: '' },
    fields: [{ ...NAME_FIELD, placeholder: 'face' }, USB_FIELD, MATCH_FIELD, LEVEL_FIELD],
  },
  audio: {
    title: 'Sound',
    note: 'Sound cards that must be there.',
    word: 'Sound card',
    add: 'Expect a sound card',
    max: 20,
    fresh: { name: '' },
    fields: [{ ...NAME_FIELD, placeholder: 'speaker' }, USB_FIELD, MATCH_FIELD, LEVEL_FIELD],
  },
}

function List<Key extends keyof ProfileLists>({
  of,
  lists,
  onChange,
}: {
  of: Key
  lists: ProfileLists
  onChange: (lists: ProfileLists) => void
}) {
  const items: readonly ProfileLists[Key][number][] = lists[of]
  return <ListRows {...SPECS[of]} items={items} onChange={next => onChange({ ...lists, [of]: next })} />
}

/** The lists named, in that order. */
export function Lists({
  of,
  lists,
  onChange,
}: {
  of: readonly (keyof ProfileLists)[]
  lists: ProfileLists
  onChange: (lists: ProfileLists) => void
}) {
  return (
    <Stack gap="md">
      {of.map(key => (
        <List key={key} of={key} lists={lists} onChange={onChange} />
      ))}
    </Stack>
  )
}
