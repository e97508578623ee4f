/** The first of the three truths about a device: does its link to us stand. */
export type Connection = 'online' | 'suspect' | 'offline' | 'planned-offline' | 'unknown' | 'never'
