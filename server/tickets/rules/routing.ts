/** Who goes to the device: the partner a ticket is given to, and why. */

export type PartnerOffer = { id: string; name: string; regions: readonly string[]; skills: readonly string[]; order: number }
export type RoutingFacts = {
  fixedBy: 'remote' | 'onsite' | 'customer'
  skill: string | undefined
  planName: string
  planOnsite: 'none' | 'partner'
  sitePartnerId: string | null
  region: string | null
  partners: readonly PartnerOffer[]
}
export type Route = { partnerId: string | null; why: string }

const covers = (list: readonly string[], word: string): boolean =>
  list.some(item => item.trim().toLowerCase() === word.trim().toLowerCase())

/** The site's own partner, else the first by order who covers its region and has the skill; nobody, with the reason. */
export function routeOnsite(facts: RoutingFacts): Route {
  const { skill, region, partners } = facts
  if (facts.fixedBy === 'remote') return { partnerId: null, why: 'Mended from afar: no visit.' }
  if (facts.fixedBy === 'customer') return { partnerId: null, why: 'Mended by the staff at the place: no visit.' }
  if (facts.planOnsite === 'none') return { partnerId: null, why: `Needs a visit; the ${facts.planName} plan has none.` }
  const own = partners.find(partner => partner.id === facts.sitePartnerId)
  if (own) return { partnerId: own.id, why: `Needs a visit: ${own.name} is the partner of the site.` }
  if (region === null) return { partnerId: null, why: 'Needs a visit, but the site has neither a partner nor a region.' }
  const fit = partners
    .filter(partner => covers(partner.regions, region) && (skill === undefined || covers(partner.skills, skill)))
    .toSorted((one, other) => one.order - other.order || (one.name < other.name ? -1 : 1))
  const [first] = fit
  const need = skill === undefined ? region : `${region} with skill ${skill}`
  return first
    ? { partnerId: first.id, why: `Needs a visit: ${first.name} covers ${need}.` }
    : { partnerId: null, why: `Needs a visit, but no partner covers ${need}.` }
}
