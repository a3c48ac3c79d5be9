import type { RequestCaps } from '../core/caps.ts'
import type { Dimension, Facts, Numbers, Resource } from '../core/dimensions.ts'
import type { JwtAlgorithm } from '../core/jwt.ts'
import type { Price } from '../core/price.ts'
import type { NetworkType, Profile } from '../core/principal.ts'
import type { ResponseConfig } from './response-config.ts'

/** A configuration that was checked as a whole; frozen, so that what was checked is what runs. */
export interface Config {
  readonly listen: Address
  /** null: plain HTTP, on loopback or where `insecure` says so. */
  readonly tls: ListenerTls | null
  /** Whether plain HTTP may leave this machine. */
  readonly insecure: boolean
  readonly control: ControlConfig
  /** null: nothing survives a restart. */
  readonly dataDir: string | null
  readonly upstreams: ReadonlyMap<string, UpstreamConfig>
  /** In the order of the file; the first match wins. */
  readonly models: readonly ModelRoute[]
  readonly pricing: PricingConfig
  readonly identity: IdentityConfig
  readonly network: NetworkConfig
  readonly trustProfiles: ReadonlyMap<string, TrustProfile>
  readonly tenants: ReadonlyMap<string, TenantConfig>
  readonly exemptions: readonly Exemption[]
  readonly terms: TermsConfig | null
  readonly quotas: readonly LimitConfig[]
  readonly request: RequestConfig
  readonly screening: ScreeningConfig
  readonly detection: DetectionConfig
  readonly response: ResponseConfig
  readonly overload: OverloadConfig
  readonly onError: OnErrorConfig
  readonly audit: AuditConfig
  /** Files that were read for this configuration, itself first: a change of one is a reason to read it again. */
  readonly sources: readonly string[]
  /** How often secrets that a command or a file gives are asked for again; null where there are none. */
  readonly secretsRefreshMs: number | null
  /** Names the effective configuration; secrets enter it as their hashes only. */
  readonly hash: string
}

/** A host without brackets, and a port; port 0 lets the system choose. */
export interface Address {
  readonly host: string
  readonly port: number
}

/** PEM texts, read from their files. */
export interface ListenerTls {
  readonly cert: string
  readonly key: string
  readonly clientCa: string | null
  readonly clientAuth: 'none' | 'request' | 'require'
  /** Where the three were read. */
  readonly paths: { readonly cert: string; readonly key: string; readonly clientCa: string | null }
}

export interface ControlConfig {
  readonly listen: Address
  readonly token: string | null
}

export type DialectName = 'openai' | 'anthropic' | 'gemini'

/** Either `baseUrls` has entries or `embedded` is set. */
export interface UpstreamConfig {
  readonly name: string
  readonly dialects: readonly DialectName[]
  /** Equal servers, without trailing slashes. */
  readonly baseUrls: readonly string[]
  readonly embedded: 'demo' | null
  readonly apiKey: string | null
  readonly tls: UpstreamTls | null
  readonly streamUsage: boolean
  readonly connections: number
  readonly connectTimeoutMs: number
  readonly firstByteTimeoutMs: number
  readonly idleTimeoutMs: number
  readonly breaker: { readonly failures: number; readonly windowMs: number; readonly openMs: number }
}

/** PEM texts. */
export interface UpstreamTls {
  /** null: the authorities that Node comes with. */
  readonly ca: string | null
  /** What we show of ourselves; both or none. */
  readonly cert: string | null
  readonly key: string | null
  /** Where the three were read. */
  readonly paths: { readonly ca: string | null; readonly cert: string | null; readonly key: string | null }
}

export interface ModelRoute {
  readonly pattern: string
  readonly upstream: string
  /** Asked in this order where the first one cannot answer. */
  readonly failover: readonly string[]
  /** Output tokens that an answer may have whose request names no bound. */
  readonly maxOutputTokens: number
  /** null: the price book is asked. */
  readonly price: Price | null
  readonly request: RequestCaps
}

export interface PricingConfig {
  /** Text of a price book file, and its path for messages. */
  readonly book: { readonly path: string; readonly text: string } | null
  readonly onUnpriced: 'estimate' | 'block'
  /** What a model without a price is charged at. */
  readonly estimate: Price
}

export interface IdentityConfig {
  /** Networks in CIDR form; a single address has become /32 or /128. */
  readonly trustedProxies: readonly string[]
  readonly keys: readonly KeyConfig[]
  readonly jwt: readonly JwtConfig[]
  readonly certificates: readonly CertificateConfig[]
  /** Clients that bring a key of the upstream's own; null: none may. */
  readonly passThrough: PassThroughConfig | null
  /** null: keys are not swapped for short-lived tokens. */
  readonly tokens: TokensConfig | null
  readonly signatures: { readonly windowMs: number }
  /** Headers in which a key's owner names its end user and session; null: only the body is looked at. */
  readonly userHeader: string | null
  readonly sessionHeader: string | null
  readonly authFailuresPerMinute: number
}

/** The secret itself is gone once the file is read. */
export interface KeyConfig {
  readonly id: string
  /** Lower-case hex of SHA-256 over the whole secret. */
  readonly secretSha256: string
  readonly tenant: string | null
  readonly profile: Profile
  readonly trust: string | null
  readonly expiresAtMs: number | null
  /** `required`: a bare key is refused, the request must carry a signature made with it. */
  readonly signed: 'no' | 'required'
}

export interface JwtConfig {
  readonly name: string
  readonly issuer: string
  readonly audiences: readonly string[]
  readonly algorithms: readonly JwtAlgorithm[]
  /** null: asked of the issuer, as OpenID Connect Discovery has it. */
  readonly jwksUrl: string | null
  /** Keys from a file; then nothing is fetched. */
  readonly jwks: object | null
  readonly jwksFile: string | null
  readonly clockSkewMs: number
  readonly maxAgeMs: number | null
  readonly claims: {
    readonly tenant: string | null
    readonly user: string | null
    readonly profile: string | null
  }
  /** Where the token itself names none. */
  readonly profile: Profile
  readonly trust: string | null
}

/** Exactly one of `sha256` and `subject` is set; a subject may be a glob. */
export interface CertificateConfig {
  readonly id: string
  readonly sha256: string | null
  readonly subject: string | null
  readonly tenant: string | null
  readonly profile: Profile
  readonly trust: string | null
}

export interface PassThroughConfig {
  /** Globs over the presented key, such as `sk-*`. */
  readonly match: readonly string[]
  readonly profile: Profile
  readonly trust: string | null
}

export interface TokensConfig {
  readonly ttlMs: number
  readonly bind: 'none' | 'ip_prefix' | 'fingerprint'
}

export interface NetworkConfig {
  /** Paths of MMDB files. */
  readonly databases: readonly string[]
  /** Headers of a trusted proxy; null: not looked at. */
  readonly headers: {
    readonly asn: string | null
    readonly country: string | null
    readonly ja3: string | null
    readonly ja4: string | null
  }
  /** Addresses of a kind, from files. */
  readonly lists: readonly {
    readonly type: Exclude<NetworkType, 'none'>
    readonly path: string
    readonly ranges: readonly string[]
  }[]
  readonly hostingAsns: readonly number[]
  readonly reputation: readonly ReputationConfig[]
}

export interface ReputationConfig {
  readonly kind: 'cidr' | 'asn' | 'ja4' | 'key' | 'fingerprint'
  readonly value: string
  /** 0 is worst, 100 best, 50 what is said of nobody. */
  readonly score: number
  readonly expiresAtMs: number | null
  readonly reason: string
}

/** What a group of callers may do beyond or below what everybody may. */
export interface TrustProfile {
  readonly name: string
  /** Under overload the lowest go first: 0 to 9. */
  readonly priority: number
  /** Factor on the amount of every limit that is per key, tenant or user; 1 changes nothing. */
  readonly scale: number
  /** Amounts of single limits, in their own unit (nano-dollars for cost). */
  readonly quotas: ReadonlyMap<string, number>
  /** Globs; null: every model. */
  readonly models: readonly string[] | null
  /** Endpoint names; null: every endpoint. */
  readonly endpoints: readonly string[] | null
  /** Fields of a request body that are refused. */
  readonly denyFields: readonly string[]
  readonly request: RequestCaps
  /** Callers without a profile of their own get this one when their reputation is at most this; null: never. */
  readonly whenReputationAtMost: number | null
}

export interface TenantConfig {
  readonly name: string
  readonly trust: string | null
  readonly quotas: ReadonlyMap<string, number>
}

/** Lets somebody out of something, for a reason and a time. */
export interface Exemption {
  readonly reason: string
  readonly expiresAtMs: number
  readonly match: readonly Matcher[]
  /** Names of limits, or `screening`, `reputation`, `terms`, `overload`, `actions`. */
  readonly from: readonly string[]
}

export interface TermsConfig {
  readonly version: string
  readonly url: string
  readonly onUnaccepted: 'allow' | 'announce' | 'deny'
}

export interface Matcher {
  readonly dimension: Dimension
  readonly globs: readonly string[]
}

/** A CEL expression, checked and compiled. A request that it fails on is one that it holds for. */
export interface Condition {
  readonly source: string
  holds(facts: Facts, numbers: Numbers): boolean
}

export interface LimitConfig {
  readonly name: string
  readonly per: readonly Dimension[]
  readonly resource: Resource
  /** Nano-dollars for `cost_usd`. */
  readonly amount: number
  /** 0 for a gauge. */
  readonly windowMs: number
  readonly kind: 'bucket' | 'sliding' | 'calendar' | 'gauge'
  /** The amount itself where the kind has no burst. */
  readonly burst: number
  /** All must match, each by one of its globs. */
  readonly match: readonly Matcher[]
  readonly when: Condition | null
  readonly mode: 'enforce' | 'shadow' | 'off'
  readonly onStoreError: 'deny' | 'local' | 'allow'
}

export interface RequestConfig {
  readonly maxBodyBytes: number
  readonly bodyTimeoutMs: number
  readonly maxDurationMs: number
  /** What must be known before a body can be read at all. */
  readonly maxMessages: number
  readonly maxDepth: number
  readonly caps: RequestCaps
}

export const screens = ['invisible_unicode', 'encoded_payload', 'glitch_tokens', 'flood'] as const
export type Screen = (typeof screens)[number]
export type ScreenAction = 'off' | 'flag' | 'refuse'

export interface ScreeningConfig {
  readonly actions: Readonly<Record<Screen, ScreenAction>>
  /** Bytes of a prompt that are looked at: its start, its end and windows between. */
  readonly maxScanBytes: number
}

/** What is made of the evidence against callers. */
export interface DetectionConfig {
  /** `shadow`: decisions are made and told, and nothing comes of those above `watch`. */
  readonly mode: 'enforce' | 'shadow' | 'off'
  /** Text of a calibration made from own traffic, and its path for messages; null: the one that ships. */
  readonly calibration: { readonly path: string; readonly text: string } | null
  readonly ladder: LadderConfig
  /** Accounts that are told apart; newcomers beyond share records. */
  readonly maxAccounts: number
  /** Keys of prompts that are remembered; a power of two. */
  readonly keySlots: number
  readonly snapshotEveryMs: number
}

/** From how much evidence each level is reached, rising from level to level. */
export interface LadderConfig {
  readonly watch: number
  readonly notice: number
  readonly stepUp: number
  readonly tarpit: number
  readonly squeeze: number
  /** The account's own part of what a block needs. */
  readonly block: number
}

export interface OverloadConfig {
  readonly maxInFlight: number
}

/** What happens to a request when a stage of ours fails. */
export interface OnErrorConfig {
  /** Nobody can say which actions in force meet the request. */
  readonly enforce: 'deny' | 'allow'
  readonly admit: 'deny' | 'allow'
  readonly meter: 'deny' | 'allow'
  readonly screen: 'deny' | 'allow'
  /** The log does not reach the disk. */
  readonly audit: 'deny' | 'allow'
}

/** What others keep of the log; the log itself is written wherever there is a `dataDir`. */
export interface AuditConfig {
  /** Names the log for good; null: one is made up. */
  readonly origin: string | null
  readonly witnesses: readonly WitnessConfig[]
  readonly anchor: { readonly folder: string | null; readonly timestampUrl: string | null }
  readonly everyMs: number
}

export interface WitnessConfig {
  readonly url: string
  /** Its public key, as a vkey. */
  readonly key: string
}
