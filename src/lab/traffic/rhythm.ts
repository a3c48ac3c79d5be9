import { between, exponential, logNormal } from '../chance.ts'
import type { Random } from '../random.ts'
import type { Stage } from '../run.ts'

// When those who act do: each waits, on the virtual clock, until it is time for the next exchange.

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** Waits until the next exchange is due; false: the run is over for whoever asks. */
export type Rhythm = () => Promise<boolean>

const waiter =
  (stage: Stage, next: () => number): Rhythm =>
  async () => {
    const at = Math.ceil(stage.now() + next())
    if (at >= stage.endMs) return false
    await stage.sleep(at - stage.now())
    return true
  }

/** Somebody with a day and a night: some sittings a day of a few turns each, with a reader's gaps between them. */
export function person(stage: Stage, random: Random, sittingsADay: number, turns: number): Rhythm {
  const wakesMs = random.below(24) * HOUR_MS
  let left = 0
  return waiter(stage, () => {
    if (left-- > 0) return logNormal(random, 50_000, 0.9)
    left = Math.round(exponential(random, turns - 1))
    const at = stage.now() + exponential(random, (16 * HOUR_MS) / sittingsADay)
    const hour = (at - wakesMs) % DAY_MS
    // Who would be asleep does it in the morning.
    const asleep = hour > 16 * HOUR_MS
    return at - stage.now() + (asleep ? DAY_MS - hour + exponential(random, 2 * HOUR_MS) : 0)
  })
}

/** A program with work the whole day; the larger `scatter`, the less even. */
export const steady = (stage: Stage, random: Random, everyMs: number, scatter: number): Rhythm =>
  waiter(stage, () => everyMs * (1 - scatter + scatter * exponential(random, 1)))

/** At one pace from ten at night to six. */
export function nightly(stage: Stage, random: Random, everyMs: number): Rhythm {
  return waiter(stage, () => {
    const at = stage.now() + everyMs * between(random, 0.9, 1.1)
    const hour = at % DAY_MS
    const isNight = hour >= 22 * HOUR_MS || hour < 6 * HOUR_MS
    return at - stage.now() + (isNight ? 0 : 22 * HOUR_MS - hour)
  })
}
