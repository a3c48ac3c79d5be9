/** What a key says it is for; later rooms judge traffic within its profile. */
export const profiles = ['human_seat', 'agent', 'app', 'batch', 'research', 'reseller', 'unknown'] as const
export type Profile = (typeof profiles)[number]

/** Who is calling, as far as Weir has verified it. Never holds a secret. */
export interface Principal {
  readonly keyId: string
  readonly tenant: string | null
  /** The tenant if it is known, else the key: decisions and distinct-account counts rest on this. */
  readonly account: string
  readonly profile: Profile
}

/** Where the call comes from. Only a trusted proxy can change what the socket says. */
export interface Network {
  readonly ip: string
  /** IPv4 /24 or IPv6 /64: what one person or one small office usually holds. */
  readonly ipPrefix: string
}
