import type { Random } from '../../src/lab/random.ts'
import { type Clocks, createClocks } from './clock.ts'
import type { Data } from './data.ts'
import { DAY_MS } from './face.ts'
import { modelAnswers } from './people.ts'
import { logNormal } from './random.ts'

/** What the accounts of one run are made from. */
export interface World {
  readonly data: Data
  readonly clocks: Clocks
  readonly answers: readonly string[]
  readonly startMs: number
  readonly days: number
  /** Multiplies the numbers of honest accounts, for quick runs; classes that a text bounds may stay below. */
  readonly scale: number
}

export function createWorld(data: Data, scale: number = 1, days: number = 10): World {
  return { data, clocks: createClocks(data), answers: modelAnswers(data), startMs: Date.UTC(2026, 2, 2), days, scale }
}

/** When an account of an ordinary life comes into view, such that `daysLong` days of it fit. */
export const beginning = (world: World, random: Random, daysLong: number): number =>
  Math.round(world.startMs + random.next() * Math.max(0, world.days - daysLong) * DAY_MS)

/** How many exchanges a seat makes: most some tens, few more than a hundred. */
export const seatSize = (random: Random): number => Math.round(Math.min(150, Math.max(10, logNormal(random, 42, 0.75))))

export const times = (world: World, count: number): number => Math.max(1, Math.round(world.scale * count))
