/** Ctrl-C as terminals and npm deliver it. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const MODULE = join(import.meta.dirname, '../../../server/platform/stop-signals.ts')
/** A program that takes two seconds to end. */
const PROGRAM = `
  import { onStopSignal } from ${JSON.stringify(MODULE)}
  const alive = setInterval(() => {}, 1000)
  onStopSignal(() => {
    console.log('ending')
    setTimeout(() => { clearInterval(alive); process.exit(0) }, 2000)
  })
  console.log('started')
`

describe('a program that is told to stop', () => {
  it.each<{ why: string; signals: NodeJS.Signals[]; apartMs: number; code: number }>([
    { why: 'once', signals: ['SIGTERM'], apartMs: 0, code: 0 },
    { why: 'by the terminal and by npm, which passes it on', signals: ['SIGINT', 'SIGINT'], apartMs: 20, code: 0 },
    { why: 'by somebody who does not want to wait', signals: ['SIGINT', 'SIGINT'], apartMs: 1200, code: 130 },
  ])('ends with $code when it is told $why', async ({ signals, apartMs, code }) => {
    const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', PROGRAM], { stdio: ['ignore', 'pipe', 'inherit'] })
    const ended = new Promise<number | null>(resolve => child.once('close', resolve))
    let out = ''
    const said = (word: string) =>
      new Promise<void>(resolve => {
        const look = () => out.includes(word) && resolve()
        child.stdout.on('data', look)
        look()
      })
    child.stdout.on('data', (chunk: Buffer) => void (out += chunk.toString()))
    await said('started')
    for (const [index, signal] of signals.entries()) {
      if (index > 0) await new Promise(resolve => setTimeout(resolve, apartMs))
      child.kill(signal)
      await said('ending')
    }
    expect(await ended).toBe(code)
    expect(out.match(/ending/g)).toHaveLength(1)
  })
})
