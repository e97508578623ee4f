import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeDriveWatch } from '../../../agent/hardware/drive-watch.ts'
import { parseScan, parseSmart, type Drive } from '../../../agent/probes/drive/smart.ts'
import { judgeDrives, rememberDrives, type DriveMemory } from '../../../agent/signals/drive-rules.ts'
import { runAgentCommand } from '../agent-process.ts'

const attribute = (id: number, name: string, raw: string, more: object = {}) => ({
  id,
  name,
  value: 100,
  thresh: 10,
  raw: { value: 99, string: raw },
  ...more,
})
const ata = (change: object = {}, table: object[] = []) =>
  JSON.stringify({
    device: { name: '/dev/sda', type: 'sat', protocol: 'ATA' },
    model_name: 'Disk One',
    serial_number: 'A1',
    smart_status: { passed: true },
    ata_smart_attributes: {
      table: [
        attribute(5, 'Reallocated_Sector_Ct', '3 (1 2)'),
        attribute(197, 'Current_Pending_Sector', '1'),
        attribute(198, 'Offline_Uncorrectable', '0'),
        ...table,
      ],
    },
    ...change,
  })
const nvme = (log: object) =>
  JSON.stringify({
    device: { name: '/dev/nvme0', protocol: 'NVMe' },
    model_name: 'Flash',
    serial_number: 'N1',
    smart_status: { passed: true },
    nvme_smart_health_information_log: {
      critical_warning: 0,
      available_spare: 100,
      available_spare_threshold: 10,
      percentage_used: 3,
      media_errors: 0,
      ...log,
    },
  })
const NONE = { reallocated: null, pending: null, uncorrectable: null }

describe('the health of a drive', () => {
  it.each([
    {
      why: 'ATA, well; the first of packed numbers counts',
      text: ata(),
      is: { hasPassed: true, faults: [], counters: { reallocated: 3, pending: 1, uncorrectable: 0 }, problem: null },
    },
    {
      why: 'ATA, failing by its own word',
      text: ata({ smart_status: { passed: false } }),
      is: { hasPassed: false, faults: ['it expects to fail soon'] },
    },
    {
      why: 'ATA, a value below its limit behind an adapter that tells no verdict',
      text: ata({ smart_status: undefined }, [attribute(10, 'Spin_Retry_Count', '9', { when_failed: 'now', flags: { prefailure: true } })]),
      is: { hasPassed: null, faults: ['Spin_Retry_Count is below its limit'], problem: null },
    },
    {
      why: 'ATA, a value of age only',
      text: ata({}, [attribute(190, 'Airflow', '60', { when_failed: 'now', flags: { prefailure: false } })]),
      is: { faults: [] },
    },
    {
      why: 'ATA, a value that was low once',
      text: ata({}, [attribute(190, 'Airflow', '60', { when_failed: 'past' })]),
      is: { faults: [] },
    },
    { why: 'NVMe, well', text: nvme({}), is: { faults: [], usedPercent: 3, sparePercent: 100, counters: { ...NONE, uncorrectable: 0 } } },
    {
      why: 'NVMe, warns of spare and read-only',
      text: nvme({ critical_warning: 0b1001 }),
      is: { faults: ['spare blocks run out', 'read-only'] },
    },
    { why: 'NVMe, spare below its limit', text: nvme({ available_spare: 9 }), is: { faults: ['9 % spare left, needs 10 %'] } },
    { why: 'NVMe, used up', text: nvme({ percentage_used: 104 }), is: { faults: ['104 % of its life is used up'] } },
    {
      why: 'SCSI',
      text: JSON.stringify({
        device: { name: '/dev/sdg', protocol: 'SCSI' },
        smart_status: { passed: true },
        scsi_grown_defect_list: 56,
        scsi_error_counter_log: { read: { total_uncorrected_errors: 2 }, write: { total_uncorrected_errors: 1 } },
      }),
      is: { hasPassed: true, counters: { reallocated: 56, pending: null, uncorrectable: 3 } },
    },
    {
      why: 'a RAID volume tells nothing',
      text: JSON.stringify({ device: { name: '/dev/sdb', protocol: 'SCSI' }, product: 'Volume' }),
      is: { hasPassed: null, counters: NONE, problem: 'it tells nothing about its health' },
    },
    {
      why: 'a drive that cannot be opened says why',
      text: JSON.stringify({ smartctl: { messages: [{ string: 'Permission denied', severity: 'error' }] } }),
      is: { device: '/dev/x', problem: 'Permission denied' },
    },
    {
      why: 'nonsense is no health',
      text: 'no JSON',
      is: { device: '/dev/x', hasPassed: null, problem: 'it tells nothing about its health' },
    },
  ])('$why', ({ text, is }) => {
    expect(parseSmart(text, '/dev/x')).toMatchObject(is)
  })

  it('is read safely from anything', () => {
    fc.assert(
      fc.property(
        fc.json(),
        fc.string(),
        (json, text) => parseSmart(json, 'x').device !== '' && Array.isArray(parseScan(text)) && Array.isArray(parseScan(json)),
      ),
    )
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), fc.jsonValue(), (device, table, log) => {
        parseSmart(
          JSON.stringify({
            device,
            smart_status: log,
            ata_smart_attributes: { table },
            nvme_smart_health_information_log: log,
            scsi_error_counter_log: table,
          }),
          'x',
        )
        return true
      }),
    )
  })

  it('is asked of every drive that can be opened', () => {
    const scan = {
      devices: [
        { name: '/dev/sda', type: 'sat' },
        { name: '/dev/sdb', type: 'scsi', open_error: 'no' },
        { name: 7, type: 'scsi' },
      ],
    }
    expect(parseScan(JSON.stringify(scan))).toEqual([{ name: '/dev/sda', type: 'sat' }])
  })
})

describe('disk.failing', () => {
  const drive = (text: string): Drive => parseSmart(text, '/dev/x')
  const withPending = (count: number) => drive(ata({}, []).replace('"string":"1"', `"string":"${count}"`))
  const DAY_MS = 86_400_000
  const play = (steps: { drives: Drive[]; atMs: number }[]): DriveMemory =>
    steps.reduce<DriveMemory>((memory, { drives, atMs }) => rememberDrives(memory, drives, atMs), {})

  it('is failing when a drive says so', () => {
    const failing = drive(ata({ smart_status: { passed: false } }))
    expect(judgeDrives([failing], play([{ drives: [failing], atMs: 0 }]))).toMatchObject({
      verdict: 'failing',
      text: expect.stringContaining('Disk One (/dev/sda): it expects to fail soon'),
    })
  })

  it('is failing when bad sectors rise, not because there are some, and stays so for 30 days of rest', () => {
    const old = { drives: [withPending(1)], atMs: 0 }
    expect(judgeDrives(old.drives, play([old])).verdict).toBe('ok')
    const risen = { drives: [withPending(5)], atMs: DAY_MS }
    expect(judgeDrives(risen.drives, play([old, risen]))).toMatchObject({
      verdict: 'failing',
      text: expect.stringContaining('sectors waiting to be reallocated rose from 1 to 5'),
    })
    const rest = (days: number) => ({ drives: [withPending(5)], atMs: DAY_MS * (1 + days) })
    expect(judgeDrives(rest(1).drives, play([old, risen, rest(1)])).verdict).toBe('failing')
    expect(judgeDrives(rest(31).drives, play([old, risen, rest(31)])).verdict).toBe('ok')
  })

  it('compares a drive with itself: another one in its place begins anew', () => {
    const other = drive(ata({ serial_number: 'B2' }).replace('"string":"1"', '"string":"500"'))
    expect(
      judgeDrives(
        [other],
        play([
          { drives: [withPending(1)], atMs: 0 },
          { drives: [other], atMs: 1 },
        ]),
      ).verdict,
    ).toBe('ok')
  })

  it('keeps what it knew of a drive that is asleep', () => {
    const asleep = { ...drive('{}'), model: 'Disk One', serial: 'A1' }
    const memory = play([
      { drives: [withPending(1)], atMs: 0 },
      { drives: [asleep], atMs: 1 },
      { drives: [withPending(2)], atMs: 2 },
    ])
    expect(judgeDrives([withPending(2)], memory).verdict).toBe('failing')
  })

  it('is unknown when nothing can be asked, or nothing answers', () => {
    expect(judgeDrives(null, {})).toMatchObject({ verdict: 'unknown', isLasting: true, text: expect.stringContaining('smartctl') })
    expect(judgeDrives([drive('{}')], {})).toMatchObject({ verdict: 'unknown', isLasting: true })
  })
})

describe('the program that asks drives', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'kk-smart-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))
  /** A stand-in for a drive that cannot be had here: it answers as smartctl does. */
  const putDrive = (pending: number) =>
    writeFileSync(
      join(folder, 'smartctl'),
      `#!/bin/sh\ncase "$1" in --scan-open) echo '{"devices":[{"name":"/dev/sda","type":"sat"}]}';; *) echo '${ata().replace('"string":"1"', `"string":"${pending}"`)}'; exit 4;; esac\n`,
      { mode: 0o755 },
    )

  it('brings them into the inventory', async () => {
    putDrive(1)
    const run = await runAgentCommand(['inventory'], { environment: { PATH: `${folder}:${process.env['PATH']}` } })
    const { disks } = JSON.parse(run.out) as { disks: { device: string; health?: object }[] }
    expect(disks.find(disk => disk.device === '/dev/sda')).toMatchObject({ serial: 'A1', health: { hasPassed: true, pending: 1 } })
  })

  it('is compared with what it said before, over a restart too', async () => {
    const path = process.env['PATH']
    process.env['PATH'] = `${folder}:${path}`
    const memory = join(folder, 'drives.json')
    try {
      putDrive(1)
      expect(await makeDriveWatch(memory).look(0)).toMatchObject({ key: 'disk.failing', verdict: 'ok' })
      putDrive(4)
      const watch = makeDriveWatch(memory)
      expect(await watch.look(1_000)).toMatchObject({ verdict: 'failing', text: expect.stringContaining('rose from 1 to 4') })
      expect(await watch.look(2_000)).toMatchObject({ verdict: 'failing' })
      writeFileSync(memory, '{"x":7}')
      expect(await makeDriveWatch(memory).look(3_000)).toMatchObject({ verdict: 'ok' })
    } finally {
      process.env['PATH'] = path
    }
  })
})
