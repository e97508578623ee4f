/** What people are told about their plan, in plain text: first line = heading, as in every letter. */

/** A device asked to come in and the plan has no place for it. */
export function writeDeviceWaits(facts: { deviceName: string; customerName: string; planName: string; included: number | null }): {
  subject: string
  body: string
} {
  const { deviceName, customerName, planName, included } = facts
  const heading = `A device waits for a place: ${deviceName}`
  const limit =
    included === null
      ? `The plan ${planName} has no free place.`
      : `The plan ${planName} includes ${included} devices, and all places are taken.`
  return {
    subject: `${heading} (${customerName})`,
    body: `${heading}\n\n${limit} The device is known and enters by itself as soon as a place is free; until then it is not watched.\n\n- To free a place, retire a device that is no longer used.\n- Or agree a larger plan.\n\nCustomer: ${customerName}\n`,
  }
}

/** More devices hold a place than the new plan includes. `until` is a date people read. */
export function writeGraceBegins(facts: { customerName: string; planName: string; included: number; held: number; until: string }): {
  subject: string
  body: string
} {
  const { customerName, planName, included, held, until } = facts
  const heading = `${held} devices, ${included} in the plan: choose by ${until}`
  return {
    subject: `${customerName}: ${heading}`,
    body: `${heading}\n\nThe plan ${planName} includes ${included} devices and ${held} are in use. Until ${until} all of them stay covered.\n\n- Choose the ${included} devices that are to stay covered.\n- Without a choice, those that were enrolled first stay covered. The rest is still watched, but raises no tickets.\n\nCustomer: ${customerName}\n`,
  }
}

/** A product's life ends on a day. `on` and `supportedUntil` are dates people read. */
export function writeEndOfLife(facts: {
  productName: string
  customerName: string
  on: string
  supportedUntil?: string
  alternative?: string
}): { subject: string; body: string } {
  const { productName, customerName, on, supportedUntil = on, alternative } = facts
  const heading = `End of life of ${productName}: ${on}`
  const instead = alternative === undefined ? '' : `\n- An alternative is ${alternative}.`
  return {
    subject: heading,
    body: `${heading}\n\nFrom ${on} on there will be no further releases or corrections of ${productName}. Support runs until ${supportedUntil}.\n\n- Plan the move of your devices before then.${instead}\n- Answer to this mail when you want help with it.\n\nCustomer: ${customerName}\n`,
  }
}
