/** Products that customers run: their releases and the end of their life. */
import { Type, type Static } from 'typebox'
import { Closed, Text } from '../../schema-pieces.ts'
import { LocalDate } from '../sla/sla-api.ts'

/** `8.1.2`: numbers with dots, the first one is the major version. */
const ReleaseVersion = Type.String({ pattern: '^\\d{1,9}(\\.\\d{1,9}){0,3}$', description: '8.1.2; the first number is the major version' })
export const ProductId = Type.String({ pattern: '^[a-z0-9]+(-[a-z0-9]+)*$', maxLength: 64 })

/** A product as a person writes it; what a release is worth under a plan follows from the plan's `versionPolicy`. */
export const Product = Closed({
  name: Text(120),
  releases: Type.Array(Closed({ version: ReleaseVersion, releasedOn: LocalDate }), { maxItems: 2_000 }),
  endOfLife: Type.Optional(
    Closed({
      on: LocalDate,
      supportedUntil: Type.Optional(LocalDate),
      alternative: Type.Optional(Text(200)),
    }),
  ),
})
export type Product = Static<typeof Product>
/** A product as it is read: with the number of its version. */
export const StoredProduct = Closed({ id: ProductId, ...Product.properties, version: Type.Integer({ minimum: 1 }) })
export type StoredProduct = Static<typeof StoredProduct>
/** Body of `PUT /products/{id}`, or a product as it was read. With `version` it is refused when another one is in force by now. */
export const ProductBody = Closed({
  id: Type.Optional(ProductId),
  ...Product.properties,
  version: Type.Optional(Type.Integer({ minimum: 0 })),
})

/** Whether a version is supported under a plan, the last day on which it is or was (null = no end is known), and why in a sentence. */
export const VersionSupport = Closed({
  supported: Type.Boolean(),
  until: Type.Union([LocalDate, Type.Null()], { description: 'last day of support; null = no end is known' }),
  why: Type.String(),
})
export type VersionSupport = Static<typeof VersionSupport>
