import { createRandom, type Random } from '../../src/lab/random.ts'
import { type Campaign, createCampaign } from './campaign.ts'
import { type Chaff, createChaff } from './chaff.ts'
import { corpusNames, isTemplated } from './corpora.ts'
import type { Data } from './data.ts'
import { createPopulation, everydayClasses, type HonestClass } from './population.ts'
import { coverageRun, framing, keyRotation, overnightRun, promptSweep } from './single-campaigns.ts'
import { tongues } from './text/tongue.ts'
import { merge, type Account, type Sample } from './traffic.ts'
import { createWorld, type World } from './world.ts'

export interface Target {
  /** A class, or a group of classes by the name of `groups`. */
  readonly of: string
  readonly measure: 'leak' | 'friction' | 'firm' | 'blocked'
  readonly atMost: number
}

export interface Scenario {
  readonly name: string
  readonly quick: boolean
  readonly targets: readonly Target[]
  /** For a class, how many of its exchanges pass before its leak is counted. */
  readonly countFrom: ReadonlyMap<string, number>
  readonly stream: (data: Data, seed: number) => Iterable<Sample>
}

/** Honest classes that one target is for. */
export const groups: Readonly<Record<string, (name: string) => boolean>> = {
  'people, agents and apps': (name) => /seat|speaker|agent|app|translator|support desk/.test(name),
  'framework users and classroom': (name) => /framework|classroom/.test(name),
  'batch customers': (name) => /batch|bulk|evaluation/.test(name),
  'all honest': () => true,
}

const honestTargets: readonly Target[] = [
  { of: 'people, agents and apps', measure: 'friction', atMost: 0.005 },
  { of: 'people, agents and apps', measure: 'firm', atMost: 0.002 },
  { of: 'framework users and classroom', measure: 'friction', atMost: 0.02 },
  { of: 'batch customers', measure: 'friction', atMost: 0.05 },
  { of: 'all honest', measure: 'blocked', atMost: 0 },
]

type Extra = (world: World, random: Random, chaff: Chaff) => readonly Account[]

interface Shape {
  readonly name: string
  readonly quick?: boolean
  readonly targets?: readonly Target[]
  readonly countFrom?: ReadonlyMap<string, number>
  readonly classes?: readonly HonestClass[]
  readonly extra?: Extra
}

/** Honest traffic of every day with something in it. */
function scenario({ name, quick = false, targets = [], countFrom = new Map(), classes, extra }: Shape): Scenario {
  return {
    name,
    quick,
    targets: [...targets, ...honestTargets],
    countFrom,
    stream: (data, seed) => {
      const random = createRandom(`detection/${seed}`)
      const world = createWorld(data)
      const chaff = createChaff(data, random.fork('chaff'))
      const more = extra?.(world, random.fork(name), chaff) ?? []
      return merge([...createPopulation(world, random.fork('honest'), classes), ...more])
    },
  }
}

const usual = { accounts: 40, exchanges: 100, timing: 'human', giveaway: 'nothing' } as const

function fleet(campaign: Omit<Campaign, 'name'>, quick: boolean = false): Scenario {
  const { corpus, share, accounts, timing, giveaway, chaff = 'unique', paraphrase = 'none', tongue } = campaign
  const variant = [
    chaff === 'unique' ? [] : [`${chaff} chaff`],
    paraphrase === 'none' ? [] : [`${paraphrase} paraphrase`],
    tongue === undefined ? [] : [`in ${tongue.name}`],
  ].flat()
  const name = [share === 0 ? 'control' : corpus, share, accounts, timing, giveaway, ...variant].join('/')
  return scenario({
    name,
    quick,
    targets:
      share === 0 ? controlTargets(name, giveaway) : [{ of: name, measure: 'leak', atMost: leakTarget(campaign) }],
    extra: (world, random, chaff) => createCampaign(world, { name, ...campaign }, chaff, random),
  })
}

const controlTargets = (name: string, giveaway: Campaign['giveaway']): readonly Target[] =>
  giveaway === 'nothing' ? [{ of: name, measure: 'friction', atMost: 0.05 }] : []

/** Of the fleets that the project has a figure for; others are measured against the same. */
const leakTarget = ({ corpus, giveaway }: Omit<Campaign, 'name'>): number =>
  giveaway !== 'nothing' || isTemplated(corpus) ? 0.2 : 0.6

const within2 = (of: string): readonly Target[] => [{ of, measure: 'leak', atMost: 0.02 }]

const variants: readonly Partial<Campaign>[] = [
  { timing: 'jittered' },
  { timing: 'dispatcher' },
  { accounts: 20 },
  { accounts: 200 },
  { accounts: 1000 },
  { paraphrase: 'light' },
  { chaff: 'recycled' },
  { tongue: tongues[0]! },
]

export const scenarios: readonly Scenario[] = [
  scenario({ name: 'honest', quick: true, classes: everydayClasses }),
  scenario({ name: 'bulk', classes: [...everydayClasses, 'bulk customer'] }),
  ...corpusNames.flatMap((corpus) =>
    [1, 0.5, 0.25, 0.1].map((share) =>
      fleet(
        { ...usual, corpus, share },
        share === 0.25 && ['gsm8k', 't0 sweep', 'rubric', 'multilingual'].includes(corpus),
      ),
    ),
  ),
  ...corpusNames.flatMap((corpus) =>
    fleet({ ...usual, corpus, share: 0.25, giveaway: 'everything' }, corpus === 'gsm8k'),
  ),
  ...(['program', 'network', 'sign-up'] as const).flatMap((giveaway) =>
    fleet({ ...usual, corpus: 'gsm8k', share: 0.25, giveaway }),
  ),
  ...(['gsm8k', 't0 sweep'] as const).flatMap((corpus) =>
    variants.map((variant) => fleet({ ...usual, corpus, share: 0.25, ...variant })),
  ),
  ...(['nothing', 'program', 'network', 'sign-up', 'everything'] as const).map((giveaway) =>
    fleet({ ...usual, corpus: 'gsm8k', share: 0, giveaway }, giveaway === 'nothing'),
  ),
  scenario({
    name: 'prompt sweep',
    targets: within2('prompt sweep'),
    countFrom: new Map([['prompt sweep', 1000]]),
    extra: promptSweep,
  }),
  scenario({ name: 'coverage run', quick: true, targets: within2('coverage run'), extra: coverageRun }),
  scenario({
    name: 'overnight template run',
    quick: true,
    targets: within2('overnight template run'),
    extra: overnightRun,
  }),
  scenario({ name: 'key rotation', quick: true, targets: within2('key rotation'), extra: keyRotation }),
  scenario({
    name: 'framing',
    quick: true,
    targets: [{ of: 'framed victim', measure: 'friction', atMost: 0 }],
    extra: framing,
  }),
]
