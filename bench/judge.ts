/*
 * What the judge holds of an account, by how many prompts it has sent, and what a snapshot of many costs:
 *
 *   node bench/judge.ts [accounts]
 *
 * Each size is measured in a process of its own, as the resident memory and as the live bytes that its accounts have brought
 * after a collection. All accounts grow in step, which is the worst case: runs of words that were grown out of find no newcomer.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createHash } from 'node:crypto'
import type { Observed } from '../src/core/observed.ts'
import { nothingRecorded } from '../src/core/recorded.ts'
import { defaultCalibration, replayOptions } from '../src/detect.ts'
import { Judge } from '../src/judging.ts'
import { createRandom, type Random } from '../src/lab/random.ts'
import { RecordObserver } from '../src/observing.ts'
import { toText } from './table.ts'

const ACCOUNTS = Number(process.argv[2] ?? 20_000)
/** A prompt of each hour, so that accounts have a life of days. */
const APART_MS = 3_600_000
const START_MS = Date.UTC(2026, 5, 1)
const DIFFERENT = 20_000
const counts = [1, 3, 5, 10, 30, 100, 300]

interface Measured {
  readonly prompts: number
  readonly liveBytes: number
  readonly residentBytes: number
  readonly snapshotMs: number
  readonly restoreMs: number
  readonly snapshotBytes: number
}

async function parent(): Promise<void> {
  const rows: (readonly string[])[] = []
  for (const prompts of counts) {
    const one = fork(import.meta.filename, [String(ACCOUNTS), String(prompts)], { execArgv: ['--expose-gc'] })
    const [measured] = (await once(one, 'message')) as [Measured]
    const { liveBytes, residentBytes, snapshotMs, restoreMs, snapshotBytes } = measured
    rows.push([
      String(prompts),
      liveBytes.toFixed(0),
      residentBytes.toFixed(0),
      snapshotBytes.toFixed(0),
      snapshotMs.toFixed(0),
      restoreMs.toFixed(0),
    ])
    await once(one, 'exit')
  }
  const head = ['prompts each', 'live bytes', 'resident bytes', 'bytes saved', 'ms to save all', 'ms to take up']
  process.stdout.write(`${toText([{ title: `${ACCOUNTS} accounts, bytes for each`, head, rows }])}\n`)
}

function child(accounts: number, prompts: number): Measured {
  const options = { ...replayOptions(defaultCalibration()), keySlots: 1 << 16 }
  const random = createRandom('judge')
  const all = prompted(random)
  // The compiler's part, and what is there once, are none of the accounts'.
  const warm = new Judge(options)
  for (let i = 0; i < 5000; i++) warm.judge({ ...all[i]!, account: `w${i % 50}`, timeMs: START_MS + i })
  const judge = new Judge(options)
  const before = memory()
  for (let p = 0; p < prompts; p++) {
    for (let a = 0; a < accounts; a++) {
      const key = `acct-${(a * 7919).toString(36)}`
      const seen = { account: `key:${key}`, key, ipPrefix: `10.${(a >> 8) & 255}.${a & 255}.0/24` }
      judge.judge({ ...all[random.below(DIFFERENT)]!, ...seen, timeMs: START_MS + p * APART_MS + a })
    }
  }
  const after = memory()
  const began = performance.now()
  const bytes = judge.snapshot()
  const saved = performance.now()
  if (!Judge.restore(options, bytes).ok) throw new Error('a snapshot was refused')
  const restoreMs = performance.now() - saved
  if (judge.lastMs === null || warm.lastMs === null || all.length !== DIFFERENT) throw new Error('nothing was judged')
  return {
    prompts,
    liveBytes: (after.live - before.live) / accounts,
    residentBytes: (after.resident - before.resident) / accounts,
    snapshotMs: saved - began,
    restoreMs,
    snapshotBytes: bytes.length / accounts,
  }
}

function memory(): { readonly live: number; readonly resident: number } {
  for (let i = 0; i < 3; i++) globalThis.gc!()
  const { heapUsed, arrayBuffers, rss } = process.memoryUsage()
  return { live: heapUsed + arrayBuffers, resident: rss }
}

const words =
  'please explain the difference between a river and a canal in simple terms for someone who has never seen either and give two examples from Europe with the year they were built and why it matters today water book train doctor window story price computer history garden music paper table light stone iron glass cloud rain wind fire earth fast slow hot cold start stop read write'.split(
    ' ',
  )

/** Prompts of four to forty words, of which some are nobody else's. */
function prompted(random: Random): readonly Observed[] {
  const observer = new RecordObserver(createHash('sha256').update('bench judge').digest())
  const word = (): string => random.pick(words) + (random.below(6) === 0 ? random.below(100_000) : '')
  return Array.from({ length: DIFFERENT }, () => {
    const text = Array.from({ length: 4 + random.below(36) }, word).join(' ')
    const tokens = { inputTokens: text.length >> 2, outputTokens: 300, status: 200 }
    const client = { model: 'gpt-4o', userAgent: 'OpenAI/Python 1.99.1', fingerprint: 'f', asn: 64_500 }
    return observer.observe({ ...nothingRecorded, ...tokens, ...client, turns: [{ role: 'user', text }] })
  })
}

if (process.send === undefined) await parent()
else process.send(child(Number(process.argv[2]), Number(process.argv[3])))
