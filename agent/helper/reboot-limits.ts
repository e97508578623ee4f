/** How often a device may be rebooted: the ladder holds to it, and the helper counts for itself. */

export const MAX_REBOOTS = 2
export const REBOOT_WINDOW_MS = 24 * 3_600_000
