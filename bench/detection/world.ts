import { hash32, type Random } from '../../src/lab/random.ts'
import { type Clocks, createClocks } from './clock.ts'
import type { Data } from './data.ts'
import { DAY_MS } from '../../src/lab/traffic/face.ts'
import { modelAnswers } from './answers.ts'
import { logNormal } from '../../src/lab/chance.ts'

/** What the accounts of one run are made from. */
export interface World {
  readonly data: Data
  readonly clocks: Clocks
  readonly answers: readonly string[]
  readonly startMs: number
  readonly days: number
  /** Multiplies the numbers of honest accounts, for quick runs; classes that a text bounds may stay below. */
  readonly scale: number
  /** Whether a source (a nick, a conversation, a template, a prompt) is in this world: calibration and test share none. */
  readonly has: (source: string) => boolean
}

/** A third of what is honest is for calibration, the rest for the test. */
export type Part = 'all' | 'calibration' | 'live'

export interface WorldOptions {
  readonly scale?: number
  readonly days?: number
  readonly part?: Part
}

export function createWorld(data: Data, { scale = 1, days = 10, part = 'live' }: WorldOptions = {}): World {
  return {
    data,
    clocks: createClocks(data),
    answers: modelAnswers(data),
    startMs: Date.UTC(2026, 2, 2),
    days,
    scale,
    has: (source) => part === 'all' || (hash32(source, 11) % 3 === 0) === (part === 'calibration'),
  }
}

/** When an account of an ordinary life comes into view, such that `daysLong` days of it fit. */
export const beginning = (world: World, random: Random, daysLong: number): number =>
  Math.round(world.startMs + random.next() * Math.max(0, world.days - daysLong) * DAY_MS)

/** How many exchanges a seat makes: most some tens, few more than a hundred. */
export const seatSize = (random: Random): number => Math.round(Math.min(150, Math.max(10, logNormal(random, 42, 0.75))))

export const times = (world: World, count: number): number => Math.max(1, Math.round(world.scale * count))
