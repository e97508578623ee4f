/** Service partners: who goes to the devices. */
import { Type, type Static } from 'typebox'
import { Closed, Email, Instant, Text, Url } from '../../schema-pieces.ts'
import { Skill } from '../incidents/rule-api.ts'
import { CalendarSpec } from '../sla/sla-api.ts'

const fields = {
  name: Text(200),
  email: Email,
  regions: Type.Array(Text(100), { maxItems: 500 }),
  skills: Type.Array(Skill, { maxItems: 20 }),
}

export const PartnerInput = Closed({
  ...fields,
  hours: Type.Optional(CalendarSpec),
  order: Type.Optional(Type.Integer({ minimum: 0, maximum: 10_000, description: 'smaller is asked first; default 100' })),
  webhookUrl: Type.Optional(Url),
})
export type PartnerInput = Static<typeof PartnerInput>

export const Partner = Closed({
  id: Type.String(),
  ...fields,
  hours: Type.Union([CalendarSpec, Type.Null()]),
  order: Type.Integer(),
  webhookUrl: Type.Union([Url, Type.Null()]),
  createdAt: Instant,
})
export type Partner = Static<typeof Partner>

/** What may be changed later; null takes hours or webhook away. */
export const PartnerPatch = Type.Partial(
  Closed({
    ...PartnerInput.properties,
    hours: Type.Union([CalendarSpec, Type.Null()]),
    webhookUrl: Type.Union([Url, Type.Null()]),
  }),
  { additionalProperties: false },
)
export type PartnerPatch = Static<typeof PartnerPatch>

/** A partner just made or changed; the secret that signs its webhooks is there once, when it has been made. */
export const ChangedPartner = Closed({ ...Partner.properties, webhookSecret: Type.Union([Type.String(), Type.Null()]) })
export type ChangedPartner = Static<typeof ChangedPartner>
