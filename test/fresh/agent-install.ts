/** The agent's install line on a lean Debian: whole, and broken at each step, against a real server. */
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePorts } from '../support/free-ports.ts'
import { startServerProcess, type ServerProcess } from '../support/server-process.ts'
import { debian, runInside, type Place, type Run, type Setting } from './system.ts'

const ADMIN_TOKEN = 'fresh-machine-admin-token-0123456789abcdef'
/** The line is cut after this much of the download: in the middle of the runtime. */
const CUT_AFTER_BYTES = 20 * 1024 * 1024

export type Installed = { case: string; seconds: number; faults: string[] }
type Server = ServerProcess & { installLine(maxUses?: number): Promise<string>; publicPort: number }

async function startServer(): Promise<Server & { stop(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'kk-fresh-server-'))
  const [http, https, mqtt, mqtts] = (await freePorts(4)) as [number, number, number, number]
  const server = await startServerProcess(folder, { http, https, mqtt, mqtts }, { KIOSKEEPER_ADMIN_TOKEN: ADMIN_TOKEN })
  const call = async <Answer>(method: string, path: string, body: object): Promise<Answer> => {
    const answer = await fetch(`${server.httpUrl}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
    return (await answer.json()) as Answer
  }
  const customer = await call<{ id: string }>('POST', '/customers', {
    name: 'Fresh',
    planId: 'ombori-enterprise',
    timeZone: 'Europe/Stockholm',
  })
  const site = await call<{ id: string }>('POST', `/customers/${customer.id}/sites`, { name: 'Here' })
  return {
    ...server,
    publicPort: https,
    async installLine(maxUses = 50) {
      const { installCommands } = await call<{ installCommands: { linux: string } }>('POST', '/enrolment-tokens', {
        customerId: customer.id,
        siteId: site.id,
        maxUses,
      })
      // a lean system has no sudo, and inside it we are root
      return installCommands.linux.replace('| sudo sh', '| sh')
    },
    async stop() {
      await server.kill('SIGTERM')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** A line between machine and server that can be cut. */
async function startLine(toPort: number): Promise<{ port: number; cutAfter(bytes: number | null): void; close(): Promise<void> }> {
  let left: number | null = null
  const line = createServer(near => {
    const far = connect(toPort, '127.0.0.1')
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.on('error', () => other.destroy())
      one.on('close', () => other.destroy())
    }
    near.pipe(far)
    far.on('data', chunk => {
      if (left !== null && (left -= chunk.length) < 0) return void near.destroy()
      if (!near.write(chunk)) {
        far.pause()
        near.once('drain', () => far.resume())
      }
    })
    far.on('end', () => near.end())
  })
  await new Promise<void>(resolve => line.listen(0, '127.0.0.1', resolve))
  return {
    port: (line.address() as AddressInfo).port,
    cutAfter: bytes => void (left = bytes),
    close: () => new Promise(resolve => line.close(() => resolve())),
  }
}

/** Every file of a system with its kind, mode and size; what the kernel shows and what the programs for accounts keep of the time before is left out. */
const LISTING = String.raw`find / /opt -xdev \( -path /proc -o -path /dev -o -path /sys \) -prune -o -printf '%p %y %m %s %l\n' | grep -v -e '^/ d' -e '^/tmp d' -e '/[.a-z]*listing-' -e '^/etc/[a-z]*- ' -e '^/etc/[.]pwd[.]lock ' | sort -u`
const MARK = '---8<---'

type Break = {
  case: string
  /** Changes the install line so that something is wrong. */
  breaks(line: string): string
  before?(): void
  after?(): void
  code: number
  says: RegExp
  setting?: Setting
}

/** The install line with the script changed on its way, as a broken server or proxy would. */
const changed = (line: string, expression: string) => line.replace('| sh -s', `| sed -e '${expression}' | sh -s`)

const lastLine = (out: string) => out.trimEnd().split('\n').at(-1) ?? ''

async function tryBroken(place: Place, server: Server, broken: Break): Promise<Installed> {
  const faults: string[] = []
  const line = await server.installLine()
  broken.before?.()
  const done: Run = await runInside(
    place,
    `${LISTING} > /run/listing-before; ${broken.breaks(line)} > /run/listing-out 2>&1; code=$?; ${LISTING} > /run/listing-after; cat /run/listing-out; echo '${MARK}'; diff /run/listing-before /run/listing-after; rm -f /run/listing-*; exit $code`,
    broken.setting ?? {},
  )
  broken.after?.()
  const [told = '', difference = ''] = done.out.split(`${MARK}\n`)
  if (done.code !== broken.code) faults.push(`ended with ${done.code}, not ${broken.code}\n${told.slice(-1500)}`)
  if (!broken.says.test(lastLine(told))) faults.push(`the last line does not say what to do: ${lastLine(told)}`)
  if (difference.trim() !== '') faults.push(`the disk is not as before:\n${difference.slice(0, 1500)}`)
  const again = await installWhole(place, line)
  faults.push(...again.faults.map(fault => `second try: ${fault}`))
  return { case: broken.case, seconds: done.seconds, faults }
}

/** Stands in for systemd, which no chroot has: starts the agent as its unit does, and stops it. The programs for accounts are not in the search path, as after `su`. It has no sockets: the helper alone does not answer. */
const AS_SERVICE = String.raw`mkdir -p /run/systemd/system && cat > /usr/local/bin/systemctl <<'END' && chmod 755 /usr/local/bin/systemctl && PATH=/usr/local/bin:/usr/bin:/bin && export PATH
#!/bin/sh
data=/var/lib/kioskeeper-agent
case "$*" in
  *restart*) sh -c "$(sed -n 's/^ExecStartPre=+//p' /etc/systemd/system/kioskeeper-agent.service)" && setsid kioskeeper-agent run > /dev/null 2>&1 < /dev/null & ;;
  *stop*agent.service | *disable*agent.service) kill $(sed 's/.*"pid":\([0-9]*\).*/\1/' $data/agent.pid 2> /dev/null) 2> /dev/null ;;
esac
END
`

/** Installs, looks, uninstalls: nothing may be left. */
async function installWhole(place: Place, line: string, asService = false): Promise<{ seconds: number; faults: string[] }> {
  const faults: string[] = []
  const code = asService ? 1 : 0
  const done = await runInside(
    place,
    `${asService ? AS_SERVICE : ''}
    ${LISTING} > /run/listing-before; (${line}) > /run/listing-out 2>&1; code=$?; kioskeeper-agent status; kioskeeper-agent uninstall; gone=$?; ${LISTING} > /run/listing-after; cat /run/listing-out; echo '${MARK}'; diff /run/listing-before /run/listing-after; rm -f /run/listing-*; [ $code -eq ${code} ] && [ $gone -eq 0 ]`,
  )
  const [told = '', difference = ''] = done.out.split(`${MARK}\n`)
  if (done.code !== 0) faults.push(`install or uninstall failed\n${told.slice(-2500)}`)
  if (!/^PASS /m.test(told) || (asService ? /^FAIL (?!helper)/m : /^FAIL /m).test(told))
    faults.push(`the self-test is not all PASS\n${told.slice(-1500)}`)
  if (!told.includes(asService ? 'enabled and running' : 'Installed. The agent is running.'))
    faults.push(`not installed\n${told.slice(-1500)}`)
  if (difference.trim() !== '') faults.push(`uninstall left something:\n${difference.slice(0, 1500)}`)
  return { seconds: done.seconds, faults }
}

const NO_LIBRARY = 's/^LIBRARY_SHA256_\\([A-Z0-9]*\\)=.*/LIBRARY_SHA256_\\1=/'
const WRONG_SUM = (name: string) => `s/^${name}='[0-9a-f]*'/${name}='${'0'.repeat(64)}'/`
const RUNTIME_SUM = process.arch === 'x64' ? 'RUNTIME_SHA256_X64' : 'RUNTIME_SHA256_ARM64'

/** Tries the install line on lean systems, with and without libatomic of their own, and with each step broken. */
export async function tryAgentInstall(suites: readonly string[]): Promise<Installed[]> {
  const server = await startServer()
  const line = await startLine(server.publicPort)
  const viaLine = (install: string) => `${install} --server https://127.0.0.1:${line.port}`
  const breaks: Break[] = [
    {
      case: 'no library',
      breaks: install => changed(install, NO_LIBRARY),
      code: 1,
      says: /needs libatomic\.so\.1.*apt-get install libatomic1/,
    },
    {
      case: 'disk too small',
      breaks: install => install,
      setting: { smallDisk: { at: '/opt', mib: 100 } },
      code: 1,
      says: /240 MiB are needed.*MiB are free in \/opt/,
    },
    {
      case: 'disk full on the way',
      breaks: install => changed(install, 's/^ROOM_KIB=.*/ROOM_KIB=1/'),
      setting: { smallDisk: { at: '/opt', mib: 120 } },
      code: 1,
      says: /could not be unpacked.*[Nn]o space left.*MiB are free/,
    },
    {
      case: 'network cut',
      breaks: viaLine,
      before: () => line.cutAfter(CUT_AFTER_BYTES),
      after: () => line.cutAfter(null),
      code: 1,
      says: /runtime could not be downloaded.*Mend the line/,
    },
    { case: 'wrong checksum (agent)', breaks: install => changed(install, WRONG_SUM('AGENT_SHA256')), code: 1, says: /SHA-256 differs/ },
    { case: 'wrong checksum (runtime)', breaks: install => changed(install, WRONG_SUM(RUNTIME_SUM)), code: 1, says: /SHA-256 differs/ },
    {
      case: 'enrolment refused',
      breaks: install => install.replace(/--token \S+/, `--token ket_${'z'.repeat(43)}`),
      code: 4,
      says: /refused the token; make a new one/,
    },
  ]
  const results: Installed[] = []
  try {
    for (const suite of suites)
      for (const own of [[], ['libatomic1']]) {
        const place = await debian(suite, ['ca-certificates', 'curl', ...own])
        try {
          const name = `${suite}, ${own.length > 0 ? 'with' : 'without'} libatomic of its own`
          results.push({ case: `${name}: whole`, ...(await installWhole(place, await server.installLine())) })
          results.push({ case: `${name}: as a service`, ...(await installWhole(place, await server.installLine(), true)) })
          await runInside(place, 'rm -rf /usr/local/bin/systemctl /run/systemd')
          // what breaks is the same on each system: it is tried on the leanest
          if (own.length === 0)
            for (const broken of breaks) {
              const result = await tryBroken(place, server, broken)
              results.push({ ...result, case: `${name}: ${result.case}` })
            }
        } finally {
          place.remove()
        }
      }
  } finally {
    await line.close()
    await server.stop()
  }
  return results
}
