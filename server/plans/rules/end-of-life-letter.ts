/** The letter about the end of life of a product, in plain text: first line = heading, as in every letter. */

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
