/** Rules of printers: offline, jam, cover, paper, out of what the queue and the printer itself report. A one-way printer is never said to have paper. */
import type { WatchedPrinter } from '../../shared/profile.ts'
import type { AgentSignal, AgentSignalKey } from '../../shared/signals/signals.ts'
import type { PrinterFacts, PrinterReport } from '../probes/printer/printers.ts'
import { severityOf, type Reading, type WasFailing } from './reading.ts'

export const PRINTER_SIGNALS = [
  'printer.offline',
  'printer.jam',
  'printer.cover-open',
  'printer.paper-out',
  'printer.paper-low',
] as const satisfies readonly AgentSignal[]
type PrinterSignal = (typeof PRINTER_SIGNALS)[number]
type MaterialSignal = Exclude<PrinterSignal, 'printer.offline'>

/** State reasons without their ending -error, -warning or -report. */
const REASONS: Record<MaterialSignal, RegExp> = {
  'printer.jam': /^(media-jam|.*-jam|output-mailbox-jam)$/,
  'printer.cover-open': /^(cover-open|door-open|interlock-open|.*-cover-open|.*-door-open|.*-interlock-open)$/,
  'printer.paper-out': /^(media-empty|media-needed|input-tray-missing|input-media-supply-empty|.*-media-empty)$/,
  'printer.paper-low': /^(media-low|input-media-supply-low|.*-media-low)$/,
}
const OFFLINE_REASONS =
  /^(offline|shutdown|timed-out|paused|moving-to-paused|connecting-to-device-failed|com\.apple\.printer-vendor.*offline)$/
const WORDS: Record<MaterialSignal, { fault: string; well: string; advice: string }> = {
  'printer.jam': {
    fault: 'has a paper jam',
    well: 'has no paper jam',
    advice: 'Open the cover, take out the paper along its way, close the cover.',
  },
  'printer.cover-open': { fault: 'has its cover open', well: 'is closed', advice: 'Close the cover until it snaps in.' },
  'printer.paper-out': { fault: 'has no paper', well: 'has paper', advice: 'Put in paper.' },
  'printer.paper-low': { fault: 'is low on paper', well: 'has enough paper', advice: 'Put in paper soon, or leave a new roll beside it.' },
}

type Answer = Extract<PrinterReport, { answers: true }>

const keyOf = (signal: PrinterSignal, name: string): AgentSignalKey => `${signal}:${name}`
const plain = (reason: string) => reason.replace(/-(error|warning|report)$/, '')

function answersOf({ queue, device }: PrinterFacts): Answer[] {
  return [queue, device].filter(report => report?.answers === true)
}

/** Why nothing can be printed although no paper or cover is at fault; null when there is no such reason. */
function offlineReason({ queue, device }: PrinterFacts, answers: readonly Answer[], reasons: readonly string[]): string | null {
  if (queue?.answers === false && queue.why === 'missing') return 'its queue does not exist on this machine'
  if (queue?.answers === false && queue.why === 'silent') return `the print service (CUPS) does not answer (${queue.text})`
  if (device?.answers === false && device.why === 'silent') return `the printer does not answer (${device.text})`
  const told = reasons.filter(reason => OFFLINE_REASONS.test(reason))
  const message = answers.find(answer => answer.state === 'stopped')?.message
  if (told.length > 0) return `it reports ${told.join(', ')}${message ? ` (${message})` : ''}`
  const hasOtherSignal = Object.values(REASONS).some(pattern => reasons.some(reason => pattern.test(reason)))
  if (!hasOtherSignal && answers.some(answer => answer.state === 'stopped')) {
    return `it is stopped${reasons.length > 0 ? ` (${reasons.join(', ')})` : message ? ` (${message})` : ''}`
  }
  return answers.some(answer => answer.isAccepting === false) ? 'its queue takes no jobs' : null
}

const evidenceOf = ({ queue, device }: PrinterFacts, advice: string) => ({
  advice,
  ...(queue && { queue }),
  ...(device && { device }),
})

function judgeOffline(facts: PrinterFacts, printer: WatchedPrinter, reasons: readonly string[]): Reading {
  const key = keyOf('printer.offline', printer.name)
  const answers = answersOf(facts)
  const reason = offlineReason(facts, answers, reasons)
  if (reason !== null) {
    const advice = 'Check that the printer is switched on and its cable is in; then switch it off and on.'
    const text = `${printer.name} cannot print: ${reason}. ${advice}`
    return { key, verdict: 'failing', text: text.slice(0, 1_000), ...severityOf(printer.level), evidence: evidenceOf(facts, advice) }
  }
  const denied = [facts.queue, facts.device].find(report => report?.answers === false)
  if (denied?.answers === false) return { key, verdict: 'unknown', isLasting: true, text: `Cannot know: ${denied.text}` }
  if (!facts.queue && !facts.device) return { key, verdict: 'unknown', isLasting: true, text: 'Cannot know: its address cannot be asked' }
  if (answers.every(answer => answer.state === null))
    return { key, verdict: 'unknown', isLasting: true, text: 'Cannot know: it tells no state' }
  const well = facts.isTwoWay ? 'is ready' : 'has a ready queue; whether it is switched on shows only while it prints'
  return { key, verdict: 'ok', text: `${printer.name} ${well}` }
}

function judgeMaterial(
  signal: MaterialSignal,
  facts: PrinterFacts,
  printer: WatchedPrinter,
  reasons: readonly string[],
  wasFailing: WasFailing,
): Reading {
  const key = keyOf(signal, printer.name)
  const { fault, well, advice } = WORDS[signal]
  const told = reasons.filter(reason => REASONS[signal].test(reason))
  if (told.length > 0) {
    const text = `${printer.name} ${fault} (${told.join(', ')}). ${advice}`
    // running low is no reason to come today, whatever the printer is worth
    const level = signal === 'printer.paper-low' ? {} : severityOf(printer.level)
    return { key, verdict: 'failing', text: text.slice(0, 500), ...level, evidence: evidenceOf(facts, advice) }
  }
  const isHeard = answersOf(facts).some(answer => answer.reasons !== null)
  const isWhole = [facts.queue, facts.device].every(report => report === null || report.answers)
  if (!isWhole) return { key, verdict: 'unknown', text: 'the printer does not answer' }
  if (!isHeard) return { key, verdict: 'unknown', isLasting: true, text: `Cannot know: ${printer.name} tells nothing about itself` }
  if (facts.isTwoWay) return { key, verdict: 'ok', text: `${printer.name} ${well}` }
  // what the queue told itself, it may take back; beyond that a one-way printer proves nothing
  if (wasFailing(key)) return { key, verdict: 'ok', text: `The queue of ${printer.name} no longer reports it` }
  return { key, verdict: 'unknown', isLasting: true, text: `Cannot know: ${printer.name} is a one-way printer and does not tell` }
}

/** All signals of the printers of a profile. */
export function judgePrinters(printers: readonly WatchedPrinter[], facts: readonly PrinterFacts[], wasFailing: WasFailing): Reading[] {
  return printers.flatMap(printer => {
    const seen = facts.find(item => item.name === printer.name)
    if (!seen)
      return PRINTER_SIGNALS.map(signal => ({ key: keyOf(signal, printer.name), verdict: 'unknown' as const, text: 'not asked yet' }))
    const reasons = [...new Set(answersOf(seen).flatMap(answer => (answer.reasons ?? []).map(plain)))]
    const material = Object.keys(REASONS) as MaterialSignal[]
    return [judgeOffline(seen, printer, reasons), ...material.map(signal => judgeMaterial(signal, seen, printer, reasons, wasFailing))]
  })
}
