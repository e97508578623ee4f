/** Server-sent events: what changed that the caller may see. The console reads the thing anew when it hears of it. */
import { roleMay, seesCustomer } from '../caller.ts'
import type { Change, ChangeBus } from '../change-bus.ts'
import { callerOf, type App } from './app.ts'

const HEARTBEAT_MS = 15_000
/** A reader that does not read is closed instead of filling our memory; the browser connects again by itself. */
const MAX_UNSENT_BYTES = 1024 * 1024

/** What the staff does among itself is nobody else's to hear. */
const FOR_STAFF: readonly Change['kind'][] = ['attendance', 'defect', 'major']

/** Route of the event stream. `open` counts the readers for the metrics. */
export function eventRoutes(bus: ChangeBus) {
  return (app: App): void => {
    const streams = new Set<() => void>()
    app.addHook('preClose', () => {
      for (const close of streams) close()
    })
    app.get(
      '/events',
      {
        config: { access: 'read' },
        schema: { tags: ['events'], summary: 'Stream of device, ticket, visit and site changes', produces: ['text/event-stream'] },
      },
      (request, reply) => {
        const caller = callerOf(request)
        reply.hijack()
        const { raw } = reply
        raw.writeHead(200, {
          'content-type': 'text/event-stream',
          'cache-control': 'no-store',
          'x-accel-buffering': 'no',
          connection: 'keep-alive',
        })
        raw.write('retry: 2000\n\n')
        const send = (text: string): void => {
          if (raw.writableLength > MAX_UNSENT_BYTES) raw.destroy()
          else raw.write(text)
        }
        const isStaff = roleMay(caller.role, 'staff')
        const visible = (change: Change): boolean =>
          seesCustomer(caller, change.customerId) && (isStaff || !FOR_STAFF.includes(change.kind))
        const unsubscribe = bus.subscribe(changes => {
          const seen = new Map(changes.filter(visible).map(change => [`${change.kind}/${change.id}`, change]))
          if (seen.size > 0)
            send(
              [...seen.values()]
                .map(change => `event: ${change.kind}\ndata: ${JSON.stringify({ id: change.id, customerId: change.customerId })}\n\n`)
                .join(''),
            )
        })
        const heartbeat = setInterval(() => send(': still here\n\n'), HEARTBEAT_MS)
        const close = (): void => {
          clearInterval(heartbeat)
          unsubscribe()
          streams.delete(close)
          raw.end()
        }
        streams.add(close)
        raw.on('close', close)
      },
    )
  }
}
