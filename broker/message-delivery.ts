/** The way down: messages written straight to the device that subscribed to them, never through a router. */
import { downTopic, type DownKind } from '../shared/topics.ts'
import type { BrokerDeps } from './broker-types.ts'
import type { BrokerLimits } from './limits.ts'
import type { Link, Links } from './links.ts'
import type { HookFailed } from './observers.ts'

export type Delivery = {
  /** False when the device has not subscribed to it, or reads too slowly: then QoS 0 is dropped and QoS 1 closes the connection. */
  send(link: Link, kind: DownKind, payload: Buffer, o: { qos: 0 | 1; retain: boolean }): boolean
  /** Sends the desired configuration as a retained message would come, once per subscription. */
  sendConfig(link: Link): Promise<void>
}

export type DeliveryOptions = {
  limits: BrokerLimits
  links: Links
  desiredConfig: BrokerDeps['desiredConfig']
  rejected: (reason: string) => void
  failed: HookFailed
}

/** Makes the way down. */
export function makeDelivery({ limits, links, desiredConfig, rejected, failed }: DeliveryOptions): Delivery {
  function send(link: Link, kind: DownKind, payload: Buffer, { qos, retain }: { qos: 0 | 1; retain: boolean }): boolean {
    const granted = link.granted.get(kind)
    if (link.phase !== 'ready' || granted === undefined) return false
    if (link.connection.writableLength + link.unsentBytes > limits.unsentBytes) {
      if (qos === 1) links.reject(link, 'slow-reader')
      else rejected('slow-reader')
      return false
    }
    link.unsentBytes += payload.length
    const used = qos === 1 && granted === 1 ? 1 : 0
    link.client.publish({ cmd: 'publish', topic: downTopic(link.deviceId, kind), payload, qos: used, retain, dup: false }, () => {
      link.unsentBytes -= payload.length
    })
    return true
  }

  async function sendConfig(link: Link): Promise<void> {
    // A device that subscribes in a loop asks the store once at a time.
    if (link.configUnderWay) return
    link.configUnderWay = true
    try {
      const payload = await desiredConfig(link.deviceId)
      if (payload !== null) send(link, 'cfg', Buffer.from(payload), { qos: 1, retain: true })
    } catch (error) {
      failed('desiredConfig', error)
    } finally {
      link.configUnderWay = false
    }
  }

  return { send, sendConfig }
}
