/** What the watch wants to know of a picture of the screen: is it one colour? The picture itself is kept nowhere. */
import type { Picture } from './png.ts'

/** Share of the picture that its most frequent colour covers, 0 to 1, and that colour as `#rrggbb`. Colours closer than an eye tells apart count as one. */
export function mainColor(picture: Picture): { share: number; color: string } {
  const counts = new Map<number, number>()
  let [most, mostColor] = [0, 0]
  for (let at = 0; at < picture.pixels.length; at += picture.channels) {
    const [red = 0, green = 0, blue = 0] = picture.pixels.subarray(at, at + 3)
    const color = ((red >> 3) << 10) | ((green >> 3) << 5) | (blue >> 3)
    const count = (counts.get(color) ?? 0) + 1
    counts.set(color, count)
    if (count > most) [most, mostColor] = [count, color]
  }
  const parts = [mostColor >> 10, (mostColor >> 5) & 31, mostColor & 31].map(part => (part * 255) / 31)
  const color = `#${parts.map(part => Math.round(part).toString(16).padStart(2, '0')).join('')}`
  return { share: most / (picture.width * picture.height), color }
}
