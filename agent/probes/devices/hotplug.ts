/** Wakes the watch when a device file comes or goes: the kernel tells of /dev without being asked, which it does not do for /sys. */
import { watch, type FSWatcher } from 'node:fs'
import { join } from 'node:path'
import { listDevices, type Roots } from '../read-file.ts'

/** Calls `onChange` for each coming and going; answers how to stop. Where there is no such folder nothing is heard, and polling has to do. */
export function watchDeviceFiles(roots: Roots, onChange: () => void): () => void {
  const buses = join(roots.dev, 'bus/usb')
  const folders = [roots.dev, join(roots.dev, 'input'), ...listDevices(buses).map(bus => join(buses, bus))]
  const watchers: FSWatcher[] = []
  for (const folder of folders) {
    try {
      // content of device files changes all the time; only their names matter
      const watcher = watch(folder, event => {
        if (event === 'rename') onChange()
      })
      watcher.on('error', () => watcher.close())
      watchers.push(watcher)
    } catch {
      // no such folder, or no more watches to have
    }
  }
  return () => {
    for (const watcher of watchers) watcher.close()
  }
}
