import { paced, whole } from './answers.ts'
import type { CpuPlan } from './cpu.ts'
import type { FirstBytePlan } from './first-byte.ts'
import type { MemoryPlan } from './memory.ts'

export const parts = ['requests', 'streams', 'first-byte', 'memory'] as const
export type Part = (typeof parts)[number]

/** How much of everything; the targets come when they have been started. */
export interface Plans {
  readonly requests: Omit<CpuPlan, 'targets'>
  readonly streams: Omit<CpuPlan, 'targets'>
  readonly firstByte: Omit<FirstBytePlan, 'targets'>
  readonly memory: MemoryPlan
}

export const full: Plans = {
  // CPU time is counted in steps of 10 ms: a round takes some fifty of them.
  requests: { scenario: whole, rounds: 9, warmUp: 6000, requests: 4000, concurrency: 16 },
  streams: { scenario: paced, rounds: 9, warmUp: 256, requests: 320, concurrency: 32 },
  firstByte: { rounds: 5, warmUp: 300, samples: 200 },
  memory: { keys: 100_000, requests: 1_000_000, every: 100_000, identities: [10_000, 50_000, 100_000] },
}

/** Only to see that everything runs: its figures mean little. */
export const quick: Plans = {
  requests: { scenario: whole, rounds: 3, warmUp: 500, requests: 500, concurrency: 16 },
  streams: { scenario: paced, rounds: 3, warmUp: 32, requests: 64, concurrency: 32 },
  firstByte: { rounds: 3, warmUp: 50, samples: 50 },
  memory: { keys: 5000, requests: 50_000, every: 10_000, identities: [1000, 5000] },
}
