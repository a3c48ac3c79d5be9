import { createRandom, hash32, mix32, type Random } from '../random.ts'
import { between, chance, logNormal, weighted } from '../chance.ts'

// What of an account is not its text: ids, network, program, age, habits of asking. Honest accounts and fleets draw it
// from the same laws, so that only what a scenario gives away on purpose (`Infrastructure`) can tell them apart.

export interface Network {
  readonly ip: string
  readonly asn: number
  readonly asnType: string
  readonly country: string
}

export interface Face {
  readonly tenant: string | null
  readonly key: string
  /** One or more places that it calls from. */
  readonly networks: readonly Network[]
  readonly userAgent: string
  readonly fingerprint: string
  readonly accountCreatedMs: number
  readonly endpoint: string
  readonly model: string
  readonly stream: boolean
  readonly sessions: boolean
  readonly system: string | null
  readonly params: Readonly<Record<string, unknown>>
  /** Whether it sends the conversation so far with each turn; who does not sends bare prompts. */
  readonly withHistory: boolean
}

/** What accounts of one hand have in common besides their prompts, if anything. */
export interface Infrastructure {
  readonly program?: { readonly userAgent: string; readonly fingerprint: string }
  readonly networks?: readonly Network[]
  /** All signed up within a day that begins here. */
  readonly signedUpMs?: number
}

export function drawFace(random: Random, nowMs: number, shared: Infrastructure = {}): Face {
  const id = hexOf(random)
  const own = drawNetworks(random)
  const program = drawProgram(random)
  const age = Math.min(logNormal(random, 60, 1.8), 1500) * DAY_MS
  const signedUp = shared.signedUpMs === undefined ? nowMs - age : shared.signedUpMs + random.next() * DAY_MS
  const networks = shared.networks === undefined ? own : [random.pick(shared.networks)]
  return {
    tenant: chance(random, 0.6) ? `t-${id}` : null,
    key: `k-${hexOf(random)}`,
    networks,
    ...program,
    ...shared.program,
    accountCreatedMs: Math.round(signedUp),
    endpoint: endpoint(random),
    model: model(random),
    stream: chance(random, 0.55),
    sessions: chance(random, 0.5),
    system: system(random),
    params: params(random),
    withHistory: chance(random, 0.7),
  }
}

export const DAY_MS = 86_400_000

export function hexOf(random: Random): string {
  const half = (): string => random.below(0x1_0000_0000).toString(16).padStart(8, '0')
  return half() + half().slice(0, 4)
}

/** A program of its own making, for the fleets that give theirs away; rarer than any honest one, yet shaped alike. */
export function drawOwnProgram(random: Random): { readonly userAgent: string; readonly fingerprint: string } {
  const minor = random.below(30)
  return { userAgent: `python-httpx/0.${minor}.${random.below(8)}`, fingerprint: `fp-${hexOf(random)}` }
}

/** Few prefixes of one provider, as rented from a proxy seller. */
export function drawPool(random: Random, prefixes: number): readonly Network[] {
  const as = random.pick(autonomousSystems)
  return Array.from({ length: prefixes }, () => addressIn(random, as, random.below(4096)))
}

function drawNetworks(random: Random): readonly Network[] {
  const places = 1 + (chance(random, 0.35) ? 1 : 0) + (chance(random, 0.1) ? 1 : 0)
  const home = pickSystem(random)
  return Array.from({ length: places }, (_, i) => {
    const abroad = i > 0 && chance(random, 0.2)
    const near = autonomousSystems.filter((one) => one.country === home.country)
    const as = i === 0 ? home : abroad ? pickSystem(random) : random.pick(near)
    return addressIn(random, as, random.below(4096))
  })
}

interface AutonomousSystem {
  readonly asn: number
  readonly type: string
  readonly country: string
  readonly first: number
}

const country = weighted<string>([
  ['US', 30],
  ['IN', 10],
  ['DE', 7],
  ['GB', 6],
  ['FR', 5],
  ['BR', 5],
  ['JP', 5],
  ['KR', 4],
  ['CA', 4],
  ['SG', 3],
  ['NL', 3],
  ['ES', 3],
  ['PL', 3],
  ['VN', 2],
  ['ID', 2],
  ['CN', 2],
  ['HK', 2],
  ['TR', 2],
  ['EG', 1],
  ['MX', 1],
])
const kindOfNetwork = weighted<string>([
  ['residential', 52],
  ['mobile', 12],
  ['business', 12],
  ['hosting', 20],
  ['proxy', 4],
])

/** Large ones first: a few providers carry most accounts, as in life. */
const autonomousSystems: readonly AutonomousSystem[] = Array.from({ length: 400 }, (_, i) => {
  const random = createRandom(`as/${i}`)
  return {
    asn: 1000 + random.below(60_000),
    type: kindOfNetwork(random),
    country: country(random),
    first: 11 + (i % 200),
  }
})

const pickSystem = (random: Random): AutonomousSystem => autonomousSystems[Math.floor(400 * random.next() ** 2.2)]!

function addressIn(random: Random, { asn, type, country, first }: AutonomousSystem, prefix: number): Network {
  const place = mix32(asn * 4096 + prefix)
  return {
    ip: `${first}.${place & 255}.${(place >> 8) & 255}.${1 + random.below(254)}`,
    asn,
    asnType: type,
    country,
  }
}

const programs = weighted<readonly [string, number]>([
  [['OpenAI/Python 1.54.3', 4], 14],
  [['OpenAI/Python 1.61.0', 4], 10],
  [['OpenAI/Python 1.35.7', 3], 5],
  [['OpenAI/JS 4.77.0', 4], 9],
  [['OpenAI/JS 4.52.2', 3], 5],
  [['Anthropic/Python 0.42.0', 3], 6],
  [['Anthropic/JS 0.33.1', 3], 4],
  [['langchain/0.3.7', 3], 6],
  [['litellm/1.55.2', 3], 5],
  [['python-requests/2.32.3', 6], 7],
  [['python-httpx/0.27.2', 5], 5],
  [['axios/1.7.9', 4], 4],
  [['node-fetch/2.7.0', 3], 3],
  [['Go-http-client/2.0', 4], 4],
  [['okhttp/4.12.0', 4], 3],
  [['curl/8.5.0', 3], 2],
  [['Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/131.0', 5], 6],
  [['Mozilla/5.0 (Macintosh) Safari/618.1', 4], 4],
  [['Mozilla/5.0 (X11; Linux x86_64) Firefox/133.0', 3], 2],
])

function drawProgram(random: Random): { readonly userAgent: string; readonly fingerprint: string } {
  const [userAgent, builds] = programs(random)
  // One in ten has a build, a proxy or a system library that hardly anybody else has.
  const build = chance(random, 0.1) ? random.below(100_000) : Math.floor(builds * random.next() ** 2)
  return { userAgent, fingerprint: `fp-${hash32(`${userAgent}/${build}`).toString(16)}` }
}

const endpoint = weighted([
  ['/v1/chat/completions', 7],
  ['/v1/messages', 2],
  ['/v1/responses', 1],
])
const model = weighted([
  ['large-2', 4],
  ['small-2', 3],
  ['large-1', 2],
  ['reasoning-1', 1],
])
const system = weighted<string | null>([
  [null, 6],
  ['You are a helpful assistant.', 3],
  ['You are a helpful, honest and concise assistant.', 1],
])

function params(random: Random): Readonly<Record<string, unknown>> {
  const temperature = random.pick([null, null, 0, 0.2, 0.7, 1])
  const maxTokens = random.pick([null, null, 512, 1024, 2048, 4096])
  return {
    ...(temperature === null ? {} : { temperature }),
    ...(maxTokens === null ? {} : { max_tokens: maxTokens }),
    ...(chance(random, 0.1) ? { top_p: Math.round(between(random, 0.8, 1) * 100) / 100 } : {}),
  }
}
