import { percentile } from '../stats.ts'
import type { Table } from '../table.ts'
import { baselineNames } from './baselines.ts'
import { type Share, shareOf } from './interval.ts'
import type { Outcome } from './run.ts'
import { groups, type Scenario } from './scenario.ts'
import type { ClassScore } from './score.ts'

/** Runs of one scenario over its seeds. */
export interface Ran {
  readonly scenario: Scenario
  readonly outcomes: readonly Outcome[]
  /** What the subject had to do without, for leave-one-out. */
  readonly without: string | null
}

export function tablesOf(all: readonly Ran[]): readonly Table[] {
  const plain = all.filter(({ without }) => without === null)
  return [
    {
      title: 'targets',
      head: ['scenario', 'of', 'measure', 'found', '95 % interval', 'target'],
      rows: plain.flatMap(targetRows),
    },
    {
      title: 'campaigns: leak, and how soon something was done',
      head: [
        'campaign',
        'accounts',
        'leak',
        '95 % interval',
        'accounts met',
        'their exchange, median',
        'hours to first action',
        ...baselineNames,
      ],
      rows: plain.flatMap(campaignRows),
    },
    {
      title: 'honest accounts by class',
      head: ['class', 'accounts', 'friction', '95 % interval', 'firm', '95 % interval', 'blocked', ...baselineNames],
      rows: plain.filter(({ scenario }) => isHonest(scenario)).flatMap(honestRows),
    },
    {
      title: 'nominal and observed: honest accounts whose evidence ever reached',
      head: ['class', 'accounts', ...rungs.map((rung) => `${rung} (${percent(1 / rung)} by chance)`)],
      rows: plain.filter(({ scenario }) => isHonest(scenario)).flatMap(errorRows),
    },
    {
      title: 'leave one out',
      head: ['without', 'scenario', 'measure', 'found', '95 % interval'],
      rows: all.flatMap(leftOutRows),
    },
  ].filter(({ rows }) => rows.length > 0)
}

export const SUBJECT = 'weir'

/** Whether every target that has one was met. */
export const holds = (all: readonly Ran[]): boolean =>
  all.every(
    (ran) =>
      ran.without !== null ||
      ran.scenario.targets.every((target) => (foundFor(ran, target)?.share ?? 0) <= target.atMost),
  )

const isHonest = ({ name }: Scenario): boolean => name === 'honest' || name === 'bulk' || name === 'scale'
const rungs = [20, 100, 500, 1000, 10_000]

function targetRows(ran: Ran): readonly (readonly string[])[] {
  return ran.scenario.targets.flatMap((target) => {
    const { of, atMost } = target
    const found = foundFor(ran, target)
    if (found === null || found.share === null) return []
    // What is the same in every scenario is told once, unless it fails.
    if (groups[of] !== undefined && !isHonest(ran.scenario) && found.share <= atMost) return []
    const verdict = `<= ${percent(target.atMost)} ${found.share <= target.atMost ? 'pass' : 'MISS'}`
    return [[ran.scenario.name, target.of, target.measure, percent(found.share), interval(found), verdict]]
  })
}

function foundFor(ran: Ran, { of, measure }: Scenario['targets'][number]): Share | null {
  const belongs = groups[of]
  const scores = scoresOf(ran).filter((score) =>
    belongs === undefined ? score.class === of : score.kind === 'honest' && belongs(score.class),
  )
  return scores.length === 0 ? null : pooled(scores.map((score) => score[measure]))
}

function campaignRows(ran: Ran): readonly (readonly string[])[] {
  return byClass(scoresOf(ran).filter(({ kind }) => kind !== 'honest')).map(([name, scores]) => {
    const leak = pooled(scores.map((score) => score.leak))
    const met = pooled(scores.map(({ friction }) => friction))
    const firsts = scores.flatMap(({ firstExchange }) => firstExchange ?? [])
    const hours = scores.flatMap(({ firstActionMs }) => (firstActionMs === null ? [] : firstActionMs / 3_600_000))
    return [
      name,
      String(met.of),
      percent(leak.share),
      leak.of === 0 ? '' : interval(leak),
      percent(met.share),
      firsts.length === 0 ? '' : String(percentile(firsts, 0.5)),
      hours.length === 0 ? '' : percentile(hours, 0.5).toFixed(1),
    ].concat(beside(ran, name, 'leak'))
  })
}

function honestRows(ran: Ran): readonly (readonly string[])[] {
  const row = (name: string, scores: readonly ClassScore[], others: readonly string[]): readonly string[] => {
    const friction = pooled(scores.map((score) => score.friction))
    const firm = pooled(scores.map((score) => score.firm))
    const blocked = pooled(scores.map((score) => score.blocked))
    return [
      name,
      String(friction.of),
      percent(friction.share),
      interval(friction),
      percent(firm.share),
      interval(firm),
      String(blocked.hits),
    ].concat(others)
  }
  const honest = scoresOf(ran).filter(({ kind }) => kind === 'honest')
  return [
    ...byClass(honest).map(([name, scores]) => row(name, scores, beside(ran, name, 'friction'))),
    ...Object.entries(groups).map(([group, belongs]) =>
      row(
        `= ${group}`,
        honest.filter((score) => belongs(score.class)),
        [],
      ),
    ),
  ]
}

function errorRows(ran: Ran): readonly (readonly string[])[] {
  return byClass(scoresOf(ran).filter(({ kind }) => kind === 'honest')).map(([name, scores]) => {
    const reached = rungs.map((rung) =>
      pooled(scores.map(({ reached }) => reached.find(({ evidence }) => evidence === rung)!.share)),
    )
    return [name, String(reached[0]!.of)].concat(reached.map(({ share }) => percent(share)))
  })
}

function leftOutRows(ran: Ran): readonly (readonly string[])[] {
  if (ran.without === null) return []
  const fleets = scoresOf(ran).filter(({ kind }) => kind === 'harvest-fleet')
  const own = scoresOf(ran).filter((score) => score.kind === 'honest' && isOf(score.class, ran.without!))
  const [measure, found] =
    fleets.length > 0
      ? (['leak', pooled(fleets.map(({ leak }) => leak))] as const)
      : (['friction of that class', pooled(own.map(({ friction }) => friction))] as const)
  return [[ran.without, ran.scenario.name, measure, percent(found.share), interval(found)]]
}

/** Speakers count by their language, and are left out together. */
const isOf = (name: string, honestClass: string): boolean =>
  name === honestClass || (honestClass === 'speaker' && name.endsWith(' speaker'))

const beside = (ran: Ran, name: string, measure: 'leak' | 'friction'): readonly string[] =>
  baselineNames.map((baseline) => {
    const own = ran.outcomes.filter(({ subject }) => subject === baseline)
    const scores = own.flatMap((outcome) => outcome.scores.filter((score) => score.class === name))
    return percent(pooled(scores.map((score) => score[measure])).share)
  })

const scoresOf = ({ outcomes }: Ran): readonly ClassScore[] =>
  outcomes.filter(({ subject }) => subject === SUBJECT).flatMap(({ scores }) => scores)

const byClass = (scores: readonly ClassScore[]): readonly (readonly [string, readonly ClassScore[]])[] =>
  [...Map.groupBy(scores, (score) => score.class)].toSorted(([a], [b]) => (a < b ? -1 : 1))

const pooled = (shares: readonly Share[]): Share =>
  shareOf(
    shares.reduce((sum, { hits }) => sum + hits, 0),
    shares.reduce((sum, { of }) => sum + of, 0),
  )

const percent = (share: number | null): string => (share === null ? '' : `${+(100 * share).toPrecision(3)} %`)
const interval = ({ low, high }: Share): string => `${percent(low)} .. ${percent(high)}`
