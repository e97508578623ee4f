/** Words for what happens to a clock, in the order in which things of one instant happen. */

/**
 * `met` in time, `ended` late or without a target, `warned` before it was due, `escalated` from then on; `passed-over` a step for
 * which a higher one spoke.
 */
export const CLOCK_WORDS = [
  'started',
  'retargeted',
  'paused',
  'resumed',
  'passed-over',
  'warned',
  'breached',
  'escalated',
  'reminded',
  'met',
  'ended',
  'cancelled',
] as const
export type ClockWord = (typeof CLOCK_WORDS)[number]
