import { immediate } from './answers.ts'
import { createClient } from './load.ts'
import { joined, percentile, type Spread, spreadOf } from './stats.ts'
import type { Measured, Target } from './targets.ts'

export interface FirstBytePlan {
  /** The first one is what the others are compared with. */
  readonly targets: readonly Target[]
  readonly rounds: number
  readonly warmUp: number
  readonly samples: number
}

export interface FirstByteMeasure {
  readonly p50Ms: Spread
  readonly p99Ms: Spread
}

/** One request at a time over one connection, each target in its turn: what a proxy adds when nothing is waiting. */
export async function measureFirstByte(
  plan: FirstBytePlan,
  say: (line: string) => void,
  problem: (what: string) => void,
): Promise<Measured<FirstByteMeasure>> {
  const lanes = plan.targets.map(({ name, url, credential }) => ({
    name,
    client: createClient({ url, secret: credential, scenario: immediate, connections: 1, problem }),
    p50Ms: [] as number[],
    p99Ms: [] as number[],
  }))
  for (const { client } of lanes) await client.round(plan.warmUp, 1)
  for (let round = 0; round < plan.rounds; round++) {
    const times = lanes.map((): number[] => [])
    for (let sample = 0; sample < plan.samples; sample++) {
      for (let i = 0; i < lanes.length; i++) {
        const at = (i + sample) % lanes.length
        const shot = await lanes[at]!.client.shoot()
        if (shot !== null) times[at]!.push(shot.firstByteMs)
      }
    }
    for (const [at, { p50Ms, p99Ms }] of lanes.entries()) {
      p50Ms.push(percentile(times[at]!, 0.5))
      p99Ms.push(percentile(times[at]!, 0.99))
    }
    say(`first byte: round ${round + 1} of ${plan.rounds}`)
  }
  await Promise.all(lanes.map(({ client }) => client.close()))
  return new Map(lanes.map(({ name, p50Ms, p99Ms }) => [name, { p50Ms: spreadOf(p50Ms), p99Ms: spreadOf(p99Ms) }]))
}

export function joinFirstByte(runs: readonly Measured<FirstByteMeasure>[]): Measured<FirstByteMeasure> {
  return new Map(
    [...runs[0]!.keys()].map((name) => {
      const all = runs.map((run) => run.get(name)!)
      return [name, { p50Ms: joined(all.map(({ p50Ms }) => p50Ms)), p99Ms: joined(all.map(({ p99Ms }) => p99Ms)) }]
    }),
  )
}

/** Round by round, of one less of another. */
export function difference(of: Spread, less: Spread): Spread {
  return spreadOf(of.rounds.map((value, i) => value - less.rounds[i]!))
}
