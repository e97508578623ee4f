/** Why the agent stops and when it is back, from recorded trees. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { readGoodbye } from '../../agent/link/goodbye.ts'
import { fixtureTree } from './fixture-tree.ts'

const NOW_MS = Date.parse('2026-03-02T22:00:00Z')
const at = (minutes: number) => new Date(NOW_MS + minutes * 60_000).toISOString()
const schedule = (mode: string, minutes: number) => ({
  'run/systemd/shutdown/scheduled': `USEC=${(NOW_MS + minutes * 60_000) * 1000}\nWARN_WALL=1\nMODE=${mode}\n`,
})
const note = (reason: string, minutesAgo: number, expectedBackAt: string | null = null) => ({
  'data/stop-note.json': JSON.stringify({ reason, expectedBackAt, at: NOW_MS - minutesAgo * 60_000 }),
})
const wakesIn = (seconds: number) => ({
  'sys/class/rtc/rtc0/since_epoch': '1000000\n',
  'sys/class/rtc/rtc0/wakealarm': `${1_000_000 + seconds}\n`,
})
const level = (character: string) => {
  const record = Buffer.alloc(768)
  record.writeInt16LE(2, 0)
  record.writeInt16LE(1, 384)
  record.writeInt32LE(character.charCodeAt(0) + 256 * 'N'.charCodeAt(0), 388)
  return { 'run/utmp': record }
}
const POWER_OFF = '201 poweroff.target start waiting\n202 kioskeeper-agent.service stop running\n'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

describe('the goodbye', () => {
  it.each<{ why: string; files?: Record<string, string | Uint8Array>; jobs?: string; reason: string; back: string | null }>([
    { why: 'somebody stops the agent while the machine runs', reason: 'maintenance', back: null, jobs: 'No jobs running.\n' },
    { why: 'the agent alone is restarted', reason: 'maintenance', back: null, jobs: '88 kioskeeper-agent.service restart running\n' },
    { why: 'there is no service manager to ask', reason: 'maintenance', back: null },
    { why: 'the installer left its note', files: note('update', 1), reason: 'update', back: null },
    {
      why: 'the note counts more than a shutdown',
      files: { ...note('closing', 1, at(600)), ...schedule('poweroff', 0) },
      reason: 'closing',
      back: at(600),
    },
    { why: 'the note is an hour old', files: note('update', 60), reason: 'maintenance', back: null },
    { why: 'the note is not ours', files: { 'data/stop-note.json': '{"reason":"hacked","at":' }, reason: 'maintenance', back: null },
    { why: 'the machine is switched off', jobs: POWER_OFF, reason: 'shutdown', back: null },
    { why: 'the machine restarts', jobs: '7 reboot.target                 start waiting\n', reason: 'shutdown', back: at(5) },
    { why: 'a scheduled shutdown has come', files: schedule('poweroff', 0), reason: 'shutdown', back: null },
    { why: 'a scheduled restart has come', files: schedule('reboot', 1), reason: 'shutdown', back: at(5) },
    { why: 'the shutdown is for tonight, the stop for now', files: schedule('poweroff', 90), reason: 'maintenance', back: null },
    { why: 'the schedule is only a rehearsal', files: schedule('dry-poweroff', 0), reason: 'maintenance', back: null },
    { why: 'the clock of the board wakes it tomorrow', files: wakesIn(9 * 3600), jobs: POWER_OFF, reason: 'shutdown', back: at(540) },
    { why: 'the alarm of the board has passed', files: wakesIn(-60), jobs: POWER_OFF, reason: 'shutdown', back: null },
    { why: 'an old init goes to level 0', files: level('0'), reason: 'shutdown', back: null },
    { why: 'an old init goes to level 6', files: level('6'), reason: 'shutdown', back: at(5) },
    { why: 'an old init stays at level 5', files: level('5'), reason: 'maintenance', back: null },
  ])('is $reason when $why', ({ files = {}, jobs, reason, back }) => {
    const { folder } = fixtureTree(files)
    folders.push(folder)
    const places = { run: join(folder, 'run'), sys: join(folder, 'sys'), jobs: () => jobs ?? null }
    expect(readGoodbye(join(folder, 'data'), NOW_MS, places)).toEqual({ reason, expectedBackAt: back })
  })

  it('uses a note up', () => {
    const { folder } = fixtureTree({})
    folders.push(folder)
    mkdirSync(join(folder, 'data'))
    writeFileSync(join(folder, 'data/stop-note.json'), note('update', 0)['data/stop-note.json'])
    const places = { run: folder, sys: folder, jobs: () => null }
    expect(readGoodbye(join(folder, 'data'), NOW_MS, places).reason).toBe('update')
    expect(readGoodbye(join(folder, 'data'), NOW_MS, places).reason).toBe('maintenance')
  })
})
