/** Commands to devices, as people give and see them. */
import { Type, type Static } from 'typebox'
import { Closed, Instant, NullableInstant, OneOf, Text, NullableText } from '../../schema-pieces.ts'

/** `take-picture`: what the screen shows now. `run-remedy`: one remedy of the fixed list, for a signal or by itself. */
export const CommandInput = Type.Union([
  Closed({ kind: Type.Literal('take-picture') }),
  Closed({
    kind: Type.Literal('run-remedy'),
    id: Type.String({ pattern: '^[a-z][a-z-]{0,39}$', description: 'remedy, such as reload-page' }),
    signal: Type.Optional(Text(129)),
  }),
])
export type CommandInput = Static<typeof CommandInput>

export const DeviceCommand = Closed({
  id: Type.String(),
  kind: OneOf(['upload-evidence', 'take-picture', 'run-remedy']),
  state: OneOf(['queued', 'sent', 'done', 'failed', 'expired']),
  payload: Type.Record(Type.String(), Type.Unknown()),
  createdBy: NullableText,
  createdAt: Instant,
  sentAt: NullableInstant,
  expiresAt: Instant,
  answeredAt: NullableInstant,
  result: Type.Union([Type.String(), Type.Null()], { description: "the device's word: done, failed, refused, ..." }),
  resultText: NullableText,
})
export type DeviceCommand = Static<typeof DeviceCommand>
