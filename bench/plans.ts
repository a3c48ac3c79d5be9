import { paced, whole } from './answers.ts'
import type { CpuPlan } from './cpu.ts'
import type { FirstBytePlan } from './first-byte.ts'
import type { MemoryPlan } from './memory.ts'

export const parts = ['requests', 'streams', 'first-byte', 'memory'] as const
export type Part = (typeof parts)[number]

/** How much of everything; the targets come when they have been started. */
export interface Plans {
  /** How often everything is started anew: one process of a kind can be a good deal luckier than the next. */
  readonly generations: number
  readonly requests: Omit<CpuPlan, 'targets'>
  readonly streams: Omit<CpuPlan, 'targets'>
  readonly firstByte: Omit<FirstBytePlan, 'targets'>
  readonly memory: MemoryPlan
}

export const full: Plans = {
  generations: 3,
  // CPU time is counted in steps of 10 ms: a round takes dozens of them. Until about the 24,000th request V8's compilers
  // work beside the process and cost a quarter of what is measured; a gateway has that behind it in its first minute.
  requests: { scenario: whole, rounds: 3, warmUp: 32_000, requests: 8000, concurrency: 16 },
  streams: { scenario: paced, rounds: 4, warmUp: 1500, requests: 480, concurrency: 32 },
  firstByte: { rounds: 2, warmUp: 200, samples: 200 },
  memory: { keys: 100_000, requests: 1_000_000, every: 100_000, identities: [10_000, 50_000, 100_000] },
}

/** Only to see that everything runs: its figures mean little, since nothing is warm. */
export const quick: Plans = {
  generations: 1,
  requests: { scenario: whole, rounds: 3, warmUp: 500, requests: 500, concurrency: 16 },
  streams: { scenario: paced, rounds: 3, warmUp: 32, requests: 64, concurrency: 32 },
  firstByte: { rounds: 3, warmUp: 50, samples: 50 },
  memory: { keys: 5000, requests: 50_000, every: 10_000, identities: [1000, 5000] },
}

/** How it was measured, for the reader of the results. */
export const methodOf = ({ generations, requests, streams, firstByte, memory }: Plans): readonly string[] => [
  'Every process is on this machine and talks over loopback only; every answer is compared byte by byte.',
  'CPU is user and system time of the proxy process alone, from /proc; targets take turns within each round, in another ' +
    'order each round; ratios are taken round by round, and the median over rounds is given with its extremes.',
  `All processes were started anew ${generations} times; the rounds below are those of each time.`,
  `Non-streamed: ${requests.rounds} rounds of ${requests.requests} requests, ${requests.concurrency} at once, after ` +
    `${requests.warmUp} that are not counted.`,
  `Streamed: ${streams.rounds} rounds of ${streams.requests} streams of ${paced.parts.length} chunks, ` +
    `${paced.delayMs} ms apart, ${streams.concurrency} at once, after ${streams.warmUp} that are not counted; what a ` +
    'stream costs is divided by its chunks.',
  `First byte: ${firstByte.rounds} rounds of ${firstByte.samples} streams for each target, one at a time in turns.`,
  `Memory: ${memory.requests} requests of ${memory.keys} keys in turn, without a network and without a data_dir.`,
]
