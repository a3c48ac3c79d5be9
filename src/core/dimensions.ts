/**
 * What limits are counted by and what they can match. Every one has a value for every request ("-" where nothing is
 * known), so that a missing one is never "unlimited".
 */
export const dimensions = [
  'key',
  'tenant',
  'user',
  'session',
  'ip',
  'ip_prefix',
  'asn',
  'country',
  'network',
  'fingerprint',
  'model',
  'endpoint',
  'route',
  'prompt_class',
  'profile',
  'trust',
  'credential',
  /** The campaign that the account is known to belong to. */
  'campaign',
  'global',
] as const
export type Dimension = (typeof dimensions)[number]
export type Facts = Readonly<Record<Dimension, string>>

/** What is known of nobody in particular. */
export const noFacts: Facts = {
  key: '-',
  tenant: '-',
  user: '-',
  session: '-',
  ip: '-',
  ip_prefix: '-',
  asn: '-',
  country: '-',
  network: 'none',
  fingerprint: '-',
  model: '-',
  endpoint: '-',
  route: '-',
  prompt_class: '-',
  profile: 'unknown',
  trust: '-',
  credential: '-',
  campaign: '-',
  global: '',
}

/**
 * What a limit counts. `tokens` is input plus output, `cost_usd` is counted in nano-dollars; `concurrent` is held while
 * an exchange lasts and never charged.
 */
export const resources = ['requests', 'input_tokens', 'output_tokens', 'tokens', 'cost_usd', 'concurrent'] as const
export type Resource = (typeof resources)[number]

/** Numbers of a request that a condition can ask about, beside its facts. */
export interface Numbers {
  readonly input_tokens: number
  /** The client's bound on output tokens; 0 where it gave none. */
  readonly max_tokens: number
  readonly choices: number
  readonly messages: number
  readonly body_bytes: number
  readonly images: number
  readonly tools: number
  readonly stream: boolean
  readonly reputation: number
  /** Of the UTC day, and of the week from Monday = 1. */
  readonly hour: number
  readonly weekday: number
}
