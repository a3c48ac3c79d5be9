import type { Result } from '../core/result.ts'
import type { Arm } from './arms.ts'
import { HOUR_MS, run, type RunOptions, type RunResult } from './run.ts'
import { scenarios, type Scenario } from './scenarios.ts'
import { thief, type HarvestPlan } from './traffic/thief.ts'

/**
 * The second act of the demo: four thieves of the lab, each of whom wants as many answers, at the same time and before one
 * model; once with nothing in front of it, and once with Weir and honest customers.
 */
export interface DemoSize {
  /** Answers in full that each thief wants. */
  readonly answers: number
  /** Virtual hours after which everybody goes home. */
  readonly hours: number
  readonly seed: string
}

/** The night thief is seen in its second night, and has what it wants before morning: a dozen seconds of one quick core. */
export const demoSize: DemoSize = { answers: 1200, hours: 36, seed: 'demo' }

const scenario = (name: string): Scenario => scenarios.find((one) => one.name === name)!

/** What a stranger to the lab should know of each: its plan says the same in numbers. */
export const thieves: readonly { readonly name: string; readonly does: string }[] = [
  { name: 'prompt-sweep', does: 'one question around ever new texts, every 5 seconds' },
  { name: 'coverage-run', does: 'a dozen wordings by turns, every 30 seconds' },
  { name: 'overnight-run', does: 'one template over documents, at night only' },
  { name: 'key-rotation', does: 'a fresh account as soon as one is limited or asked' },
]

const planOf = (name: string, goal: number): HarvestPlan => ({ ...scenario(name).attack!.plan('quick'), goal })

/** Without Weir nobody is in anybody's way, so that the honest can stay at home: no thief would fare differently for them. */
export function playArm(
  arm: Arm,
  { answers, hours, seed }: DemoSize,
  told: Pick<RunOptions, 'progress' | 'watch'> = {},
): Promise<Result<RunResult, string>> {
  const attackers = thieves.map(({ name }) => thief(planOf(name, answers)))
  const honest = arm === 'unprotected' ? [] : scenario('prompt-sweep').honest('quick')
  return run({ arm, seed, actors: [...honest, ...attackers], horizonMs: hours * HOUR_MS, ...told })
}
