/** Printers: CUPS queues of this machine, and printers on the network asked directly. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { WatchedPrinter } from '../../../shared/profile.ts'
import { readText, type Roots } from '../read-file.ts'
import { makeIppLine, type IppAddress, type IppLine } from './ipp-line.ts'
import { decodeIpp, encodeIpp, IPP_FIRST_ERROR, IPP_GROUP, IPP_NOT_FOUND, IPP_OPERATION, type IppCollection } from './ipp.ts'

export type Marker = { name: string; percent: number | null }
export type PrinterReport =
  | {
      answers: true
      state: 'idle' | 'printing' | 'stopped' | null
      /** Null: it does not say. `none` is an empty list. */
      reasons: string[] | null
      isAccepting: boolean | null
      message: string | null
      model: string | null
      deviceUri: string | null
      markers: Marker[]
    }
  /** `missing`: there is no such queue; `silent`: nobody answers; `denied`: it answers something else. */
  | { answers: false; why: 'missing' | 'silent' | 'denied'; text: string }
export type PrinterFacts = {
  name: string
  queue: PrinterReport | null
  device: PrinterReport | null
  /** Does what is read tell of paper and covers at any time? */
  isTwoWay: boolean
}

const REQUESTED = [
  'printer-name',
  'printer-state',
  'printer-state-reasons',
  'printer-state-message',
  'printer-is-accepting-jobs',
  'printer-make-and-model',
  'device-uri',
  'marker-names',
  'marker-levels',
]
const STATES: Record<number, 'idle' | 'printing' | 'stopped'> = { 3: 'idle', 4: 'printing', 5: 'stopped' }
const IPP_PORT = 631
const LOCAL_SOCKETS = ['/run/cups/cups.sock', '/var/run/cups/cups.sock']
const MAX_MARKERS = 16

/** Where the print service listens: as CUPS programs find it (CUPS_SERVER, client.conf, its socket, port 631). */
export function cupsAddress(roots: Roots, environment: NodeJS.ProcessEnv): IppAddress {
  const configured = /^\s*ServerName\s+(\S+)/im.exec(readText(join(roots.etc, 'cups/client.conf')) ?? '')?.[1]
  const server = (environment.CUPS_SERVER || configured || '').replace(/\/version=[\d.]+$/, '')
  if (server.startsWith('/')) return { socketPath: server }
  const match = /^(\[[^\]]+\]|[^:]+)(?::(\d{1,5}))?$/.exec(server)
  if (match?.[1]) return { host: match[1].replaceAll(/[[\]]/g, ''), port: Number(match[2] ?? IPP_PORT), isSecure: false }
  const socketPath = LOCAL_SOCKETS.find(path => existsSync(path))
  return socketPath === undefined ? { host: '127.0.0.1', port: IPP_PORT, isSecure: false } : { socketPath }
}

/** Address and path of a printer's URI; null for ways that cannot be asked (usb, socket, lpd, dnssd). */
export function printerAddress(uri: string): { address: IppAddress; path: string } | null {
  if (!/^(ipps?|https?):\/\//.test(uri) || !URL.canParse(uri)) return null
  // as an address of the web, so that host and port are parsed by its rules
  const url = new URL(uri.replace(/^ipp/, 'http'))
  const isSecure = url.protocol === 'https:'
  const standard = uri.startsWith('ipp') ? IPP_PORT : isSecure ? 443 : 80
  // the web leaves out its own standard port: what was written counts
  const written = /^[a-z]+:\/\/[^/]*:(\d+)(?:[/?#]|$)/.exec(uri)?.[1]
  const host = url.hostname.replaceAll(/[[\]]/g, '')
  return { address: { host, port: Number(written ?? standard), isSecure }, path: `${url.pathname}${url.search}` }
}

const text = (attributes: IppCollection, name: string): string | null => {
  const value = attributes[name]?.[0]
  return typeof value === 'string' && value !== '' ? value.slice(0, 300) : null
}

/** A printer out of its attributes. */
export function toPrinterReport(attributes: IppCollection): PrinterReport {
  const state = attributes['printer-state']?.[0]
  const accepting = attributes['printer-is-accepting-jobs']?.[0]
  const reasons = attributes['printer-state-reasons']?.filter(reason => typeof reason === 'string')
  const levels = attributes['marker-levels'] ?? []
  const markers = (attributes['marker-names'] ?? []).slice(0, MAX_MARKERS).map((name, index): Marker => {
    const level = levels[index]
    return {
      name: typeof name === 'string' ? name.slice(0, 100) : '?',
      // negative levels mean "unknown" and "something is left"
      percent: typeof level === 'number' && level >= 0 && level <= 100 ? level : null,
    }
  })
  return {
    answers: true,
    state: typeof state === 'number' ? (STATES[state] ?? null) : null,
    reasons: reasons ? reasons.filter(reason => reason !== 'none').map(reason => reason.slice(0, 100)) : null,
    isAccepting: typeof accepting === 'boolean' ? accepting : null,
    message: text(attributes, 'printer-state-message'),
    model: text(attributes, 'printer-make-and-model'),
    deviceUri: text(attributes, 'device-uri'),
    markers,
  }
}

let lastRequestId = 0

/** Asks for printers: their attributes, or why there are none. */
async function ask(
  line: IppLine,
  path: string,
  operation: number,
  printerUri?: string,
): Promise<IppCollection[] | Extract<PrinterReport, { answers: false }>> {
  lastRequestId = (lastRequestId % 0x7fffffff) + 1
  const request = encodeIpp({ operation, requestId: lastRequestId, ...(printerUri !== undefined && { printerUri }), requested: REQUESTED })
  const answer = await line.post(path, request)
  if (!answer.ok) return { answers: false, why: answer.reason === 'denied' ? 'denied' : 'silent', text: answer.text }
  const message = decodeIpp(answer.body)
  if (!message) return { answers: false, why: 'denied', text: 'the answer is no IPP' }
  if (message.status === IPP_NOT_FOUND) return { answers: false, why: 'missing', text: 'there is no such queue' }
  if (message.status >= IPP_FIRST_ERROR) return { answers: false, why: 'denied', text: `IPP status 0x${message.status.toString(16)}` }
  return message.groups.filter(group => group.tag === IPP_GROUP.printer).map(group => group.attributes)
}

async function askOne(line: IppLine, path: string, printerUri: string): Promise<PrinterReport> {
  const found = await ask(line, path, IPP_OPERATION.getPrinterAttributes, printerUri)
  if (!Array.isArray(found)) return found
  return found[0] ? toPrinterReport(found[0]) : { answers: false, why: 'denied', text: 'the answer names no printer' }
}

/** Every queue of the print service: for the inventory. None when there is no print service. */
export async function readQueues(address: IppAddress): Promise<{ name: string; report: PrinterReport }[]> {
  const line = makeIppLine(address)
  try {
    const found = await ask(line, '/', IPP_OPERATION.cupsGetPrinters)
    if (!Array.isArray(found)) return []
    return found.map(attributes => ({ name: text(attributes, 'printer-name') ?? '?', report: toPrinterReport(attributes) }))
  } finally {
    line.close()
  }
}

/** Reads the printers of a profile again and again, over lines that stay open. */
export function makePrinterReader(findCups: () => IppAddress) {
  const lines = new Map<string, IppLine>()
  const lineTo = (address: IppAddress): IppLine => {
    const key = JSON.stringify(address)
    const line = lines.get(key) ?? makeIppLine(address)
    lines.set(key, line)
    return line
  }

  async function readUri(uri: string): Promise<PrinterReport | null> {
    const target = printerAddress(uri)
    return target && askOne(lineTo(target.address), target.path, uri.replace(/^http/, 'ipp'))
  }

  async function readPrinter({ name, queue, uri, twoWay }: WatchedPrinter): Promise<PrinterFacts> {
    if (uri !== undefined) return { name, queue: null, device: await readUri(uri), isTwoWay: twoWay ?? true }
    const queueName = queue ?? name
    const path = `/printers/${encodeURIComponent(queueName)}`
    const report = await askOne(lineTo(findCups()), path, `ipp://localhost${path}`)
    // CUPS looks at a printer while it prints; one that speaks IPP itself is asked in between
    const device = report.answers && report.deviceUri !== null ? await readUri(report.deviceUri) : null
    return { name, queue: report, device, isTwoWay: twoWay ?? device !== null }
  }

  return {
    /** One after the other: a line carries one question at a time. */
    async read(printers: readonly WatchedPrinter[]): Promise<PrinterFacts[]> {
      const facts: PrinterFacts[] = []
      for (const printer of printers) facts.push(await readPrinter(printer))
      return facts
    },
    close() {
      for (const line of lines.values()) line.close()
      lines.clear()
    },
  }
}
