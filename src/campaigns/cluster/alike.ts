import { KIN, TRADE } from './assumptions.ts'
import { logGamma, logMean } from './likelihood.ts'
import { DAY_MS, type MemberView, type PopulationView, type Trait } from './view.ts'

/**
 * Whether members share values of a trait more than honest accounts would, over all values at once, so that nothing is paid
 * for looking at the most common one.
 *
 * Null: each member has the value of an earlier one, or one drawn from the population (Ewens and Pitman), with a spread of
 * `KIN` or more, so some honest accounts are related; the likeliest such law is held against the data. Popular values are
 * more popular still in one trade (`TRADE`), so the null's shares add up to more than one, which keeps it above every law
 * that it stands for. Alternative: a mixture. A part of the members takes the values that stand out so far, the rest come from
 * the population; or all of them share a handful of values. What a quarter of the population has says nothing; a rare value,
 * however rare, no more than that two members are related.
 *
 * Shares are those of accounts outside of the cluster, one added to both sides: that keeps the mean of count / share at
 * most 1 although the shares are estimated. Nothing is claimed where the population holds no more accounts than the cluster.
 */
const PARTS = [0.1, 0.3, 0.6, 0.9]
/** Spreads that make a handful. */
const TIGHTER = [0.5, 3]
/** The null's spreads, in `KIN`. */
const LOOSER = [1, 4, 16, 64, Infinity]

export interface Alike {
  readonly logE: number
  /** The value that most members have, how many of how many have it, and which share of the others. */
  readonly value: number
  readonly count: number
  readonly of: number
  readonly share: number
  /** Different values. */
  readonly values: number
}

interface Shared {
  count: number
  share: number
}

/** `width`: so many values in a row count as one. Null where fewer than three members have a known value. */
export function alikeIn(
  trait: Trait,
  members: readonly MemberView[],
  population: PopulationView,
  width: number = 1,
): Alike | null {
  const bins = members
    .map((member) => valueOf(trait, member))
    .filter((value) => value !== 0)
    .map((value) => Math.floor(value / width))
  const others = population.accounts - members.length
  if (bins.length < 3 || others < members.length) return null

  const all = new Map<number, Shared>()
  for (const bin of bins) {
    const shared = all.get(bin)
    if (shared === undefined) all.set(bin, { count: 1, share: 0 })
    else shared.count++
  }
  for (const [bin, shared] of all) {
    let held = 0
    for (let value = bin * width; value < (bin + 1) * width; value++) held += population.count(trait, value)
    shared.share = Math.min(1, (Math.max(0, held - shared.count) + 1) / (others + 1))
  }
  const drawn = bins.map((bin) => all.get(bin)!)
  const shared = [...all.values()]
  const trade = shared.map(({ count, share }) => ({ count, share: Math.min(1, share * (1 + TRADE * share)) }))
  const apart = LOOSER.map((looser) => logRelated(trade, bins.length, KIN * looser))
  const parts = PARTS.map((part) => logTogether(drawn, part))
  const handfuls = TIGHTER.map((spread) => logRelated(shared, bins.length, spread))
  const [value, most] = [...all].reduce((a, b) => (b[1].count > a[1].count ? b : a))
  return {
    logE: logMean([...parts, ...handfuls]) - Math.max(...apart),
    value: value * width,
    of: bins.length,
    values: all.size,
    ...most,
  }
}

/** ln of the chance of values so often each, in order, among accounts that are related with a spread. */
function logRelated(all: readonly Shared[], of: number, spread: number): number {
  let sum = spread === Infinity ? 0 : logGamma(spread) - logGamma(spread + of)
  for (const { count, share } of all) {
    sum += spread === Infinity ? count * Math.log(share) : logGamma(spread * share + count) - logGamma(spread * share)
  }
  return sum
}

/** The same where a part takes an earlier value by the square of how often it was there, the rest draw their own. */
function logTogether(drawn: readonly Shared[], part: number): number {
  const seen = new Map<Shared, number>()
  let squares = 0
  let sum = 0
  for (const value of drawn) {
    const before = seen.get(value) ?? 0
    sum += Math.log(squares === 0 ? value.share : (1 - part) * value.share + (part * before * before) / squares)
    squares += 2 * before + 1
    seen.set(value, before + 1)
  }
  return sum
}

function valueOf(trait: Trait, member: MemberView): number {
  if (trait !== 'createdDay') return member[trait]
  return member.createdMs === null ? 0 : Math.floor(member.createdMs / DAY_MS)
}
