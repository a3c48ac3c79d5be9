import { randomInt } from 'node:crypto'
import { compose, type Weir } from '../../src/compose.ts'
import { parseConfig } from '../../src/config/load.ts'
import { formatProblems } from '../../src/config/problem.ts'
import type { ActionSpec } from '../../src/core/action.ts'
import { systemClock } from '../../src/core/clock.ts'
import type { RequestEvent } from '../../src/core/event.ts'
import { startServer } from '../../src/gateway/server.ts'
import { createDemoModel } from '../../src/lab/demo-model.ts'
import { clientsOf, type Clients } from './front.ts'
import { SECRET } from './harness.ts'
import { inForce } from './always-in-force.ts'
import { startVendor, type VendorServer } from './vendor-server.ts'

/** A real gateway on real sockets whose callers all meet the same actions, in front of every vendor and the demo model. */
export interface Treated extends Clients {
  readonly url: string
  readonly weir: Weir
  readonly vendor: VendorServer
  readonly events: RequestEvent[]
  /** Waits until as many events are on record. */
  eventsUntil(count: number): Promise<readonly RequestEvent[]>
}

export async function withTreated(
  specs: readonly ActionSpec[],
  run: (treated: Treated) => Promise<void>,
  more = '',
): Promise<void> {
  const vendor = await startVendor()
  const text = `
upstreams:
  v1: { dialect: [openai, anthropic], base_url: "${vendor.url}/v1" }
  google: { dialect: gemini, base_url: "${vendor.url}/v1beta" }
  demo: { dialect: openai, embedded: demo }
models:
  "vendor-*": { upstream: v1 }
  "gemini-*": { upstream: google }
  "demo-*": { upstream: demo }
identity:
  keys: [{ id: k1, secret: "${SECRET}" }]
quotas:
  - { name: tpm, per: [key], tokens: 10000000, window: 1h, kind: sliding }
${more}
`
  const parsed = parseConfig(text, 'test.yaml', {})
  if (!parsed.ok) throw new Error(formatProblems(parsed.error))
  const events: RequestEvent[] = []
  const composed = compose(parsed.value, {
    clock: systemClock,
    random: (below) => randomInt(below),
    embedded: () => createDemoModel({ clock: systemClock, seed: 'tests' }),
    sinks: [(event) => void events.push(event)],
    journal: null,
    leases: null,
    records: null,
    log: null,
    secrets: null,
    actions: inForce(...specs),
    detection: null,
    post: () => Promise.reject(new Error('no network here')),
    host: 'gateway',
    fetchJson: () => Promise.reject(new Error('no network here')),
    say: () => {},
  })
  if (!composed.ok) throw new Error(composed.error)
  const weir = composed.value
  const server = await startServer({
    host: '127.0.0.1',
    port: 0,
    clock: systemClock,
    nextId: weir.nextId,
    bodyTimeoutMs: 5000,
    tls: null,
    handle: weir.handle,
    unparsable: weir.unparsable,
  })
  try {
    await run({
      url: server.url,
      weir,
      vendor,
      events,
      ...clientsOf(server.url, SECRET),
      async eventsUntil(count) {
        for (let i = 0; i < 400 && events.length < count; i++) await new Promise((resolve) => setTimeout(resolve, 10))
        if (events.length !== count) throw new Error(`${events.length} events where ${count} were expected`)
        return events
      },
    })
  } finally {
    await server.close(500)
    await weir.close()
    await vendor.close()
  }
}
