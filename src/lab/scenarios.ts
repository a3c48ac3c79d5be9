import type { Arm } from './arms.ts'
import { DAY_MS, HOUR_MS, type Actor } from './run.ts'
import { agentFleet, agents } from './traffic/agents.ts'
import { adaptive } from './traffic/adaptive.ts'
import { apps } from './traffic/apps.ts'
import { batches, classroom, frameworkUsers, launchDay } from './traffic/groups.ts'
import { seats } from './traffic/seats.ts'
import { thief, type HarvestPlan } from './traffic/thief.ts'

/** Everything that the lab can play, by name. */
export interface Scenario {
  readonly name: string
  readonly describe: string
  /** Who attacks; null: everybody is honest. */
  readonly attack: Attack | null
  /** Of the honest: those who are there in every scenario, and those whom this one is about. */
  readonly honest: (size: Size) => readonly Actor[]
  readonly hours: (size: Size) => number
}

export interface Attack {
  readonly plan: (size: Size) => HarvestPlan
  /** The thief itself; most follow their plan. */
  readonly actor: (plan: HarvestPlan, arm: Arm) => Actor
  /** The account-hours that the issue asks for, as a multiple of the unprotected run's. */
  readonly target: number
  /** Every prompt is worded anew by a cheap model, which is paid for. */
  readonly paraphrases: boolean
}

/** `quick` is what a person waits for; `full` is what is published. */
export type Size = 'quick' | 'full'

const by = <T>(size: Size, quick: T, full: T): T => (size === 'quick' ? quick : full)

/**
 * The street that every attack hides in. It is short: honest words come from grammars here, and the more accounts share a
 * grammar the more it looks like a template. What honest people meet at size is measured on people's own words, by the bench.
 */
const street = (size: Size): readonly Actor[] => [
  ...seats(by(size, 30, 60)),
  ...apps(by(size, 3, 5)),
  ...agents(by(size, 5, 8)),
  ...batches(by(size, 3, 5)),
  ...frameworkUsers(by(size, 4, 8)),
]

/**
 * An attack that goes on for at most so many times as long as it takes unprotected, and for so many accounts as its plan
 * says: who has not got its set with hundreds of times the accounts has shown what there is to show.
 */
const MOST_TIMES_AS_LONG = 3

const attack = (
  name: string,
  describe: string,
  target: number,
  plan: (size: Size) => Omit<HarvestPlan, 'name'>,
  {
    paraphrases = false,
    actor = thief,
    timesAsLong = MOST_TIMES_AS_LONG,
  }: Partial<Pick<Attack, 'paraphrases' | 'actor'>> & { readonly timesAsLong?: number } = {},
): Scenario => ({
  name,
  describe,
  attack: { plan: (size) => ({ name, ...plan(size) }), actor, target, paraphrases },
  honest: street,
  hours: (size) => {
    const { goal, everyMs, workers, share, rhythm } = plan(size)
    const hours = (goal * everyMs) / share / workers / HOUR_MS
    return timesAsLong * (rhythm === 'night' ? hours * 3 : hours) + 1
  },
})

const honest = (name: string, describe: string, more: (size: Size) => readonly Actor[], days: number): Scenario => ({
  name,
  describe,
  attack: null,
  honest: (size) => [...street(size), ...more(size)],
  hours: (size) => (by(size, 0.3, 0.5) * days * DAY_MS) / HOUR_MS,
})

export const scenarios: readonly Scenario[] = [
  attack('prompt-sweep', '50,000 requests of one family in 72 hours', 100, (size) => ({
    goal: by(size, 4000, 50_000),
    workers: 1,
    everyMs: 5184,
    rhythm: 'even',
    wording: 'one frame',
    share: 1,
    retries: 0,
    hand: 'one hand',
    maxAccounts: by(size, 400, 500),
  })),
  attack('coverage-run', 'a dozen wordings by turns over everything there is to ask', 100, (size) => ({
    goal: by(size, 1500, 4000),
    workers: 1,
    everyMs: 30_000,
    rhythm: 'even',
    wording: 'by turns',
    share: 1,
    retries: 0,
    hand: 'one hand',
    maxAccounts: by(size, 400, 500),
  })),
  attack(
    'overnight-run',
    'one template over documents, at night, what is refused is asked again at once',
    100,
    (size) => ({
      goal: by(size, 1500, 6000),
      workers: 1,
      everyMs: 24_000,
      rhythm: 'night',
      wording: 'documents',
      share: 1,
      retries: 4,
      hand: 'one hand',
      maxAccounts: by(size, 400, 500),
    }),
  ),
  attack('key-rotation', 'one harvest with a new key as soon as one is limited or asked', 100, (size) => ({
    goal: by(size, 1500, 5000),
    workers: 1,
    everyMs: 20_000,
    rhythm: 'scattered',
    wording: 'rubric',
    share: 1,
    retries: 0,
    hand: 'one hand',
    maxAccounts: by(size, 400, 500),
  })),
  attack(
    'hydra',
    'many accounts that nothing ties together, a quarter harvest, the rest talks like those of people',
    50,
    (size) => ({
      // 667 exchanges of each account, as was reported of a fleet; and not more of its accounts than honest ones.
      goal: by(size, 1000, 6680),
      workers: by(size, 20, 40),
      everyMs: 600_000,
      rhythm: 'scattered',
      wording: 'one frame',
      share: 0.25,
      retries: 0,
      hand: 'apart',
      maxAccounts: by(size, 600, 2500),
    }),
  ),
  attack('slow-drip', 'every account far below every limit, for a week', 50, (size) => ({
    goal: by(size, 800, 8000),
    workers: by(size, 20, 40),
    everyMs: 1_800_000,
    rhythm: 'scattered',
    wording: 'by turns',
    share: 1,
    retries: 0,
    hand: 'apart',
    maxAccounts: by(size, 400, 500),
  })),
  attack(
    'paraphrasing',
    'a cheap model words every prompt anew',
    16,
    (size) => ({
      goal: by(size, 1500, 6000),
      workers: 4,
      everyMs: 60_000,
      rhythm: 'scattered',
      wording: 'many ways',
      share: 1,
      retries: 0,
      hand: 'apart',
      maxAccounts: by(size, 400, 500),
    }),
    { paraphrases: true },
  ),
  attack(
    'adaptive',
    'knows source and configuration, learns from all it meets, and looks for what brings most for a dollar',
    16,
    (size) => ({
      goal: by(size, 1500, 6000),
      workers: 4,
      everyMs: 5000,
      rhythm: 'scattered',
      wording: 'one frame',
      share: 1,
      retries: 0,
      hand: 'apart',
      maxAccounts: by(size, 500, 600),
    }),
    {
      paraphrases: true,
      // Where there is nothing to adapt to, it takes what it wants at full pace: that is what the others are held against.
      actor: (plan, arm) => (arm === 'unprotected' ? thief(plan) : adaptive(plan)),
      timesAsLong: 40,
    },
  ),
  honest(
    'launch-day',
    'many new accounts within hours, all of them curious about the same thing',
    (size) => launchDay(by(size, 80, 200)),
    2,
  ),
  honest('classroom', 'forty pupils behind one address with the same twenty tasks', () => classroom(40), 3),
  honest(
    'framework-users',
    'tenants of one framework, whose wrapper all of them share',
    (size) => frameworkUsers(by(size, 30, 80)),
    3,
  ),
  honest(
    'batch-customer',
    'customers with documents and one template of their own each',
    (size) => batches(by(size, 10, 40)),
    3,
  ),
  honest('agent-fleet', "one company's agents that work day and night", (size) => agentFleet(by(size, 12, 40)), 2),
]
