/** How every list pages: `?limit=&cursor=` in, `{items, total, next}` out. */
import { Type, type TProperties, type TSchema } from 'typebox'
import { Closed } from '../schema-pieces.ts'

export const MAX_LIST_LIMIT = 500

/** Query of a list with its own filters. */
export function ListQuery<Properties extends TProperties>(filters: Properties) {
  return Closed({
    ...filters,
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_LIST_LIMIT, default: 50 })),
    cursor: Type.Optional(Type.String({ maxLength: 512, description: '`next` of the page before' })),
  })
}

/** Answer of a list. */
export function ListOf<Item extends TSchema>(item: Item) {
  return Closed({ items: Type.Array(item), total: Type.Integer({ minimum: 0 }), next: Type.Union([Type.String(), Type.Null()]) })
}

export type Page<Item> = { items: Item[]; total: number; next: string | null }

/** Problem document (RFC 9457); `errors` names each wrong field. */
export const Problem = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    errors: Type.Optional(Type.Array(Closed({ path: Type.String(), message: Type.String() }))),
  },
  { additionalProperties: true, $id: 'Problem' },
)
