/** The kernel's last lines, straight from /dev/kmsg: no journal, no child process. */
import { closeSync, constants, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import type { Roots } from '../probes/read-file.ts'

const MAX_READS = 20_000
const MAX_LINES = 200
const MAX_CHARS = 300
/** `priority,sequence,microseconds since boot,flags;text` */
const LINE = /^(\d+),\d+,(\d+),[^;]*;(.*)$/

export type KernelLine = { up: number; text: string }

/** Every record the kernel still holds, or what a recorded file holds; '' when it may not be read. */
function readAll(path: string): string {
  let file: number
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch {
    return ''
  }
  const buffer = Buffer.alloc(8192)
  const texts: string[] = []
  try {
    for (let reads = 0; reads < MAX_READS; reads++) {
      try {
        const length = readSync(file, buffer)
        if (length === 0) break
        texts.push(buffer.toString('utf8', 0, length))
      } catch (error) {
        // EPIPE: this record was overwritten while we read; the next is there. EAGAIN: that was the last one.
        if ((error as NodeJS.ErrnoException).code !== 'EPIPE') break
      }
    }
  } finally {
    closeSync(file)
  }
  return texts.join('')
}

/** The last lines since an instant of the monotonic clock, at most `maxLines`, oldest first. None where the kernel does not show them. */
export function readKernelLines(roots: Roots, fromUpMs: number, maxLines = MAX_LINES): KernelLine[] {
  const lines: KernelLine[] = []
  for (const line of readAll(join(roots.dev, 'kmsg')).split('\n')) {
    const match = LINE.exec(line)
    const up = Number(match?.[2]) / 1000
    if (match && up >= fromUpMs) lines.push({ up, text: (match[3] ?? '').slice(0, MAX_CHARS) })
  }
  return lines.slice(-maxLines)
}
