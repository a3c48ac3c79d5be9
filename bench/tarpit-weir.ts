import { randomInt } from 'node:crypto'
import { compose } from '../src/compose.ts'
import type { Config } from '../src/config/config.ts'
import { parseConfig } from '../src/config/load.ts'
import { formatProblems } from '../src/config/problem.ts'
import type { ActionsInForce, ActionSpec } from '../src/core/action.ts'
import { createMetrics } from '../src/control/metrics.ts'
import { systemClock } from '../src/core/clock.ts'
import { startServer } from '../src/gateway/server.ts'
import { inForce } from '../test/support/always-in-force.ts'
import { quotas } from './weir-config.ts'

/*
 * A Weir on a socket whose key `slow` is under tarpit and whose key `fair` is not: node tarpit-weir.ts UPSTREAM SPEC PLACES
 * It answers every message with its size.
 */
export interface TarpitReport {
  readonly rssBytes: number
  readonly heapBytes: number
  readonly externalBytes: number
  readonly held: number
  readonly heldBytes: number
  readonly events: number
}

const upstream = process.argv[2]!
const spec = JSON.parse(process.argv[3]!) as ActionSpec
const maxHeld = Number(process.argv[4])

const text = `upstreams:
  main: { dialect: openai, base_url: "${upstream}/v1" }
models: { "*": { upstream: main, price: { input: 2.5, output: 10 } } }
identity:
  keys:
    - { id: slow, secret: "wr_bench_slow_0123456789abcdef0123456789abcdef" }
    - { id: fair, secret: "wr_bench_fair_0123456789abcdef0123456789abcdef" }
detection: enforce
${quotas}`
const parsed = parseConfig(text, 'bench', {})
if (!parsed.ok) throw new Error(formatProblems(parsed.error))
const { response } = parsed.value
const config: Config = { ...parsed.value, response: { ...response, tarpit: { ...response.tarpit, maxHeld } } }
const slow = inForce(spec)
const actions: ActionsInForce = {
  ...slow,
  find: (facts, nowMs) => (facts.key === 'slow' ? slow.find(facts, nowMs) : []),
}
const metrics = createMetrics()
let events = 0
const composed = compose(config, {
  clock: systemClock,
  random: (below) => randomInt(below),
  embedded: () => {
    throw new Error('no upstream is embedded here')
  },
  sinks: [metrics.sink, () => void events++],
  journal: null,
  leases: null,
  records: null,
  log: null,
  secrets: null,
  actions,
  detection: null,
  post: () => Promise.reject(new Error('nothing is posted here')),
  host: 'bench',
  fetchJson: () => Promise.reject(new Error('nothing is fetched here')),
  say: (_level, what, details) => process.stderr.write(`${what} ${JSON.stringify(details)}\n`),
})
if (!composed.ok) throw new Error(composed.error)
const weir = composed.value
metrics.watch(weir)
const server = await startServer({
  host: '127.0.0.1',
  port: 0,
  clock: systemClock,
  nextId: weir.nextId,
  bodyTimeoutMs: 60_000,
  tls: null,
  handle: weir.handle,
  unparsable: weir.unparsable,
})
process.on('message', () => {
  const { rss, heapUsed, external } = process.memoryUsage()
  const { held, heldBytes } = weir.stats.tarpit
  const report: TarpitReport = {
    rssBytes: rss,
    heapBytes: heapUsed,
    externalBytes: external,
    held,
    heldBytes,
    events,
  }
  process.send?.(report)
})
process.on('disconnect', () => process.exit())
process.stdout.write(`listening on ${server.url}\n`)
