/** Mounted file systems: which are real, how full, and whether they turned read-only. */
import { statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { componentName, readText, round2, type Roots } from './read-file.ts'

export type Mount = { device: string; path: string; type: string; readOnly: boolean; emergency: boolean }
export type DiskUse = { path: string; name: string; usedPercent: number; freeBytes: number; totalBytes: number }

/** Local file systems on a medium. Network ones can hang, images (squashfs, iso9660) are full by nature. */
const REAL_TYPES = new Set([
  'ext2',
  'ext3',
  'ext4',
  'xfs',
  'btrfs',
  'f2fs',
  'vfat',
  'exfat',
  'ntfs',
  'ntfs3',
  'fuseblk',
  'jfs',
  'reiserfs',
  'zfs',
  'bcachefs',
  'ubifs',
  'jffs2',
  'overlay',
])
const ESCAPES: Record<string, string> = { '040': ' ', '011': '\t', '012': '\n', '134': '\\' }

/** Real mounts of /proc/self/mounts, each device once (the shortest path: bind mounts repeat it). An overlay counts as `/` only: elsewhere it is a container's. */
export function parseMounts(text: string): Mount[] {
  const byDevice = new Map<string, Mount>()
  for (const line of text.split('\n')) {
    const [device, path, type, options] = line
      .split(' ')
      .map(field => field.replace(/\\(\d{3})/g, (whole, code: string) => ESCAPES[code] ?? whole))
    if (!device || !path || !type || !options || !REAL_TYPES.has(type)) continue
    if (type === 'overlay' ? path !== '/' : /^\/(snap|var\/lib\/(docker|containers|kubelet))\//.test(path)) continue
    if (device.startsWith('/dev/loop') && path !== '/') continue
    const flags = options.split(',')
    const mount = {
      device,
      path,
      type,
      readOnly: flags.includes('ro'),
      emergency: flags.includes('emergency_ro') || flags.includes('shutdown'),
    }
    const known = byDevice.get(device)
    if (!known || mount.path.length < known.path.length) byDevice.set(device, mount)
  }
  return [...byDevice.values()]
}

/** The first process sees the machine as it is: a service may run in a view of its own with folders made read-only. */
const readMountText = (roots: Roots) => readText(join(roots.proc, '1/mounts')) ?? readText(join(roots.proc, 'self/mounts'))

/** Reads the real mounts of a machine, null when unreadable; the text is parsed again only when it changed, which is almost never. */
export function makeMountReader(roots: Roots): () => Mount[] | null {
  let lastText: string | null = null
  let mounts: Mount[] = []
  return () => {
    const text = readMountText(roots)
    if (text === null) return null
    if (text !== lastText) mounts = parseMounts(text)
    lastText = text
    return mounts
  }
}

/** Name of a mount in metrics: `/` is `root`, `/var/log` is `var-log`. */
export function mountName(path: string): string {
  return path === '/' ? 'root' : componentName(path.slice(1))
}

/** How full a file system is, as `df` says it: used of what ordinary users could have, so a reserved pool is neither used nor free. */
export function diskUse(path: string, numbers: { blocks: number; bfree: number; bavail: number; bsize: number }): DiskUse | null {
  const used = numbers.blocks - numbers.bfree
  const usable = used + numbers.bavail
  if (numbers.blocks <= 0 || usable <= 0) return null
  return {
    path,
    name: mountName(path),
    usedPercent: round2((used / usable) * 100),
    freeBytes: numbers.bavail * numbers.bsize,
    totalBytes: usable * numbers.bsize,
  }
}

/** Fill of each mount; one that does not answer within the limit is left out. Mounts of no size are left out. */
export async function readDiskUse(mounts: Mount[], timeLimitMs = 2_000): Promise<DiskUse[]> {
  const uses = mounts.map(async mount => {
    let timer: NodeJS.Timeout | undefined
    const tooLate = new Promise<null>(resolve => {
      timer = setTimeout(resolve, timeLimitMs, null)
    })
    try {
      const numbers = await Promise.race([statfs(mount.path), tooLate])
      return numbers && diskUse(mount.path, numbers)
    } catch {
      return null
    } finally {
      clearTimeout(timer)
    }
  })
  return (await Promise.all(uses)).filter(use => use !== null)
}
