/** What the ladder asks of the hands that carry a remedy out. */

export type RemedyHands = {
  /** Carries a remedy out for a signal. Rejects with `Refused`, or with a sentence when it went wrong. */
  run(id: string, key: string): Promise<void>
  /** Whether a customer is busy with the kiosk app. */
  isLocked(): Promise<boolean>
  /** Has the watches judge anew now. */
  lookNow(): Promise<void>
}
