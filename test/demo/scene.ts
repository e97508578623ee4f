/** What scenes of the demo's past are played on. */
import type { DeviceMessage } from '../../server/telemetry/ingest.ts'
import type { House, MadeCustomer } from './demo-setup.ts'
import type { VirtualTime } from './virtual-time.ts'

export type Scene = {
  house: House
  time: VirtualTime
  endMs: number
  customers: readonly MadeCustomer[]
  commit(...messages: DeviceMessage[]): Promise<void>
}
