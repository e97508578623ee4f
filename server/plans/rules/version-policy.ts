/**
 * Whether a version of a product is supported under a plan. The major version is the first number; the current release is the
 * newest one of the highest major. Dates are local dates and the last day counts.
 */
import type { Plan } from '../../../shared/api/plans/plan-api.ts'
import type { Product, VersionSupport } from '../../../shared/api/plans/product-api.ts'

type VersionPolicy = NonNullable<Plan['versionPolicy']>
export type KnownProduct = Product & { id: string }
type Version = { numbers: number[]; isBefore: boolean }
type Release = { text: string; version: Version; on: string }
type Verdict = { until: string | null; because: string }
type Limited = Verdict & { until: string }

/** The version in a text that people wrote, such as `Monitor v8.1.2 on Debian`; null when there is none. */
function parseVersion(text: string): Version | null {
  const match = /(?<![\d.])(\d{1,9}(?:\.\d{1,9}){0,3})(-[0-9A-Za-z.]+)?/.exec(text)
  if (!match) return null
  return { numbers: (match[1] ?? '').split('.').map(Number), isBefore: match[2] !== undefined }
}

/** Below zero when `one` is older. Missing numbers are noughts; 8.2.0-rc1 comes before 8.2.0. */
function compareVersions(one: Version, other: Version): number {
  for (let index = 0; index < 4; index += 1) {
    const difference = (one.numbers[index] ?? 0) - (other.numbers[index] ?? 0)
    if (difference !== 0) return difference
  }
  return Number(other.isBefore) - Number(one.isBefore)
}

const majorOf = (version: Version): number => version.numbers[0] ?? 0
const laterOf = (one: string, other: string): string => (one > other ? one : other)
const addMonths = (date: string, months: number): string => Temporal.PlainDate.from(date).add({ months }).toString()

/** What was released by a day, oldest version first. */
function releasedBy(product: KnownProduct, today: string): Release[] {
  return product.releases
    .flatMap(({ version: text, releasedOn }) => {
      const version = parseVersion(text)
      return version && releasedOn <= today ? [{ text, version, on: releasedOn }] : []
    })
    .sort((one, other) => compareVersions(one.version, other.version))
}

/** Day on which the first of some releases came out. */
function earliest(releases: readonly Release[]): string | null {
  return releases.map(release => release.on).sort()[0] ?? null
}

/** Day on which the first release of a major came out. */
function majorBegan(releases: readonly Release[], major: number): string | null {
  return earliest(releases.filter(release => majorOf(release.version) === major))
}

/** As long as its major is: some months or until the next one, whichever is first, but never less than others. */
function byMajor(policy: VersionPolicy, releases: readonly Release[], version: Version): Limited | null {
  const major = majorOf(version)
  const began = majorBegan(releases, major)
  if (began === null) return null
  const next = releases.filter(release => majorOf(release.version) > major).map(release => majorBegan(releases, majorOf(release.version)))
  const ends = [addMonths(began, policy.majorMonths), ...next.filter(day => day !== null)].sort()
  const until = laterOf(ends[0] ?? began, addMonths(began, policy.majorAtLeastMonths))
  return { until, because: `its major version ${major} came out on ${began}` }
}

/** The newest release of the major before the current one, for some months after it came out. */
function byPreviousMajor(policy: VersionPolicy, releases: readonly Release[], version: Version): Limited | null {
  const current = releases.at(-1)
  const previous = releases.findLast(release => current !== undefined && majorOf(release.version) < majorOf(current.version))
  if (!previous || compareVersions(previous.version, version) !== 0) return null
  return {
    until: addMonths(previous.on, policy.previousMajorMonths),
    because: `it is the newest release of the previous major version, out since ${previous.on}`,
  }
}

function isCurrentOnly(policy: VersionPolicy, productId: string): boolean {
  return policy.currentOnly.some(name => productId === name || productId.endsWith(`-${name}`))
}

/** Support by the plan alone; null = no release tells anything about the version. */
function byPolicy(policy: VersionPolicy, product: KnownProduct, releases: readonly Release[], version: Version): Verdict | null {
  const current = releases.at(-1)
  if (!current) return { until: null, because: 'no release is known yet' }
  const age = compareVersions(version, current.version)
  if (age > 0) return { until: null, because: `it is newer than the newest release known, ${current.text}` }
  if (age === 0) return { until: null, because: 'it is the current release' }
  if (isCurrentOnly(policy, product.id)) {
    const newer = releases.filter(release => compareVersions(release.version, version) > 0)
    return { until: earliest(newer) ?? current.on, because: 'only the current release is supported' }
  }
  const [major, previous] = [byMajor(policy, releases, version), byPreviousMajor(policy, releases, version)]
  return major && previous ? (previous.until > major.until ? previous : major) : (previous ?? major)
}

/**
 * Whether the version that a text names is supported on a day; null when the text names none. A plan without a version policy
 * supports every version until the product's end of life.
 */
export function supportOf(question: {
  policy: VersionPolicy | undefined
  product: KnownProduct
  version: string
  today: string
}): VersionSupport | null {
  const { policy, product, today } = question
  const version = parseVersion(question.version)
  if (!version) return null
  const named = `${product.name} ${version.numbers.join('.')}`
  const releases = releasedBy(product, today)
  const verdict: Verdict | null = policy
    ? byPolicy(policy, product, releases, version)
    : { until: null, because: 'the plan supports every version' }
  const { endOfLife } = product
  const lifeEnds = endOfLife ? (endOfLife.supportedUntil ?? endOfLife.on) : null
  const alternative = endOfLife?.alternative === undefined ? '' : ` Alternative: ${endOfLife.alternative}.`
  const current = releases.at(-1)
  const better = current && compareVersions(version, current.version) < 0 ? ` The current release is ${current.text}.` : ''
  if (!verdict)
    return { supported: false, until: null, why: `${named} is not supported: no release of its major version is known.${better}` }
  const isByLife = lifeEnds !== null && (verdict.until === null || lifeEnds < verdict.until)
  const until = isByLife ? lifeEnds : verdict.until
  const because = isByLife ? `its end of life is ${endOfLife?.on ?? lifeEnds}` : verdict.because
  if (until !== null && until < today)
    return {
      supported: false,
      until,
      why: `${named} is not supported any more, support ended on ${until}: ${because}.${isByLife ? alternative : better}`,
    }
  const length = until === null ? '' : ` until ${until}`
  return { supported: true, until, why: `${named} is supported${length}: ${because}.${isByLife ? alternative : ''}` }
}
