import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ActionSpec } from '../src/core/action.ts'
import { whole } from './answers.ts'
import { machine, versions } from './environment.ts'
import { createClient, type Client } from './load.ts'
import { openStage, type Stage, type Started } from './processes.ts'
import { percentile, spreadOf, type Spread } from './stats.ts'
import { toText, type Table } from './table.ts'
import type { ClientsReport } from './tarpit-clients.ts'
import type { TarpitReport } from './tarpit-weir.ts'
import { writeResults } from './write-results.ts'

// What the tarpit costs the one who runs it: node bench/tarpit.ts [--sockets 10000] [--seconds 20] [--rounds 3]

const option = (name: string, other: number): number => {
  const at = process.argv.indexOf(`--${name}`)
  return at === -1 ? other : Number(process.argv[at + 1])
}
const sockets = option('sockets', 10_000)
const seconds = option('seconds', 20)
const rounds = option('rounds', 3)
const say = (text: string): void => void process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${text}\n`)

const MAX_RSS_MB = 200
const MAX_RATIO = 2
/** Honest requests: one every so often, whether the one before is answered or not. */
const EVERY_MS = 10

const method = [
  `${sockets} clients in a process of their own, each on its own socket, send a streamed chat completion of 700 bytes with the headers of OpenAI's library. The Weir is a process of its own, on a real socket, with ten limits and detection on; the mock model is a third. The honest client is a fourth; two cores for all of them, which had other work too: ratios count, not milliseconds.`,
  'Waiting: every client is before its first byte. Dripping: every client has had its first event of eight, and the rest waits in memory.',
  `Extra memory is what is resident more than before the clients came. Before that the Weir had answered 10,000 honest requests, 64 at once, so that its young generation is as large as it gets. It is read after the honest requests of a round, and the most of all rounds counts; nobody collects garbage by hand.`,
  `Honest requests: to this Weir, and in turns to another one with nobody in its tarpit ("without"), so that what else the machine does falls on both; one every ${EVERY_MS} ms to each for ${seconds} s, open loop, from when it was due until its answer was whole.`,
]

interface Kind {
  readonly name: string
  readonly spec: ActionSpec
}

const kinds: readonly Kind[] = [
  { name: 'waiting', spec: { action: 'tarpit', firstByteMs: [290_000, 300_000], perChunkMs: [4000, 6000] } },
  { name: 'dripping', spec: { action: 'tarpit', firstByteMs: [0, 2000], perChunkMs: [40_000, 60_000] } },
]

interface Measure {
  readonly kind: string
  readonly extraMb: Spread
  readonly heapMb: Spread
  readonly heldTextMb: Spread
  readonly p50Ms: { readonly without: Spread; readonly with: Spread }
  readonly p99Ms: { readonly without: Spread; readonly with: Spread }
  /** Over the requests of all rounds. */
  readonly ratio: number
}

function ask<Report>({ child }: Started): Promise<Report> {
  return new Promise((resolve) => {
    child.once('message', (message) => resolve(message as Report))
    child.send('report')
  })
}

/**
 * Requests to both in turns, so that whatever else the machine does falls on both. Latency counts from when a request was due,
 * so that a server that stops does not hide it.
 */
async function honest(clients: readonly [Client, Client]): Promise<readonly [number[], number[]]> {
  const tookMs: readonly [number[], number[]] = [[], []]
  const pending: Promise<unknown>[] = []
  const startMs = performance.now()
  for (let i = 0; i < (seconds * 1000 * 2) / EVERY_MS; i++) {
    const dueMs = startMs + (i * EVERY_MS) / 2
    const earlyMs = dueMs - performance.now()
    if (earlyMs > 0) await sleep(earlyMs)
    const which = i % 2 === 0 ? 0 : 1
    pending.push(clients[which].shoot().then(() => tookMs[which].push(performance.now() - dueMs)))
  }
  await Promise.all(pending)
  return tookMs
}

/** With as many open files as the machine allows. */
const script = (stage: Stage, name: string, ...args: readonly string[]): Started =>
  stage.start(
    'sh',
    [
      '-c',
      'ulimit -n "$(ulimit -H -n)" && exec "$@"',
      'sh',
      process.execPath,
      join(import.meta.dirname, name),
      ...args,
    ],
    { ipc: true },
  )

interface Running {
  readonly weir: Started
  readonly url: string
  readonly client: Client
}

/** A Weir that has answered so many honest requests that its young generation is as large as it gets. */
async function warmWeir(stage: Stage, upstreamUrl: string, spec: ActionSpec): Promise<Running> {
  const weir = script(stage, 'tarpit-weir.ts', upstreamUrl, JSON.stringify(spec), String(sockets))
  const url = await weir.url
  const client = createClient({
    url,
    secret: 'wr_bench_fair_0123456789abcdef0123456789abcdef',
    scenario: whole,
    connections: 64,
    problem: say,
  })
  await client.round(10_000, 64)
  return { weir, url, client }
}

async function measure(stage: Stage, { name, spec }: Kind): Promise<Measure> {
  const upstream = script(stage, 'upstream.ts')
  const upstreamUrl = await upstream.url
  const [without, held]: [number[][], number[][]] = [[], []]
  const sizes: { extraMb: number; heapMb: number; heldTextMb: number }[] = []
  for (let round = 0; round < rounds; round++) {
    const empty = await warmWeir(stage, upstreamUrl, spec)
    const pit = await warmWeir(stage, upstreamUrl, spec)
    const idle = await ask<TarpitReport>(pit.weir)
    const crowd = script(stage, 'tarpit-clients.ts', pit.url, String(sockets), 'short')
    await new Promise<void>((resolve) => crowd.child.stdout!.once('data', () => resolve()))
    await sleep(3000)
    const [a, b] = await honest([empty.client, pit.client])
    without.push(a)
    held.push(b)
    const full = await ask<TarpitReport>(pit.weir)
    const clients = await ask<ClientsReport>(crowd)
    if (full.held !== sockets) throw new Error(`${full.held} of ${sockets} are held: ${JSON.stringify(clients)}`)
    if (name === 'dripping' && clients.begun !== sockets) throw new Error(`only ${clients.begun} drip`)
    sizes.push({
      extraMb: (full.rssBytes - idle.rssBytes) / 1e6,
      heapMb: (full.heapBytes - idle.heapBytes) / 1e6,
      heldTextMb: full.heldBytes / 1e6,
    })
    const p99 = (tookMs: readonly number[]): string => percentile(tookMs, 0.99).toFixed(2)
    say(`${name}, round ${round + 1}: ${sizes.at(-1)!.extraMb.toFixed(0)} MB, p99 ${p99(a)} -> ${p99(b)} ms`)
    for (const { client, weir } of [empty, pit]) {
      await client.close()
      await stage.stop(weir)
    }
    await stage.stop(crowd)
  }
  await stage.stop(upstream)
  const of = (rounds: readonly number[][], share: number): Spread =>
    spreadOf(rounds.map((tookMs) => percentile(tookMs, share)))
  return {
    kind: name,
    extraMb: spreadOf(sizes.map(({ extraMb }) => extraMb)),
    heapMb: spreadOf(sizes.map(({ heapMb }) => heapMb)),
    heldTextMb: spreadOf(sizes.map(({ heldTextMb }) => heldTextMb)),
    p50Ms: { without: of(without, 0.5), with: of(held, 0.5) },
    p99Ms: { without: of(without, 0.99), with: of(held, 0.99) },
    ratio: percentile(held.flat(), 0.99) / percentile(without.flat(), 0.99),
  }
}

const shown = ({ median, min, max }: Spread, digits: number): readonly string[] => [
  median.toFixed(digits),
  `${min.toFixed(digits)} .. ${max.toFixed(digits)}`,
]
const verdict = (fits: boolean): string => (fits ? 'pass' : 'MISS')

const rowsOf = ({
  kind,
  extraMb,
  heapMb,
  heldTextMb,
  p50Ms,
  p99Ms,
  ratio,
}: Measure): readonly (readonly string[])[] => [
  [
    `${kind}: extra resident memory, MB`,
    ...shown(extraMb, 0),
    // The figure is of callers who wait; what an answer's text weighs is bounded by `max_held_bytes`.
    ...(kind === 'waiting' ? [`<= ${MAX_RSS_MB}`, verdict(extraMb.max <= MAX_RSS_MB)] : ['', '']),
  ],
  [`${kind}: of it live and dead objects, MB`, ...shown(heapMb, 0), '', ''],
  [`${kind}: text that waits, MB`, ...shown(heldTextMb, 1), '', ''],
  [`${kind}: honest p50 without, ms`, ...shown(p50Ms.without, 2), '', ''],
  [`${kind}: honest p50 with, ms`, ...shown(p50Ms.with, 2), '', ''],
  [`${kind}: honest p99 without, ms`, ...shown(p99Ms.without, 2), '', ''],
  [`${kind}: honest p99 with, ms`, ...shown(p99Ms.with, 2), '', ''],
  [
    `${kind}: honest p99 over all rounds, with / without`,
    ratio.toFixed(2),
    '',
    `<= ${MAX_RATIO}`,
    verdict(ratio <= MAX_RATIO),
  ],
]

const stage = openStage()
const measures: Measure[] = []
for (const kind of kinds) measures.push(await measure(stage, kind))
const table: Table = {
  title: `${sockets} sockets in the tarpit`,
  head: ['figure', 'median', 'min .. max', 'target', ''],
  rows: measures.flatMap(rowsOf),
}
const results = { at: new Date().toISOString(), machine: machine(), versions: versions(), method, rounds, measures }
writeResults('tarpit', 'Bench of the tarpit', results, [table])
console.log(toText([table]))
