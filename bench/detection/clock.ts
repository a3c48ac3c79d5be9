import type { Random } from '../../src/lab/random.ts'
import type { ArrivalWindow, Data } from './data.ts'
import { between, exponential, gamma } from '../../src/lab/chance.ts'
import { DAY_MS } from '../../src/lab/traffic/face.ts'

/** When an account's exchanges happen: `count` times in order, the first not before `startMs`. */
export type Clock = (random: Random, startMs: number, count: number) => Iterator<number>

export interface Clocks {
  /** Sessions of a person with a time zone, with the gaps between turns of two real developers. */
  readonly human: (daysLong: number) => Clock
  /** A program's calls by the profile of a real client of a production service: bursts, days, weekends. */
  readonly service: (daysLong: number) => Clock
  /** A work queue that gives its next job every so often, day and night. */
  readonly dispatcher: (daysLong: number) => Clock
  /** The same, with breaks and gaps that scatter as those of independent clients would. */
  readonly jittered: (daysLong: number) => Clock
}

export function createClocks(data: Data): Clocks {
  const gaps = humanGaps(data)
  const clients = clientsOf(data.arrivals())
  return {
    human: (days) => (random, startMs, count) => human(random, startMs, count, days, gaps),
    service: (days) => (random, startMs, count) => service(random, startMs, count, days, random.pick(clients)),
    dispatcher: (days) => (random, startMs, count) =>
      paced(random, startMs, count, (days * DAY_MS) / count, () => between(random, 0.95, 1.05)),
    jittered: (days) => (random, startMs, count) =>
      paced(random, startMs, count, (days * DAY_MS) / count, () => exponential(random, 1)),
  }
}

const SESSION_GAP_MS = 30 * 60_000
const MEAN_GAP_MS = 5 * 60_000
const MEAN_BREAK_MS = 1.8 * 3_600_000

/** Gaps between a developer's turns within one sitting. */
function humanGaps(data: Data): readonly number[] {
  const last = new Map<string, number>()
  const gaps: number[] = []
  for (const { account, timeMs } of data.humanTurns().toSorted((a, b) => a.timeMs - b.timeMs)) {
    const gap = timeMs - (last.get(account) ?? Number.NEGATIVE_INFINITY)
    if (gap > 1000 && gap < SESSION_GAP_MS) gaps.push(gap)
    last.set(account, timeMs)
  }
  return gaps
}

function* human(
  random: Random,
  startMs: number,
  count: number,
  days: number,
  gaps: readonly number[],
): Generator<number> {
  // Hours of the day: awake for 15 of them, mostly at work in the middle.
  const zoneMs = random.below(24) * 3_600_000
  const sittings = Math.max(1, Math.min(Math.ceil(2 * days), Math.round(count / between(random, 4, 14))))
  // Who has much to say in few days takes shorter breaks, and then answers faster.
  const neededMs = count * MEAN_GAP_MS + sittings * MEAN_BREAK_MS
  const haste = Math.min(1, (0.5 * days * DAY_MS) / neededMs)
  let left = count
  let time = startMs
  for (let i = 0; i < sittings && left > 0; i++) {
    const span = (days * DAY_MS) / sittings
    const earliest = Math.max(time, startMs + i * span)
    time = awake(random, i === 0 ? startMs : earliest + random.next() * span * 0.5, zoneMs, i === 0)
    const turns =
      i === sittings - 1 ? left : Math.min(left, Math.max(1, Math.round(exponential(random, count / sittings))))
    for (let turn = 0; turn < turns; turn++) {
      yield Math.round(time)
      time += random.pick(gaps) * between(random, 0.7, 1.3) * haste
    }
    left -= turns
    time += between(random, 0.6, 3) * 3_600_000 * haste
  }
}

/** The same time, or the next morning where this is night for them. */
function awake(random: Random, timeMs: number, zoneMs: number, asIs: boolean): number {
  const hour = ((((timeMs + zoneMs) % DAY_MS) + DAY_MS) % DAY_MS) / 3_600_000
  return asIs || (hour > 8 && hour < 23)
    ? timeMs
    : timeMs + ((32 - hour) % 24) * 3_600_000 + exponential(random, 2) * 3_600_000
}

interface Profile {
  /** Shares of the load, summed up by window. */
  readonly sums: readonly number[]
  readonly windowMs: number
  readonly cv: number
}

function clientsOf(windows: readonly ArrivalWindow[]): readonly Profile[] {
  const byClient = Map.groupBy(windows, ({ client }) => client)
  return [...byClient.values()]
    .filter((own) => own.length >= 144)
    .map((own) => {
      const slots: number[] = Array.from({ length: 14 * 144 }, () => 0)
      for (const { startS, ratePerS } of own) slots[Math.floor(startS / 600) % slots.length]! += ratePerS
      let sum = 0
      const sums = slots.map((rate) => (sum += rate))
      const cvs = own.map(({ cv }) => cv).toSorted((a, b) => a - b)
      return { sums, windowMs: 600_000, cv: Math.min(4, Math.max(0.3, cvs[cvs.length >> 1]!)) }
    })
    .filter(({ sums }) => sums.at(-1)! > 0)
}

/** A renewal process in units of load, so that bursts are those of the client and the whole fits into its days. */
function* service(
  random: Random,
  startMs: number,
  count: number,
  days: number,
  { sums, cv }: Profile,
): Generator<number> {
  const slots = Math.min(sums.length, Math.max(6, Math.round(days * 144)))
  const from = random.below(sums.length - slots + 1)
  const before = from === 0 ? 0 : sums[from - 1]!
  const total = sums[from + slots - 1]! - before
  const slotMs = (days * DAY_MS) / slots
  if (total <= 0) return yield* paced(random, startMs, count, (days * DAY_MS) / count, () => exponential(random, 1))
  const shape = 1 / (cv * cv)
  let load = 0
  let slot = from
  let time = startMs
  for (let i = 0; i < count; i++) {
    load = Math.min(total, load + (total / count) * gamma(random, shape))
    while (slot < from + slots - 1 && sums[slot]! - before < load) slot++
    const reached = slot === 0 ? 0 : sums[slot - 1]!
    const within = Math.min(1, Math.max(0, (load + before - reached) / Math.max(sums[slot]! - reached, 1e-12)))
    time = Math.max(time + 50, startMs + (slot - from + within) * slotMs)
    yield Math.round(time)
  }
}

function* paced(
  random: Random,
  startMs: number,
  count: number,
  everyMs: number,
  draw: () => number,
): Generator<number> {
  let time = startMs + random.next() * everyMs
  for (let i = 0; i < count; i++) {
    yield Math.round(time)
    time += everyMs * draw()
  }
}
