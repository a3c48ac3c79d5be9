import { deserialize, serialize } from 'node:v8'
import type { Calibration } from './core/calibration.ts'
import type { AccountCase, CampaignCase, Decision, Finding, Level } from './core/decision.ts'
import { levels } from './core/decision.ts'
import type { Observation } from './core/observation.ts'
import type { Observed } from './core/observed.ts'
import { err, ok, type Result } from './core/result.ts'
import type { Touch } from './core/touch.ts'
import { infraKinds } from './campaigns/infrastructure.ts'
import { CampaignEngine, type EngineState } from './campaigns/engine.ts'
import { TEMPLATE_POINTS } from './campaigns/content.ts'
import { keyOf } from './campaigns/match.ts'
import { accountCases, campaignCases, findingsOf } from './casework.ts'
import { Gauge, LEAST_ACCOUNTS, POOLED } from './risk/calibration.ts'
import { actionAt, levelOf, type Ladder, type Standing } from './risk/ladder.ts'
import { notePerson, personEvidence, showsNobody } from './risk/person.ts'
import { noteVolume, volumeEvidence } from './risk/volume.ts'
import { ANY_LANGUAGE } from './signals/cells.ts'
import { join } from './sketch/hash.ts'
import { Roster, type RosterState } from './roster.ts'
import type { Parts, Subject } from './subject.ts'

/**
 * JUDGE, the middle of the decision path: from what was observed to what stands against an account. It joins the evidence
 * across accounts (`campaigns/`) with the account's own (`risk/`), measures the sum against honest accounts, and reads the
 * ladder. The same events in the same order and the same secret give the same decisions.
 */
export interface JudgeOptions {
  readonly calibration: Calibration
  readonly ladder: Ladder
  /** Secret to this deployment; 32 bits. */
  readonly seed: number
  /** Accounts that are told apart; newcomers beyond share one record by their network. */
  readonly maxAccounts: number
  /** A power of two. */
  readonly keySlots: number
}

interface JudgeState {
  readonly v: number
  readonly seed: number
  readonly keySlots: number
  readonly lastMs: number | null
  readonly engine: EngineState
  readonly roster: RosterState
}

const SNAPSHOT = 3
/** ln of how much more usual client and sign-up must be among suspects to stand as a family of their own. */
const APART = 4
/** So many of a campaign must have been asked before anybody of it meets more. */
const LEAST_CONVICTED = 8
const NARROW = 0.4
/** From so much on a kind of evidence counts as one that the account shows by itself. */
const OWN_FAMILY = 5
const DECOY_FAMILY = 20
/** Prompts after which it is looked whose successor a newcomer is. */
const SUCCEEDS_AT: ReadonlySet<number> = new Set([3, 5, 8])
const LEAST_SUCCESSION = Math.log(20)
/** Of what a step-up needs: an heir is asked. */
const MOST_INHERITED = 1.2
/** What was found before, and by decoys, counts no more than this many times. */
const MOST_BEFORE = 1e6

/** An account as whoever acts on it needs it. */
export interface Stand {
  readonly level: Level
  /** The highest since it was begun with, and that of its latest prompts. */
  readonly evidence: number
  readonly current: number
  readonly standing: Standing
  /** Independent kinds of evidence that the account shows by itself. */
  readonly families: number
  readonly campaign: string | null
}

export class Judge {
  readonly #options: JudgeOptions
  readonly #engine: CampaignEngine
  readonly #gauge: Gauge
  /** Of declared profiles that enough honest accounts were calibrated for. */
  readonly #segments = new Map<string, Gauge>()
  readonly #roster: Roster
  readonly #hashOf = (model: string | null): number => this.#numberOf(model)
  /** Time of the latest exchange. */
  lastMs: number | null = null

  constructor(options: JudgeOptions) {
    const { calibration, seed, keySlots } = options
    this.#options = options
    this.#engine = new CampaignEngine({ panel: calibration.panel, kinds: ANY_LANGUAGE, slots: keySlots, seed })
    this.#roster = new Roster(this.#engine.members)
    this.#gauge = new Gauge(POOLED, calibration.segments.get(POOLED) ?? { scores: [] })
    for (const [name, segment] of calibration.segments) {
      if (name !== POOLED && segment.scores.length >= LEAST_ACCOUNTS) this.#segments.set(name, new Gauge(name, segment))
    }
  }

  /** What this exchange meets by the evidence that was there before it; then it counts as seen. */
  judge(seen: Observed): Decision {
    const subject = this.#subjectOf(seen)
    const decision = this.#decisionOn(subject)
    this.lastMs = seen.timeMs
    this.#observe(subject, seen)
    return decision
  }

  #decisionOn({ level, evidence, member }: Subject): Decision {
    const campaign = level === 'normal' ? null : (this.#engine.register.of(member)?.id ?? null)
    return { action: actionAt(level), level, campaign, evidence }
  }

  #subjectOf(seen: Observed): Subject {
    let name = seen.account
    let subject = this.#roster.find(name)
    if (subject === undefined && this.#roster.size >= this.#options.maxAccounts) {
      // Throw-away accounts must push nobody out: beyond the cap they share a record, and what it has earned.
      name = `overflow:${hashOf(seen.ipPrefix ?? '', this.#options.seed) % OVERFLOW}`
      subject = this.#roster.find(name)
    }
    if (subject !== undefined) return subject
    this.#engine.join(infraOf(seen, this.#options.seed))
    return this.#roster.add(name, seen.timeMs)
  }

  /** A name as a keyed number; 0: there is none. */
  #numberOf(name: string | null): number {
    return name === null ? 0 : hashOf(name, this.#options.seed)
  }

  #observe(subject: Subject, seen: Observed): void {
    const { observation } = seen
    for (const touch of seen.touches) this.#touch(subject, touch, seen.timeMs)
    const { profile } = subject
    subject.note(seen, this.#hashOf)
    if (subject.profile !== profile) this.#measure(subject)
    if (observation === null || observation.role !== 'human') {
      if (rank(subject.level) >= ASKED) subject.noteSuspect(seen)
      return
    }
    const { member } = subject
    this.#engine.observe(member, observation, seen.timeMs)
    const { person, volume } = subject
    // A batch shows nobody, and has said so.
    if (seen.profile !== 'batch') notePerson(person, observation, this.#numberOf(seen.user), member.narrow)
    const alone = showsNobody(person) && member.narrow >= NARROW
    noteVolume(volume, seen.timeMs, observation.text, seen.status, alone)
    subject.person = person
    subject.volume = volume
    if (member.trace.lastStrength >= TEMPLATE_POINTS || rank(subject.level) >= ASKED) subject.noteSuspect(seen)
    if (SUCCEEDS_AT.has(member.trace.prompts) && subject.heir === null) this.#inherit(subject)
    this.#weigh(subject, seen.timeMs)
    if (rank(subject.level) >= ASKED) this.#engine.stopped(member)
  }

  #weigh(subject: Subject, nowMs: number): void {
    const { member } = subject
    const { content, form, infrastructure, total } = member
    const person = personEvidence(subject.person, member.narrow)
    const volume = volumeEvidence(subject.volume)
    const score = total + person + volume
    const isHigher = score > subject.score
    if (isHigher) {
      subject.score = score
      subject.parts = { content, form, infrastructure, person, volume }
    } else if (subject.level === 'normal' && subject.evidence < this.#options.ladder.watch) return
    subject.current = this.#gaugeOf(subject).evidence(score) * subject.before
    if (isHigher) this.#measure(subject)
    this.#climb(subject, nowMs)
  }

  /** Who goes on where another was stopped is asked what that one was asked, and nothing firmer by that alone. */
  #inherit(subject: Subject): void {
    const succeeded = this.#engine.succeeded(subject.member, subject.firstMs)
    if (succeeded === null || succeeded.logE < LEAST_SUCCESSION) return
    const before = this.#roster.of(succeeded.from)
    const evidence = Math.min(Math.exp(succeeded.logE), before.evidence)
    subject.heir = { of: before.name, evidence }
    subject.before = Math.max(subject.before, Math.min(MOST_INHERITED * this.#options.ladder.stepUp, evidence))
    this.#measure(subject)
    this.#engine.link(subject.member, before.member)
  }

  /** Evidence is what the score means by the calibration of today and for the profile of today. */
  #measure(subject: Subject): void {
    subject.evidence = this.#gaugeOf(subject).evidence(subject.score) * subject.before
  }

  #gaugeOf({ profile }: Subject): Gauge {
    return this.#segments.get(profile) ?? this.#gauge
  }

  /**
   * A thing that nobody honest has a reason to touch was touched: the evidence is so many times what it was. What was given
   * to another account says something of the two together only where that one is suspected for reasons of its own.
   */
  #touch(subject: Subject, { kind, name, weight, owner }: Touch, nowMs: number): void {
    const other = owner === null ? undefined : this.#roster.find(owner)?.member
    if (other?.suspected === true && subject.member.suspected) this.#engine.register.link(subject.member, other, nowMs)
    const times = subject.touch(`${kind} ${name}`, Math.max(1, weight))
    if (times === 1) return
    subject.before = Math.min(MOST_BEFORE, subject.before * times)
    subject.evidence = Math.max(1, Math.min(MOST_BEFORE, subject.evidence * times))
    subject.current = subject.evidence
    this.#climb(subject, nowMs)
  }

  /**
   * Begins anew with an account that has answered for itself, or whose time is over. `before` is what stays of the evidence
   * before, at least 1: what comes is multiplied with it.
   */
  restart(account: string, before: number): void {
    const subject = this.#roster.find(account)
    if (subject === undefined) return
    this.#engine.restart(subject.member)
    subject.restart(before)
  }

  /** How an account stands after its latest exchange; null: it is not known by itself. */
  standOf(account: string): Stand | null {
    const subject = this.#roster.find(account)
    if (subject === undefined) return null
    const { evidence, current, level, member, parts } = subject
    const families = [
      Math.max(parts.content, parts.form) >= OWN_FAMILY,
      member.client >= APART,
      parts.person + parts.volume >= OWN_FAMILY,
      // Not `before`: what stays of evidence that was answered for is no evidence of another kind.
      subject.decoys >= DECOY_FAMILY,
    ].filter(Boolean).length
    const campaign = level === 'normal' ? null : (this.#engine.register.of(member)?.id ?? null)
    return { level, evidence, current, standing: this.#standingOf(subject), families, campaign }
  }

  /** What the detectors say of an account, with the numbers behind it. */
  findingsOn(account: string): readonly Finding[] {
    const subject = this.#roster.find(account)
    return subject === undefined ? [] : findingsOf(subject, this.#gauge)
  }

  /** Levels are only ever climbed here: what takes them down again is time and a passed step-up, which is not ours. */
  #climb(subject: Subject, nowMs: number): void {
    if (subject.evidence >= this.#options.ladder.stepUp) this.#engine.suspect(subject.member)
    const campaign = this.#engine.register.of(subject.member)
    if (campaign !== null && !subject.counted && rank(subject.level) >= ASKED) {
      subject.counted = true
      campaign.convicted++
    }
    const level = levelOf(this.#standingOf(subject), this.#options.ladder)
    if (rank(level) <= rank(subject.level)) return
    subject.step({ level, action: actionAt(level), atMs: nowMs, exchange: subject.exchanges })
  }

  #standingOf({ parts, member, evidence, profile, before, decoys }: Subject): Standing {
    const { content, form, infrastructure, person, volume } = parts
    const campaign = this.#engine.register.of(member)
    // Neighbours share an address: a network alone is no second family.
    const apart = (content >= 5 || form >= 3) && member.client >= APART
    const sure = campaign !== null && campaign.convicted >= LEAST_CONVICTED
    return {
      evidence,
      campaign: campaign === null ? 'none' : apart && sure ? 'two families' : 'one family',
      // What was declared and never calibrated can be asked about, and no more; nor does anybody meet more by what was
      // inherited or has been answered for.
      onlyAsks:
        content + form + infrastructure + person < volume ||
        (profile !== 'unknown' && !this.#segments.has(profile)) ||
        (before > decoys && (evidence * decoys) / before < this.#options.ladder.stepUp),
    }
  }

  /** The keys by which a campaign's case names what its members have in common. */
  keysOf({ observation }: Observed): readonly number[] {
    return observation === null ? [] : shapeKeys(observation)
  }

  /** Everybody at `watch` and above, the strongest first. */
  accounts(): readonly AccountCase[] {
    return accountCases(this.#roster, this.#engine, this.#gauge)
  }

  campaigns(): readonly CampaignCase[] {
    return campaignCases(this.#roster, this.#engine, this.#gauge)
  }

  /** Accounts at each level. */
  get counts(): Readonly<Record<string, number>> {
    const { counts } = this.#roster
    return Object.fromEntries(levels.map((level, i) => [level, counts[i]!]))
  }

  get gauge(): Gauge {
    return this.#gauge
  }

  /** All that it knows; a judge with the same seed and sizes goes on from it. */
  snapshot(): Uint8Array {
    const { seed, keySlots } = this.#options
    const [engine, roster] = [this.#engine.save(), this.#roster.save()]
    return serialize({ v: SNAPSHOT, seed, keySlots, lastMs: this.lastMs, engine, roster } satisfies JudgeState)
  }

  /** The error says why it cannot be gone on from. */
  static restore(options: JudgeOptions, bytes: Uint8Array): Result<Judge, string> {
    let state: Partial<JudgeState> | null
    try {
      state = deserialize(bytes) as Partial<JudgeState> | null
    } catch {
      return err('is no snapshot, or a damaged one')
    }
    if (state === null || typeof state !== 'object' || typeof state.v !== 'number') return err('is no snapshot')
    if (state.v !== SNAPSHOT) return err(OTHER_VERSION)
    if (state.seed !== options.seed) return err('was made under another secret')
    if (state.keySlots !== options.keySlots) return err('was made with another number of keys')
    const judge = new Judge(options)
    try {
      if (!judge.#engine.load(state.engine!) || !judge.#roster.load(state.roster!)) return err(OTHER_VERSION)
      // The calibration may be another one than its evidence was measured by; levels that were reached stay.
      for (const subject of judge.#roster) judge.#measure(subject)
    } catch {
      return err('is damaged')
    }
    judge.lastMs = state.lastMs ?? null
    return ok(judge)
  }

  /** The score of each account's life, for a calibration. */
  scores(): readonly {
    readonly account: string
    readonly score: number
    readonly evidence: number
    readonly prompts: number
    readonly parts: Parts
  }[] {
    return Array.from(this.#roster, ({ name, score, evidence, member, parts }) => {
      return { account: name, score, evidence, prompts: member.trace.prompts, parts }
    })
  }
}

function shapeKeys({ keys }: Observation): readonly number[] {
  const shape: number[] = []
  for (let which = 0; which < keys.length; which++) if (keys[which] !== 0) shape.push(keyOf(which, keys[which]!))
  return shape
}

const ranks: ReadonlyMap<string, number> = new Map(levels.map((level, i) => [level, i]))
const rank = (level: string): number => ranks.get(level)!
const ASKED = rank('step_up')

const OVERFLOW = 1024
const OTHER_VERSION = 'was written by another version of Weir'
const DAY_MS = 86_400_000

function hashOf(text: string, seed: number): number {
  let h = seed
  for (let i = 0; i < text.length; i++) h = join(h, text.charCodeAt(i))
  return h || 1
}

/** In the order of `infraKinds`. */
function infraOf({ fingerprint, userAgent, ipPrefix, asn, createdMs }: Observed, seed: number): Uint32Array {
  const values = [fingerprint, userAgent, ipPrefix, asn, createdMs === null ? null : Math.floor(createdMs / DAY_MS)]
  return Uint32Array.from(infraKinds, (_, i) => {
    const value = values[i]
    if (value === null || value === undefined || value === '') return 0
    // A network's number is no secret, and an operator knows it by that.
    return typeof value === 'number' && infraKinds[i] === 'asn' ? value >>> 0 : hashOf(`${i}:${value}`, seed)
  })
}
