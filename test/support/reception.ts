import { parseConfig } from '../../src/config/load.ts'
import type { Config } from '../../src/config/config.ts'
import { formatProblems } from '../../src/config/problem.ts'
import type { RequestEvent } from '../../src/core/event.ts'
import type { MemoryExchange, MemoryRequest } from '../../src/gateway/memory-exchange.ts'
import { sign } from '../../src/identity/signature.ts'
import { harness, SECRET, type Harness } from './harness.ts'
import { scriptedUpstream, wholeSteps, type ScriptedUpstream } from './scripted-upstream.ts'

/** Keys beside the harness's own: one that must sign, one that a profile limits. */
export const SIGNS = 'wr_sign_0123456789abcdef0123456789abcdef'
export const LIMITED = 'wr_some_0123456789abcdef0123456789abcdef'

function configOf(more: string, identity = ''): Config {
  const parsed = parseConfig(
    `
upstreams:
  main: { dialect: openai, embedded: demo }
models: { "*": { upstream: main } }
identity:
  trusted_proxies: [10.0.0.0/8]
  auth_failures: { per_minute: 3 }
  keys:
    - { id: k1, secret: "${SECRET}", tenant: acme }
    - { id: signs, secret: "${SIGNS}", signed: required, trust: vip }
    - { id: limited, secret: "${LIMITED}", trust: strict }
${identity}
trust_profiles:
  vip: { priority: 9 }
  strict:
    models: ["small*"]
    endpoints: [chat_completions, models]
    deny_fields: [logprobs]
  shunned: { priority: 0, when_reputation_at_most: 20 }
${more}
`,
    'test.yaml',
    {},
  )
  if (!parsed.ok) throw new Error(formatProblems(parsed.error))
  return parsed.value
}

/** A Weir with these keys; requests that say nothing else are chats. */
export interface Started extends Harness {
  readonly upstream: ScriptedUpstream
  /** Sends one request and gives what came of it. */
  call(request: Partial<MemoryRequest>): Promise<{ exchange: MemoryExchange; event: RequestEvent }>
}

export function start(more = 'quotas: []', identity = ''): Started {
  let upstream: ScriptedUpstream | null = null
  const made = harness(configOf(more, identity), (clock) => {
    upstream = scriptedUpstream(clock, () => wholeSteps(5, 3, 10))
    return upstream
  })
  const call: Started['call'] = async (request) => {
    const exchange = made.send({ body: chat(), ...request })
    await made.clock.advance(100)
    return { exchange, event: made.events.at(-1)! }
  }
  return { ...made, upstream: upstream!, call }
}

export const chat = (over: object = {}): string =>
  JSON.stringify({ model: 'small-1', messages: [{ role: 'user', content: 'hello' }], ...over })
export const bearer = (secret: string): { readonly headers: Readonly<Record<string, string>> } => ({
  headers: { authorization: `Bearer ${secret}` },
})
/** Why a request was refused, or what kind of refusal it was. */
export const whyOf = ({ refusal }: RequestEvent): string | null =>
  refusal === null ? null : 'why' in refusal ? refusal.why : refusal.kind

let nonces = 0
/** The headers of a signed request, without a secret unless one is given. */
export function signed(
  now: number,
  secret: string,
  keyId: string,
  request: Partial<MemoryRequest> = {},
  bearer = '',
): Partial<MemoryRequest> {
  const method = request.method ?? 'POST'
  const target = request.target ?? '/v1/chat/completions'
  const body = Buffer.from(method === 'GET' ? '' : String(request.body ?? chat()))
  const nonce = `nonce-0123456789-${nonces++}`
  const headers = sign({ method, target, body }, { keyId, secret }, { nonce, createdMs: now })
  // The harness puts its own key into what has none: undefined is how to send none at all.
  const authorization = bearer === '' ? (undefined as unknown as string) : `Bearer ${bearer}`
  return { ...request, headers: { ...headers, authorization } }
}

/** An exchange whose body never comes. */
export function slow(id: string, receivedAtMs: number): MemoryExchange {
  const exchange = {
    id,
    receivedAtMs,
    method: 'POST',
    target: '/v1/chat/completions',
    peerAddress: '127.0.0.1',
    clientCertificate: null,
    headerNames: ['authorization'],
    header: (name: string) => (name === 'authorization' ? `Bearer ${SECRET}` : undefined),
    readBody: () => new Promise(() => {}),
    start() {},
    end() {},
    destroy() {},
    onGone() {},
    onDrain() {},
    started: false,
    gone: false,
  }
  return exchange as unknown as MemoryExchange
}
