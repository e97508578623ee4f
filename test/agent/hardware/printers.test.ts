import { createServer, type Server } from 'node:http'
import { createServer as createSecure } from 'node:https'
import { createServer as createRaw, type AddressInfo, type Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { makeIppLine } from '../../../agent/probes/printer/ipp-line.ts'
import { decodeIpp } from '../../../agent/probes/printer/ipp.ts'
import { cupsAddress, makePrinterReader, readQueues } from '../../../agent/probes/printer/printers.ts'
import { MACHINE_ROOTS } from '../../../agent/probes/read-file.ts'
import { judgePrinters } from '../../../agent/signals/printer-rules.ts'
import type { WatchedPrinter } from '../../../shared/profile.ts'
import { selfSigned } from '../../broker/self-signed.ts'
import { fixtureTree } from '../fixture-tree.ts'
import { startCups, type CupsServer } from './cups-server.ts'
import { buildIpp, printerFields } from './ipp-builder.ts'

const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})
const nowhere = () => ({ socketPath: '/nonexistent/cups.sock' })

/** Signal -> verdict of one printer; `failing` are those that failed so far. */
async function verdicts(printer: WatchedPrinter, address = nowhere as () => ReturnType<typeof cupsAddress>, failing: string[] = []) {
  const reader = makePrinterReader(address)
  closers.push(reader.close)
  const facts = await reader.read([printer])
  const readings = judgePrinters([printer], facts, key => failing.includes(key))
  return Object.fromEntries(readings.map(({ key, verdict }) => [key.replace('printer.', '').replace(`:${printer.name}`, ''), verdict]))
}
const BLIND = { jam: 'unknown', 'cover-open': 'unknown', 'paper-out': 'unknown', 'paper-low': 'unknown' }
const READY = { offline: 'ok', jam: 'ok', 'cover-open': 'ok', 'paper-out': 'ok', 'paper-low': 'ok' }

describe('a real CUPS', () => {
  let cups: CupsServer
  const address = () => cupsAddress(MACHINE_ROOTS, cups.environment)
  beforeAll(async () => {
    cups = await startCups()
    cups.run('lpadmin', '-p', 'till', '-v', 'kiosk:/dev/null', '-E')
  })
  afterAll(() => cups.stop())

  it('lists its queues', async () => {
    expect(await readQueues(address())).toMatchObject([
      { name: 'till', report: { state: 'idle', reasons: [], deviceUri: 'kiosk:/dev/null' } },
    ])
  })

  it('has a queue that is ready; of paper a one-way printer proves nothing', async () => {
    expect(await verdicts({ name: 'till' }, address)).toEqual({ offline: 'ok', ...BLIND })
    expect(await verdicts({ name: 'receipts', queue: 'till', twoWay: true }, address)).toEqual(READY)
  })

  it('has no queue of that name', async () => {
    expect(await verdicts({ name: 'nobody' }, address)).toEqual({ offline: 'failing', ...BLIND })
  })

  it('stops a queue, says why, and starts it again', async () => {
    cups.run('cupsdisable', '-r', 'out of order', 'till')
    const reader = makePrinterReader(address)
    closers.push(reader.close)
    const [offline] = judgePrinters([{ name: 'till' }], await reader.read([{ name: 'till' }]), () => false)
    expect(offline).toMatchObject({ verdict: 'failing', text: expect.stringContaining('it reports paused (out of order)') })
    cups.run('cupsenable', 'till')
    expect(await verdicts({ name: 'till' }, address)).toMatchObject({ offline: 'ok' })
    cups.run('cupsreject', 'till')
    expect(await verdicts({ name: 'till' }, address)).toMatchObject({ offline: 'failing' })
    cups.run('cupsaccept', 'till')
  })

  it('passes on what the printer tells while it prints, and takes it back', async () => {
    await cups.print('till', '+media-jam-error,cover-open-error', '+media-empty-error', '+media-low-warning')
    const told = { offline: 'ok', jam: 'failing', 'cover-open': 'failing', 'paper-out': 'failing', 'paper-low': 'failing' }
    expect(await verdicts({ name: 'till' }, address)).toEqual(told)
    await cups.print('till', '-media-jam-error,cover-open-error', '-media-empty-error', '-media-low-warning')
    const failing = ['printer.jam:till', 'printer.cover-open:till', 'printer.paper-out:till', 'printer.paper-low:till']
    expect(await verdicts({ name: 'till' }, address, failing)).toEqual(READY)
    expect(await verdicts({ name: 'till' }, address)).toEqual({ offline: 'ok', ...BLIND })
  })

  it('is asked like a network printer too, over the same line again and again', async () => {
    const uri = `ipp://127.0.0.1:${cups.port}/printers/till`
    const reader = makePrinterReader(nowhere)
    closers.push(reader.close)
    for (let round = 0; round < 3; round++)
      expect(await reader.read([{ name: 'net', uri }])).toMatchObject([{ device: { state: 'idle' }, isTwoWay: true }])
    expect(await verdicts({ name: 'net', uri }, nowhere)).toEqual(READY)
  })

  it('that has gone is a fault', async () => {
    expect(await verdicts({ name: 'till' })).toEqual({ offline: 'failing', ...BLIND })
  })
})

/** A printer on the network that answers what the test wants. */
async function startPrinter(
  answer: () => Buffer,
  options: { isSecure?: boolean; status?: number } = {},
): Promise<{ uri: string; asked: Buffer[]; connections: () => number }> {
  const asked: Buffer[] = []
  let connections = 0
  const handle: Parameters<typeof createServer>[1] = (request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      asked.push(Buffer.concat(chunks))
      response.writeHead(options.status ?? 200, { 'content-type': 'application/ipp' })
      response.end(answer())
    })
  }
  const server: Server = options.isSecure ? createSecure(await selfSigned(), handle) : createServer(handle)
  server.on('connection', () => connections++)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  closers.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    uri: `${options.isSecure ? 'ipps' : 'ipp'}://127.0.0.1:${(server.address() as AddressInfo).port}/ipp/print`,
    asked,
    connections: () => connections,
  }
}

describe('a two-way printer', () => {
  it.each([
    { why: 'ready', state: 3, reasons: [], is: READY },
    { why: 'a jam stops it: one fault, one signal', state: 5, reasons: ['media-jam-error'], is: { ...READY, jam: 'failing' } },
    { why: 'an open cover', state: 5, reasons: ['cover-open'], is: { ...READY, 'cover-open': 'failing' } },
    {
      why: 'an open door and no paper',
      state: 5,
      reasons: ['door-open-error', 'media-empty-error'],
      is: { ...READY, 'cover-open': 'failing', 'paper-out': 'failing' },
    },
    { why: 'wants paper', state: 5, reasons: ['media-needed-error'], is: { ...READY, 'paper-out': 'failing' } },
    { why: 'low on paper, still printing', state: 4, reasons: ['media-low-report'], is: { ...READY, 'paper-low': 'failing' } },
    { why: 'offline by its own word', state: 3, reasons: ['offline-report'], is: { ...READY, offline: 'failing' } },
    { why: 'stopped for another reason', state: 5, reasons: ['toner-empty-error'], is: { ...READY, offline: 'failing' } },
    { why: 'low on toner is no fault yet', state: 3, reasons: ['toner-low-warning'], is: READY },
    { why: 'on its way to the printer', state: 4, reasons: ['connecting-to-device'], is: READY },
  ])('$why', async ({ state, reasons, is }) => {
    const printer = await startPrinter(() => buildIpp(printerFields(state, reasons)))
    expect(await verdicts({ name: 'net', uri: printer.uri })).toEqual(is)
  })

  it('is asked for what is needed, by its own address', async () => {
    const printer = await startPrinter(() => buildIpp(printerFields(3, [])))
    await verdicts({ name: 'net', uri: printer.uri })
    expect(decodeIpp(printer.asked[0] ?? Buffer.alloc(0))?.groups[0]?.attributes).toMatchObject({
      'printer-uri': [printer.uri],
      'requested-attributes': expect.arrayContaining(['printer-state-reasons', 'marker-levels']),
    })
  })

  it('is heard over TLS whoever vouches for it: nothing but its state is asked', async () => {
    const printer = await startPrinter(() => buildIpp(printerFields(5, ['media-jam'])), { isSecure: true })
    expect(await verdicts({ name: 'net', uri: printer.uri })).toMatchObject({ jam: 'failing' })
  })

  it('carries its level, but running low is no reason to come today', async () => {
    const printer = await startPrinter(() => buildIpp(printerFields(5, ['media-jam', 'media-low'])))
    const reader = makePrinterReader(nowhere)
    closers.push(reader.close)
    const watched = { name: 'net', uri: printer.uri, level: 1 }
    const readings = judgePrinters([watched], await reader.read([watched]), () => false)
    expect(readings.find(item => item.key === 'printer.jam:net')).toMatchObject({ severity: 1, evidence: { advice: expect.any(String) } })
    expect(readings.find(item => item.key === 'printer.paper-low:net')).not.toHaveProperty('severity')
  })

  it('keeps its line open, and hangs nothing on it that stays', async () => {
    const printer = await startPrinter(() => buildIpp(printerFields(3, [])))
    const reader = makePrinterReader(nowhere)
    closers.push(reader.close)
    const watched = [{ name: 'net', uri: printer.uri }]
    const warnings: Error[] = []
    const note = (warning: Error) => void warnings.push(warning)
    process.on('warning', note)
    for (let round = 0; round < 20; round++) expect(await reader.read(watched)).toMatchObject([{ device: { answers: true } }])
    await new Promise(resolve => setImmediate(resolve))
    process.off('warning', note)
    expect(printer.connections()).toBe(1)
    expect(warnings).toEqual([])
  })

  it.each([
    { why: 'is unplugged', uri: () => Promise.resolve({ uri: 'ipp://127.0.0.1:1/' }), offline: 'failing' },
    { why: 'answers something else', uri: () => startPrinter(() => Buffer.from('<html>')), offline: 'unknown' },
    { why: 'wants a password', uri: () => startPrinter(() => Buffer.alloc(0), { status: 401 }), offline: 'unknown' },
    { why: 'answers an error', uri: () => startPrinter(() => buildIpp([], 0x0503)), offline: 'unknown' },
    { why: 'names no printer', uri: () => startPrinter(() => buildIpp([])), offline: 'unknown' },
    {
      why: 'tells its state but no reasons',
      uri: () => startPrinter(() => buildIpp([{ tag: 0x23, name: 'printer-state', values: [3] }])),
      offline: 'ok',
    },
  ])('proves nothing of its paper when it $why', async ({ uri, offline }) => {
    expect(await verdicts({ name: 'net', uri: (await uri()).uri })).toEqual({ offline, ...BLIND })
  })
})

describe('the line to a printer', () => {
  async function startRaw(serve: (socket: Socket) => void): Promise<{ host: string; port: number; isSecure: boolean }> {
    const sockets = new Set<Socket>()
    const server = createRaw(socket => {
      sockets.add(socket)
      socket.on('error', () => {})
      serve(socket)
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    closers.push(() => {
      server.close()
      for (const socket of sockets) socket.destroy()
    })
    return { host: '127.0.0.1', port: (server.address() as AddressInfo).port, isSecure: false }
  }
  const post = async (serve: (socket: Socket) => void, limitMs = 300) => {
    const line = makeIppLine(await startRaw(serve), limitMs)
    closers.push(line.close)
    return line.post('/', Buffer.from('x'))
  }

  it('ends in time, whatever stands on the other side', async () => {
    expect(await post(() => {})).toMatchObject({ ok: false, reason: 'silent' })
    expect(await post(socket => socket.end())).toMatchObject({ ok: false, reason: 'silent' })
    expect(await post(socket => socket.destroy())).toMatchObject({ ok: false, reason: 'silent' })
    expect(await post(socket => socket.end('SSH-2.0-OpenSSH\r\n\r\n'))).toMatchObject({ ok: false, reason: 'denied' })
    expect(await post(socket => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc'))).toMatchObject({
      ok: false,
      reason: 'silent',
    })
    expect(await post(socket => socket.write(Buffer.alloc(4 * 1024 * 1024, 0x61)), 2_000)).toMatchObject({ ok: false, reason: 'denied' })
    expect(await post(socket => socket.end('HTTP/1.0 200 OK\r\n\r\nabc'))).toEqual({ ok: true, body: Buffer.from('abc') })
  })

  it('is opened anew when the other side closed it while it rested', async () => {
    let connections = 0
    const address = await startRaw(socket => {
      connections++
      // one answer each, said to stay open, then closed without a word
      socket.once('data', () =>
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok', () => socket.once('data', () => socket.destroy())),
      )
    })
    const line = makeIppLine(address, 1_000)
    closers.push(line.close)
    for (let round = 1; round <= 3; round++) expect(await line.post('/', Buffer.from('x'))).toMatchObject({ ok: true })
    expect(connections).toBe(3)
  })
})

describe('the print service is found', () => {
  const roots = (clientConf: string) => {
    const tree = fixtureTree({ 'etc/cups/client.conf': clientConf })
    return tree
  }
  it.each([
    { why: 'by the environment', conf: '', environment: { CUPS_SERVER: '/tmp/x.sock' }, is: { socketPath: '/tmp/x.sock' } },
    {
      why: 'by the environment before the file',
      conf: 'ServerName elsewhere\n',
      environment: { CUPS_SERVER: '192.0.2.1:8631' },
      is: { host: '192.0.2.1', port: 8631, isSecure: false },
    },
    {
      why: 'by the file',
      conf: '# x\nServerName print.example/version=1.1\n',
      environment: {},
      is: { host: 'print.example', port: 631, isSecure: false },
    },
    {
      why: 'by an address of six',
      conf: '',
      environment: { CUPS_SERVER: '[2001:db8::1]:632' },
      is: { host: '2001:db8::1', port: 632, isSecure: false },
    },
  ])('$why', ({ conf, environment, is }) => {
    expect(cupsAddress(roots(conf), environment)).toEqual(is)
  })
})
