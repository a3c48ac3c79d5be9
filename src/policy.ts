import type { RequestCaps } from './core/caps.ts'
import type { Config, Exemption, ScreeningConfig, TenantConfig, TermsConfig, TrustProfile } from './config/config.ts'
import type { DecoysConfig, Playbook } from './config/response-config.ts'
import { noFacts, type Dimension, type Facts } from './core/dimensions.ts'
import { globMatches } from './core/glob.ts'
import type { Price, PriceTag } from './core/price.ts'
import type { Principal } from './core/principal.ts'
import type { Upstream } from './core/upstream.ts'
import type { Decoys } from './decoys/decoys.ts'
import type { DialectName } from './dialects/dialect.ts'
import type { RelayTimes } from './gateway/relay.ts'
import type { Identifier } from './identity/identify.ts'
import type { NetworkReader } from './identity/network-reader.ts'
import type { Reputation } from './identity/reputation.ts'
import type { PriceBook } from './metering/price-book.ts'
import { matches, type Limit } from './quota/limit.ts'
import { limitsFor } from './quota/scaling.ts'

/** The part of the configuration that decides, compiled and frozen; replaced as a whole by a reload. */
export interface Policy {
  readonly hash: string
  readonly limits: readonly Limit[]
  /** Failed attempts to authenticate, per network. */
  readonly authFailures: Limit
  readonly maxBodyBytes: number
  readonly maxMessages: number
  readonly maxDepth: number
  readonly bodyTimeoutMs: number
  readonly caps: RequestCaps
  /** null: every screen is off. */
  readonly screening: ScreeningConfig | null
  /** Whether anybody looks at observations of prompts. */
  readonly observes: boolean
  /** What is done about evidence; the first that fits a request holds for it. */
  readonly playbooks: readonly Playbook[]
  readonly terms: TermsConfig | null
  readonly decoys: Decoys
  /** Where calls of honey models go, by dialect; where there is none Weir answers them itself. */
  readonly decoyTargets: ReadonlyMap<DialectName, ModelTarget>
  readonly promptCanary: DecoysConfig['promptCanary']
  readonly exemptions: readonly Exemption[]
  readonly onError: Config['onError']
  readonly userHeader: string | null
  readonly sessionHeader: string | null
  readonly identifier: Identifier
  readonly network: NetworkReader
  readonly reputation: Reputation
  readonly pricing: Pricing
  readonly standings: Standings
  readonly routes: Routes
  /** Every upstream by its name, for calls that an action sends elsewhere than their model's route. */
  readonly detours: ReadonlyMap<string, Detour>
  /** The page where a step-up is passed: its address, or what is known of the one under `/weir/`. */
  readonly stepUp: { readonly url: string | null; readonly https: boolean }
}

export type Detour = Pick<ModelTarget, 'upstream' | 'streamUsage' | 'times'> & {
  readonly dialects: readonly DialectName[]
}

export interface Pricing {
  readonly book: PriceBook | null
  readonly onUnpriced: 'estimate' | 'block'
  readonly estimate: Price
}

/** Where a request for a model goes, and what the configuration says of it. */
export interface ModelTarget {
  readonly upstream: Upstream
  /** Whether the upstream may be asked for a usage chunk. */
  readonly streamUsage: boolean
  /** Output tokens of an answer whose request names no bound. */
  readonly maxOutputTokens: number
  /** null: the price book is asked. */
  readonly price: Price | null
  readonly caps: RequestCaps
  readonly times: RelayTimes
}

export interface Route {
  readonly pattern: string
  readonly targets: ReadonlyMap<DialectName, ModelTarget>
}

export class Routes {
  readonly #routes: readonly Route[]
  /** Where a request goes that is about no one model: the list of all of them. */
  readonly listing: ModelTarget | null
  /** What holds for calls that Weir answers itself; its upstream is put in for each of them. */
  readonly desk: Omit<ModelTarget, 'upstream'>

  constructor(routes: readonly Route[], listing: ModelTarget | null, desk: Omit<ModelTarget, 'upstream'>) {
    this.#routes = routes
    this.listing = listing
    this.desk = desk
  }

  /** The first route whose pattern fits; null where there is none, or none that speaks the dialect. */
  find(model: string, dialect: DialectName): ModelTarget | null {
    for (const { pattern, targets } of this.#routes)
      if (globMatches(pattern, model)) return targets.get(dialect) ?? null
    return null
  }
}

/** The price of a model: as its route says, else as the book does; null where nobody has written one. */
export function priceTag(target: ModelTarget, model: string, { book }: Pricing): PriceTag | null {
  if (target.price !== null) return { price: target.price, book: 'config' }
  const price = book === null ? null : book.find(model)
  return price === null ? null : { price, book: book!.version }
}

/** What the configuration makes of a caller. */
export interface Standing {
  readonly trust: TrustProfile | null
  readonly limits: readonly Limit[]
  /** Under overload the lowest are turned away first. */
  readonly priority: number
  /** Fields that a body may not have. */
  readonly denied: readonly DeniedField[]
}

/** As the configuration names it, and the folded names that lead to it. */
interface DeniedField {
  readonly name: string
  readonly path: readonly string[]
}

/** Of a caller without a trust profile. */
const DEFAULT_PRIORITY = 5

/** Finds the standing of callers; as many are kept as trust profiles and tenants are configured, and no more. */
export class Standings {
  readonly #config: Config
  /** By the tenant, or by there being none or one that the configuration does not name; then by the trust profile. */
  readonly #known = new Map<TenantConfig | 'alone' | 'unlisted', Map<string | null, Standing>>()
  /** Profiles that a bad reputation leads to, the strictest first. */
  readonly #byReputation: readonly TrustProfile[]

  constructor(config: Config) {
    this.#config = config
    this.#byReputation = [...config.trustProfiles.values()]
      .filter(({ whenReputationAtMost }) => whenReputationAtMost !== null)
      .sort((a, b) => a.whenReputationAtMost! - b.whenReputationAtMost!)
  }

  /** Whether a reputation can change anybody's standing. */
  get judgeReputation(): boolean {
    return this.#byReputation.length > 0
  }

  of({ tenant, trust }: Principal, reputation: number): Standing {
    const ofTenant = tenant === null ? undefined : this.#config.tenants.get(tenant)
    const named = trust ?? ofTenant?.trust ?? this.#reputed(reputation)
    const group = ofTenant ?? (tenant === null ? 'alone' : 'unlisted')
    let known = this.#known.get(group)
    if (known === undefined) this.#known.set(group, (known = new Map()))
    let standing = known.get(named)
    if (standing === undefined) known.set(named, (standing = this.#make(named, group)))
    return standing
  }

  #reputed(reputation: number): string | null {
    for (const { name, whenReputationAtMost } of this.#byReputation)
      if (reputation <= whenReputationAtMost!) return name
    return null
  }

  #make(named: string | null, group: TenantConfig | 'alone' | 'unlisted'): Standing {
    const { trustProfiles, quotas: limits } = this.#config
    const profile = (name: string | null): TrustProfile | null =>
      name === null ? null : (trustProfiles.get(name) ?? null)
    const trust = profile(named)
    // All keys of a tenant share its limits, so no single key's trust moves those.
    const ofAccount = group === 'alone' ? trust : group === 'unlisted' ? null : profile(group.trust)
    const quotas = typeof group === 'string' ? null : group.quotas
    return {
      trust,
      limits: limitsFor(limits, trust, ofAccount, quotas),
      priority: trust?.priority ?? DEFAULT_PRIORITY,
      denied: (trust?.denyFields ?? []).map((name) => ({ name, path: name.split('.').map(folded) })),
    }
  }
}

/** The first field of a body that its sender may not send; null where there is none. */
export function deniedField({ denied }: Standing, body: Readonly<Record<string, unknown>>): string | null {
  for (const { name, path } of denied) if (holds(body, path, 0)) return name
  return null
}

function holds(value: unknown, path: readonly string[], at: number): boolean {
  if (at === path.length) return true
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const fields = value as Readonly<Record<string, unknown>>
  for (const key of Object.keys(fields)) {
    if (key.length <= MAX_FOLDED_CHARS && folded(key) === path[at] && holds(fields[key], path, at + 1)) return true
  }
  return false
}

/** No name of the configuration is longer, underscores included. */
const MAX_FOLDED_CHARS = 128

/** Some servers take `TopLogprobs` or `topLogprobs` for `top_logprobs`: all spellings of a denied name are denied. */
const folded = (name: string): string => name.toUpperCase().toLowerCase().replaceAll('_', '')

/** What somebody is let out of, and why. */
export interface Exempt {
  readonly from: ReadonlySet<string>
  readonly reasons: readonly string[]
}

const nothing: Exempt = { from: new Set(), reasons: [] }

export function exemptFrom(exemptions: readonly Exemption[], facts: Facts, nowMs: number): Exempt {
  let found: { readonly from: Set<string>; readonly reasons: string[] } | null = null
  for (const { expiresAtMs, match, from, reason } of exemptions) {
    if (!(expiresAtMs > nowMs) || !matches(match, facts)) continue
    found ??= { from: new Set(), reasons: [] }
    for (const name of from) found.from.add(name)
    found.reasons.push(reason)
  }
  return found ?? nothing
}

/**
 * Whether somebody of whom only some facts are known may turn out to be let out of something. Everything that is known
 * has to fit.
 */
export const mayBeExempt = (
  exemptions: readonly Exemption[],
  from: string,
  facts: Facts,
  known: ReadonlySet<Dimension>,
  nowMs: number,
): boolean =>
  exemptions.some(
    (one) =>
      one.expiresAtMs > nowMs &&
      one.from.includes(from) &&
      matches(
        one.match.filter(({ dimension }) => known.has(dimension)),
        facts,
      ),
  )

/** What is known of a key before its request is. */
export const keyFacts = (principal: Principal): Facts => ({
  ...noFacts,
  key: principal.keyId,
  tenant: principal.account,
  profile: principal.profile,
  trust: principal.trust ?? '-',
  credential: principal.credential,
})
