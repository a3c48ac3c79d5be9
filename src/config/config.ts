import type { Profile } from '../core/principal.ts'

export const dimensions = ['key', 'tenant', 'user', 'ip', 'ip_prefix', 'model', 'endpoint', 'route', 'global'] as const
export type Dimension = (typeof dimensions)[number]

export const resources = ['requests', 'input_tokens', 'output_tokens', 'tokens', 'concurrent'] as const
export type Resource = (typeof resources)[number]

/** A configuration that was checked as a whole; frozen, so that what was checked is what runs. */
export interface Config {
  readonly listen: Address
  readonly control: ControlConfig
  /** null: nothing survives a restart. */
  readonly dataDir: string | null
  readonly upstreams: ReadonlyMap<string, UpstreamConfig>
  /** In the order of the file; the first match wins. */
  readonly models: readonly ModelRoute[]
  readonly identity: IdentityConfig
  readonly quotas: readonly LimitConfig[]
  readonly request: RequestConfig
  readonly onError: OnErrorConfig
  /** Names the effective configuration; secrets enter it as their hashes only. */
  readonly hash: string
}

/** A host without brackets, and a port; port 0 lets the system choose. */
export interface Address {
  readonly host: string
  readonly port: number
}

export interface ControlConfig {
  readonly listen: Address
  readonly token: string | null
}

/** Exactly one of `baseUrl` and `embedded` is set. */
export interface UpstreamConfig {
  readonly name: string
  readonly dialect: 'openai'
  /** Without a trailing slash. */
  readonly baseUrl: string | null
  readonly embedded: 'demo' | null
  readonly apiKey: string | null
  readonly streamUsage: boolean
  readonly connections: number
  readonly connectTimeoutMs: number
  readonly firstByteTimeoutMs: number
  readonly idleTimeoutMs: number
}

export interface ModelRoute {
  readonly pattern: string
  readonly upstream: string
  /** Output tokens that an answer may have whose request names no bound. */
  readonly maxOutputTokens: number
}

export interface IdentityConfig {
  /** Networks in CIDR form; a single address has become /32 or /128. */
  readonly trustedProxies: readonly string[]
  readonly keys: readonly KeyConfig[]
  readonly authFailuresPerMinute: number
}

/** The secret itself is gone once the file is read. */
export interface KeyConfig {
  readonly id: string
  /** Lower-case hex of SHA-256 over the whole secret. */
  readonly secretSha256: string
  readonly tenant: string | null
  readonly profile: Profile
}

export interface LimitConfig {
  readonly name: string
  readonly per: readonly Dimension[]
  readonly resource: Resource
  readonly amount: number
  /** 0 for a gauge. */
  readonly windowMs: number
  readonly kind: 'bucket' | 'sliding' | 'calendar' | 'gauge'
  /** The amount itself where the kind has no burst. */
  readonly burst: number
  /** All must match, each by one of its globs. */
  readonly match: readonly { readonly dimension: Dimension; readonly globs: readonly string[] }[]
  readonly mode: 'enforce' | 'shadow' | 'off'
  readonly onStoreError: 'deny' | 'local' | 'allow'
}

export interface RequestConfig {
  readonly maxBodyBytes: number
  readonly maxMessages: number
  readonly bodyTimeoutMs: number
  readonly maxDurationMs: number
}

/** What happens to a request when a stage of ours fails. */
export interface OnErrorConfig {
  readonly admit: 'deny' | 'allow'
  readonly meter: 'deny' | 'allow'
}
