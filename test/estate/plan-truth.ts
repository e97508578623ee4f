/** Draws a month's causes from a seed. What owes a ticket is written beside each as the contract says it, not asked of the server. Pure; a list of kinds, so it is long. */
import type { Random } from '../demo/demo-random.ts'
import { DAYS, END_MS, openAround, START_MS, type EstateDevice, type EstateSite, type Layout, type Span } from './layout.ts'
import { CHAINS, SIGNAL_KINDS, type SignalKind } from './signal-kinds.ts'
import type { Cause, LinkState, SignalState, Surroundings, Truth } from './truth.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const APART_MS = 20 * MINUTE
/** Longer than any hold with the time of the ladder. */
const LONG_MS = 15 * MINUTE
/** A ladder has 300 s: a remedy that works within them makes no ticket below level 1. */
const MENDED_MS: [number, number] = [70 * SECOND, 240 * SECOND]

type Draft = Omit<Cause, 'id' | 'signals' | 'links'> & Partial<Pick<Cause, 'signals' | 'links'>>

/** Plans the month of an estate. The numbers of each kind grow with the estate. */
export function planTruth(random: Random, layout: Layout): Truth {
  const causes: Cause[] = []
  const busy: Span[][] = layout.devices.map(() => [])
  const everywhere: Span[] = []
  const around: Surroundings = {
    signals: [],
    links: [],
    restarts: [],
    clockJumps: [],
    maintenance: [],
    disabled: [{ customer: 1, signal: 'cpu.saturated' }],
  }
  const per500 = (count: number): number => Math.max(1, Math.round((count * layout.devices.length) / 500))
  const between = (low: number, high: number): number => Math.round(random.between(low, high))
  const hits = (span: Span, fromMs: number, toMs: number): boolean => fromMs < span.toMs && toMs > span.fromMs
  const isFree = (device: number, fromMs: number, toMs: number): boolean =>
    !(busy[device] ?? []).some(span => hits(span, fromMs - APART_MS, toMs + APART_MS)) &&
    // What happens everywhere may come in the middle of it, not at its ends.
    !everywhere.some(span => hits(span, fromMs - APART_MS, fromMs + APART_MS) || hits(span, toMs - APART_MS, toMs + APART_MS))
  const occupy = (devices: readonly number[], fromMs: number, toMs: number): void => {
    for (const device of devices) busy[device]?.push({ fromMs, toMs })
  }
  const add = (draft: Draft): void => void causes.push({ id: causes.length + 1, signals: [], links: [], ...draft })
  const anyTime = (): number => between(START_MS + 2 * HOUR, END_MS - 6 * HOUR)
  const minutesOf = (low: number, high: number): number => Math.round((low + (high - low) * random.next() ** 2.5) * MINUTE)

  /** Tries places until one fits; an estate that is full has fewer of them. */
  const place = (count: number, attempt: () => boolean): void => {
    for (let made = 0, tries = 0; made < count && tries < count * 60; tries += 1) if (attempt()) made += 1
  }
  const onDevice = (count: number, attempt: (device: EstateDevice, fromMs: number) => boolean): void =>
    place(count, () => attempt(random.pick(layout.devices), anyTime()))
  /** Whether both ends lie in opening time with a margin, where the site closes at all. */
  const isWithin = (site: EstateSite, fromMs: number, toMs: number, marginMs = 40 * MINUTE): boolean =>
    openAround(site, fromMs, marginMs) !== null && openAround(site, toMs, marginMs) !== null
  const isOneOpening = (site: EstateSite, fromMs: number, toMs: number): boolean =>
    isWithin(site, fromMs, toMs) && openAround(site, fromMs) === openAround(site, toMs)
  /** Time for which devices are there: shops that switch off have no nights. */
  const isPowered = (site: EstateSite, fromMs: number, toMs: number): boolean =>
    site.closing === 'stays-on' || isOneOpening(site, fromMs, toMs)

  const state = (device: number, key: string, fromMs: number, toMs: number, more: Partial<SignalState> = {}): SignalState => ({
    device,
    key,
    fromMs,
    toMs,
    exhausted: true,
    mendedBy: null,
    ...more,
  })
  const single = (kind: string, device: EstateDevice, of: SignalState, owesTicket: boolean): true => {
    const { key, fromMs, toMs } = of
    occupy([device.index], fromMs, toMs)
    add({ kind, device: device.index, site: null, keys: [key], fromMs, toMs, owesTicket, signals: [of] })
    return true
  }
  /** The same fault within 24 h opens the same ticket again: another cause of it has to be further away. */
  const isFresh = (device: number, key: string, fromMs: number, toMs: number): boolean =>
    !causes.some(
      cause =>
        cause.device === device &&
        cause.keys.includes(key) &&
        hits({ fromMs: cause.fromMs - DAY - 2 * HOUR, toMs: cause.toMs + DAY + 2 * HOUR }, fromMs, toMs),
    )

  const planEverywhere = (): void => {
    for (let count = 0; count < 4; count += 1) {
      const atMs = START_MS + (count * 7 + 3) * DAY + between(0, DAY)
      const downMs = between(20 * SECOND, 90 * SECOND)
      around.restarts.push({ atMs, downMs })
      everywhere.push({ fromMs: atMs - 5 * MINUTE, toMs: atMs + 10 * MINUTE })
    }
    // Our own broker is away for everybody; in the middle of the European day, when most are there.
    const fromMs = START_MS + 16 * DAY + 11 * HOUR + between(0, HOUR)
    const toMs = fromMs + 14 * MINUTE
    const links = layout.devices.map(({ index }): LinkState => ({
      device: index,
      fromMs: fromMs + between(0, 40 * SECOND),
      toMs: toMs + between(0, 50 * SECOND),
      how: 'will',
      boots: false,
    }))
    add({ kind: 'platform-outage', device: null, site: null, keys: [], fromMs, toMs, owesTicket: false, links })
    everywhere.push({ fromMs: fromMs - 30 * MINUTE, toMs: toMs + 30 * MINUTE })
  }

  const planSites = (): void => {
    const large = layout.sites.filter(site => site.devices.length >= 4)
    const atSite = (kind: string, count: number, lasts: () => number, owesTicket: boolean): void =>
      place(count, () => {
        const site = random.pick(large)
        const fromMs = anyTime()
        const toMs = fromMs + lasts()
        if (!isOneOpening(site, fromMs, toMs) || !site.devices.every(device => isFree(device, fromMs - 5 * MINUTE, toMs + HOUR)))
          return false
        if (!isFreshSite(site.index, fromMs, toMs)) return false
        const isPower = owesTicket && random.chance(0.5)
        const how = isPower || random.chance(0.5) ? 'will' : 'silent'
        const straggler = owesTicket && random.chance(0.35) ? random.pick(site.devices) : null
        const links = site.devices.map((device): LinkState => {
          const lostMs = fromMs + between(0, 15 * SECOND)
          return { device, fromMs: lostMs, toMs: toMs + between(0, 45 * SECOND), how, boots: isPower }
        })
        occupy(site.devices, fromMs, toMs + HOUR)
        const keys = ['site.offline']
        add({
          kind,
          device: null,
          site: site.index,
          keys,
          fromMs,
          toMs,
          owesTicket,
          links: links.filter(link => link.device !== straggler),
        })
        // One that stays away when the others are back is a fault of its own.
        if (straggler === null) return true
        const link = links.find(one => one.device === straggler) as LinkState
        const stays = { ...link, toMs: toMs + between(20 * MINUTE, 35 * MINUTE) }
        const own = ['agent.offline', 'reboot.unexpected']
        add({
          kind: 'straggler',
          device: straggler,
          site: null,
          keys: own,
          fromMs: stays.fromMs,
          toMs: stays.toMs,
          owesTicket: true,
          links: [stays],
        })
        return true
      })
    atSite('site-outage', per500(25), () => minutesOf(7, 200), true)
    atSite('site-blip', per500(15), () => between(20 * SECOND, 100 * SECOND), false)
  }
  const isFreshSite = (site: number, fromMs: number, toMs: number): boolean =>
    !causes.some(cause => cause.site === site && hits({ fromMs: cause.fromMs - 26 * HOUR, toMs: cause.toMs + 26 * HOUR }, fromMs, toMs))

  const planClosing = (): void => {
    for (const site of layout.sites) {
      if (site.closing === 'stays-on') continue
      for (const [position, span] of site.open.entries()) {
        const next = site.open[position + 1]
        if (!next || span.toMs < START_MS + HOUR || next.fromMs > END_MS - HOUR) continue
        // One switch for all, or one after the other.
        const isAtOnce = random.chance(0.7)
        const closedMs = span.toMs + between(2 * MINUTE, 14 * MINUTE)
        const backMs = next.fromMs - between(3 * MINUTE, 18 * MINUTE)
        for (const device of site.devices) {
          const fromMs = closedMs + between(0, isAtOnce ? 8 * SECOND : 10 * MINUTE)
          const toMs = backMs + between(0, 50 * SECOND)
          const isGoodbye = site.closing === 'goodbye'
          const said = isGoodbye ? { reason: 'closing' as const, expectedBackMs: next.fromMs } : {}
          const isLate = device % 16 === position % 16 && random.chance(0.12) && isFree(device, fromMs, next.fromMs + 4 * HOUR)
          const lateMs = next.fromMs + between(25 * MINUTE, 150 * MINUTE)
          const link: LinkState = { device, fromMs, toMs, how: isGoodbye ? 'goodbye' : 'will', ...said, boots: true }
          if (isLate && isFresh(device, 'agent.offline', next.fromMs, lateMs) && openAround(site, lateMs)) {
            // Nobody switched it on: the shop is open and it is dark.
            occupy([device], fromMs, lateMs)
            const keys = ['agent.offline']
            const late = [{ ...link, toMs: lateMs }]
            add({ kind: 'dark-at-opening', device, site: null, keys, fromMs: next.fromMs, toMs: lateMs, owesTicket: true, links: late })
          } else around.links.push({ ...link, isPlanned: true })
        }
      }
    }
  }

  const planUpdates = (): void => {
    for (let wave = 0; wave < 3; wave += 1) {
      const waveMs = START_MS + (5 + wave * 9) * DAY + 12 * HOUR
      for (const { index, site } of layout.devices) {
        const fromMs = waveMs + between(0, 4 * HOUR)
        const toMs = fromMs + between(45 * SECOND, 80 * SECOND)
        if (!isPowered(site, fromMs, toMs) || !isFree(index, fromMs, toMs)) continue
        const expectedBackMs = fromMs + 5 * MINUTE
        const link: LinkState = { device: index, fromMs, toMs, how: 'goodbye', reason: 'update', expectedBackMs, boots: false }
        const stuckMs = fromMs + between(40 * MINUTE, 4 * HOUR)
        const isStuck = random.chance(0.006) && isOneOpening(site, fromMs, stuckMs) && isFree(index, fromMs, stuckMs)
        occupy([index], fromMs, isStuck ? stuckMs : toMs)
        if (!isStuck) around.links.push({ ...link, isPlanned: true })
        else
          add({
            kind: 'update-never-back',
            device: index,
            site: null,
            keys: ['agent.offline'],
            fromMs: expectedBackMs,
            toMs: stuckMs,
            owesTicket: true,
            links: [{ ...link, toMs: stuckMs }],
          })
      }
    }
  }

  const planLinks = (): void => {
    const offline = (
      kind: string,
      count: number,
      lasts: () => number,
      owesTicket: boolean,
      more: Partial<LinkState> = {},
      keys = ['agent.offline', 'reboot.unexpected'],
    ): void =>
      onDevice(per500(count), (device, fromMs) => {
        const toMs = fromMs + lasts()
        if (!isOneOpening(device.site, fromMs, toMs) || !isFree(device.index, fromMs, toMs)) return false
        if (!keys.every(key => isFresh(device.index, key, fromMs, toMs))) return false
        occupy([device.index], fromMs, toMs + 15 * MINUTE)
        const links: LinkState[] = [{ device: device.index, fromMs, toMs, how: 'will', boots: false, ...more }]
        add({ kind, device: device.index, site: null, keys, fromMs, toMs, owesTicket, links })
        return true
      })
    offline('offline', 130, () => minutesOf(8, 400), true)
    offline('offline-silent', 60, () => minutesOf(10, 400), true, { how: 'silent' })
    offline('offline-power', 50, () => minutesOf(8, 300), true, { boots: true })
    offline('offline-short', 150, () => between(10 * SECOND, 150 * SECOND), false)
    // It is gone for less than the hold, but it restarted by itself: that is told, at level 3.
    offline('reboot-unexpected', 40, () => between(50 * SECOND, 140 * SECOND), true, { boots: true })
    offline('reboot-planned', 60, () => between(60 * SECOND, 260 * SECOND), false, { how: 'goodbye', reason: 'shutdown', boots: true })
    onDevice(per500(60), ({ index, site }, fromMs) => {
      const toMs = fromMs + between(10 * MINUTE, 90 * MINUTE)
      if (site.hours === null || site.closing !== 'stays-on') return false
      if (openAround(site, fromMs, -30 * MINUTE) || openAround(site, toMs, -30 * MINUTE) || !isFree(index, fromMs, toMs)) return false
      occupy([index], fromMs, toMs)
      const links: LinkState[] = [{ device: index, fromMs, toMs, how: 'will', boots: false }]
      add({ kind: 'offline-closed', device: index, site: null, keys: ['agent.offline'], fromMs, toMs, owesTicket: false, links })
      return true
    })
    onDevice(per500(15), ({ index, site }, fromMs) => {
      const links: LinkState[] = []
      let atMs = fromMs
      for (const times = between(14, 30); links.length < times;) {
        const backMs = atMs + between(20 * SECOND, 110 * SECOND)
        links.push({ device: index, fromMs: atMs, toMs: backMs, how: 'will', boots: false })
        atMs = backMs + between(30 * SECOND, 100 * SECOND)
      }
      if (!isOneOpening(site, fromMs, atMs + HOUR) || !isFree(index, fromMs, atMs + HOUR)) return false
      const keys = ['agent.offline']
      if (!isFresh(index, 'agent.offline', fromMs, atMs)) return false
      occupy([index], fromMs, atMs + HOUR)
      add({ kind: 'flapping-link', device: index, site: null, keys, fromMs, toMs: atMs, owesTicket: true, links })
      return true
    })
  }

  const holdMs = (of: SignalKind): number => of.holdSeconds * SECOND
  const planSignals = (): void => {
    const draw = (fits: (of: SignalKind) => boolean): SignalKind => random.pick(SIGNAL_KINDS.filter(fits))
    const isOff = (device: EstateDevice, key: string): boolean =>
      around.disabled.some(({ customer, signal }) => customer === device.site.customer && signal === key)
    const isPlace = (device: EstateDevice, of: SignalKind, fromMs: number, toMs: number): boolean =>
      isWithin(device.site, fromMs, toMs) &&
      isPowered(device.site, fromMs, toMs) &&
      isFree(device.index, fromMs, toMs) &&
      isFresh(device.index, of.key, fromMs, toMs)

    onDevice(per500(900), (device, fromMs) => {
      const of = draw(one => !isOff(device, one.key))
      const toMs = fromMs + Math.max(holdMs(of) + LONG_MS, minutesOf(15, of.maxMinutes))
      if (!isPlace(device, of, fromMs, toMs)) return false
      // Counted in opening time only: it has to be open long enough after it began.
      if (of.isFacing && !openAround(device.site, fromMs, holdMs(of) + LONG_MS)) return false
      const exhausted = of.remedy === null || random.chance(0.5)
      const repeats = random.chance(0.3) ? { repeatEveryMs: 10 * MINUTE } : {}
      return single('fault', device, state(device.index, of.key, fromMs, toMs, { exhausted, ...repeats }), true)
    })
    onDevice(per500(450), (device, fromMs) => {
      const of = draw(one => one.holdSeconds > 0)
      const toMs = fromMs + between(3 * SECOND, holdMs(of) * 0.85)
      return isPlace(device, of, fromMs, toMs) && single('short-fault', device, state(device.index, of.key, fromMs, toMs), false)
    })
    onDevice(per500(250), (device, fromMs) => {
      const of = draw(
        one => one.remedy !== null && !/^(app\.[cf]|screen|display\.dis|touch|filesystem)/.test(one.key) && one.holdSeconds < 100,
      )
      const toMs = fromMs + between(...MENDED_MS)
      const more = { exhausted: false, mendedBy: of.remedy }
      return isPlace(device, of, fromMs, toMs) && single('mended', device, state(device.index, of.key, fromMs, toMs, more), false)
    })
    onDevice(per500(40), (device, fromMs) => {
      const [rule] = around.disabled
      if (!rule || device.site.customer !== rule.customer) return false
      const of = SIGNAL_KINDS.find(one => one.key === rule.signal) as SignalKind
      const toMs = fromMs + between(20 * MINUTE, 3 * HOUR)
      return isPlace(device, of, fromMs, toMs) && single('switched-off-rule', device, state(device.index, of.key, fromMs, toMs), false)
    })
    // While the shop is closed nobody misses the screen.
    for (const isLasting of [false, true])
      onDevice(per500(60), (device, fromMs) => {
        const { site, index } = device
        if (site.hours === null || site.closing !== 'stays-on' || openAround(site, fromMs, -30 * MINUTE)) return false
        const of = draw(one => one.isFacing && one.maxMinutes > 90)
        const opening = site.open.find(span => span.fromMs > fromMs)
        if (!opening || opening.fromMs > END_MS - 8 * HOUR) return false
        const toMs = isLasting ? opening.fromMs + holdMs(of) + between(15 * MINUTE, 90 * MINUTE) : fromMs + between(10 * MINUTE, 4 * HOUR)
        if (!isLasting && toMs > opening.fromMs - 10 * MINUTE) return false
        if (!isFree(index, fromMs, toMs) || !isFresh(index, of.key, fromMs, toMs)) return false
        return single(isLasting ? 'still-at-opening' : 'closed-time', device, state(index, of.key, fromMs, toMs), isLasting)
      })
    onDevice(per500(90), (device, fromMs) => {
      const { index, site } = device
      const { key, symptoms } = random.pick(CHAINS)
      const toMs = fromMs + minutesOf(20, 150)
      const firstMs = fromMs + Math.min(0, ...symptoms.map(([, after]) => after)) * SECOND
      const keys = [key, ...symptoms.map(([symptom]) => symptom)]
      if (!isOneOpening(site, firstMs, toMs) || !isFree(index, firstMs, toMs)) return false
      if (!keys.every(one => isFresh(index, one, fromMs, toMs))) return false
      occupy([index], firstMs, toMs)
      const signals = symptoms.map(([symptom, after]) => state(index, symptom, fromMs + after * SECOND, toMs + between(1, 20) * SECOND))
      add({
        kind: 'chain',
        device: index,
        site: null,
        keys,
        fromMs: firstMs,
        toMs,
        owesTicket: true,
        signals: [state(index, key, fromMs, toMs), ...signals],
      })
      return true
    })
    onDevice(per500(40), (device, fromMs) => {
      const of = draw(one => one.maxMinutes >= 90 && !isOff(device, one.key) && one.holdSeconds < 100)
      const [first, pause, second] = [between(20, 60), between(150, 300), between(20, 60)]
      const [endMs, againMs] = [fromMs + first * MINUTE, fromMs + (first + pause) * MINUTE]
      const toMs = againMs + second * MINUTE
      if (!isOneOpening(device.site, fromMs, toMs) || !isPlace(device, of, fromMs, toMs)) return false
      occupy([device.index], fromMs, toMs)
      const signals = [state(device.index, of.key, fromMs, endMs), state(device.index, of.key, againMs, toMs)]
      add({ kind: 'returning', device: device.index, site: null, keys: [of.key], fromMs, toMs, owesTicket: true, signals })
      return true
    })
    onDevice(per500(20), (device, fromMs) => {
      const { index, site } = device
      const isUsb = random.chance(0.6)
      const key = isUsb ? 'usb.missing:scanner' : 'app.crashed'
      const signals: SignalState[] = []
      let atMs = fromMs
      for (const times = between(16, 40); signals.length < times;) {
        const okMs = atMs + between(8 * SECOND, 50 * SECOND)
        signals.push(state(index, key, atMs, okMs, { exhausted: false }))
        atMs = okMs + between(10 * SECOND, 70 * SECOND)
      }
      // The agent counts how often it comes and goes, and says so.
      if (isUsb) signals.push(state(index, 'usb.unstable:scanner', signals[5]?.fromMs ?? atMs, atMs + 10 * MINUTE))
      const keys = isUsb ? [key, 'usb.unstable:scanner'] : [key]
      if (!isOneOpening(site, fromMs, atMs + 2 * HOUR) || !isFree(index, fromMs, atMs + 2 * HOUR)) return false
      if (!keys.every(one => isFresh(index, one, fromMs, atMs))) return false
      occupy([index], fromMs, atMs + 2 * HOUR)
      add({ kind: 'flapping', device: index, site: null, keys, fromMs, toMs: atMs, owesTicket: true, signals })
      return true
    })
  }

  /** Off the network for hours: what happened meanwhile is told late, and in device time. */
  const planLate = (): void =>
    onDevice(per500(60), ({ index, site }, fromMs) => {
      const toMs = fromMs + between(60 * MINUTE, 240 * MINUTE)
      if (!isOneOpening(site, fromMs, toMs + 2 * HOUR) || !isFree(index, fromMs, toMs + 2 * HOUR)) return false
      const of = random.pick(SIGNAL_KINDS.filter(one => one.holdSeconds < 100 && one.key !== 'power.battery'))
      if (!isFresh(index, of.key, fromMs, toMs) || !isFresh(index, 'agent.offline', fromMs, toMs)) return false
      occupy([index], fromMs, toMs + 2 * HOUR)
      const links: LinkState[] = [{ device: index, fromMs, toMs, how: random.pick(['will', 'silent'] as const), boots: false }]
      add({ kind: 'off-the-network', device: index, site: null, keys: ['agent.offline'], fromMs, toMs, owesTicket: true, links })
      const isLasting = random.chance(0.5)
      const beganMs = fromMs + between(10 * MINUTE, 30 * MINUTE)
      const endedMs = isLasting ? toMs + between(30 * MINUTE, 90 * MINUTE) : beganMs + between(5 * MINUTE, 20 * MINUTE)
      const signals = [state(index, of.key, beganMs, endedMs)]
      const kind = isLasting ? 'told-late' : 'over-when-told'
      add({ kind, device: index, site: null, keys: [of.key], fromMs: beganMs, toMs: endedMs, owesTicket: isLasting, signals })
      return true
    })

  const planMaintenance = (): void => {
    const planned = (count: number, isLasting: boolean): void =>
      onDevice(per500(count), (device, fromMs) => {
        const toMs = fromMs + between(90, 180) * MINUTE
        const { site, index } = device
        const of = random.pick(SIGNAL_KINDS.filter(one => one.holdSeconds < 100 && one.maxMinutes > 100))
        const endMs = isLasting ? toMs + between(25, 60) * MINUTE : toMs - 20 * MINUTE
        if (!isOneOpening(site, fromMs, toMs + 2 * HOUR) || !isFree(index, fromMs, toMs + 2 * HOUR)) return false
        if (!isFresh(index, of.key, fromMs, toMs) || around.disabled.some(({ signal }) => signal === of.key)) return false
        occupy([index], fromMs, toMs + 2 * HOUR)
        around.maintenance.push({ device: index, site: null, fromMs, toMs })
        const signals = [state(index, of.key, fromMs + 15 * MINUTE, endMs)]
        const links: LinkState[] = [{ device: index, fromMs: fromMs + 2 * MINUTE, toMs: fromMs + 12 * MINUTE, how: 'will', boots: true }]
        const kind = isLasting ? 'outlives-maintenance' : 'in-maintenance'
        add({
          kind,
          device: index,
          site: null,
          keys: [of.key],
          fromMs: fromMs + 15 * MINUTE,
          toMs: endMs,
          owesTicket: isLasting,
          signals,
          links,
        })
        return true
      })
    planned(20, false)
    planned(12, true)
    place(per500(8), () => {
      const site = random.pick(layout.sites.filter(one => one.devices.length >= 4))
      const fromMs = anyTime()
      const toMs = fromMs + 2 * HOUR
      if (!isOneOpening(site, fromMs, toMs) || !site.devices.every(device => isFree(device, fromMs, toMs))) return false
      occupy(site.devices, fromMs, toMs)
      around.maintenance.push({ device: null, site: site.index, fromMs, toMs })
      const links = site.devices.map((device): LinkState => ({
        device,
        fromMs: fromMs + 5 * MINUTE + between(0, 9 * SECOND),
        toMs: toMs - 30 * MINUTE,
        how: 'will',
        boots: true,
      }))
      add({ kind: 'site-in-maintenance', device: null, site: site.index, keys: ['site.offline'], fromMs, toMs, owesTicket: false, links })
      return true
    })
  }

  planEverywhere()
  planSites()
  planMaintenance()
  planClosing()
  planUpdates()
  planLate()
  planLinks()
  planSignals()
  onDevice(per500(60), ({ index }, atMs) => {
    around.clockJumps.push({ device: index, atMs, byMs: between(-2 * DAY, 5 * HOUR) })
    return true
  })
  if (DAYS < 20) throw new Error('the month is too short for what is planned')
  return { causes, around }
}
