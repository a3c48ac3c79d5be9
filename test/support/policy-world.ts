import { parseConfig } from '../../src/config/load.ts'
import { formatProblems } from '../../src/config/problem.ts'
import type { RequestEvent } from '../../src/core/event.ts'
import type { MemoryExchange, MemoryRequest } from '../../src/gateway/memory-exchange.ts'
import { harness, SECRET, type Harness } from './harness.ts'
import { memoryVendor, VENDOR_MS, type MemoryVendor } from './vendor-memory.ts'

/** A Weir in memory in front of every vendor, under any policy. */
export interface PolicyWorld extends Harness {
  readonly vendor: MemoryVendor
  /** A chat completion, answered. */
  ask(body?: object, request?: Partial<MemoryRequest>): Promise<Asked>
  /** Any request, answered. */
  call(request: Partial<MemoryRequest>): Promise<Asked>
}

export interface Asked {
  readonly exchange: MemoryExchange
  readonly event: RequestEvent
  readonly status: number
}

/** `a` and `b` are of tenant acme, `c` is of no tenant. */
export const keyOf = (id: 'a' | 'b' | 'c'): { authorization: string } => ({ authorization: `Bearer ${SECRET}-${id}` })

/** `paid-*` costs 1 and 2 dollars for a million tokens, `free-*` nothing, and nobody has priced the rest. */
export function policyWorld(more: string, ofKeys: Readonly<Record<string, string>> = {}): PolicyWorld {
  const line = (id: string, fields: string): string =>
    `    - { id: ${id}, secret: "${SECRET}-${id}"${fields}${ofKeys[id] ?? ''} }`
  const text = `
upstreams:
  main: { dialect: [openai, anthropic, gemini], embedded: demo }
models:
  "paid-*": { upstream: main, price: { input: 1, output: 2 } }
  "free-*": { upstream: main, price: { input: 0, output: 0 } }
  "*": { upstream: main }
identity:
  trusted_proxies: [10.0.0.0/8]
  keys:
${line('a', ', tenant: acme')}
${line('b', ', tenant: acme')}
${line('c', '')}
${more}
`
  const parsed = parseConfig(text, 'test.yaml', {})
  if (!parsed.ok) throw new Error(formatProblems(parsed.error))
  let vendor: MemoryVendor | null = null
  const h = harness(parsed.value, (clock) => (vendor = memoryVendor(clock)))
  const call = async (request: Partial<MemoryRequest>): Promise<Asked> => {
    const exchange = h.send({ ...request, headers: { ...keyOf('a'), ...request.headers } })
    await h.clock.advance(VENDOR_MS + 1)
    const event = h.events.find(({ id }) => id === exchange.id)
    if (event === undefined) throw new Error('no event')
    return { exchange, event, status: exchange.status }
  }
  const ask: PolicyWorld['ask'] = (body = {}, request = {}) => {
    const full = { model: 'paid-model', messages: [{ role: 'user', content: 'What is the weather like?' }], ...body }
    return call({ body: JSON.stringify(full), ...request })
  }
  return { ...h, vendor: vendor!, ask, call }
}
