import { createHash, randomInt } from 'node:crypto'
import { setImmediate as turn, setTimeout } from 'node:timers/promises'
import { compose, type Weir } from '../src/compose.ts'
import type { Config } from '../src/config/config.ts'
import { parseConfig } from '../src/config/load.ts'
import { formatProblems } from '../src/config/problem.ts'
import { createMetrics } from '../src/control/metrics.ts'
import { systemClock } from '../src/core/clock.ts'
import type { Upstream } from '../src/core/upstream.ts'
import { memoryExchange } from '../src/gateway/memory-exchange.ts'
import { requestBody, whole } from './answers.ts'
import { quotas } from './weir-config.ts'

/*
 * A Weir without a network, for what its state weighs: nothing but memory exchanges and an upstream that answers at once.
 * More keys than a configuration file may hold go straight into the checked configuration.
 *
 *   node --expose-gc memory-process.ts KEYS MARK,MARK,... [collect]
 *
 * At each mark, in requests, it sends a `MemoryReport`; with `collect` after a full garbage collection.
 */
export interface MemoryReport {
  readonly at: 'start' | 'keys' | number
  readonly rssBytes: number
  /** Heap and everything outside of it that JavaScript objects hold on to. */
  readonly liveBytes: number
  readonly counters: number
  readonly eventsLost: number
  readonly refused: number
}

const [keyCount, marks, collect] = [
  Number(process.argv[2]),
  process.argv[3]!.split(',').map(Number),
  process.argv[4] === 'collect',
]
const AT_ONCE = 32
const QUIET_MS = 50

let weir: Weir | null = null
let refused = 0
report('start')
weir = build()
report('keys')
const body = requestBody(whole)
let sent = 0
for (const mark of marks) {
  while (sent < mark) {
    const batch: Promise<void>[] = []
    for (; batch.length < AT_ONCE && sent < mark; sent++) batch.push(request(weir, (sent * 7919) % keyCount))
    await Promise.all(batch)
    // Lets timers run, and with them the decision path.
    await turn()
  }
  // For what is still on its way to the decision path.
  await setTimeout(QUIET_MS)
  report(mark)
}
process.disconnect?.()
await weir.close()

async function request(weir: Weir, key: number): Promise<void> {
  const exchange = memoryExchange({
    id: weir.nextId(),
    receivedAtMs: Date.now(),
    headers: { authorization: `Bearer ${secretOf(key)}`, 'content-type': 'application/json' },
    body,
  })
  await weir.handle(exchange)
  if (exchange.status !== 200) refused++
}

function report(at: MemoryReport['at']): void {
  // What finalizers let go of in the first collection is found in the second.
  if (collect) for (let i = 0; i < 2; i++) globalThis.gc?.()
  const { rss, heapUsed, external } = process.memoryUsage()
  const message: MemoryReport = {
    at,
    rssBytes: rss,
    liveBytes: heapUsed + external,
    counters: weir?.stats.counters ?? 0,
    eventsLost: weir?.stats.loop.lost ?? 0,
    refused,
  }
  process.send?.(message)
}

function build(): Weir {
  const text = `upstreams:\n  main: { dialect: openai, embedded: demo }\nmodels: { "*": { upstream: main } }\n${quotas}`
  const parsed = parseConfig(text, 'bench', {})
  if (!parsed.ok) throw new Error(formatProblems(parsed.error))
  const keys = Array.from({ length: keyCount }, (_, i) => ({
    id: `key-${i}`,
    secretSha256: createHash('sha256').update(secretOf(i)).digest('hex'),
    tenant: null,
    profile: 'app' as const,
    trust: null,
    expiresAtMs: null,
    signed: 'no' as const,
  }))
  const config: Config = { ...parsed.value, identity: { ...parsed.value.identity, keys } }
  const metrics = createMetrics()
  const composed = compose(config, {
    clock: systemClock,
    random: (below) => randomInt(below),
    embedded: instant,
    sinks: [metrics.sink],
    journal: null,
    leases: null,
    records: null,
    log: null,
    secrets: null,
    detection: null,
    post: () => Promise.reject(new Error('no network here')),
    host: 'gateway',
    fetchJson: () => Promise.reject(new Error('nothing is fetched here')),
    say: (_level, what, details) => process.stderr.write(`${what} ${JSON.stringify(details)}\n`),
  })
  if (!composed.ok) throw new Error(composed.error)
  metrics.watch(composed.value)
  return composed.value
}

function secretOf(key: number): string {
  return `wr_bench_${String(key).padStart(32, '0')}`
}

function instant(): Upstream {
  const answer = whole.parts[0]!
  return {
    name: 'instant',
    send(_request, sink) {
      let over = false
      queueMicrotask(() => {
        if (!over) sink.onHead(200, { 'content-type': 'application/json' })
        if (!over) sink.onData(answer)
        if (!over) sink.onEnd()
      })
      return {
        abort() {
          over = true
        },
        pause() {},
        resume() {},
      }
    },
    close: () => Promise.resolve(),
  }
}
