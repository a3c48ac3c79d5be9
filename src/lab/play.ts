import { err, ok, type Result } from '../core/result.ts'
import { arms, type Arm } from './arms.ts'
import type { Costs } from './costs.ts'
import { billOf, multiplesOf, type Bill, type Multiples } from './economics.ts'
import { feltBy, type Felt } from './felt.ts'
import type { Exchange } from './ledger.ts'
import { HOUR_MS, run, type RunResult } from './run.ts'
import type { Scenario, Size } from './scenarios.ts'

/** One scenario in all of its arms. */
export interface Played {
  readonly scenario: string
  readonly describe: string
  readonly size: Size
  readonly goal: number | null
  readonly target: number | null
  readonly arms: readonly PlayedArm[]
}

export interface PlayedArm {
  readonly arm: Arm
  readonly bill: Bill | null
  /** Against the unprotected arm. */
  readonly multiples: Multiples | null
  readonly felt: readonly Felt[]
  readonly campaigns: number
  readonly exchanges: number
  readonly cpuS: number
}

export interface PlayOptions {
  readonly size: Size
  readonly seed: string
  readonly costs: Costs
  /** More of `weir.yaml` for the protected arm. */
  readonly more?: string
  readonly progress?: (arm: Arm, partDone: number) => void
}

export async function play(scenario: Scenario, options: PlayOptions): Promise<Result<Played, string>> {
  const { size, costs } = options
  const plan = scenario.attack?.plan(size) ?? null
  const played: PlayedArm[] = []
  // Where nobody attacks, the other arms only show how long an exchange takes, and one of them is enough.
  for (const arm of arms.filter((one) => plan !== null || one !== 'limits')) {
    const ran = await playArm(scenario, arm, options)
    if (!ran.ok) return err(`${scenario.name}, ${arm}: ${ran.error}`)
    const { exchanges, startMs, campaigns, cpuS, hashes } = ran.value
    const bill =
      plan === null
        ? null
        : billOf(attackersOf(exchanges), {
            costs,
            goal: plan.goal,
            paraphrases: scenario.attack!.paraphrases,
            hashes,
            startMs,
          })
    const plain = played[0]?.bill ?? null
    played.push({
      arm,
      bill,
      multiples: bill === null || plain === null ? null : multiplesOf(bill, plain),
      felt: feltBy(exchanges),
      campaigns: campaigns.length,
      exchanges: exchanges.length,
      cpuS,
    })
  }
  return ok({
    scenario: scenario.name,
    describe: scenario.describe,
    size,
    goal: plan?.goal ?? null,
    target: scenario.attack?.target ?? null,
    arms: played,
  })
}

export const attackersOf = (exchanges: readonly Exchange[]): readonly Exchange[] =>
  exchanges.filter(({ isHonest }) => !isHonest)

export function playArm(
  scenario: Scenario,
  arm: Arm,
  { size, seed, more, progress }: Omit<PlayOptions, 'costs'>,
): Promise<Result<RunResult, string>> {
  const { attack } = scenario
  const actors = [...scenario.honest(size), ...(attack === null ? [] : [attack.actor(attack.plan(size), arm)])]
  return run({
    arm,
    seed: `${seed}/${scenario.name}`,
    actors,
    horizonMs: scenario.hours(size) * HOUR_MS,
    ...(more === undefined ? {} : { more }),
    ...(progress === undefined ? {} : { progress: (partDone) => progress(arm, partDone) }),
  })
}
