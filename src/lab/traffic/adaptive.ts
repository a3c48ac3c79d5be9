import { chance } from '../chance.ts'
import { readCosts } from '../costs.ts'
import { isFull } from '../ledger.ts'
import type { Random } from '../random.ts'
import { HOUR_MS, type Actor, type Stage } from '../run.ts'
import { jobsOf, type Jobs, type Wording } from '../text/harvests.ts'
import { confirm, type Confirming, isAsked } from './confirm.ts'
import { steady } from './rhythm.ts'
import { afterwards, chat, harvest, openPurse, signUps, type Held, type HarvestPlan, type Purse } from './thief.ts'

/**
 * A thief who has read the source and the configuration, and knows everything but the keys of the hashes. It cannot tell
 * which detector fired, but it sees what each of its accounts brought: so it plays a bandit over ways of stealing, where
 * an arm is a wording, a share of chaff, a pace, how much it takes of an account before it leaves it, and what it does when
 * it is asked; and what it maximises is answers per dollar, its own time among them. It thinks again after every so many requests, and an
 * account that is lost is paid for by the way that lost it.
 */
interface Way {
  readonly wording: Wording
  readonly share: number
  readonly everyMs: number
  /** Harvest answers after which it leaves an account by itself, before anybody asks. */
  readonly leavesAfter: number
  readonly whenAsked: readonly Confirming[]
}

const ways: readonly Way[] = (['one frame', 'by turns', 'many ways'] as const).flatMap((wording) =>
  [1, 0.5, 0.25, 0.1].flatMap((share) =>
    [5000, 30_000, 120_000].flatMap((everyMs) =>
      [10, 60, Infinity].flatMap((leavesAfter) =>
        // What it does when asked matters only where it does not leave before.
        (leavesAfter === 10 ? [[]] : [[], ['proof_of_work'], ['proof_of_work', 'purpose']]).map((whenAsked) => ({
          wording,
          share,
          everyMs,
          leavesAfter,
          whenAsked: whenAsked as readonly Confirming[],
        })),
      ),
    ),
  ),
)

/** Dollars spent in a way, and what its harvest would have cost if nobody had been in the way. */
interface Tally {
  spent: number
  earned: number
}

/** Dollars that it stakes on what it hopes for: about an account. */
const STAKE = 4

/** Requests after which it thinks again. */
const PULL = 40
/** An account is given up on after so many requests for harvest in a row that brought nothing. */
const BARREN = 6

export const adaptive = (plan: HarvestPlan): Actor => ({
  name: plan.name,
  leads: true,
  enter(random, roster, startMs) {
    const accounts = signUps({ ...plan, hand: 'apart' }, random, roster, startMs)
    return async (stage) => {
      const purse = openPurse(stage, accounts, plan)
      const bandit = createBandit(stage.random.fork('bandit'), plan.workers)
      const jobs = new Map<Wording, Jobs>()
      const taken = new Map<string, number>()
      const jobsFor = (wording: Wording): Jobs => {
        const known = jobs.get(wording) ?? jobsOf(wording)
        jobs.set(wording, known)
        return known
      }
      await Promise.all(
        Array.from({ length: plan.workers }, async (_, i) => {
          const random = stage.random.fork(`worker/${i}`)
          for (let held = await purse.take(); held !== null; held = await purse.take()) {
            const way = bandit.choose()
            await pull(
              { stage, purse, way, jobs: jobsFor(way.wording), bandit, random, workers: plan.workers, taken },
              held,
            )
          }
        }),
      )
    }
  },
})

interface Pull {
  readonly stage: Stage
  readonly purse: Purse
  readonly way: Way
  readonly jobs: Jobs
  readonly bandit: Bandit
  readonly random: Random
  readonly workers: number
  /** Harvest that each account has brought so far. */
  readonly taken: Map<string, number>
}

/** Some requests with one account in one way: what they brought and what they cost go into the tallies. */
async function pull({ stage, purse, way, jobs, bandit, random, workers, taken }: Pull, held: Held): Promise<void> {
  const costs = readCosts()
  const fromMs = stage.now()
  const due = steady(stage, random, way.everyMs, 1)
  const { client } = held
  let total = taken.get(client.account.id) ?? 0
  let [harvested, barren, dollars] = [0, 0, 0]
  /** From when the account can be used again; null: never. */
  let usableMs: number | null = fromMs
  for (let sent = 0; sent < PULL && !purse.isDone() && (await due()); sent++) {
    const wanted = chance(random, way.share)
    const reply = wanted ? await harvest(client, jobs, random, 0, purse) : await chat(held)
    const last = client.last!
    dollars += last.costNanoUsd / 1e9 + last.wireBytes * costs.proxyUsdPerByte
    // It is told which of its answers were in full; in life it would have to guess.
    const got = wanted && isFull(last)
    if (got) harvested++
    if (wanted || reply.status !== 200) barren = got ? 0 : barren + 1
    if (isAsked(reply) && (await confirm(stage, client, way.whenAsked))) continue
    const next = afterwards(reply, stage.now())
    usableMs = next === 'go on' ? stage.now() : next
    const isSpent = barren >= BARREN || total + harvested >= way.leavesAfter
    if (isSpent) usableMs = null
    if (next !== 'go on' || isSpent) break
  }
  total += harvested
  taken.set(client.account.id, total)
  purse.park(held, usableMs)
  if (usableMs === null) dollars += costs.accountUsd + costs.cardUsd
  // Somebody is paid for as long as it takes.
  const hours = (stage.now() - fromMs) / HOUR_MS
  bandit.learn(way, harvested, dollars + (hours * costs.personHourUsd) / workers)
}

interface Bandit {
  choose(): Way
  learn(way: Way, harvested: number, dollars: number): void
}

/**
 * By optimism: each way is first taken to be as good as it would be if nobody watched, and falls by what it really brings.
 * So it begins with the laziest way there is, and takes trouble only where that pays. What a way has not shown itself is
 * judged by the ways that share its parts.
 */
function createBandit(random: Random, workers: number): Bandit {
  const costs = readCosts()
  const tallies = new Map<string, Tally>()
  const tallyOf = (part: string): Tally => {
    const known = tallies.get(part) ?? { spent: 0, earned: 0 }
    tallies.set(part, known)
    return known
  }
  /** Dollars for an answer in this way, undisturbed. */
  const undisturbed = ({ share, everyMs, leavesAfter }: Way): number => {
    const request = REQUEST_USD + ((everyMs / HOUR_MS) * costs.personHourUsd) / workers
    return request / share + (costs.accountUsd + costs.cardUsd) / leavesAfter
  }
  const yieldOf = (part: string, hoped: number): number => {
    const { spent, earned } = tallyOf(part)
    return (STAKE * hoped + earned) / (STAKE + spent)
  }
  const yieldOfWay = (way: Way): number => {
    const parts = partsOf(way).map((part) => yieldOf(part, 1))
    return yieldOf(JSON.stringify(way), parts.reduce((a, b) => a + b, 0) / parts.length)
  }
  return {
    choose() {
      const scored = ways.map((way) => ({
        way,
        score: (yieldOfWay(way) / undisturbed(way)) * (1 + random.next() / 1000),
      }))
      return scored.reduce((best, one) => (one.score > best.score ? one : best)).way
    },
    learn(way, harvested, dollars) {
      for (const part of [...partsOf(way), JSON.stringify(way)]) {
        const tally = tallyOf(part)
        tally.spent += dollars
        tally.earned += harvested * undisturbed(way)
      }
    },
  }
}

/** A prompt and an answer of usual length, at the lab's prices. */
const REQUEST_USD = 0.0015

const partsOf = ({ wording, share, everyMs, leavesAfter, whenAsked }: Way): readonly string[] => [
  `${share} of ${wording}`,
  `${share} every ${everyMs}`,
  `${wording} leaves ${leavesAfter} when ${whenAsked.join('+')}`,
]
