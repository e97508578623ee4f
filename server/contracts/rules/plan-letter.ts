/** What people are told about their plan, in plain text: first line = heading, as in every letter. */

const spellDevices = (number: number): string => `${number} ${number === 1 ? 'device' : 'devices'}`

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
      : `The plan ${planName} includes ${spellDevices(included)}, and all places are taken.`
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
    body: `${heading}\n\nThe plan ${planName} includes ${spellDevices(included)} and ${held} are in use. Until ${until} all of them stay covered.\n\n- Choose the ${spellDevices(included)} to stay covered.\n- Without a choice, those that were enrolled first stay covered. The rest is still watched, but raises no tickets.\n\nCustomer: ${customerName}\n`,
  }
}

/** Names in a letter: at most fifty lines. */
function list(names: readonly string[]): string {
  const shown = names.slice(0, 50).map(name => `- ${name}`)
  return [...shown, ...(names.length > 50 ? [`- and ${names.length - 50} more`] : [])].join('\n')
}

/** Devices that waited were admitted, by name: as covered ones, or as additional ones of a plan that bills them. */
export function writePlacesFree(facts: {
  customerName: string
  planName: string
  covered: readonly string[]
  additional: readonly string[]
}): { subject: string; body: string } {
  const { customerName, planName, covered, additional } = facts
  const [first, ...others] = [...covered, ...additional]
  const heading =
    others.length > 0
      ? `${others.length + 1} devices do not wait any more`
      : covered.length > 0
        ? `A place was free: ${first} is covered now`
        : `${first} does not wait any more: it is admitted now`
  const parts = [
    ...(covered.length > 0 ? [`Covered by the plan ${planName} now:\n\n${list(covered)}`] : []),
    ...(additional.length > 0 ? [`Additional in the plan ${planName}, billed per device and day:\n\n${list(additional)}`] : []),
    'The agents connect by themselves within a minute or so; nothing has to be done.',
  ]
  return { subject: `${heading} (${customerName})`, body: `${heading}\n\n${parts.join('\n\n')}\n\nCustomer: ${customerName}\n` }
}

/** Three days before the grace of a downgrade ends, when nobody chose. */
export function writeGraceEndsSoon(facts: {
  customerName: string
  planName: string
  included: number
  leaving: readonly string[]
  until: string
}): {
  subject: string
  body: string
} {
  const { customerName, planName, included, leaving, until } = facts
  const heading = `Until ${until}: choose the ${spellDevices(included)} to stay covered`
  return {
    subject: `${customerName}: ${heading}`,
    body: `${heading}\n\nThe plan ${planName} includes ${spellDevices(included)} and nobody has chosen yet. Without a choice these are not covered any more from then on: they are still watched, but raise no tickets.\n\n${list(leaving)}\n\nCustomer: ${customerName}\n`,
  }
}

/** These devices are not covered any more. */
export function writeUncovered(facts: {
  customerName: string
  planName: string
  included: number | null
  deviceNames: readonly string[]
  isChosen: boolean
}): { subject: string; body: string } {
  const { customerName, planName, included, deviceNames, isChosen } = facts
  const number = deviceNames.length
  const heading = `${number} ${number === 1 ? 'device is' : 'devices are'} not covered any more`
  const limit = included === null ? `The plan is ${planName}.` : `The plan ${planName} includes ${spellDevices(included)}.`
  const why = isChosen ? 'The covered devices were chosen.' : 'Nobody chose, so those that were enrolled first stay covered.'
  return {
    subject: `${customerName}: ${heading}`,
    body: `${heading}\n\n${limit} ${why} The devices below are still watched, but raise no tickets:\n\n${list(deviceNames)}\n\n- To cover one of them, retire another device, choose again, or agree a larger plan.\n\nCustomer: ${customerName}\n`,
  }
}

/** A limit of the plan is nearly or wholly used. */
export function writeLimitReached(facts: {
  customerName: string
  percent: number
  what: string
  sentence: string
  toDo: readonly string[]
}): {
  subject: string
  body: string
} {
  const { customerName, percent, what, sentence, toDo } = facts
  const heading = percent >= 100 ? `All used: ${what}` : `${percent} % used: ${what}`
  return {
    subject: `${customerName}: ${heading}`,
    body: `${heading}\n\n${sentence}\n\n${toDo.map(line => `- ${line}`).join('\n')}\n\nCustomer: ${customerName}\n`,
  }
}
