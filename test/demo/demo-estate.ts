/** The simulated estate: fictional customers on every plan of the catalogue, their sites, devices, contacts and partners. A list, so it may be long. */
import type { ProfileInput } from '../../shared/profile.ts'
import type { PartnerInput } from '../../shared/api/customers/partner-api.ts'

export type ProfileId = 'self-checkout' | 'ticket-machine' | 'signage' | 'point-of-sale'
export type HoursKey = 'shop' | 'cinema' | 'office' | 'always'
export type EstateSite = {
  name: string
  address: string
  region: string
  at: [lat: number, lon: number]
  hours: HoursKey
  devices: [ProfileId, number][]
}
export type EstateCustomer = { name: string; planId: string; timeZone: string; contacts: string[]; sites: EstateSite[] }

/** Customer and site at which the machine that runs the demo is enrolled. */
export const HERE = { customer: 'Your own place', site: 'This machine' }

const intervals = { sampleSeconds: 30, heartbeatSeconds: 10 }
export const PROFILES: Record<ProfileId, ProfileInput> = {
  'self-checkout': {
    name: 'Self-checkout',
    processes: [{ name: 'till', match: 'till-app', level: 2 }],
    peripherals: [{ name: 'scanner', usb: '05e0:1200', level: 2 }],
    displays: [{ width: 1920, height: 1080 }],
    intervals,
  },
  'ticket-machine': {
    name: 'Ticket machine',
    critical: true,
    processes: [{ name: 'ticketing', match: 'ticketd' }],
    peripherals: [{ name: 'card-reader', usb: '0801:0001', level: 1 }],
    intervals,
  },
  signage: {
    name: 'Signage',
    displays: [{ connector: 'HDMI-A-1', width: 3840, height: 2160 }],
    processes: [{ name: 'player', match: 'signage-player' }],
    intervals,
  },
  'point-of-sale': {
    name: 'Point of sale',
    processes: [{ name: 'pos', match: 'pos-client', level: 1 }],
    peripherals: [{ name: 'drawer', usb: '04b8:0202', level: 3 }],
    intervals,
  },
}
export const MODELS: Record<ProfileId, string> = {
  'self-checkout': 'Tillo SC-22',
  'ticket-machine': 'Perron T4',
  signage: 'Lumen 55',
  'point-of-sale': 'Kassa P10',
}

const daily = (span: [string, string]) => Object.fromEntries(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'].map(day => [day, [span]]))
/** Opening hours begin and end on full hours: history is judged at every hour. */
export const HOURS: Record<HoursKey, Record<string, unknown> | null> = {
  shop: { hours: daily(['07:00', '22:00']) },
  cinema: { hours: daily(['11:00', '23:00']) },
  office: { hours: { ...daily(['08:00', '19:00']), sun: [] } },
  always: null,
}

export const PARTNERS: PartnerInput[] = [
  {
    name: 'Fältkraft Service',
    email: 'dispatch@faltkraft.example',
    regions: ['nordic'],
    skills: ['display', 'printer', 'peripheral', 'network', 'hardware'],
    order: 10,
  },
  {
    name: 'Tamsin Field Engineering',
    email: 'jobs@tamsin.example',
    regions: ['uk-south', 'uk-north'],
    skills: ['display', 'printer', 'peripheral', 'hardware'],
    order: 10,
  },
  { name: 'Skärm & Skrivare', email: 'order@skarmskrivare.example', regions: ['nordic'], skills: ['display', 'printer'], order: 20 },
]

const site = (
  name: string,
  address: string,
  region: string,
  at: [number, number],
  hours: HoursKey,
  ...devices: [ProfileId, number][]
): EstateSite => ({ name, address, region, at, hours, devices })
export const CUSTOMERS: EstateCustomer[] = [
  {
    name: 'Lindqvist Livs',
    planId: 'ombori-enterprise',
    timeZone: 'Europe/Stockholm',
    contacts: ['Ebba Lindqvist', 'Oskar Hallin'],
    sites: [
      site('Livs Slussen', 'Hornsgatan 12, Stockholm', 'nordic', [59.32, 18.07], 'shop', ['self-checkout', 4], ['signage', 1]),
      site('Livs Haga', 'Haga Nygata 8, Göteborg', 'nordic', [57.7, 11.96], 'shop', ['self-checkout', 4]),
      site('Livs Möllan', 'Möllevångstorget 3, Malmö', 'nordic', [55.59, 13.01], 'shop', ['self-checkout', 3], ['point-of-sale', 1]),
    ],
  },
  {
    name: 'Brookfield Home & Garden',
    planId: 'ombori-production',
    timeZone: 'Europe/London',
    contacts: ['Maya Patel', 'Tom Ashdown'],
    sites: [
      site('Brookfield Croydon', '4 Lantern Way, Croydon', 'uk-south', [51.37, -0.1], 'shop', ['self-checkout', 3], ['signage', 2]),
      site('Brookfield Leeds', '90 Mill Row, Leeds', 'uk-north', [53.8, -1.55], 'shop', ['self-checkout', 3], ['point-of-sale', 1]),
    ],
  },
  {
    name: 'Kino Aurora',
    planId: 'ombori-pilot',
    timeZone: 'Europe/Stockholm',
    contacts: ['Signe Berg'],
    sites: [
      site('Aurora Uppsala', 'Svartbäcksgatan 21, Uppsala', 'nordic', [59.86, 17.64], 'cinema', ['ticket-machine', 4], ['signage', 1]),
    ],
  },
  {
    name: 'Hollow Hill Coffee',
    planId: 'ombori-free',
    timeZone: 'Europe/London',
    contacts: ['Jo Quill'],
    sites: [site('Hollow Hill Brighton', '17 Gull Lane, Brighton', 'uk-south', [50.82, -0.14], 'shop', ['point-of-sale', 4])],
  },
  {
    name: 'Fernwood Bakery',
    planId: 'ombori-production',
    timeZone: 'Europe/London',
    contacts: ['Iris Fernwood'],
    sites: [site('Fernwood Bath', '3 Crumb Street, Bath', 'uk-south', [51.38, -2.36], 'shop', ['point-of-sale', 5])],
  },
  {
    name: 'Stadtbahn Falkental',
    planId: 'op5-basic',
    timeZone: 'Europe/Berlin',
    contacts: ['Jonas Weber'],
    sites: [site('Falkental Hauptbahnhof', 'Bahnhofplatz 1, Falkental', 'de', [48.9, 9.2], 'always', ['ticket-machine', 4])],
  },
  {
    name: 'Vinterdal Transit',
    planId: 'op5-standard',
    timeZone: 'Europe/Oslo',
    contacts: ['Kari Nygård', 'Lars Moen'],
    sites: [
      site('Vinterdal stasjon', 'Stasjonsgata 2, Vinterdal', 'nordic', [60.4, 5.4], 'always', ['ticket-machine', 4]),
      site('Fjordbyen terminal', 'Havnegata 40, Fjordbyen', 'nordic', [60.6, 5.1], 'always', ['ticket-machine', 2]),
    ],
  },
  {
    name: 'Gare Montclair',
    planId: 'op5-premium',
    timeZone: 'Europe/Paris',
    contacts: ['Chloé Martin', 'Hugo Petit', 'Nadia Benali'],
    sites: [site('Hall Montclair', '1 place de la Gare, Montclair', 'fr', [45.7, 4.8], 'always', ['signage', 3], ['ticket-machine', 2])],
  },
  {
    name: 'Wattle Creek Pharmacy',
    planId: 'opmantek-standard',
    timeZone: 'Australia/Brisbane',
    contacts: ['Priya Nair'],
    sites: [site('Wattle Creek Mall', '12 Wattle St, Brisbane', 'au', [-27.5, 153], 'office', ['self-checkout', 3])],
  },
  {
    name: 'Southbank Picture House',
    planId: 'opmantek-premium',
    timeZone: 'Australia/Sydney',
    contacts: ['Liam Doyle', 'Zoe Tran'],
    sites: [site('Picture House Foyer', '5 River Walk, Sydney', 'au', [-33.9, 151.2], 'cinema', ['ticket-machine', 4])],
  },
  {
    name: 'Kestrel Lounges',
    planId: 'opmantek-enterprise',
    timeZone: 'Australia/Sydney',
    contacts: ['Amelia Ross', 'Noah Park'],
    sites: [site('Kestrel Lounge T2', 'Terminal 2, Sydney', 'au', [-33.94, 151.17], 'always', ['signage', 5])],
  },
  {
    name: 'Maple Ridge Parking',
    planId: 'ops-com-standard-plus',
    timeZone: 'America/Toronto',
    contacts: ['Grace Tremblay'],
    sites: [site('Ridge Garage A', '200 Maple Ridge Rd, Toronto', 'ca', [43.7, -79.4], 'always', ['ticket-machine', 4])],
  },
  {
    name: 'Lakeshore Campus Stores',
    planId: 'ops-com-premium',
    timeZone: 'America/New_York',
    contacts: ['Ethan Cole', 'Ruth Adler'],
    sites: [site('Campus Store North', '1 College Ave, Lakeshore', 'us-east', [42.9, -78.9], 'office', ['point-of-sale', 4])],
  },
  {
    name: 'Mercado Ipiranga',
    planId: 'opservices-pro',
    timeZone: 'America/Sao_Paulo',
    contacts: ['Beatriz Souza'],
    sites: [site('Loja Centro', 'Rua das Flores 77, Porto Alegre', 'br', [-30, -51.2], 'shop', ['self-checkout', 4])],
  },
  {
    name: 'Cine Jacarandá',
    planId: 'opservices-premium',
    timeZone: 'America/Sao_Paulo',
    contacts: ['Rafael Lima', 'Ana Prado'],
    sites: [
      site('Jacarandá Paulista', 'Alameda Jaú 310, São Paulo', 'br', [-23.56, -46.65], 'cinema', ['ticket-machine', 3], ['signage', 1]),
    ],
  },
  {
    name: HERE.customer,
    planId: 'ombori-production',
    timeZone: 'Europe/Stockholm',
    contacts: ['You'],
    sites: [site(HERE.site, 'where you are', 'nordic', [59.3, 18.1], 'always')],
  },
]
