/** The hardware lines of `doctor`: the displays, peripherals and printers of the profile, judged by the rules of the running agent. */
import type { Profile } from '../../shared/profile.ts'
import { makeDisplayWatch } from '../hardware/display-watch.ts'
import { makePeripheralWatch } from '../hardware/peripheral-watch.ts'
import { cupsAddress, makePrinterReader } from '../probes/printer/printers.ts'
import { MACHINE_ROOTS, type Roots } from '../probes/read-file.ts'
import { judgePrinters } from '../signals/printer-rules.ts'
import type { Reading } from '../signals/reading.ts'

export type Check = { name: string; result: 'PASS' | 'FAIL' | 'UNKNOWN'; detail: string }

const RESULTS = { ok: 'PASS', failing: 'FAIL', unknown: 'UNKNOWN' } as const
/** One look has no past: nothing was failing before. */
const never = () => false

/** One line for each signal of what the profile names; a question that another answer makes idle has none. */
export async function checkHardware(profile: Profile, environment: NodeJS.ProcessEnv, roots: Roots = MACHINE_ROOTS): Promise<Check[]> {
  const printers = makePrinterReader(() => cupsAddress(roots, environment))
  try {
    const readings: Reading[] = [
      ...(await makeDisplayWatch(roots, environment).look(profile.displays, 0)),
      ...makePeripheralWatch(roots, never).look(profile, 0),
      ...judgePrinters(profile.printers, await printers.read(profile.printers), never),
    ]
    return (
      readings
        // one look says nothing about coming and going
        .filter(reading => !reading.key.startsWith('usb.unstable') && (reading.verdict !== 'unknown' || reading.isLasting))
        .map(({ key, verdict, text }) => ({ name: key, result: RESULTS[verdict], detail: text }))
    )
  } finally {
    printers.close()
  }
}
