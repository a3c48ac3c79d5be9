import type { Scenario } from './answers.ts'
import { createClient } from './load.ts'
import type { Stage } from './processes.ts'
import { joined, type Spread, spreadOf } from './stats.ts'
import type { Measured, Target } from './targets.ts'

export interface CpuPlan {
  readonly scenario: Scenario
  readonly targets: readonly Target[]
  readonly rounds: number
  /** Before the first round, for compilers and connections to get warm. */
  readonly warmUp: number
  readonly requests: number
  readonly concurrency: number
}

export interface CpuMeasure {
  /** CPU time of the proxy's process for one write of the mock model: for a chunk, or for an answer as a whole. */
  readonly cpuUs: Spread
  readonly perSecond: Spread
  /** Reads that reached the client for each write of the mock model: 1 when nothing was joined on the way. */
  readonly readsPerWrite: number
}

/** What a process still has to do for requests that are answered already. */
const SETTLE_MS = 30

/**
 * CPU time and not wall time, because machines are shared; target after target within each round and in another order
 * each time, so that what disturbs one disturbs the others as well.
 */
export async function measureCpu(
  stage: Stage,
  plan: CpuPlan,
  say: (line: string) => void,
  problem: (what: string) => void,
): Promise<Measured<CpuMeasure>> {
  const { scenario, rounds, requests, concurrency } = plan
  const lanes = plan.targets.map((target) => ({
    target,
    client: createClient({ url: target.url, secret: target.credential, scenario, connections: concurrency, problem }),
    cpuUs: [] as number[],
    perSecond: [] as number[],
    reads: 0,
  }))
  const writes = scenario.parts.length * requests
  for (const { client } of lanes) await client.round(plan.warmUp, concurrency)
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < lanes.length; i++) {
      const lane = lanes[(i + round) % lanes.length]!
      const beforeMs = stage.cpuMs(lane.target.pid)
      const { wallMs, reads } = await lane.client.round(requests, concurrency)
      await new Promise((resolve) => setTimeout(resolve, SETTLE_MS))
      lane.cpuUs.push(((stage.cpuMs(lane.target.pid) - beforeMs) * 1000) / writes)
      lane.perSecond.push((writes * 1000) / wallMs)
      lane.reads += reads
    }
    say(`${scenario.model}: round ${round + 1} of ${rounds}`)
  }
  await Promise.all(lanes.map(({ client }) => client.close()))
  return new Map(
    lanes.map(({ target, cpuUs, perSecond, reads }) => [
      target.name,
      { cpuUs: spreadOf(cpuUs), perSecond: spreadOf(perSecond), readsPerWrite: reads / (writes * rounds) },
    ]),
  )
}

export function joinCpu(runs: readonly Measured<CpuMeasure>[]): Measured<CpuMeasure> {
  return new Map(
    [...runs[0]!.keys()].map((name) => {
      const all = runs.map((run) => run.get(name)!)
      const reads = all.reduce((sum, { readsPerWrite }) => sum + readsPerWrite, 0)
      return [
        name,
        {
          cpuUs: joined(all.map(({ cpuUs }) => cpuUs)),
          perSecond: joined(all.map(({ perSecond }) => perSecond)),
          readsPerWrite: reads / all.length,
        },
      ]
    }),
  )
}
