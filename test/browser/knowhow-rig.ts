/** A desk with something of everything: a fault with a device behind it, articles, a macro, a mail that waits, visits. */
import type { Visit } from '../../shared/api/visits/visit-api.ts'
import { rawMail } from '../support/raw-mail.ts'
import { enrolledDevice, type ScriptedDevice } from '../support/scripted-device.ts'
import { until } from '../support/until.ts'
import { ADMIN_TOKEN, type World } from '../support/world.ts'

export const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAIAAACQkWg2AAAAFklEQVR4nGPQqLhDEmIY1TCqYfhqAACTnTIQMoh5ZAAAAABJRU5ErkJggg==',
  'base64',
)
export type DeskScene = { ticketId: string; customerId: string; device: ScriptedDevice; visit: Visit; macroId: string }

/** Hands a mail over as it came. */
export async function handMail(world: World, mail: Parameters<typeof rawMail>[0]): Promise<void> {
  await fetch(`${world.url}/api/v1/intake/mail`, {
    method: 'POST',
    headers: { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'message/rfc822' },
    body: new Uint8Array(rawMail(mail)),
  })
}

export async function makeDeskScene(world: World): Promise<DeskScene> {
  await world.ok('PUT', '/rules/printer.jam', {
    signal: 'printer.jam',
    enabled: true,
    level: 2,
    holdSeconds: 0,
    clearSeconds: 1,
    fixedBy: 'remote',
    remedies: [],
    ladderSeconds: 0,
  })
  const place = await world.makeCustomer('ombori-production')
  await world.ok('POST', `/customers/${place.customerId}/contacts`, {
    name: 'Carl Contact',
    email: 'carl@shop.example',
    phone: '+46 70 123 45 67',
  })
  const partner = await world.ok('POST', '/partners', { name: 'Field Service North', email: 'n@partner.example', regions: [], skills: [] })
  const device = await enrolledDevice(world.url, await world.enrolmentToken(place), 'm1')
  await device.connect()
  await device.birth()
  await device.event('printer.jam', 'failing', 'Paper is stuck at the cutter')
  const ticket = await until('ticket', async () => (await world.ok<{ items: { id: string }[] }>('GET', '/tickets')).items[0])
  const visit = await world.ok<Visit>('POST', `/tickets/${ticket.id}/dispatch`, { partnerId: partner.id })
  const macro = await world.ok('POST', '/macros', {
    name: 'Ask for a photo',
    texts: { en: 'Hello{% if contact %} {{ contact }}{% endif %}, please send us a photo of the printer. {{ reference }}' },
    visibility: 'public',
    changes: { asks: true, assignee: 'me' },
  })
  await handMail(world, { from: 'eva@shop.example', subject: 'The screen in aisle 4 is dark', body: 'Since this morning.\nCan you help?' })
  await handMail(world, { from: 'stranger@nowhere.example', subject: 'Offer' })
  return { ticketId: ticket.id, customerId: place.customerId, device, visit, macroId: macro.id }
}
