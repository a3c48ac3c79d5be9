import type { FormPanel, Segment } from './core/calibration.ts'
import type { Observed } from './core/observed.ts'
import { FORM_WINDOW } from './campaigns/trace.ts'
import { Judge } from './judging.ts'
import { POOLED } from './risk/calibration.ts'
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

  /** Some accounts can be left out by their names. */
  build(without: ReadonlySet<string> = nobody): FormPanel {
    const accounts = [...this.#accounts]
      .filter(([name, { prompts }]) => prompts >= FORM_WINDOW / 2 && !without.has(name))
      .map(([, { cells }]) => ({
        cells: Uint32Array.from(cells.keys()),
        counts: Uint8Array.from([...cells.values()], (count) => Math.min(255, count)),
      }))
    return { accounts }
  }
}

const nobody: ReadonlySet<string> = new Set()
const MAX_PANEL = 5000
/** Whoever has sent less has shown nothing yet. */
const LEAST_PROMPTS = 8

/** Some thousand forms tell as much as all of them. */
const MAX_FORMS = 2500

/** Panels as one, thinned evenly where they are too many. */
export function joinedPanels(...panels: readonly FormPanel[]): FormPanel {
  const all = panels.flatMap(({ accounts }) => accounts)
  const step = Math.ceil(all.length / MAX_FORMS)
  return { accounts: all.filter((_, i) => i % step === 0) }
}

const MAX_ACCOUNTS = 1_000_000

export class ScoreBuilder {
  readonly #judge: Judge
  readonly #segments = new Map<string, string>()

  constructor(panel: FormPanel, seed: number, keySlots: number) {
    // Scores do not depend on what they will be measured against: nobody has a level here.
    const calibration = { v: 1, source: '', segments: new Map(), panel } as const
    this.#judge = new Judge({ calibration, ladder: nothing, seed, maxAccounts: MAX_ACCOUNTS, keySlots })
  }

  see(seen: Observed): void {
    const { account, profile } = seen
    if (profile !== 'unknown' && (this.#segments.size < MAX_ACCOUNTS || this.#segments.has(account)))
      this.#segments.set(account, profile)
    this.#judge.judge(seen)
  }

  /** Every account that has sent enough to show something, with the highest score of its life. */
  all(): readonly { readonly account: string; readonly score: number }[] {
    return this.#judge.scores().filter(({ prompts }) => prompts >= LEAST_PROMPTS)
  }

  /** Their scores by segment; all of them are in the pooled one. */
  build(): ReadonlyMap<string, Segment> {
    const all = this.all()
    const segments = new Map<string, { readonly scores: number[] }>([
      [POOLED, { scores: all.map(({ score }) => score) }],
    ])
    for (const { account, score } of all) {
      const name = this.#segments.get(account)
      if (name === undefined) continue
      const segment = segments.get(name)
      if (segment === undefined) segments.set(name, { scores: [score] })
      else segment.scores.push(score)
    }
    return segments
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
