import { levels, type Level, type Step } from './core/decision.ts'
import type { Observed } from './core/observed.ts'
import { profiles, type Profile } from './core/principal.ts'
import { Activity } from './campaigns/activity.ts'
import type { Member } from './campaigns/member.ts'
import { startPerson, type PersonState } from './risk/person.ts'
import { startVolume, type VolumeState } from './risk/volume.ts'
import type { Roster } from './roster.ts'
import { AccountSignals } from './signals/account-signals.ts'
import { type Block, defineFields } from './sketch/rows.ts'
import { subjectLayout } from './subject-row.ts'

/** What the judge holds of one account: a view of its row, and of the little that few accounts have. */
export class Subject {
  readonly number: number
  readonly block: Block
  readonly at: number
  readonly #roster: Roster
  #member: Member | null = null
  declare createdMs: number | null
  declare exchanges: number
  declare inputTokens: number
  declare outputTokens: number
  declare firstMs: number
  declare lastMs: number
  /** The highest score of its life. */
  declare score: number
  declare evidence: number
  /** Of its latest prompts. */
  declare current: number
  /** What was found before it was begun with anew, and by decoys: a factor on what its prompts say. */
  declare before: number
  /** Counted among those of its campaign that were asked. */
  declare counted: boolean
  /** Place of its activity and its signals, plus one; 0: nobody looks at it. */
  declare watched: number
  declare levelAt: number
  declare profileAt: number
  declare partContent: number
  declare partForm: number
  declare partInfrastructure: number
  declare partPerson: number
  declare partVolume: number
  declare personSum: number
  declare personLastUser: number
  declare volumeSum: number
  declare volumeRetries: number
  declare volumeAtMs: number
  declare volumeLastText: number
  declare volumeLastFailed: boolean
  declare suspectExchanges: number
  declare suspectInput: number
  declare suspectOutput: number

  constructor(roster: Roster, number: number) {
    this.number = number
    this.#roster = roster
    this.block = roster.rows.blockOf(number)
    this.at = roster.rows.atOf(number)
  }

  get name(): string {
    return this.#roster.nameOf(this.number)
  }

  get member(): Member {
    return (this.#member ??= this.#roster.memberOf(this.number))
  }

  get keys(): readonly string[] {
    return this.#roster.keysOf(this.number)
  }

  get level(): Level {
    return levels[this.levelAt]!
  }

  set level(level: Level) {
    this.levelAt = levels.indexOf(level)
  }

  get profile(): Profile {
    return profiles[this.profileAt]!
  }

  set profile(profile: Profile) {
    this.profileAt = profiles.indexOf(profile)
  }

  get steps(): readonly Step[] {
    return this.#roster.restOf(this.number)?.steps ?? []
  }

  /** Whose successor it is taken for, and how many times likelier that is; null: nobody's. */
  get heir(): Heir | null {
    return this.#roster.restOf(this.number)?.heir ?? null
  }

  set heir(heir: Heir | null) {
    this.#roster.makeRestOf(this.number).heir = heir
  }

  /** When it asks, and the named signals: kept of those that are looked at, and of a sample that stands for everybody. */
  get activity(): Activity | null {
    return this.watched === 0 ? null : new Activity(this.#roster.activities, this.watched - 1)
  }

  get signals(): AccountSignals | null {
    return this.watched === 0 ? null : new AccountSignals(this.#roster.signals, this.watched - 1)
  }

  /** What its score was made of. */
  get parts(): Parts {
    const { partContent, partForm, partInfrastructure, partPerson, partVolume } = this
    return {
      content: partContent,
      form: partForm,
      infrastructure: partInfrastructure,
      person: partPerson,
      volume: partVolume,
    }
  }

  set parts({ content, form, infrastructure, person, volume }: Parts) {
    this.partContent = content
    this.partForm = form
    this.partInfrastructure = infrastructure
    this.partPerson = person
    this.partVolume = volume
  }

  get person(): PersonState {
    return { sum: this.personSum, lastUser: this.personLastUser }
  }

  set person({ sum, lastUser }: PersonState) {
    this.personSum = sum
    this.personLastUser = lastUser
  }

  get volume(): VolumeState {
    const { volumeSum: sum, volumeRetries: retries, volumeAtMs: atMs } = this
    return { sum, retries, atMs, lastText: this.volumeLastText, lastFailed: this.volumeLastFailed }
  }

  set volume({ sum, retries, atMs, lastText, lastFailed }: VolumeState) {
    this.volumeSum = sum
    this.volumeRetries = retries
    this.volumeAtMs = atMs
    this.volumeLastText = lastText
    this.volumeLastFailed = lastFailed
  }

  /** Exchanges whose prompt was met in other accounts, or that came after the account was asked. */
  get suspect(): Taken {
    return { exchanges: this.suspectExchanges, inputTokens: this.suspectInput, outputTokens: this.suspectOutput }
  }

  /** `modelOf`: a model's keyed number, asked for where it is needed. */
  note(seen: Observed, modelOf: (model: string | null) => number): void {
    this.exchanges++
    this.lastMs = seen.timeMs
    this.inputTokens += seen.inputTokens
    this.outputTokens += seen.outputTokens
    this.createdMs ??= seen.createdMs
    this.profile = seen.profile
    this.#roster.noteKey(this.number, seen.key)
    if (this.watched === 0) {
      if (!this.#isLookedAt) return
      this.watched = this.#roster.watch() + 1
    }
    this.signals!.observe(seen)
    this.activity!.note(seen.timeMs, modelOf(seen.model), seen.outputTokens, seen.status === 429 || seen.status === 403)
  }

  get #isLookedAt(): boolean {
    return this.score >= LOOKED_AT || (this.exchanges >= LIVELY && this.number % SAMPLE === 0)
  }

  /**
   * Notes a touched decoy; gives how many times the evidence is what it was. The same one again says nothing new, but that
   * it weighs less by now, as a name does that has become public.
   */
  touch(name: string, weight: number): number {
    const rest = this.#roster.makeRestOf(this.number)
    const { touched } = rest
    const known = touched.get(name)
    if (known === undefined && touched.size >= MAX_TOUCHED) return 1
    if (known !== undefined && weight >= known) return 1
    touched.set(name, weight)
    const times = known === undefined ? weight : weight / known
    rest.decoys = Math.min(MOST_BY_DECOYS, rest.decoys * times)
    return times
  }

  /** How many times its evidence is what it was by decoys alone, since it was begun with. */
  get decoys(): number {
    return this.#roster.restOf(this.number)?.decoys ?? 1
  }

  /** Has come to a level. */
  step(step: Step): void {
    this.level = step.level
    const { steps } = this.#roster.makeRestOf(this.number)
    if (steps.length >= MAX_STEPS) steps.shift()
    steps.push(step)
  }

  /** Begins anew; `before` stays of the evidence. */
  restart(before: number): void {
    this.person = startPerson()
    this.volume = startVolume()
    this.score = 0
    this.parts = noParts
    this.before = before
    if (this.decoys !== 1) this.#roster.makeRestOf(this.number).decoys = 1
    this.evidence = before
    this.current = before
    this.level = 'normal'
  }

  noteSuspect({ inputTokens, outputTokens }: Observed): void {
    this.suspectExchanges++
    this.suspectInput += inputTokens
    this.suspectOutput += outputTokens
  }
}

defineFields(Subject.prototype, subjectLayout)

export interface Heir {
  readonly of: string
  readonly evidence: number
}

/** What few accounts have. */
export interface Rest {
  heir: Heir | null
  /** Decoys that it has touched, and how much each weighs. */
  readonly touched: Map<string, number>
  decoys: number
  readonly steps: Step[]
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
const MOST_BY_DECOYS = 1e6
/** An account that answers for itself again and again climbs as often; the latest are kept. */
const MAX_STEPS = 64
const LIVELY = 4
/** Half of the honest never come to this score. */
const LOOKED_AT = 3
const SAMPLE = 16
