/** What one connection may send next: the guard of packet-guard.ts applied to its link. */
import type { ParserGuard } from './aedes-internals.ts'
import type { BrokerDeps } from './broker-types.ts'
import type { RejectReason } from './limits.ts'
import type { Link, Links } from './links.ts'
import type { HookFailed } from './observers.ts'
import { connectFault, declaredLimit, packetFault, publishVerdict, type WirePacket } from './packet-guard.ts'

export type LinkGuardOptions = { links: Links; failed: HookFailed } & Pick<BrokerDeps, 'heard' | 'nowMs'>

/** Makes the guard of each link; a refusal closes the connection and is counted once. */
export function makeLinkGuard({ links, heard, nowMs, failed }: LinkGuardOptions): (link: Link) => ParserGuard {
  function refuse(link: Link, reason: RejectReason, code: number | null = null): false {
    links.reject(link, reason, code)
    return false
  }

  function takeConnect(link: Link, packet: WirePacket, consumed: number): boolean {
    link.connectSeen = true
    const fault = connectFault(packet, consumed)
    if (fault) return refuse(link, fault.reason, fault.code)
    link.deviceId = packet.clientId ?? ''
    link.keepaliveSeconds = packet.keepalive ?? 0
    link.will = packet.will ?? null
    // Every session is clean: nothing of value lives in the broker.
    packet.clean = true
    return true
  }

  function takePacket(link: Link, packet: WirePacket, consumed: number): boolean {
    if (link.phase === 'gone') return false
    if (link.connectSeen === (packet.cmd === 'connect')) return refuse(link, 'malformed')
    if (packet.cmd === 'connect') return takeConnect(link, packet, consumed)
    const fault = packetFault(packet, consumed)
    if (fault) return refuse(link, fault)
    if (link.meter.note(performance.now())) return refuse(link, 'flood')
    if (link.phase === 'ready') heard(link.deviceId, nowMs())
    for (const wanted of packet.subscriptions ?? []) wanted.qos = Math.min(wanted.qos, 1)
    if (packet.cmd === 'disconnect') links.leave(link, 'client')
    return true
  }

  return link => ({
    header(command, length) {
      if (link.phase === 'gone') return false
      if (!link.connectSeen && command !== 'connect') return refuse(link, 'malformed')
      const most = declaredLimit(command, link.phase === 'ready')
      if (most === null) return refuse(link, 'malformed')
      return length <= most || refuse(link, 'too-large')
    },
    incomplete(publish, payloadBytes) {
      if (link.phase !== 'ready') return link.phase === 'login'
      const verdict = publishVerdict(link.deviceId, publish, payloadBytes)
      return verdict.allowed || refuse(link, verdict.reason)
    },
    packet: (packet, consumed) => takePacket(link, packet, consumed),
    broken: () => links.reject(link, 'malformed'),
    threw(error) {
      failed('packet handling', error)
      links.reject(link, 'internal')
    },
  })
}
