import type { Call } from './core/call.ts'
import type { Dimension, Facts, Numbers } from './core/dimensions.ts'
import { UNKNOWN_REPUTATION, type Draft } from './core/draft.ts'
import type { Exchange } from './core/exchange.ts'
import type { Client, Network, Principal } from './core/principal.ts'
import type { Endpoint, ReadCall } from './dialects/dialect.ts'
import { endpoints } from './dialects/index.ts'
import type { FingerprintInput } from './identity/fingerprint.ts'
import { classifyPrompt } from './screening/prompt-class.ts'
import { deskEndpoints } from './desk.ts'
import { playbookFor } from './escalation.ts'
import type { RequestPath } from './pipeline.ts'
import { exemptFrom, type Exempt, type Policy, type Standing } from './policy.ts'

/**
 * What is known of a request that has been read: by which program, with what reputation, in facts and numbers; and what
 * its caller may have.
 */
export interface Known {
  readonly facts: Facts
  readonly numbers: Numbers
  readonly standing: Standing
  readonly exempt: Exempt
  /** The program's fingerprint whatever it asks for, where a token may be bound to it. */
  readonly program: string | null
}

/** What a fingerprint is taken of. */
class Sight implements FingerprintInput {
  readonly headerNames: readonly string[]
  readonly fields: readonly string[]
  readonly endpoint: string
  readonly ja3: string | null
  readonly ja4: string | null
  readonly #exchange: Exchange

  constructor(
    exchange: Exchange,
    headerNames: readonly string[],
    fields: readonly string[],
    endpoint: string,
    { ja3, ja4 }: Network,
  ) {
    this.#exchange = exchange
    this.headerNames = headerNames
    this.fields = fields
    this.endpoint = endpoint
    this.ja3 = ja3
    this.ja4 = ja4
  }

  header(name: string): string | undefined {
    return this.#exchange.header(name)
  }
}

/**
 * A program without what differs between two endpoints: by this a token is given out at one and used at others. Only
 * requests that have a body say of what type it is.
 */
function programOf(exchange: Exchange, path: RequestPath, network: Network): Client {
  const names = exchange.headerNames.filter((name) => name !== 'content-type')
  return path.fingerprinter.of(new Sight(exchange, names, [], '', network))
}

/** Describes the caller and the request: client program, reputation, standing, prompt class, facts for limits. */
export function describe(
  exchange: Exchange,
  who: Principal,
  { call, asked }: ReadCall,
  policy: Policy,
  path: RequestPath,
  draft: Draft,
): Known {
  const { network } = draft
  const endpoint = draft.endpoint!
  const atDesk = deskNames.has(endpoint)
  const program = atDesk || who.credential === 'token' ? programOf(exchange, path, network) : null
  const client =
    atDesk && program !== null
      ? program
      : path.fingerprinter.of(new Sight(exchange, exchange.headerNames, call.params.fields, endpoint, network))
  draft.client = client
  draft.promptClass = call.model === '' ? null : classifyPrompt(asked)
  const { exemptions, reputation, standings } = policy
  const nowMs = path.clock.now()
  let standing = standings.of(who, UNKNOWN_REPUTATION)
  let facts = factsOf(who, call, standing, path.actions.campaignOf(who.account), draft)
  let exempt = exemptFrom(exemptions, facts, nowMs)
  if (!exempt.from.has('reputation')) {
    const { ip, asn, ja4 } = network
    draft.reputation = reputation.score({ ip, asn, ja4, keyId: who.keyId, fingerprint: client.id }, nowMs).score
    const before = standing
    standing = standings.of(who, draft.reputation)
    if (standing !== before) {
      facts = { ...facts, trust: standing.trust?.name ?? '-' }
      exempt = exemptFrom(exemptions, facts, nowMs)
    }
  }
  draft.exemptions = exempt.reasons
  const numbers = numbersOf(call, draft)
  draft.playbook = playbookFor(policy.playbooks, facts, numbers)?.name ?? null
  return { facts, numbers, standing, exempt, program: program?.id ?? null }
}

function factsOf(who: Principal, { model }: Call, { trust }: Standing, campaign: string | null, draft: Draft): Facts {
  const { keyId, account, profile, credential } = who
  const { ip, ip_prefix, asn, country, network, fingerprint } = networkFacts(draft)
  const endpoint = draft.endpoint!
  return {
    key: keyId,
    tenant: account,
    user: draft.user ?? '-',
    session: draft.session ?? '-',
    ip,
    ip_prefix,
    asn,
    country,
    network,
    fingerprint,
    model: model === '' ? '-' : model,
    endpoint,
    route: routeOf(endpoint, draft.route),
    prompt_class: draft.promptClass ?? '-',
    profile,
    trust: trust?.name ?? '-',
    credential,
    campaign: campaign ?? '-',
    global: '',
  }
}

/** What is known before the body is read. */
export function earlyFacts(who: Principal, campaign: string | null, draft: Draft): Facts {
  const { keyId, account, profile, credential } = who
  const { ip, ip_prefix, asn, country, network } = networkFacts(draft)
  const endpoint = draft.endpoint!
  return {
    key: keyId,
    tenant: account,
    user: '-',
    session: '-',
    ip,
    ip_prefix,
    asn,
    country,
    network,
    fingerprint: '-',
    model: '-',
    endpoint,
    route: routeOf(endpoint, draft.route),
    prompt_class: '-',
    profile,
    trust: '-',
    credential,
    campaign: campaign ?? '-',
    global: '',
  }
}

/** Facts that a body, or what is made of it, cannot change any more. */
export const early: ReadonlySet<Dimension> = new Set([
  'key',
  'tenant',
  'ip',
  'ip_prefix',
  'asn',
  'country',
  'network',
  'endpoint',
  'route',
  'profile',
  'credential',
  'campaign',
  'global',
])

type NetworkFacts = Pick<Facts, 'ip' | 'ip_prefix' | 'asn' | 'country' | 'network' | 'fingerprint'>

export function networkFacts({ network, client }: Draft): NetworkFacts {
  const { ip, ipPrefix, asn, country, type } = network
  return {
    ip,
    ip_prefix: ipPrefix,
    asn: asn === null ? '-' : `AS${asn}`,
    country: country ?? '-',
    network: type,
    fingerprint: client?.id ?? '-',
  }
}

function numbersOf(call: Call, { atMs, request, reputation }: Draft): Numbers {
  // Days since 1970-01-01, a Thursday.
  const day = Math.floor(atMs / 86_400_000)
  return {
    input_tokens: Math.ceil(call.promptBytes / 4) + call.promptExtraTokens,
    max_tokens: call.maxOutputTokens ?? 0,
    choices: call.choices,
    messages: call.messages,
    body_bytes: request?.bodyBytes ?? 0,
    images: call.opaqueParts,
    tools: call.params.tools,
    stream: call.stream,
    reputation,
    hour: Math.floor((atMs % 86_400_000) / 3_600_000),
    weekday: ((day + 3) % 7) + 1,
  }
}

const deskNames: ReadonlySet<string> = new Set(deskEndpoints.map(({ name }) => name))

interface Pattern {
  readonly name: string
  /** `POST /v1/models/{id}:generateContent`, and what stands before and behind the braces. */
  readonly route: string
  readonly start: string
  readonly end: string
}

function patternOf({ name, method, path }: Endpoint): Pattern {
  const route = `${method} ${path}`
  const [start, end] = route.split('{id}') as [string, string?]
  return { name, route, start, end: end ?? '' }
}

/** By the endpoint's name, which can have several paths. */
const patterns: ReadonlyMap<string, readonly Pattern[]> = Map.groupBy(
  [...endpoints, ...deskEndpoints].map(patternOf),
  ({ name }) => name,
)

/** What limits know a route by: its pattern, since what stands for the `{id}` in it is the client's to choose. */
function routeOf(endpoint: string, asked: string): string {
  const known = patterns.get(endpoint)!
  if (known.length === 1) return known[0]!.route
  for (const { route, start, end } of known) if (asked.startsWith(start) && asked.endsWith(end)) return route
  // One that was too long to be kept whole.
  return known[0]!.route
}
