import { spawn } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { makeSampler } from '../../agent/probes/machine-sample.ts'
import { cpuPercent, readCpuTimes, readLoad1m } from '../../agent/probes/cpu.ts'
import { readMemory, readOomKills } from '../../agent/probes/memory.ts'
import { diskUse, makeMountReader, mountName, parseMounts, readDiskUse } from '../../agent/probes/mounts.ts'
import { networkRates, readNetworkBytes } from '../../agent/probes/network.ts'
import { parsePressure } from '../../agent/probes/pressure.ts'
import { findProcess, makeProcessWatch, readLiving } from '../../agent/probes/processes.ts'
import { MACHINE_ROOTS, type Roots } from '../../agent/probes/read-file.ts'
import { readTemperatures } from '../../agent/probes/temperatures.ts'
import { METRIC_NAME } from '../../shared/messages.ts'
import { fixtureTree } from './fixture-tree.ts'
import { waitFor } from './wait-for.ts'

const folders: string[] = []
function tree(files: Record<string, string>): Roots {
  const made = fixtureTree(files)
  folders.push(made.folder)
  return made
}
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

const NOWHERE: Roots = { proc: '/nonexistent/proc', sys: '/nonexistent/sys', etc: '/nonexistent/etc', dev: '/nonexistent/dev' }

describe('processor and memory', () => {
  it('counts waiting for disks as idle and guests once', () => {
    const before = readCpuTimes(tree({ 'proc/stat': 'cpu  100 0 100 800 0 0 0 0 50 0\ncpu0 1 2 3\n' }))
    const after = readCpuTimes(tree({ 'proc/stat': 'cpu  150 0 150 1200 400 0 0 0 90 0\n' }))
    expect(before && after && cpuPercent(before, after)).toBe(11.11)
  })

  it('has no percentage without time in between', () => {
    expect(cpuPercent({ busy: 5, total: 10 }, { busy: 5, total: 10 })).toBeNull()
    expect(cpuPercent({ busy: 5, total: 10 }, { busy: 1, total: 4 })).toBeNull()
  })

  it.each([
    {
      what: 'a machine with swap',
      text: 'MemTotal: 1000 kB\nMemFree: 100 kB\nMemAvailable: 400 kB\nSwapTotal: 200 kB\nSwapFree: 50 kB\n',
      used: 60,
      swap: 75,
    },
    {
      what: 'a machine without swap',
      text: 'MemTotal: 1000 kB\nMemAvailable: 250 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n',
      used: 75,
      swap: 0,
    },
    {
      what: 'an old kernel without MemAvailable',
      text: 'MemTotal: 1000 kB\nMemFree: 100 kB\nBuffers: 50 kB\nCached: 150 kB\n',
      used: 70,
      swap: 0,
    },
  ])('reads memory of $what', ({ text, used, swap }) => {
    expect(readMemory(tree({ 'proc/meminfo': text }))).toMatchObject({ usedPercent: used, swapUsedPercent: swap })
  })

  it('reads kills for want of memory, and pressure', () => {
    expect(readOomKills(tree({ 'proc/vmstat': 'nr_free_pages 1\noom_kill 3\n' }))).toBe(3)
    expect(readOomKills(tree({ 'proc/vmstat': 'nr_free_pages 1\n' }))).toBeNull()
    expect(parsePressure('some avg10=1.50 avg60=20.00 avg300=3.25 total=9\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n')).toEqual({
      avg10: 1.5,
      avg60: 20,
      avg300: 3.25,
    })
    expect(parsePressure('garbage')).toBeNull()
  })
})

describe('disks', () => {
  const mounts = [
    '/dev/sda2 / ext4 rw,relatime,errors=remount-ro 0 0',
    '/dev/sda1 /boot/efi vfat rw 0 0',
    'proc /proc proc rw 0 0',
    'tmpfs /run tmpfs rw 0 0',
    '/dev/loop3 /snap/core/1 squashfs ro 0 0',
    'server:/export /mnt/nfs nfs4 rw 0 0',
    '/dev/sdb1 /media/My\\040Disk ext4 ro,emergency_ro 0 0',
    '/dev/sda2 /var/lib/bind/root ext4 ro 0 0',
    'overlay /var/lib/docker/overlay2/x/merged overlay rw 0 0',
  ].join('\n')

  it("sees real file systems once, with escapes undone, and the kernel's emergency stop", () => {
    expect(parseMounts(mounts).map(({ path, readOnly, emergency }) => [path, readOnly, emergency])).toEqual([
      ['/', false, false],
      ['/boot/efi', false, false],
      ['/media/My Disk', true, true],
    ])
  })

  it.each([
    ['/', 'root'],
    ['/var/log', 'var-log'],
    ['/media/My Disk', 'media-My-Disk'],
    [`/${'long/'.repeat(40)}`, 'long-'.repeat(13).slice(0, 64)],
  ])('names the mount %s %s', (path, name) => {
    expect(mountName(path)).toBe(name)
    expect(`diskUsedPercent:${name}`).toMatch(METRIC_NAME)
  })

  it('says how full a disk is as df does: a pool kept for root is neither used nor free', () => {
    expect(diskUse('/', { blocks: 1_000, bfree: 800, bavail: 300, bsize: 4_096 })).toMatchObject({
      usedPercent: 40,
      freeBytes: 300 * 4_096,
    })
    expect(diskUse('/', { blocks: 0, bfree: 0, bavail: 0, bsize: 4_096 })).toBeNull()
  })

  it('leaves out a mount that is gone', async () => {
    expect(await readDiskUse([{ device: 'x', path: '/nonexistent/mount', type: 'ext4', readOnly: false, emergency: false }])).toEqual([])
  })
})

describe('temperatures', () => {
  it('reads zones and chips with the limits the hardware names, and drops nonsense', async () => {
    const roots = tree({
      'sys/class/thermal/thermal_zone0/type': 'x86_pkg_temp\n',
      'sys/class/thermal/thermal_zone0/temp': '48500\n',
      'sys/class/thermal/thermal_zone0/trip_point_0_type': 'passive\n',
      'sys/class/thermal/thermal_zone0/trip_point_0_temp': '80000\n',
      'sys/class/thermal/thermal_zone0/trip_point_1_type': 'critical\n',
      'sys/class/thermal/thermal_zone0/trip_point_1_temp': '105000\n',
      'sys/class/thermal/thermal_zone1/type': 'x86_pkg_temp\n',
      'sys/class/thermal/thermal_zone1/temp': '50000\n',
      'sys/class/thermal/thermal_zone2/type': 'dead\n',
      'sys/class/thermal/thermal_zone2/temp': '-274000\n',
      'sys/class/thermal/cooling_device0/type': 'fan\n',
      'sys/class/hwmon/hwmon0/name': 'nvme\n',
      'sys/class/hwmon/hwmon0/temp1_input': '61850\n',
      'sys/class/hwmon/hwmon0/temp1_label': 'Composite\n',
      'sys/class/hwmon/hwmon0/temp1_max': '81850\n',
      'sys/class/hwmon/hwmon0/temp1_crit': '84850\n',
      'sys/class/hwmon/hwmon0/temp2_input': '70000\n',
      'sys/class/hwmon/hwmon0/temp2_max': '65261850\n',
      'sys/class/hwmon/hwmon1/device/name': 'old\n',
      'sys/class/hwmon/hwmon1/device/temp1_input': '33000\n',
    })
    expect(await readTemperatures(roots)).toEqual([
      { zone: 'x86_pkg_temp', celsius: 48.5, hotAt: null, criticalAt: 105 },
      { zone: 'x86_pkg_temp-2', celsius: 50, hotAt: null, criticalAt: null },
      { zone: 'nvme-Composite', celsius: 61.85, hotAt: 81.85, criticalAt: 84.85 },
      { zone: 'nvme-temp2', celsius: 70, hotAt: null, criticalAt: null },
      { zone: 'old-temp1', celsius: 33, hotAt: null, criticalAt: null },
    ])
  })
})

describe('network', () => {
  const dev = (eth: string, lo: string, docker: string) =>
    `Inter-| Receive\n face |bytes\n  eth0: ${eth}\n    lo: ${lo}\ndocker0:${docker}\n`

  it('adds up physical interfaces only, when there are any', () => {
    const line = '1000 1 0 0 0 0 0 0 500 1 0 0 0 0 0 0'
    const text = dev(line, line, line)
    expect(readNetworkBytes(tree({ 'proc/net/dev': text, 'sys/class/net/eth0/device/x': '' }))).toEqual({ received: 1_000, sent: 500 })
    expect(readNetworkBytes(tree({ 'proc/net/dev': text }))).toEqual({ received: 2_000, sent: 1_000 })
  })

  it('has no rate when a counter went back', () => {
    expect(networkRates({ received: 100, sent: 100 }, { received: 1_100, sent: 300 }, 2_000)).toEqual({ rx: 500, tx: 100 })
    expect(networkRates({ received: 100, sent: 100 }, { received: 50, sent: 300 }, 2_000)).toBeNull()
  })
})

describe('processes', () => {
  const process = (pid: number, name: string, command: string, state = 'S', started = '777') => ({
    [`proc/${pid}/stat`]: `${pid} (${name}) ${state} 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 ${started} 0 0\n`,
    [`proc/${pid}/cmdline`]: command,
    [`proc/${pid}/comm`]: `${name}\n`,
  })

  it('finds a process by its command line or its name, never a zombie or the agent itself', () => {
    const roots = tree({
      ...process(10, 'kiosk', '/opt/kiosk\0--full-screen\0'),
      ...process(11, 'odd) name (', ''),
      ...process(12, 'dead', 'dead-one\0', 'Z'),
      ...process(13, 'node', 'agent --match kiosk-only-here\0'),
    })
    expect(findProcess(roots, 'kiosk --full-screen', 1)?.pid).toBe(10)
    expect(findProcess(roots, 'odd) name (', 1)).toEqual({ pid: 11, startedTicks: '777' })
    expect(findProcess(roots, 'dead-one', 1)).toBeNull()
    expect(findProcess(roots, 'kiosk-only-here', 13)).toBeNull()
    expect(readLiving(roots, 99)).toBeNull()
  })

  it('is not fooled for long by a process id that another program got, nor by a zombie; gone is told at once', () => {
    const roots = tree({ ...process(10, 'kiosk', 'kiosk\0'), ...process(11, 'init', 'init\0') })
    const watched = [{ name: 'kiosk', match: 'kiosk' }]
    const stat = (text: string) => writeFileSync(join(roots.proc, '10/stat'), text)
    const looksUntilMissing = (change: () => void) => {
      const watch = makeProcessWatch(roots, 1, 3)
      stat('10 (kiosk) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 777 0 0\n')
      const first = watch.check(watched)
      expect(first?.[0]?.running?.pid).toBe(10)
      expect(watch.check(watched), 'the very same answer while nothing changed').toBe(first)
      change()
      for (let looks = 1; looks <= 3; looks++) if (watch.check(watched)?.[0]?.running === null) return looks
      return Infinity
    }
    expect(looksUntilMissing(() => stat('10 (kiosk) Z 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 777 0 0\n'))).toBeLessThanOrEqual(3)
    expect(looksUntilMissing(() => rmSync(join(roots.proc, '10'), { recursive: true }))).toBe(1)
    const other = tree(process(10, 'other', 'other\0', 'S', '999'))
    const moved = makeProcessWatch(other, 1, 1)
    expect(moved.check(watched)?.[0]?.running).toBeNull()
  })

  it('sees a real process live and die', async () => {
    const child = spawn('sleep', ['54321.5'])
    const watch = makeProcessWatch(MACHINE_ROOTS, globalThis.process.pid, 5)
    const isRunning = () => watch.check([{ name: 'sleeper', match: 'sleep 54321.5' }])?.[0]?.running?.pid === child.pid
    await waitFor('the process', isRunning)
    child.kill('SIGKILL')
    await waitFor('its end', () => !isRunning())
    expect(isRunning()).toBe(false)
  })
})

describe('every probe', () => {
  it('says unknown where there is nothing to read', async () => {
    expect([
      readCpuTimes(NOWHERE),
      readLoad1m(NOWHERE),
      readMemory(NOWHERE),
      readOomKills(NOWHERE),
      readNetworkBytes(NOWHERE),
      makeMountReader(NOWHERE)(),
    ]).toEqual([null, null, null, null, null, null])
    expect(await readTemperatures(NOWHERE)).toBeNull()
    expect(makeProcessWatch(NOWHERE, 1, 5).check([{ name: 'a', match: 'b' }])).toBeNull()
    expect(makeSampler(NOWHERE)({ monotonicMs: 0, disks: [], temperatures: [] })).toEqual({})
  })

  it('reads this very machine: names fit the wire, percentages are percentages', async () => {
    const sample = makeSampler(MACHINE_ROOTS)
    const disks = await readDiskUse(makeMountReader(MACHINE_ROOTS)() ?? [])
    sample({ monotonicMs: 0, disks, temperatures: [] })
    const busyUntil = Date.now() + 50
    while (Date.now() < busyUntil) Math.sqrt(busyUntil)
    const metrics = sample({ monotonicMs: 50, disks, temperatures: (await readTemperatures(MACHINE_ROOTS)) ?? [] })
    for (const name of [
      'cpuPercent',
      'memoryUsedPercent',
      'swapUsedPercent',
      'netRxBytesPerSecond',
      'netTxBytesPerSecond',
      'loadAverage1m',
      'uptimeSeconds',
    ])
      expect(metrics).toHaveProperty(name)
    for (const [name, value] of Object.entries(metrics)) {
      expect(name).toMatch(METRIC_NAME)
      if (/Percent/.test(name)) expect(value).toBeGreaterThanOrEqual(0)
      if (/Percent/.test(name)) expect(value).toBeLessThanOrEqual(100)
    }
  })
})
