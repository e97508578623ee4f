/**
 * Changes as the server tells them (server-sent events), one connection per browser: HTTP/1.1 allows six per host, so seven
 * open tabs would block each other. The tab that holds the lock reads the stream and passes it on to the others.
 */
import { useSyncExternalStore } from 'react'

export type LiveChange = { kind: (typeof KINDS)[number]; id: string; customerId: string }
export type LiveState = 'connecting' | 'live' | 'lost'

const KINDS = ['device', 'ticket', 'site', 'visit', 'attendance', 'defect', 'major'] as const
/** Changes are handed over in groups: a site that loses power is one refresh, not sixty. */
const GROUP_MS = 300
const RETRY_MS = 3000
const CHANNEL = 'kioskeeper-events'

type Told = { state: LiveState } | { change: LiveChange } | { asks: 'state' }

let state: LiveState = 'connecting'
const stateListeners = new Set<() => void>()
const groupListeners = new Set<(changes: readonly LiveChange[]) => void>()
let group = new Map<string, LiveChange>()
let groupTimer: ReturnType<typeof setTimeout> | undefined

function take(told: Told): void {
  if ('state' in told && told.state !== state) {
    state = told.state
    for (const listener of stateListeners) listener()
  }
  if (!('change' in told)) return
  group.set(`${told.change.kind}/${told.change.id}`, told.change)
  groupTimer ??= setTimeout(() => {
    groupTimer = undefined
    const changes = [...group.values()]
    group = new Map()
    for (const listener of groupListeners) listener(changes)
  }, GROUP_MS)
}

/** Reads the stream until the signal ends it. The browser reconnects by itself unless the server refused; then we do. */
function readStream(pass: (told: Told) => void, signal: AbortSignal): void {
  if (signal.aborted) return
  const source = new EventSource('/api/v1/events')
  source.addEventListener('open', () => pass({ state: 'live' }))
  source.addEventListener('error', () => {
    pass({ state: 'lost' })
    if (source.readyState === EventSource.CLOSED) setTimeout(() => readStream(pass, signal), RETRY_MS)
  })
  for (const kind of KINDS) {
    source.addEventListener(kind, event => {
      const { id, customerId } = JSON.parse((event as MessageEvent<string>).data) as { id: string; customerId: string }
      pass({ change: { kind, id, customerId } })
    })
  }
  signal.addEventListener('abort', () => source.close())
}

/** Starts following; the answer ends it. */
export function followLiveEvents(): () => void {
  const ended = new AbortController()
  const channel = new BroadcastChannel(CHANNEL)
  let isReader = false
  channel.addEventListener('message', (event: MessageEvent<Told>) => {
    if (!('asks' in event.data)) take(event.data)
    else if (isReader) channel.postMessage({ state } satisfies Told)
  })
  const pass = (told: Told): void => {
    take(told)
    if (!ended.signal.aborted) channel.postMessage(told)
  }
  const read = async (): Promise<void> => {
    // The lock may be given in the very moment in which we end; it would be held for good.
    if (ended.signal.aborted) return
    isReader = true
    readStream(pass, ended.signal)
    await new Promise<void>(resolve => ended.signal.addEventListener('abort', () => resolve()))
  }
  channel.postMessage({ asks: 'state' } satisfies Told)
  // Locks exist on https and on loopback; elsewhere each tab reads for itself.
  if ('locks' in navigator) void navigator.locks.request(CHANNEL, { signal: ended.signal }, read).catch(() => undefined)
  else void read()
  return () => {
    ended.abort()
    channel.close()
  }
}

/** Calls back with each group of changes; the answer unsubscribes. */
export function onLiveChanges(listener: (changes: readonly LiveChange[]) => void): () => void {
  groupListeners.add(listener)
  return () => groupListeners.delete(listener)
}

function subscribeState(listener: () => void): () => void {
  stateListeners.add(listener)
  return () => stateListeners.delete(listener)
}
/** Follows whether changes arrive live. */
export function useLiveState(): LiveState {
  return useSyncExternalStore(subscribeState, () => state)
}
