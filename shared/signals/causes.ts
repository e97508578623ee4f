/** What can be the cause of another fault. Stands apart from the words: the agent needs the order, and its memory no words. */

/** No power, or too little of it. */
export const MAINS = ['power.battery', 'power.undervoltage'] as const
/** Nothing can be written. */
export const STORAGE = ['filesystem.read-only', 'disk.full'] as const
/**
 * Signals that explain others on the same device, worst first: of several the first is the cause. What each explains stands with the
 * symptoms (`symptomOf`); `agent.offline` explains whatever does not stand without contact.
 */
export const CAUSES = [
  'agent.offline',
  ...MAINS,
  'usb.unstable',
  ...STORAGE,
  'display.disconnected',
  'app.crashed',
  'page.unreachable',
  'screen.error-page',
  'app.frozen',
  'screen.blank',
] as const
export type CauseName = (typeof CAUSES)[number]
