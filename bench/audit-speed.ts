import { realDisk } from '../src/audit/disk.ts'
import { encode } from '../src/audit/entry.ts'
import type { Log } from '../src/audit/log.ts'
import { openLog } from '../src/audit/open-log.ts'
import { Prover } from '../src/audit/proof.ts'
import { startRecorder } from '../src/audit/recorder.ts'
import { verifyLog } from '../src/audit/verify.ts'
import { placesIn, Writer } from '../src/audit/writer.ts'
import { systemClock } from '../src/core/clock.ts'
import { finishDraft, startDraft } from '../src/core/draft.ts'
import type { RequestEvent } from '../src/core/event.ts'
import type { RecordEntry } from '../src/core/record-log.ts'
import { decisionOf } from '../src/record.ts'
import { percentile } from './stats.ts'

/** How fast the log is written, proven and verified. */

const who = {
  keyId: 'acme-1',
  tenant: 'acme',
  account: 'acme',
  profile: 'app',
  credential: 'key',
  user: null,
  trust: null,
} as const

/** Like one of a real exchange, as large. */
export function eventOf(i: number): RequestEvent {
  const draft = startDraft(
    `req_mx0hkr4q19npk96${String(i).padStart(4, '0')}`,
    1_800_000_000_000 + i,
    'a1b2c3d4e5f60718',
    '/v1/chat/completions',
    'OpenAI/JS 7.55.0',
  )
  return finishDraft(
    {
      ...draft,
      who: { ...who, account: `account-${i % 500}` },
      network: { ...draft.network, ip: `192.0.2.${i % 250}` },
      client: { id: 'fp_7fe60407d427491a', sdk: 'openai-js', consistent: true, inconsistencies: [] },
      endpoint: 'chat_completions',
      model: 'gpt-4o-mini',
      upstream: 'main',
      promptClass: 'code',
      request: {
        stream: true,
        bodyBytes: 1800,
        promptBytes: 1500,
        messages: 4,
        choices: 1,
        maxOutputTokens: 512,
        opaqueParts: 0,
      },
      outcome: 'ok',
      status: 200,
      charges: ['key-tpm', 'key-day', 'cost', 'inflight'].map((limit) => ({
        limit,
        resource: 'tokens',
        units: 812,
        debt: 0,
      })),
      answer: { bytes: 9000, textBytes: 1700, chunks: 90, finishReasons: ['stop'], firstByteMs: 210 },
    },
    1_800_000_001_200 + i,
  )
}

const refusal = {
  kind: 'over_quota',
  limit: 'key-tpm',
  resource: 'tokens',
  amount: 60_000,
  used: 59_900,
  requested: 812,
  retryAfterMs: 1200,
} as const
/** Nothing was charged for it, and there was no answer. */
function refusedEvent(i: number): RequestEvent {
  return { ...eventOf(i), outcome: 'refused', status: 429, refusal, charges: [], answer: null }
}
const decisions: readonly RecordEntry[] = Array.from({ length: 500 }, (_, i) => decisionOf(refusedEvent(i)))

/** By the clock, and by the CPU time that was used: on a machine with other work on it the two differ. */
export interface Rate {
  readonly perSecond: number
  readonly perCpuSecond: number
}

function rateOf(work: () => number): Rate {
  const [start, before] = [performance.now(), process.cpuUsage()]
  const done = work()
  const { user, system } = process.cpuUsage(before)
  return { perSecond: (done / (performance.now() - start)) * 1000, perCpuSecond: (done / (user + system)) * 1e6 }
}

/** Everything that is done in the thread: sealing, canonical form, hashing, journal with its flush, tiles, signature. */
export function writerRate(dataDir: string, entries: number, group: number): Rate & { readonly bytes: number } {
  const opened = Writer.open(dataDir, null, realDisk, 1)
  if (!opened.ok) throw new Error(opened.error)
  const writer = opened.value
  const lines = decisions.map(({ type, what }) => JSON.stringify({ t: 1_800_000_000_000, type, what }))
  const groupOf = (at: number): string[] => Array.from({ length: group }, (_, i) => lines[(at + i) % lines.length]!)
  const bytes = writer.seal(groupOf(0))
  writer.append(bytes)
  writer.publish()
  const rate = rateOf(() => {
    for (let at = 0; at < entries; at += group) {
      writer.append(writer.seal(groupOf(at)))
      writer.publish()
    }
    return entries
  })
  writer.close(2)
  return { ...rate, bytes: bytes.reduce((sum, { length }) => sum + length, 0) / bytes.length }
}

/** Through the queue and the thread, until the last one is signed; and what that costs the thread that appends. */
export async function recorderRate(dataDir: string, entries: number): Promise<{ perSecond: number; lost: number }> {
  const log = await open(dataDir)
  const start = performance.now()
  for (let at = 0; at < entries;) {
    for (let i = 0; i < 2000 && log.stats.queued < 30_000; i++) log.append(decisions[at++ % decisions.length]!)
    await new Promise((resolve) => setImmediate(resolve))
  }
  await log.settled()
  const perSecond = (entries / (performance.now() - start)) * 1000
  const { lost } = log.stats
  await log.close()
  return { perSecond, lost }
}

/** CPU of the request path's thread, in microseconds each, handing over included. */
export async function requestPathCost(
  dataDir: string,
  exchanges: number,
): Promise<{ exchange: number; decision: number }> {
  const log = await open(dataDir)
  const events = Array.from({ length: 500 }, (_, i) => eventOf(i))
  const refused = Array.from({ length: 500 }, (_, i) => refusedEvent(i))
  const cost = async (act: (i: number) => void): Promise<number> => {
    let spent = 0
    for (let at = 0; at < exchanges; at += 500) {
      const before = process.threadCpuUsage()
      for (let i = 0; i < 500; i++) act(i)
      // What is gathered is joined and posted here, as a timer would do it.
      const done = log.settled()
      const { user, system } = process.threadCpuUsage(before)
      spent += user + system
      await done
    }
    return spent / exchanges
  }
  await cost((i) => log.exchange(events[i]!))
  const exchange = await cost((i) => log.exchange(events[i]!))
  const decision = await cost((i) => log.append(decisionOf(refused[i]!)))
  await log.close()
  return { exchange, decision }
}

async function open(dataDir: string) {
  const started = await startRecorder({
    dataDir,
    origin: null,
    clock: systemClock,
    maxQueuedChars: 256 * 1024 * 1024,
    say() {},
  })
  if (!started.ok) throw new Error(started.error)
  return started.value
}

/** A log of entries of about 140 bytes. */
export function build(dataDir: string, size: number): { folder: string; seconds: number } {
  const places = placesIn(dataDir)
  const opened = openLog({ places, keys: places.keys, origin: null, disk: realDisk, nowMs: 1 })
  if (!opened.ok) throw new Error(opened.error)
  const { log } = opened.value
  const start = performance.now()
  for (let n = 1; n < size;) n += appendGroup(log, n, Math.min(8192, size - n))
  log.close()
  return { folder: places.log, seconds: (performance.now() - start) / 1000 }
}

function appendGroup(log: Log, from: number, count: number): number {
  log.append(
    Array.from({ length: count }, (_, i) => {
      const n = from + i
      const what = { account: `account-${n % 97}`, action: 'throttle', n }
      return encode({ n, t: 1_800_000_000_000 + n, type: 'decision', v: 1, what })
    }),
  )
  log.publish()
  return count
}

/** Milliseconds for a proof, files read anew each time. */
export function proofTimes(folder: string, size: number, proofs: number): { p50: number; p99: number; max: number } {
  const times: number[] = []
  for (let i = 0; i < proofs; i++) {
    const index = Math.floor(Math.random() * size)
    const start = performance.now()
    const prover = new Prover(folder, size)
    if (i % 2 === 0) prover.inclusion(index)
    else prover.consistency(index)
    times.push(performance.now() - start)
  }
  return { p50: percentile(times, 0.5), p99: percentile(times, 0.99), max: Math.max(...times) }
}

export const verifyRate = (folder: string): Rate =>
  rateOf(() => {
    const verdict = verifyLog({ path: folder, key: null, since: null, witness: null, progress() {} })
    if (!verdict.holds) throw new Error(JSON.stringify(verdict.problems))
    return verdict.size!
  })
