import { rmSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import { readBootId } from '../../agent/probes/boot.ts'
import { judgeRebootLines, readRebootCause, wasShutDown, type LogPlaces } from '../../agent/probes/reboot-cause.ts'
import type { Roots } from '../../agent/probes/read-file.ts'
import { hasUnitProcesses, makeUnitWatch, parseSystemctl, type AskManager } from '../../agent/probes/systemd-units.ts'
import { fixtureTree } from './fixture-tree.ts'

const folders: string[] = []
function tree(files: Record<string, string>): Roots {
  const made = fixtureTree(files)
  folders.push(made.folder)
  return made
}
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

describe('systemd units', () => {
  it('sees a running unit by its control group, on either hierarchy and in a slice below', () => {
    const roots = tree({
      'sys/fs/cgroup/system.slice/kiosk.service/cgroup.procs': '12\n',
      'sys/fs/cgroup/system.slice/system-getty.slice/getty@tty1.service/cgroup.events': 'populated 1\nfrozen 0\n',
      'sys/fs/cgroup/system.slice/empty.service/cgroup.procs': '',
      'sys/fs/cgroup/systemd/system.slice/old.service/cgroup.procs': '13\n',
    })
    expect(['kiosk', 'kiosk.service', 'getty@tty1', 'old'].map(name => hasUnitProcesses(roots, name))).toEqual([true, true, true, true])
    expect(['empty', 'absent'].map(name => hasUnitProcesses(roots, name))).toEqual([false, false])
  })

  it('asks the manager only about units that have no processes, and at most once a minute', async () => {
    const asked: string[][] = []
    const ask: AskManager = names => {
      asked.push(names)
      return Promise.resolve(
        parseSystemctl(
          'Id=job.service\nNames=job.service\nLoadState=loaded\nActiveState=active\nSubState=exited\nResult=success\n\nId=bad.service\nNames=bad.service\nLoadState=loaded\nActiveState=failed\nSubState=failed\nResult=exit-code\n',
        ),
      )
    }
    const watch = makeUnitWatch(tree({ 'sys/fs/cgroup/system.slice/kiosk.service/cgroup.procs': '12\n' }), ask, () => true)
    const states = await watch.check(['kiosk', 'job', 'bad', 'nobody-knows'], 0)
    expect(states.map(({ name, state }) => [name, state])).toEqual([
      ['kiosk', 'running'],
      ['job', 'running'],
      ['bad', 'failed'],
      ['nobody-knows', 'unknown'],
    ])
    expect(states[2]?.detail).toBe('failed (failed, exit-code)')
    await watch.check(['kiosk', 'job', 'bad'], 59_000)
    expect(asked).toEqual([['job', 'bad', 'nobody-knows']])
    await watch.check(['kiosk', 'job', 'bad'], 61_000)
    expect(asked).toHaveLength(2)
  })

  it('reports a unit at once whose processes it has seen vanish, also when nobody can be asked', async () => {
    const roots = tree({ 'sys/fs/cgroup/system.slice/kiosk.service/cgroup.procs': '12\n' })
    const watch = makeUnitWatch(
      roots,
      () => Promise.resolve(null),
      () => false,
    )
    expect((await watch.check(['kiosk'], 0))[0]?.state).toBe('running')
    rmSync(`${roots.sys}/fs`, { recursive: true })
    expect((await watch.check(['kiosk'], 5_000))[0]?.state).toBe('failed')
  })
})

const NO_LOGS: LogPlaces = { pstoreArchive: '/nonexistent', wtmp: '/nonexistent', kernelLog: '/nonexistent' }

/** A log of logins with these records, as the C library writes it. */
function wtmp(...kinds: ('boot' | 'shutdown' | 'user')[]): Buffer {
  return Buffer.concat(
    kinds.map(kind => {
      const record = Buffer.alloc(384)
      record.writeInt16LE({ boot: 2, shutdown: 1, user: 7 }[kind], 0)
      record.write({ boot: 'reboot', shutdown: 'shutdown', user: 'kiosk' }[kind], 44, 'latin1')
      return record
    }),
  )
}

describe('the boot', () => {
  it('has the id of the kernel, or one made from the boot time', () => {
    expect(readBootId(tree({ 'proc/sys/kernel/random/boot_id': '0e8e7a51-d6e5-4d1a-a05e-6f4a4b4ad5a7\n' }), 0)).toBe(
      '0e8e7a51-d6e5-4d1a-a05e-6f4a4b4ad5a7',
    )
    const roots = tree({ 'proc/uptime': '120.5 99\n' })
    expect(readBootId(roots, 1_000_000_000_000)).toBe(readBootId(tree({ 'proc/uptime': '180.5 99\n' }), 1_000_000_060_000))
  })

  it.each([
    ['Kernel panic - not syncing: Fatal exception', 'panic'],
    ['Kernel panic - not syncing: Out of memory: compulsory panic_on_oom is enabled', 'out-of-memory'],
    ['watchdog: BUG: soft lockup - CPU#1 stuck for 23s!', 'watchdog'],
    ['thermal thermal_zone0: critical temperature reached, shutting down', 'thermal'],
    ['systemd[1]: Reached target', 'unknown'],
  ])('names the cause in "%s": %s', (line, cause) => {
    expect(judgeRebootLines(['usb 1-1: new device', line]).cause).toBe(cause)
  })

  it('ignores records of an earlier crash', () => {
    const roots = tree({ 'sys/fs/pstore/dmesg-efi-1': '<0>Kernel panic - not syncing: test\n' })
    expect(readRebootCause(roots, 0, () => [], NO_LOGS).cause).toBe('panic')
    expect(readRebootCause(roots, Date.now() + 60_000, () => [], NO_LOGS).cause).toBe('unknown')
  })

  it.each<{ cause: string; reason: string; files?: Record<string, string | Uint8Array>; kernel?: string[] }>([
    {
      cause: 'panic',
      reason: 'the firmware kept the last words',
      files: { 'sys/fs/pstore/dmesg-efi-1': '<0>Kernel panic - not syncing: x\n', 'sys/class/watchdog/watchdog0/bootstatus': '32\n' },
    },
    { cause: 'panic', reason: 'systemd filed them away', files: { 'archive/dmesg-1': 'BUG: unable to handle page fault\n' } },
    {
      cause: 'watchdog',
      reason: 'the watchdog says that it reset the machine',
      files: { 'sys/class/watchdog/watchdog0/bootstatus': '32\n' },
    },
    {
      cause: 'watchdog',
      reason: 'the second of two watchdogs did',
      files: { 'sys/class/watchdog/watchdog0/bootstatus': '0\n', 'sys/class/watchdog/watchdog1/bootstatus': '32\n' },
    },
    { cause: 'thermal', reason: 'the watchdog says it was too hot', files: { 'sys/class/watchdog/watchdog0/bootstatus': '33\n' } },
    { cause: 'power', reason: 'the watchdog saw the voltage fall', files: { 'sys/class/watchdog/watchdog0/bootstatus': '16\n' } },
    {
      cause: 'out-of-memory',
      reason: 'the log file ends with it',
      files: { 'kern.log': 'kernel: Kernel panic - not syncing: Out of memory: panic_on_oom\nkernel: Linux version 6.1\n' },
    },
    {
      cause: 'unknown',
      reason: 'what the log file says of this boot is not the end of the last',
      files: { 'kern.log': 'kernel: usb\nkernel: Linux version 6.1\nkernel: Oops\n' },
    },
    { cause: 'orderly', reason: 'the log of logins has a shutdown before this start', files: { wtmp: wtmp('boot', 'shutdown', 'boot') } },
    {
      cause: 'orderly',
      reason: 'in order, although a file system was recovered',
      files: { wtmp: wtmp('boot', 'shutdown', 'boot') },
      kernel: ['EXT4-fs (sdb1): recovery complete'],
    },
    {
      cause: 'power',
      reason: 'no shutdown, and a journal was recovered',
      files: { wtmp: wtmp('boot', 'shutdown', 'boot', 'user', 'boot') },
      kernel: ['EXT4-fs (sda2): recovery complete'],
    },
    {
      cause: 'power',
      reason: 'a stick was not closed',
      kernel: ['FAT-fs (mmcblk0p1): Volume was not properly unmounted. Some data may be corrupt.'],
    },
    { cause: 'unknown', reason: 'a clean mount says nothing', kernel: ['EXT4-fs (sda2): mounted filesystem with ordered data mode'] },
    { cause: 'unknown', reason: 'nothing is there at all' },
  ])('is "$cause" when $reason', ({ cause, files = {}, kernel = [] }) => {
    const roots = fixtureTree(files)
    folders.push(roots.folder)
    const logs: LogPlaces = {
      pstoreArchive: `${roots.folder}/archive`,
      wtmp: `${roots.folder}/wtmp`,
      kernelLog: `${roots.folder}/kern.log`,
    }
    expect(readRebootCause(roots, 0, () => kernel, logs).cause).toBe(cause)
  })

  it('takes a torn log of logins for what is whole of it', () => {
    const whole = wtmp('boot', 'shutdown', 'boot')
    expect(wasShutDown(Buffer.concat([Buffer.alloc(100), whole]))).toBe(true)
    expect(wasShutDown(Buffer.alloc(0))).toBe(false)
    expect(wasShutDown(wtmp('shutdown'))).toBe(false)
  })
})
