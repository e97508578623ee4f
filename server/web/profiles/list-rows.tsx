/** A list of small things with a few fields each: one row a thing, rows are added at the end and removed. */
import { ActionIcon, Button, NumberInput, Paper, Select, Text, TextInput, Title } from '@mantine/core'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import type { CSSProperties } from 'react'
import { levelWord } from '../components/truth-words.ts'

/** `grow`: share of the row's width. A field that is not required and emptied is left out of the thing. */
export type Field = {
  key: string
  label: string
  grow?: number
  isRequired?: boolean
  placeholder?: string
} & (
  | { kind: 'text'; pattern?: string; title?: string; type?: 'url' }
  | { kind: 'number'; min: number; max: number; suffix?: string }
  | { kind: 'choice'; choices: readonly { value: string; label: string }[]; isNumber?: boolean }
)
type Thing = Record<string, unknown>

/** Names that become part of a signal: `usb.missing:NAME`. */
export const NAME_FIELD = {
  key: 'name',
  label: 'Name',
  kind: 'text',
  isRequired: true,
  pattern: String.raw`[^\s\/]{1,64}`,
  title: 'No spaces, no slashes',
} as const satisfies Field
export const LEVEL_FIELD = {
  key: 'level',
  label: 'Level',
  kind: 'choice',
  isNumber: true,
  placeholder: 'of the rule',
  choices: [1, 2, 3, 4].map(level => ({ value: String(level), label: `${level} ${levelWord(level)}` })),
} as const satisfies Field
export const USB_FIELD = {
  key: 'usb',
  label: 'USB id',
  kind: 'text',
  pattern: '[0-9a-fA-F]{4}:[0-9a-fA-F]{4}',
  title: 'Vendor and product in hex, as lsusb shows them: 0c2e:0b61',
  placeholder: '0c2e:0b61',
} as const satisfies Field

/** The thing with one field changed; the schema knows no empty text. */
function withField(thing: Thing, field: Field, value: string | number | null): Thing {
  const { [field.key]: _before, ...rest } = thing
  if (value === '' || value === null) return field.isRequired ? { ...thing, [field.key]: field.kind === 'text' ? '' : undefined } : rest
  return { ...thing, [field.key]: value }
}

function FieldInput({ field, thing, onChange }: { field: Field; thing: Thing; onChange: (thing: Thing) => void }) {
  const value = thing[field.key]
  const set = (next: string | number | null): void => onChange(withField(thing, field, next))
  const common = { label: field.label, required: field.isRequired ?? false, placeholder: field.placeholder ?? '' }
  if (field.kind === 'number')
    return (
      <NumberInput
        {...common}
        min={field.min}
        max={field.max}
        allowDecimal={false}
        suffix={field.suffix ?? ''}
        value={typeof value === 'number' ? value : ''}
        onChange={next => set(typeof next === 'number' ? next : next === '' ? null : Number(next))}
      />
    )
  if (field.kind === 'choice')
    return (
      <Select
        {...common}
        data={[...field.choices]}
        clearable={!field.isRequired}
        clearButtonProps={{ 'aria-label': `No ${field.label.toLowerCase()}` }}
        value={typeof value === 'string' || typeof value === 'number' ? String(value) : null}
        onChange={next => set(next !== null && field.isNumber ? Number(next) : next)}
      />
    )
  return (
    <TextInput
      {...common}
      type={field.type ?? 'text'}
      {...(field.pattern ? { pattern: field.pattern } : {})}
      {...(field.title ? { title: field.title } : {})}
      value={typeof value === 'string' ? value : ''}
      onChange={event => set(event.currentTarget.value)}
    />
  )
}

/** `word`: what one thing is called. `fresh`: a new row. */
export function ListRows<Item extends object>({
  title,
  note,
  word,
  add,
  fields,
  fresh,
  items,
  max,
  onChange,
}: {
  title: string
  note: string
  word: string
  add: string
  fields: readonly Field[]
  fresh: Item
  items: readonly Item[]
  max: number
  onChange: (items: Item[]) => void
}) {
  const columns = `${fields.map(field => `minmax(0, ${field.grow ?? 1}fr)`).join(' ')} auto`
  return (
    <Paper p="md" component="section" aria-label={title}>
      <Title order={2} size="h4">
        {title}
      </Title>
      <Text size="sm" c="dimmed" mb="sm">
        {note}
      </Text>
      {items.map((item, index) => {
        const name = (item as Thing)['name']
        return (
          <div
            className="profile-row"
            // Rows have no identity of their own; they are only added at the end and removed.
            // oxlint-disable-next-line react/no-array-index-key
            key={index}
            role="group"
            aria-label={`${word} ${index + 1}`}
            style={{ '--columns': columns } as CSSProperties}
          >
            {fields.map(field => (
              <FieldInput
                key={field.key}
                field={field}
                thing={item as Thing}
                onChange={next => onChange(items.map((other, at) => (at === index ? (next as Item) : other)))}
              />
            ))}
            <ActionIcon
              variant="subtle"
              color="gray"
              size="lg"
              aria-label={`Remove ${word.toLowerCase()} ${typeof name === 'string' && name !== '' ? name : index + 1}`}
              onClick={() => onChange(items.filter((_item, at) => at !== index))}
            >
              <IconTrash size={17} />
            </ActionIcon>
          </div>
        )
      })}
      <Button
        size="xs"
        variant="default"
        leftSection={<IconPlus size={15} aria-hidden />}
        disabled={items.length >= max}
        onClick={() => onChange([...items, fresh])}
      >
        {add}
      </Button>
    </Paper>
  )
}
