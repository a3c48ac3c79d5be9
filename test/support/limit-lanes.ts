import type { Config, LimitConfig } from '../../src/config/config.ts'
import { parseConfig } from '../../src/config/load.ts'
import { formatProblems } from '../../src/config/problem.ts'
import { resources, type Dimension, type Resource } from '../../src/core/dimensions.ts'
import type { RequestEvent } from '../../src/core/event.ts'
import { endpoints } from '../../src/dialects/index.ts'
import { memoryExchange, type MemoryExchange, type MemoryRequest } from '../../src/gateway/memory-exchange.ts'
import { harness, type Harness } from './harness.ts'
import { shapesOf, type Shape } from './sample-requests.ts'
import { memoryVendor, type MemoryVendor } from './vendor-memory.ts'

/** What the generated test of limits plays with: a limit of every kind, each with callers of its own. */
const INPUT = 20
const WORDS = 12

/** What a limit of two requests allows: two fit with the margin that a hold takes, a third one never does. */
const amounts: Readonly<Record<Resource, number>> = {
  requests: 2,
  input_tokens: 58,
  output_tokens: 33,
  tokens: 86,
  // 1 and 2 dollars for a million tokens.
  cost_usd: 0.000114,
  concurrent: 2,
}
/** The most that one more request can ask to be held: the rest that a refusal may leave unused. */
export const mostHeld: Readonly<Record<Resource, number>> = {
  requests: 1,
  input_tokens: 38,
  output_tokens: 16,
  tokens: 54,
  cost_usd: 70_000,
  concurrent: 1,
}

/** The callers of one kind of limit. */
export interface Lane {
  readonly id: string
  readonly resource: Resource
}

export const lanes: readonly (Lane & { readonly yaml: string })[] = resources.flatMap((resource) =>
  (resource === 'concurrent' ? [''] : ['bucket', 'sliding', 'calendar']).map((kind) => {
    const id = `${resource.replaceAll('_', '-')}-${kind || 'gauge'}`
    const window = kind === '' ? '' : `, window: 1h, kind: ${kind}`
    const match = `match: { key: ["${id}-*", "cert:${id}:*"] }`
    return { id, resource, yaml: `  - { name: ${id}, ${resource}: ${amounts[resource]}${window}, ${match} }` }
  }),
)

/** Keys that differ from the first one in nothing but the dimension of their name. */
const fields = { a: {}, key: {}, tenant: { tenant: 'tb' }, profile: { profile: 'agent' }, trust: { trust: 'two' } }
const common = { tenant: 'ta', profile: 'app', trust: 'one' } as const
const secretOf = (lane: string, key: string): string => `wr_${key}_of_${lane}_0123456789abcdef`
const flow = (value: object): string => JSON.stringify(value)

const keyLines = lanes.flatMap(({ id }) =>
  Object.entries(fields).map(
    ([key, more]) => `    - ${flow({ id: `${id}-${key}`, secret: secretOf(id, key), ...common, ...more })}`,
  ),
)

const parsed = parseConfig(
  `
upstreams:
  main: { dialect: [openai, anthropic, gemini], embedded: demo }
models: { "*": { upstream: main, price: { input: 1, output: 2 } } }
identity:
  trusted_proxies: [10.0.0.0/8]
  user_header: x-user-id
  session_header: x-session-id
  tokens: {}
  keys:
${keyLines.join('\n')}
network:
  headers: { asn: x-asn, country: x-country }
  hosting_asns: [64510]
trust_profiles: { one: {}, two: {} }
terms: { version: "1", url: https://example.com/terms, on_unaccepted: allow }
quotas:
${lanes.map(({ yaml }) => yaml).join('\n')}
`,
  'test.yaml',
  {},
)
if (!parsed.ok) throw new Error(formatProblems(parsed.error))
// A listener asks for certificates, and there is none here.
const certificates = lanes.map(({ id }) => ({ id, sha256: null, subject: `${id}.example`, ...common }))
export const config: Config = { ...parsed.value, identity: { ...parsed.value.identity, certificates } }
export const limits: readonly { readonly lane: Lane; readonly limit: LimitConfig }[] = lanes.map((lane, i) => ({
  lane,
  limit: config.quotas[i]!,
}))

export const TRANSLATE = 'Translate this into French: the weather is nice today and the birds are singing.'
const CODE = 'Write a Python function that parses a CSV file and returns a list of dictionaries.'

/** What a request says of itself, and what limits then know it by. */
export interface Who {
  readonly key: string
  readonly headers: Readonly<Record<string, string>>
  readonly model: string
  readonly text: string
  readonly shape: Shape
}

export const usual: Readonly<Record<string, string>> = {
  'user-agent': 'OpenAI/Python 2.1.0',
  'x-forwarded-for': '198.51.100.1',
  'x-asn': '64500',
  'x-country': 'DE',
  'x-user-id': 'anna',
  'x-session-id': 's1',
}

const [chat, messages] = ['chat_completions', 'messages'].map(
  (name) => shapesOf(endpoints.find((endpoint) => endpoint.name === name)!)[0]!,
)

/** The same request but for the dimension; null where no other value of it can be had. */
export function otherThan(who: Who, dimension: Dimension): Who | null {
  const { shape, headers } = who
  const saying = (more: Record<string, string>): Who => ({ ...who, headers: { ...headers, ...more } })
  switch (dimension) {
    case 'key':
    case 'tenant':
    case 'profile':
    case 'trust':
      return { ...who, key: dimension }
    case 'credential':
      return { ...who, key: 'certificate' }
    case 'user':
      return saying({ 'x-user-id': 'bert' })
    case 'session':
      return saying({ 'x-session-id': 's2' })
    case 'ip':
      return saying({ 'x-forwarded-for': '198.51.100.2' })
    case 'ip_prefix':
      return saying({ 'x-forwarded-for': '203.0.113.1' })
    case 'asn':
      return saying({ 'x-asn': '64501' })
    case 'network':
      return saying({ 'x-asn': '64510' })
    case 'country':
      return saying({ 'x-country': 'FR' })
    case 'fingerprint':
      return saying({ 'user-agent': 'curl/8.5.0' })
    case 'model':
      return shape.names ? { ...who, model: 'other-model' } : null
    case 'prompt_class':
      return shape.asks ? { ...who, text: CODE } : null
    case 'endpoint':
    case 'route':
      return { ...who, shape: shape.endpoint.name === chat!.endpoint.name ? messages! : chat! }
    // No lane belongs to a campaign.
    case 'campaign':
    case 'global':
      return null
  }
}

/** The globs by which a limit matches the usual request of a lane, and not the other one. */
export function globsFor(dimension: Dimension, lane: Lane, shape: Shape, probe: RequestEvent): readonly string[] {
  const values: Readonly<Record<Dimension, string>> = {
    key: `${lane.id}-a`,
    tenant: 'ta',
    user: 'anna',
    session: 's1',
    ip: '198.51.100.1',
    ip_prefix: '198.51.100.0/24',
    asn: 'AS64500',
    country: 'DE',
    network: 'none',
    fingerprint: probe.client!.id,
    model: shape.names ? 'vendor-model' : '-',
    endpoint: shape.endpoint.name,
    route: shape.route,
    prompt_class: probe.promptClass ?? '-',
    profile: 'app',
    trust: 'one',
    credential: 'key',
    campaign: '-',
    global: '*',
  }
  return [values[dimension]]
}

/** Units of a resource that a request of a shape uses. */
export function unitsOf({ uses }: Shape, resource: Resource): number {
  const input = uses === 'nothing' ? 0 : INPUT
  const output = uses === 'input and output' ? WORDS : 0
  const cost = input * 1000 + output * 2000
  const tokens = input + output
  return { requests: 1, input_tokens: input, output_tokens: output, tokens, cost_usd: cost, concurrent: 0 }[resource]
}

/** A Weir in front of every vendor, with the callers of every lane. */
export interface World extends Harness {
  readonly vendor: MemoryVendor
}

/** Opens one that has counted nothing. */
export function openWorld(): World {
  let vendor: MemoryVendor | null = null
  const h = harness(config, (clock) => (vendor = memoryVendor(clock)))
  return { ...h, vendor: vendor! }
}

/** Starts a request of a caller of a lane. */
export function ask({ weir, clock }: Harness, lane: Lane, who: Who): MemoryExchange {
  const { key, headers, model, text, shape } = who
  const certificate = key === 'certificate' ? { sha256: '0'.repeat(64), subject: `${lane.id}.example` } : null
  const request: Partial<MemoryRequest> = {
    ...shape.request({ model, text }),
    peerAddress: '10.0.0.1',
    clientCertificate: certificate,
    headers: { ...headers, ...(certificate === null && { authorization: `Bearer ${secretOf(lane.id, key)}` }) },
  }
  const exchange = memoryExchange({ id: weir.nextId(), receivedAtMs: clock.now(), ...request })
  void weir.handle(exchange)
  return exchange
}
