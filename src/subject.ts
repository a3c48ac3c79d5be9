import type { Level, Step } from './core/decision.ts'
import type { Observed } from './core/observed.ts'
import type { Profile } from './core/principal.ts'
import { Activity, type ActivityState } from './campaigns/activity.ts'
import type { Member } from './campaigns/member.ts'
import { type AccountSignals, createSignals, type SignalsSnapshot } from './signals/account-signals.ts'
import { startPerson, type PersonState } from './risk/person.ts'
import { startVolume, type VolumeState } from './risk/volume.ts'

/** What the judge holds of one account. */
export class Subject {
  readonly name: string
  readonly member: Member
  person: PersonState = startPerson()
  volume: VolumeState = startVolume()
  readonly keys: string[] = []
  /** When it asks, and the named signals: kept of those that are looked at, and of a sample that stands for everybody. */
  activity: Activity | null = null
  signals: AccountSignals | null = null
  createdMs: number | null = null
  profile: Profile = 'unknown'
  exchanges = 0
  inputTokens = 0
  outputTokens = 0
  firstMs: number
  lastMs: number
  /** The highest score of its life, and what it was made of. */
  score = 0
  parts: Parts = noParts
  evidence = 1
  /** Of its latest prompts. */
  current = 1
  /** What was found before it was begun with anew, and by decoys: a factor on what its prompts say. */
  before = 1
  /** Decoys that it has touched, and how much each weighs. */
  readonly touched: Map<string, number> = new Map()
  level: Level = 'normal'
  /** Counted among those of its campaign that were asked. */
  counted = false
  readonly steps: Step[] = []
  /** Exchanges whose prompt was met in other accounts, or that came after the account was asked. */
  suspect: Taken = { exchanges: 0, inputTokens: 0, outputTokens: 0 }

  constructor(name: string, member: Member, nowMs: number) {
    this.name = name
    this.member = member
    this.firstMs = nowMs
    this.lastMs = nowMs
  }

  note(seen: Observed, model: number): void {
    this.exchanges++
    this.lastMs = seen.timeMs
    this.inputTokens += seen.inputTokens
    this.outputTokens += seen.outputTokens
    this.createdMs ??= seen.createdMs
    this.profile = seen.profile
    if (this.keys.length < MAX_KEYS && !this.keys.includes(seen.key)) this.keys.push(seen.key)
    if (this.activity === null && !this.#isLookedAt) return
    this.signals ??= createSignals()
    this.signals.observe(seen)
    this.activity ??= new Activity()
    this.activity.note(seen.timeMs, model, seen.outputTokens, seen.status === 429 || seen.status === 403)
  }

  get #isLookedAt(): boolean {
    return this.score >= LOOKED_AT || (this.exchanges >= LIVELY && this.member.number % SAMPLE === 0)
  }

  /**
   * Notes a touched decoy; gives how many times the evidence is what it was. The same one again says nothing new, but that
   * it weighs less by now, as a name does that has become public.
   */
  touch(name: string, weight: number): number {
    const known = this.touched.get(name)
    if (known === undefined && this.touched.size >= MAX_TOUCHED) return 1
    if (known !== undefined && weight >= known) return 1
    this.touched.set(name, weight)
    return known === undefined ? weight : weight / known
  }

  /** Begins anew; `before` stays of the evidence. */
  restart(before: number): void {
    this.person = startPerson()
    this.volume = startVolume()
    this.score = 0
    this.parts = noParts
    this.before = before
    this.evidence = before
    this.current = before
    this.level = 'normal'
  }

  save(): SubjectState {
    const { name, person, volume, keys, activity, createdMs, profile, exchanges, inputTokens, outputTokens } = this
    const { firstMs, lastMs, score, parts, evidence, current, before, level, counted, steps, suspect } = this
    return {
      name,
      member: this.member.number,
      activity: activity?.save() ?? null,
      signals: this.signals?.snapshot() ?? null,
      plain: {
        person,
        volume,
        createdMs,
        profile,
        exchanges,
        inputTokens,
        outputTokens,
        firstMs,
        lastMs,
        score,
        parts,
      },
      standing: { evidence, current, before, level, counted, suspect },
      keys,
      steps,
      touched: [...this.touched],
    }
  }

  static from(state: SubjectState, members: readonly Member[]): Subject {
    const made = new Subject(state.name, members[state.member]!, 0)
    Object.assign(made, state.plain, state.standing)
    made.keys.push(...state.keys)
    made.steps.push(...state.steps)
    for (const [name, weight] of state.touched ?? []) made.touched.set(name, weight)
    if (state.activity !== null) made.activity = Activity.from(state.activity)
    if (state.signals !== null) (made.signals = createSignals()).restore(state.signals)
    return made
  }

  noteSuspect({ inputTokens, outputTokens }: Observed): void {
    this.suspect = {
      exchanges: this.suspect.exchanges + 1,
      inputTokens: this.suspect.inputTokens + inputTokens,
      outputTokens: this.suspect.outputTokens + outputTokens,
    }
  }
}

export interface SubjectState {
  readonly name: string
  readonly member: number
  readonly activity: ActivityState | null
  readonly signals: SignalsSnapshot | null
  readonly plain: Pick<
    Subject,
    | 'person'
    | 'volume'
    | 'createdMs'
    | 'profile'
    | 'exchanges'
    | 'inputTokens'
    | 'outputTokens'
    | 'firstMs'
    | 'lastMs'
    | 'score'
    | 'parts'
  >
  readonly standing: Pick<Subject, 'evidence' | 'current' | 'before' | 'level' | 'counted' | 'suspect'>
  readonly keys: readonly string[]
  readonly steps: readonly Step[]
  /** Not in states of before there were decoys. */
  readonly touched?: readonly (readonly [string, number])[]
}

/** Evidence by where it comes from, as logarithms. */
export interface Parts {
  readonly content: number
  readonly form: number
  readonly infrastructure: number
  readonly person: number
  readonly volume: number
}

export interface Taken {
  readonly exchanges: number
  readonly inputTokens: number
  readonly outputTokens: number
}

const noParts: Parts = { content: 0, form: 0, infrastructure: 0, person: 0, volume: 0 }
const MAX_TOUCHED = 32
const MAX_KEYS = 8
const LIVELY = 4
/** Half of the honest never come to this score. */
const LOOKED_AT = 3
const SAMPLE = 16
