/** What a key says it is for; later rooms judge traffic within its profile. */
export const profiles = ['human_seat', 'agent', 'app', 'batch', 'research', 'reseller', 'unknown'] as const
export type Profile = (typeof profiles)[number]

/** How a caller has shown who it is. */
export const credentials = ['key', 'token', 'jwt', 'certificate', 'pass_through'] as const
export type Credential = (typeof credentials)[number]

/** Who is calling, as far as Weir has verified it. Never holds a secret. */
export interface Principal {
  readonly keyId: string
  readonly tenant: string | null
  /** The tenant if it is known, else the key: decisions and distinct-account counts rest on this. */
  readonly account: string
  readonly profile: Profile
  readonly credential: Credential
  /** The end user, where an issuer has vouched for it; what a client merely says is in the event. */
  readonly user: string | null
  /** Names a trust profile of the configuration; null where none is given. */
  readonly trust: string | null
}

/** Where the call comes from. Only a trusted proxy, or a local database, can add to what the socket says. */
export interface Network {
  readonly ip: string
  /** IPv4 /24 or IPv6 /64: what one person or one small office usually holds. */
  readonly ipPrefix: string
  readonly asn: number | null
  /** ISO 3166-1 alpha-2. */
  readonly country: string | null
  readonly type: NetworkType
  readonly ja3: string | null
  readonly ja4: string | null
}

export const networkTypes = ['tor', 'proxy', 'hosting', 'none'] as const
export type NetworkType = (typeof networkTypes)[number]

/** Nothing is known but the address. */
export const plainNetwork = (ip: string, ipPrefix: string): Network => ({
  ip,
  ipPrefix,
  asn: null,
  country: null,
  type: 'none',
  ja3: null,
  ja4: null,
})

/** The program that calls, as far as its requests tell. */
export interface Client {
  /** Keyed hash over what one program sends alike each time. */
  readonly id: string
  readonly sdk: string | null
  readonly consistent: boolean
  /** What in its headers does not fit together; never a reason to refuse by itself. */
  readonly inconsistencies: readonly string[]
}
