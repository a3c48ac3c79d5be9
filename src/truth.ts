import type { TruthConfig } from './config/response-config.ts'
import type { AppliedAction, EndReason } from './core/action.ts'
import type { Records } from './core/records.ts'
import { err, ok, type Result } from './core/result.ts'

/**
 * What actions were worth: who looks at one afterwards says whether it was right, and a rule that was wrong more often than
 * it may be, beyond chance, only notes from then on. Reviews outlive a restart and the actions they are about.
 */
export type Verdict = 'right' | 'wrong'

export interface Review {
  readonly action: string
  readonly rule: string
  readonly heldBack: boolean
  readonly verdict: Verdict
  readonly by: string
  readonly atMs: number
}

/** How a rule has done. */
export interface RuleRecord {
  readonly rule: string
  readonly applied: number
  readonly right: number
  readonly wrong: number
  /** Exact bounds of 95 % on the share that is wrong (Clopper and Pearson 1934). */
  readonly wrongAtLeast: number
  readonly wrongAtMost: number
  readonly demoted: boolean
}

/** Actions that can still be reviewed after they have ended; the oldest are forgotten first. */
const MAX_KNOWN = 20_000
const MAX_REVIEWS = 100_000
/** Chance of demoting a rule that is just as good as it has to be. */
const ALPHA = 0.05

interface Known {
  readonly rule: string
  readonly heldBack: boolean
}

export class Truth {
  #config: TruthConfig
  readonly #records: Records
  readonly #demoted: (rule: RuleRecord) => void
  readonly #known = new Map<string, Known>()
  readonly #reviews = new Map<string, Review>()
  readonly #counts = new Map<string, { right: number; wrong: number }>()
  readonly #applied = new Map<string, number>()
  readonly #told = new Set<string>()

  /** `demoted` hears of each rule once. */
  constructor(config: TruthConfig, records: Records, demoted: (rule: RuleRecord) => void) {
    this.#config = config
    this.#records = records
    this.#demoted = demoted
    for (const { id, value } of records.all('review')) {
      const review = reviewOf(id, value)
      if (review === null) continue
      this.#take(review)
      this.#known.set(id, review)
    }
    for (const rule of this.#rules()) if (this.isDemoted(rule)) this.#told.add(rule)
  }

  set config(config: TruthConfig) {
    this.#config = config
  }

  /** A rule has acted; actions by hand have no rule to be measured. */
  applied({ id, by, heldBack }: AppliedAction): void {
    if (by.kind !== 'playbook') return
    this.#applied.set(by.name, (this.#applied.get(by.name) ?? 0) + 1)
    if (this.#known.size >= MAX_KNOWN) {
      for (const oldest of this.#known.keys()) {
        if (this.#reviews.has(oldest)) continue
        this.#known.delete(oldest)
        break
      }
    }
    this.#known.set(id, { rule: by.name, heldBack })
  }

  /** Says of an action what it was; saying it again replaces it. */
  review(action: string, verdict: Verdict, by: string, nowMs: number): Result<Review, string> {
    const known = this.#known.get(action)
    if (known === undefined) return err('There is no such action, or it is too long ago.')
    if (!this.#reviews.has(action) && this.#reviews.size >= MAX_REVIEWS)
      return err('Too many reviews are kept already.')
    const review = { action, rule: known.rule, heldBack: known.heldBack, verdict, by, atMs: nowMs }
    this.#records.put('review', action, JSON.stringify(review))
    this.#take(review)
    const { rule } = review
    if (this.isDemoted(rule) && !this.#told.has(rule)) {
      this.#told.add(rule)
      this.#demoted(this.#recordOf(rule))
    }
    return ok(review)
  }

  reviewOf(action: string): Review | null {
    return this.#reviews.get(action) ?? null
  }

  /** Whether a rule has been wrong more often than it may, beyond chance. */
  isDemoted(rule: string): boolean {
    const { maxWrong, leastReviewed } = this.#config
    if (maxWrong === null || this.#reviews.size === 0) return false
    const { right, wrong } = this.#countsOf(rule)
    return right + wrong >= leastReviewed && atLeast(wrong, right + wrong, maxWrong) < ALPHA
  }

  /** Every rule that has acted or was reviewed. */
  rules(): readonly RuleRecord[] {
    return this.#rules()
      .map((rule) => this.#recordOf(rule))
      .toSorted((a, b) => (a.rule < b.rule ? -1 : 1))
  }

  /** What was said of actions in all, and how many rules are demoted. */
  get totals(): { readonly right: number; readonly wrong: number; readonly demoted: number } {
    const sum = { right: 0, wrong: 0, demoted: 0 }
    for (const [rule, { right, wrong }] of this.#counts) {
      sum.right += right
      sum.wrong += wrong
      if (this.isDemoted(rule)) sum.demoted++
    }
    return sum
  }

  #rules(): readonly string[] {
    return [...new Set([...this.#applied.keys(), ...this.#counts.keys()])]
  }

  #take(review: Review): void {
    const before = this.#reviews.get(review.action)
    if (before !== undefined) this.#countsOf(before.rule)[before.verdict]--
    this.#countsOf(review.rule)[review.verdict]++
    this.#reviews.set(review.action, review)
  }

  #countsOf(rule: string): { right: number; wrong: number } {
    let counts = this.#counts.get(rule)
    if (counts === undefined) this.#counts.set(rule, (counts = { right: 0, wrong: 0 }))
    return counts
  }

  #recordOf(rule: string): RuleRecord {
    const { right, wrong } = this.#countsOf(rule)
    const n = right + wrong
    return {
      rule,
      applied: this.#applied.get(rule) ?? 0,
      right,
      wrong,
      wrongAtLeast: wrong === 0 ? 0 : root((p) => atLeast(wrong, n, p) - 0.025),
      wrongAtMost: n === 0 || right === 0 ? 1 : root((p) => atLeast(wrong + 1, n, p) - 0.975),
      demoted: this.isDemoted(rule),
    }
  }
}

/** What of a rule is in force when it is demoted. */
interface InForce {
  list(): readonly AppliedAction[]
  end(id: string, why: EndReason, by: string, nowMs: number): unknown
}

/** A rule that only notes from now on has nothing in force any more. */
export function endActionsOf(rule: string, register: InForce, nowMs: number): void {
  for (const { id, by } of register.list())
    if (by.kind === 'playbook' && by.name === rule) register.end(id, 'demoted', 'truth', nowMs)
}

/** P(X >= k) of a binomial count. */
export function atLeast(k: number, n: number, p: number): number {
  if (k <= 0) return 1
  if (p <= 0) return 0
  if (p >= 1) return 1
  let log = n * Math.log1p(-p)
  let below = Math.exp(log)
  for (let i = 1; i < k; i++) {
    log += Math.log(((n - i + 1) / i) * (p / (1 - p)))
    below += Math.exp(log)
  }
  return Math.max(0, 1 - below)
}

/** Where a function that is monotone on (0, 1) changes its sign. */
function root(f: (p: number) => number): number {
  let [low, high] = [0, 1]
  const rising = f(1e-12) < f(1 - 1e-12)
  for (let i = 0; i < 50; i++) {
    const mid = (low + high) / 2
    if (f(mid) < 0 === rising) low = mid
    else high = mid
  }
  return (low + high) / 2
}

function reviewOf(action: string, value: string): Review | null {
  try {
    const { rule, heldBack, verdict, by, atMs } = JSON.parse(value) as Partial<Review>
    const isWhole = typeof rule === 'string' && typeof by === 'string' && typeof atMs === 'number'
    return isWhole && (verdict === 'right' || verdict === 'wrong')
      ? { action, rule, heldBack: heldBack === true, verdict, by, atMs }
      : null
  } catch {
    return null
  }
}
