import type { ActionsInForce } from '../../src/core/action.ts'
import type { RequestEvent } from '../../src/core/event.ts'
import type { Upstream, UpstreamRequest } from '../../src/core/upstream.ts'
import { parseConfig } from '../../src/config/load.ts'
import { formatProblems } from '../../src/config/problem.ts'
import type { MemoryExchange, MemoryRequest } from '../../src/gateway/memory-exchange.ts'
import type { VirtualClock } from '../../src/lab/virtual-clock.ts'
import { harness, SECRET, type Harness } from './harness.ts'
import { inForce, type InForce } from './in-force.ts'
import { memoryVendor, VENDOR_MS } from './vendor-memory.ts'

/** A Weir in memory with actions in force, in front of an honest upstream and one for decoys. */
export interface EnforcedWorld extends Harness {
  readonly actions: InForce
  /** What reached which upstream. */
  readonly sent: readonly Sent[]
  /** Any request, answered; of key `k1` unless it says whose. */
  call(request?: Partial<MemoryRequest>): Promise<Called>
  /** A chat completion, answered. */
  ask(body?: object, request?: Partial<MemoryRequest>): Promise<Called>
}

export interface Sent {
  readonly upstream: string
  readonly path: string
  readonly credential: string | null
  readonly body: Readonly<Record<string, unknown>>
}

export interface Called {
  readonly exchange: MemoryExchange
  readonly event: RequestEvent
  readonly status: number
  /** Of an error body of OpenAI's dialect. */
  readonly error: { readonly code: string; readonly message: string } | null
}

/** Keys: `k1` and `k3` of tenant acme, `k2` alone, `signs` has to sign. */
export const as = (key: 'k1' | 'k2' | 'k3'): { readonly headers: Readonly<Record<string, string>> } => ({
  headers: { authorization: `Bearer ${SECRET}-${key}` },
})
export const SIGNS: string = `${SECRET}-signs`
export const chatOf = (body: object = {}): string =>
  JSON.stringify({ model: 'big-1', messages: [{ role: 'user', content: 'What is a weir?' }], ...body })

const MOST_WAITS = 1000

export function enforcedWorld(
  more = 'quotas: []',
  actions: ActionsInForce & Partial<InForce> = inForce(),
): EnforcedWorld {
  const text = `
upstreams:
  main: { dialect: [openai, anthropic, gemini], embedded: demo }
  decoys: { dialect: openai, embedded: demo }
models:
  "big-*": { upstream: main, price: { input: 10, output: 20 } }
  "small-*": { upstream: main, price: { input: 1, output: 2 }, max_output: 64 }
  "cheap-*": { upstream: decoys, price: { input: 0, output: 0 } }
  "claude-*": { upstream: main, price: { input: 10, output: 20 } }
identity:
  keys:
    - { id: k1, secret: "${SECRET}-k1", tenant: acme }
    - { id: k2, secret: "${SECRET}-k2" }
    - { id: k3, secret: "${SECRET}-k3", tenant: acme }
    - { id: signs, secret: "${SIGNS}", signed: required, tenant: sealed }
  pass_through: { match: ["sk-*"] }
${more}
`
  const parsed = parseConfig(text, 'test.yaml', {})
  if (!parsed.ok) throw new Error(formatProblems(parsed.error))
  const sent: Sent[] = []
  const names = [...parsed.value.upstreams.keys()]
  const upstream = (clock: VirtualClock): Upstream => recording(names.shift()!, memoryVendor(clock), sent)
  const made = harness(parsed.value, upstream, { actions })
  const call: EnforcedWorld['call'] = async (request = {}) => {
    const exchange = made.send({ ...as('k1'), ...request })
    await made.clock.advance(VENDOR_MS + 1)
    const events = made.events.filter(({ id }) => id === exchange.id)
    // In a tarpit it takes longer.
    for (let i = 0; i < MOST_WAITS && events.length === 0; i++) {
      await made.clock.advance(VENDOR_MS)
      events.push(...made.events.filter(({ id }) => id === exchange.id))
    }
    if (events.length !== 1) throw new Error(`${events.length} events of one request`)
    const { status } = exchange
    const error = status >= 400 ? (JSON.parse(exchange.received.toString()) as { error: Called['error'] }).error : null
    return { exchange, event: events[0]!, status, error }
  }
  return {
    ...made,
    actions: actions as InForce,
    sent,
    call,
    ask: (body, request) => call({ body: chatOf(body), ...request }),
  }
}

function recording(name: string, vendor: Upstream, sent: Sent[]): Upstream {
  return {
    name,
    send(request: UpstreamRequest, sink) {
      const { path, credential, body } = request
      const read = body === null ? {} : (JSON.parse(Buffer.from(body).toString()) as Sent['body'])
      sent.push({ upstream: name, path, credential, body: read })
      return vendor.send(request, sink)
    },
    close: () => vendor.close(),
  }
}
