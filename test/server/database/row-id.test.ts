/** Lines of one instant keep their order. */
import { expect, it } from 'vitest'
import { newRowId } from '../../../server/database/row-id.ts'

it('each id comes after the one before, many in a millisecond, and each is a UUIDv7', () => {
  const ids = Array.from({ length: 50_000 }, newRowId)
  expect(ids.every((id, index) => index === 0 || id > (ids[index - 1] ?? ''))).toBe(true)
  expect(ids.filter(id => !/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id))).toEqual([])
})
