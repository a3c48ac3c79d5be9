import type { Random } from '../../src/lab/random.ts'
import type { Chaff } from './chaff.ts'
import type { Clock } from './clock.ts'
import { DAY_MS, drawFace, type Infrastructure } from '../../src/lab/traffic/face.ts'
import { type Corpus, type Job, permutation } from './harvest.ts'
import { chance } from '../../src/lab/chance.ts'
import { createAccount, type Step } from './script.ts'
import type { Account } from './traffic.ts'

export interface FleetPlan {
  readonly name: string
  readonly corpus: Corpus
  /** Of an account's exchanges, how many are harvest; 0 makes a control fleet. */
  readonly share: number
  readonly accounts: number
  readonly exchanges: number
  readonly startMs: number
  /** Over how long its accounts come into use. */
  readonly staggerDays: number
  readonly clock: Clock
  readonly chaff: Chaff
  readonly infrastructure?: Infrastructure
  /** What each prompt goes through on its way out, such as a light paraphrase. */
  readonly disguise?: (job: Job, random: Random) => Job
}

/** One work queue over many accounts, each of which mixes its part into ordinary traffic. */
export function createFleet(plan: FleetPlan, random: Random): readonly Account[] {
  const { name, corpus, share, accounts, exchanges, startMs, staggerDays, clock, infrastructure } = plan
  const jobs = Math.round(exchanges * share)
  if (jobs * accounts > corpus.size)
    throw new Error(`${name} needs ${jobs * accounts} prompts, ${corpus.name} has ${corpus.size}`)
  const queue = permutation(random.fork('queue'), corpus.size)
  return Array.from({ length: accounts }, (_, i) => {
    const own = random.fork(`account/${i}`)
    const begins = startMs + own.fork('start').next() * staggerDays * DAY_MS
    const pieces = plan.chaff.take(exchanges - jobs)
    return createAccount(
      {
        kind: share === 0 ? 'control' : 'harvest-fleet',
        class: name,
        face: drawFace(own.fork('face'), begins, infrastructure),
        startMs: Math.round(begins),
        count: exchanges,
        clock,
        steps: (inner) => mixed(inner, plan, jobs, (job) => queue(job * accounts + i), pieces(inner.fork('chaff'))),
      },
      own,
    )
  })
}

function* mixed(
  random: Random,
  { corpus, exchanges, disguise }: FleetPlan,
  jobs: number,
  nth: (job: number) => number,
  chaff: Iterator<Step>,
): Generator<Step> {
  let done = 0
  for (let i = 0; i < exchanges; i++) {
    // Of what is left, so that in the end the share is exact.
    if (chance(random, (jobs - done) / (exchanges - i))) {
      const job = corpus.prompt(nth(done++))
      yield { ...(disguise === undefined ? job : disguise(job, random)), harvest: true }
    } else {
      const piece = chaff.next()
      if (piece.done !== true) yield piece.value
    }
  }
}
