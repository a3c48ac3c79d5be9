import { compose, type Weir, type World } from '../../src/compose.ts'
import type { Config } from '../../src/config/config.ts'
import { parseConfig } from '../../src/config/load.ts'
import { formatProblems } from '../../src/config/problem.ts'
import type { RequestEvent } from '../../src/core/event.ts'
import type { Upstream } from '../../src/core/upstream.ts'
import { memoryExchange, type MemoryExchange, type MemoryRequest } from '../../src/gateway/memory-exchange.ts'
import { createRandom } from '../../src/lab/random.ts'
import { createVirtualClock, type VirtualClock } from '../../src/lab/virtual-clock.ts'

/** A whole Weir in memory, on a virtual clock, in front of an upstream of the test's choice. */
export interface Harness {
  readonly weir: Weir
  readonly clock: VirtualClock
  readonly events: RequestEvent[]
  readonly said: { readonly what: string; readonly details: unknown }[]
  /** Starts an exchange; it is under way when this returns. */
  send(request?: Partial<MemoryRequest>): MemoryExchange
  chat(body: object, request?: Partial<MemoryRequest>): MemoryExchange
}

export const SECRET = 'wr_test_0123456789abcdef0123456789abcdef'

/** `quotas` is YAML list lines; everything else has its default. */
export function configOf(quotas: string, more = ''): Config {
  const text = `
upstreams:
  main: { dialect: openai, embedded: demo }
models: { "*": { upstream: main } }
identity:
  trusted_proxies: [10.0.0.0/8]
  keys:
    - { id: k1, secret: "${SECRET}", tenant: acme, profile: app }
    - { id: k2, secret: "${SECRET}2" }
quotas:${quotas === '' ? ' []' : `\n${quotas}`}
${more}
`
  const parsed = parseConfig(text, 'test.yaml', {})
  if (!parsed.ok) throw new Error(formatProblems(parsed.error))
  return parsed.value
}

export function harness(
  config: Config,
  upstream: (clock: VirtualClock) => Upstream,
  world: Partial<World> = {},
): Harness {
  const clock = createVirtualClock(Date.UTC(2026, 0, 5, 12))
  const random = createRandom('harness')
  const events: RequestEvent[] = []
  const said: { what: string; details: unknown }[] = []
  const composed = compose(config, {
    clock,
    random: (below) => random.below(below),
    embedded: () => upstream(clock),
    sinks: [(event) => void events.push(event)],
    journal: null,
    leases: null,
    records: null,
    log: null,
    secrets: null,
    detection: null,
    post: () => Promise.reject(new Error('no network here')),
    host: 'gateway',
    fetchJson: () => Promise.reject(new Error('no network here')),
    say: (_level, what, details) => void said.push({ what, details }),
    ...world,
  })
  if (!composed.ok) throw new Error(composed.error)
  const weir = composed.value
  const send = (request: Partial<MemoryRequest> = {}): MemoryExchange => {
    const headers = { authorization: `Bearer ${SECRET}`, ...request.headers }
    const exchange = memoryExchange({ id: weir.nextId(), receivedAtMs: clock.now(), ...request, headers })
    void weir.handle(exchange)
    return exchange
  }
  return {
    weir,
    clock,
    events,
    said,
    send,
    chat: (body, request) => {
      const full = { model: 'demo-model', messages: [{ role: 'user', content: 'hello' }], ...body }
      return send({ body: JSON.stringify(full), ...request })
    },
  }
}

/** The data of each server-sent event in an answer. */
export const dataOf = (exchange: MemoryExchange): string[] =>
  exchange.received
    .toString('utf8')
    .split(/\r\n\r\n|\n\n/)
    .filter((event) => event.startsWith('data: '))
    .map((event) => event.slice(6))
