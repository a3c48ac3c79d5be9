import { classifyPrompt } from '../src/screening/prompt-class.ts'
import { WINDOW } from '../src/screening/prompt-scan.ts'
import { percentile, ratio, type Spread, spreadOf } from './stats.ts'

/** Microseconds of one call over a set of texts, by round; and against lower-casing what the classifier reads. */
export interface Times {
  readonly what: string
  readonly texts: number
  readonly p50Us: Spread
  readonly p99Us: Spread
  /** Median call to median call. */
  readonly toLowerCase: Spread
}

const ROUNDS = 7
const CALLS = 20_000

export function measure(what: string, texts: readonly string[]): Times {
  const rounds = Array.from({ length: ROUNDS + 1 }, () => ({
    mine: callsUs(texts, (text) => classifyPrompt(text).length),
    plain: callsUs(texts, (text) => lowered(text)),
    // The first round is for the compiler.
  })).slice(1)
  const p50Us = spreadOf(rounds.map(({ mine }) => percentile(mine, 0.5)))
  return {
    what,
    texts: texts.length,
    p50Us,
    p99Us: spreadOf(rounds.map(({ mine }) => percentile(mine, 0.99))),
    toLowerCase: ratio(p50Us, spreadOf(rounds.map(({ plain }) => percentile(plain, 0.5)))),
  }
}

function lowered(text: string): number {
  if (text.length <= 2 * WINDOW) return text.toLowerCase().length
  return text.slice(0, WINDOW).toLowerCase().length + text.slice(-WINDOW).toLowerCase().length
}

/** What comes back is summed up and looked at, so that no call can be left out. */
function callsUs(texts: readonly string[], call: (text: string) => number): readonly number[] {
  const times = Array.from<number>({ length: CALLS })
  let sum = 0
  for (let i = 0; i < CALLS; i++) {
    const text = texts[i % texts.length]!
    const start = performance.now()
    sum += call(text)
    times[i] = (performance.now() - start) * 1000
  }
  if (sum < 0) throw new Error('a length below zero')
  return times
}
