/** How the helper, or who asks it, says that nothing was done. */

/** The remedy cannot be had here: nothing was done. The message is for a person. */
export class Refused extends Error {
  override name = 'Refused'
}
