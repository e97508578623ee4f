/** What is around the kiosk's software: displays, USB and network, short enough to be compared and kept often. */
import { networkInterfaces } from 'node:os'
import { makeUsbReader } from '../probes/devices/usb.ts'
import { readConnectors } from '../probes/display/connectors.ts'
import type { Roots } from '../probes/read-file.ts'

/** A line each; null where the machine shows none. */
export type Surroundings = { displays: string[] | null; usb: string[] | null; network: string[] }

const addresses = (): string[] =>
  Object.entries(networkInterfaces())
    .flatMap(([name, list]) => (list ?? []).filter(item => !item.internal).map(item => `${name} ${item.cidr ?? item.address}`))
    .toSorted()

/** Reads them again and again; an unchanged USB device is not read anew. */
export function makeSurroundings(roots: Roots): () => Surroundings {
  const readUsb = makeUsbReader(roots)
  return () => ({
    displays:
      readConnectors(roots)?.map(({ name, status, power, modes }) => [name, status, power ?? '', modes[0] ?? ''].join(' ').trim()) ?? null,
    usb: readUsb()?.map(({ port, id }) => `${port} ${id}`) ?? null,
    network: addresses(),
  })
}
