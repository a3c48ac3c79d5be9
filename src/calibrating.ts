import type { Calibration, FormPanel, Segment } from './core/calibration.ts'
import type { Observed } from './core/observed.ts'
import { FORM_WINDOW } from './campaigns/trace.ts'
import { Judge } from './judging.ts'
import { LEAST_ACCOUNTS, POOLED } from './risk/calibration.ts'
import type { Ladder } from './risk/ladder.ts'

/**
 * From honest traffic to a calibration, in two passes over the same exchanges: the first notes the form of each account's
 * prompts, the second runs the judge and notes how high each account's score ever rises. What one account adds is a number
 * and some cells of form; no text and no name is kept.
 */
export class PanelBuilder {
  readonly #accounts = new Map<string, { prompts: number; readonly cells: Map<number, number> }>()

  see({ account, observation }: Observed): void {
    if (observation === null || observation.role !== 'human') return
    let known = this.#accounts.get(account)
    if (known === undefined) {
      if (this.#accounts.size >= MAX_PANEL) return
      this.#accounts.set(account, (known = { prompts: 0, cells: new Map() }))
    }
    if (known.prompts >= FORM_WINDOW) return
    known.prompts++
    for (const cell of observation.cells) if (cell !== 0) known.cells.set(cell, (known.cells.get(cell) ?? 0) + 1)
  }

  build(): FormPanel {
    const accounts = [...this.#accounts.values()]
      .filter(({ prompts }) => prompts >= FORM_WINDOW / 2)
      .map(({ cells }) => ({
        cells: Uint32Array.from(cells.keys()),
        counts: Uint8Array.from([...cells.values()], (count) => Math.min(255, count)),
      }))
    return { accounts }
  }
}

const MAX_PANEL = 5000
/** Whoever has sent less has shown nothing yet. */
const LEAST_PROMPTS = 8

export class ScoreBuilder {
  readonly #judge: Judge
  readonly #segments = new Map<string, string>()

  constructor(panel: FormPanel, seed: number, keySlots: number) {
    // Scores do not depend on what they will be measured against: nobody has a level here.
    const calibration = { v: 1, source: '', segments: new Map(), panel } as const
    this.#judge = new Judge({ calibration, ladder: nothing, seed, maxAccounts: 1_000_000, keySlots })
  }

  see(seen: Observed): void {
    if (seen.profile !== 'unknown') this.#segments.set(seen.account, seen.profile)
    this.#judge.judge(seen)
  }

  /** Every account that has sent enough to show something, with the highest score of its life. */
  all(): readonly { readonly account: string; readonly score: number }[] {
    return this.#judge.scores().filter(({ prompts }) => prompts >= LEAST_PROMPTS)
  }

  /** Their scores by segment; all of them are in the pooled one. */
  build(): ReadonlyMap<string, Segment> {
    const scores = new Map<string, number[]>([[POOLED, []]])
    for (const { account, score } of this.all()) {
      scores.get(POOLED)!.push(score)
      const own = this.#segments.get(account)
      if (own !== undefined) scores.set(own, [...(scores.get(own) ?? []), score])
    }
    return new Map([...scores].map(([name, all]) => [name, { scores: all }]))
  }
}

const nothing: Ladder = {
  watch: Infinity,
  notice: Infinity,
  stepUp: Infinity,
  tarpit: Infinity,
  squeeze: Infinity,
  block: Infinity,
}

/** What a calibration can support, in words for an operator. */
export function supportOf({ segments }: Calibration): readonly string[] {
  return [...segments].map(([name, { scores }]) =>
    scores.length < LEAST_ACCOUNTS
      ? `${name}: ${scores.length} accounts are too few to judge by; at least ${LEAST_ACCOUNTS} are needed`
      : `${name}: ${scores.length} accounts support an error of 1 in ${scores.length + 1} and no less`,
  )
}
