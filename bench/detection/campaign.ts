import type { Random } from '../../src/lab/random.ts'
import { abroad, type Chaff, recycled, turnsIn } from './chaff.ts'
import { type CorpusName, openCorpus } from './corpora.ts'
import { DAY_MS, drawOwnProgram, drawPool, type Infrastructure } from '../../src/lab/traffic/face.ts'
import { createFleet } from './fleet.ts'
import type { Job } from './harvest.ts'
import { paraphrased } from './paraphrase.ts'
import { between } from '../../src/lab/chance.ts'
import type { Tongue } from './text/tongue.ts'
import type { Account } from './traffic.ts'
import type { World } from './world.ts'

export const timings = ['human', 'jittered', 'dispatcher'] as const
export type Timing = (typeof timings)[number]

/** What a fleet gives away besides its prompts. */
export const giveaways = ['nothing', 'program', 'network', 'sign-up', 'everything'] as const
export type Giveaway = (typeof giveaways)[number]

/** A harvest by a fleet, in the words of the bench's grid. */
export interface Campaign {
  readonly name: string
  readonly corpus: CorpusName
  /** Of its exchanges; 0 is a control fleet. */
  readonly share: number
  readonly accounts: number
  readonly exchanges: number
  readonly timing: Timing
  readonly giveaway: Giveaway
  /** `unique` unless said; `recycled` pieces come again in other accounts of the fleet. */
  readonly chaff?: 'unique' | 'recycled'
  readonly paraphrase?: 'none' | 'light'
  /** Harvest and chaff are in a language that no calibration knows. */
  readonly tongue?: Tongue
}

/** Begins when the honest have been there for some days, as those do who come for a model that is already served. */
const BEGINS_AFTER_DAYS = 2.5

/** Pieces of a pool from which recycled chaff comes. */
const RECYCLED = 1000

export function createCampaign(world: World, campaign: Campaign, supply: Chaff, random: Random): readonly Account[] {
  const plain = campaign.chaff === 'recycled' ? recycled(supply, RECYCLED) : supply
  const { tongue } = campaign
  const chaff = tongue === undefined ? plain : abroad(tongue, plain)
  const disguise =
    campaign.paraphrase === 'light'
      ? paraphrased
      : tongue === undefined
        ? null
        : (job: Job): Job => ({ ...job, turns: turnsIn(tongue, job.turns) })
  const startMs = world.startMs + BEGINS_AFTER_DAYS * DAY_MS
  const jobs = Math.round(campaign.exchanges * campaign.share)
  const days = between(random.fork('days'), 3, 5.5)
  return createFleet(
    {
      ...campaign,
      corpus: openCorpus(world.data, campaign.corpus, Math.max(1, campaign.accounts * jobs), random.fork('corpus')),
      startMs,
      staggerDays: 1.5,
      clock: world.clocks[campaign.timing](days),
      chaff,
      ...(disguise === null ? {} : { disguise }),
      infrastructure: infrastructureOf(campaign, startMs, random.fork('infrastructure')),
    },
    random,
  )
}

function infrastructureOf({ giveaway, accounts }: Campaign, startMs: number, random: Random): Infrastructure {
  const all = giveaway === 'everything'
  return {
    ...(all || giveaway === 'program' ? { program: drawOwnProgram(random) } : {}),
    ...(all || giveaway === 'network' ? { networks: drawPool(random, Math.max(2, Math.ceil(accounts / 20))) } : {}),
    ...(all || giveaway === 'sign-up' ? { signedUpMs: startMs - between(random, 2, 20) * DAY_MS } : {}),
  }
}
