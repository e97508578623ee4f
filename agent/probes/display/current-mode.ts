/** What each plug really shows now: from the X server, else from the kernel's own report of its graphics state (debugfs, for root); else nobody can know. */
import { join } from 'node:path'
import { listDevices, readText, type Roots } from '../read-file.ts'

export type CurrentMode = {
  connector: string
  /** As a person sees it, turned. */
  width: number
  height: number
  /** Place on the desktop and turn: only the X server tells. */
  x: number | null
  y: number | null
  rotation: 0 | 90 | 180 | 270 | null
}
/** `modes` null: cannot be known, and `why`. `isAsleep`: the X server has the displays in power saving. */
export type CurrentModes = { modes: CurrentMode[] | null; isAsleep: boolean | null; why: string }

const SECTION = /^(plane|crtc|connector|connectors)\[\d+\]: (.+)$/
const CRTC_MODE = /^\s+mode: "[^"]*": \d+ \d+ (\d+) \d+ \d+ \d+ (\d+) /
const NOT_DRIVEN = '(null)'

/** The modes in /sys/kernel/debug/dri/N/state, by plug. An idle plug has none. */
export function parseDrmState(text: string): CurrentMode[] {
  const sizes = new Map<string, { width: number; height: number }>()
  const drives = new Map<string, string>()
  let section: { kind: string; name: string } | null = null
  let isActive = false
  for (const line of text.split('\n')) {
    const head = SECTION.exec(line)
    if (head) {
      section = { kind: head[1] ?? '', name: (head[2] ?? '').trim() }
      isActive = false
      continue
    }
    if (section?.kind === 'crtc') {
      if (/^\s+active=1$/.test(line)) isActive = true
      const mode = CRTC_MODE.exec(line)
      if (mode && isActive) sizes.set(section.name, { width: Number(mode[1]), height: Number(mode[2]) })
    }
    const crtc = section?.kind === 'connector' ? /^\s+crtc=(.+)$/.exec(line)?.[1] : undefined
    if (section && crtc !== undefined && crtc !== NOT_DRIVEN) drives.set(section.name, crtc.trim())
  }
  return [...drives].flatMap(([connector, crtc]) => {
    const size = sizes.get(crtc)
    return size && size.width > 0 && size.height > 0 ? [{ connector, ...size, x: null, y: null, rotation: null }] : []
  })
}

/** Modes from the kernel's graphics state; null when it cannot be read (not root, or debugfs closed). */
export function readDrmState(roots: Roots): CurrentMode[] | null {
  const base = join(roots.sys, 'kernel/debug/dri')
  const texts = listDevices(base)
    // the same card is there by number and by bus address
    .filter(name => /^\d{1,2}$/.test(name))
    .map(name => readText(join(base, name, 'state')))
    .filter(text => text !== null && text.includes('crtc['))
  return texts.length > 0 ? texts.flatMap(text => parseDrmState(text ?? '')) : null
}

/** `HDMI-1` of the X server and `HDMI-A-1` of the kernel are the same plug. */
export function plugName(name: string): string {
  return name
    .replace(/^card\d+-/, '')
    .replace(/^(HDMI|DVI)-[ADI]-(?=\d)/, '$1-')
    .toLowerCase()
}
