/** Builds IPP answers from attributes, for tests. */

export type IppField = { tag: number; name: string; values: readonly (string | number | Buffer)[] }
const u16 = (value: number) => Buffer.of(value >> 8, value & 0xff)

/** A value with its tag and name; numbers have four bytes. */
export function ippValue(tag: number, name: string, value: string | number | Buffer): Buffer {
  const number = Buffer.alloc(4)
  if (typeof value === 'number') number.writeInt32BE(value)
  const bytes = typeof value === 'number' ? number : Buffer.from(value)
  return Buffer.concat([Buffer.of(tag), u16(Buffer.byteLength(name)), Buffer.from(name), u16(bytes.length), bytes])
}

/** A whole answer: operation attributes, then one group of printer attributes. */
export function buildIpp(fields: readonly IppField[], status = 0, requestId = 1): Buffer {
  const head = Buffer.alloc(8)
  head.writeUInt16BE(0x0200, 0)
  head.writeUInt16BE(status, 2)
  head.writeUInt32BE(requestId, 4)
  const operation = [ippValue(0x47, 'attributes-charset', 'utf-8'), ippValue(0x48, 'attributes-natural-language', 'en')]
  const printer = fields.flatMap(({ tag, name, values }) => values.map((value, index) => ippValue(tag, index === 0 ? name : '', value)))
  return Buffer.concat([head, Buffer.of(0x01), ...operation, ...(printer.length > 0 ? [Buffer.of(0x04), ...printer] : []), Buffer.of(0x03)])
}

/** The usual attributes of a printer. */
export function printerFields(state: number, reasons: readonly string[], more: readonly IppField[] = []): IppField[] {
  return [
    { tag: 0x23, name: 'printer-state', values: [state] },
    { tag: 0x44, name: 'printer-state-reasons', values: reasons.length > 0 ? reasons : ['none'] },
    { tag: 0x22, name: 'printer-is-accepting-jobs', values: [Buffer.of(1)] },
    ...more,
  ]
}
