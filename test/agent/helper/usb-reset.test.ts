import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { resetUsb } from '../../../agent/helper/usb-reset.ts'

let sys: string
beforeEach(() => void (sys = mkdtempSync(join(tmpdir(), 'kk-usb-'))))
afterEach(() => rmSync(sys, { recursive: true, force: true }))

/** Files of the kernel as a machine with a scanner at 1-2 shows them. */
function tree(files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    const whole = join(sys, 'bus/usb/devices', path)
    mkdirSync(join(whole, '..'), { recursive: true })
    writeFileSync(whole, text)
  }
}
const SCANNER = {
  '1-2/idVendor': '0c2e\n',
  '1-2/idProduct': '0b6a\n',
  '1-2/bDeviceClass': '00\n',
  '1-2/authorized': '1',
  '1-2:1.0/bInterfaceClass': '03\n',
}
const read = (path: string): string => readFileSync(join(sys, 'bus/usb/devices', path), 'utf8')

describe('resetting a USB device', () => {
  it('takes it off the bus and lets it back', async () => {
    tree(SCANNER)
    const written: string[] = []
    const done = resetUsb(sys, '0c2e:0b6a')
    written.push(read('1-2/authorized'))
    expect(await done).toBe('0c2e:0b6a was reset.')
    written.push(read('1-2/authorized'))
    expect(written).toEqual(['0', '1'])
  })

  it('switches empty plugs off and on for one that is gone, and leaves the others', async () => {
    tree({ ...SCANNER, '1-0:1.0/usb1-port1/disable': '0', '1-0:1.0/usb1-port2/disable': '0', '1-0:1.0/usb1-port2/device': '' })
    const done = resetUsb(sys, 'dead:beef')
    expect([read('1-0:1.0/usb1-port1/disable'), read('1-0:1.0/usb1-port2/disable'), read('1-2/authorized')]).toEqual(['1', '0', '1'])
    expect(await done).toMatch(/1 empty plugs/)
    expect(read('1-0:1.0/usb1-port1/disable')).toBe('0')
  })

  it.each([
    { why: 'a hub', files: { ...SCANNER, '1-2/bDeviceClass': '09\n' } },
    { why: 'a drive', files: { ...SCANNER, '1-2:1.0/bInterfaceClass': '08\n' } },
  ])('leaves $why alone', async ({ files }) => {
    tree(files)
    await expect(resetUsb(sys, '0c2e:0b6a')).rejects.toThrow(/left alone/)
    expect(read('1-2/authorized')).toBe('1')
  })

  it('says so when there is nothing to switch', async () => {
    await expect(resetUsb(sys, 'dead:beef')).rejects.toThrow(/not on the bus/)
    expect(existsSync(join(sys, 'bus'))).toBe(false)
  })
})
