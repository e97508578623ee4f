/** Whose a device is: what a route asks before it shows or does anything. */

/** Id of the customer of a device. Throws not-found. */
export type CustomerOfDevice = (deviceId: string) => Promise<string>
