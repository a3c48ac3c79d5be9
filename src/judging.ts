import type { Calibration } from './core/calibration.ts'
import type { Decision, Level, Step } from './core/decision.ts'
import type { Observed } from './core/observed.ts'
import { infraKinds } from './campaigns/infrastructure.ts'
import { CampaignEngine } from './campaigns/engine.ts'
import type { Member } from './campaigns/member.ts'
import { Gauge, POOLED } from './risk/calibration.ts'
import { actionAt, levelOf, type Ladder } from './risk/ladder.ts'
import { notePerson, personEvidence, showsNobody, startPerson, type PersonState } from './risk/person.ts'
import { noteVolume, startVolume, volumeEvidence, type VolumeState } from './risk/volume.ts'
import { CELLS } from './signals/cells.ts'
import { join } from './sketch/hash.ts'

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

/** What is held of one account. */
class Subject {
  readonly name: string
  readonly member: Member
  readonly person: PersonState = startPerson()
  readonly volume: VolumeState = startVolume()
  readonly keys: string[] = []
  exchanges = 0
  inputTokens = 0
  outputTokens = 0
  firstMs: number
  lastMs: number
  /** The highest score of its life, and what it was made of. */
  score = 0
  parts: Parts = { content: 0, form: 0, infrastructure: 0, person: 0, volume: 0 }
  evidence = 1
  level: Level = 'normal'
  readonly steps: Step[] = []
  suspectExchanges = 0
  suspectInputTokens = 0
  suspectOutputTokens = 0

  constructor(name: string, member: Member, nowMs: number) {
    this.name = name
    this.member = member
    this.firstMs = nowMs
    this.lastMs = nowMs
  }
}

/** What a score is the sum of. */
export interface Parts {
  readonly content: number
  readonly form: number
  readonly infrastructure: number
  readonly person: number
  readonly volume: number
}

const MAX_KEYS = 8
const NARROW = 0.4

export class Judge {
  readonly #options: JudgeOptions
  readonly #engine: CampaignEngine
  readonly #gauge: Gauge
  readonly #subjects = new Map<string, Subject>()
  readonly #asked: number

  constructor(options: JudgeOptions) {
    const { calibration, seed, keySlots } = options
    this.#options = options
    this.#engine = new CampaignEngine({ panel: calibration.panel, kinds: CELLS, slots: keySlots, seed })
    this.#gauge = new Gauge(POOLED, calibration.segments.get(POOLED) ?? { scores: [] })
    this.#asked = options.ladder.stepUp
  }

  /** What this exchange meets by the evidence that was there before it; then it counts as seen. */
  judge(seen: Observed): Decision {
    const subject = this.#subjectOf(seen)
    const decision = this.#decisionOn(subject)
    this.#observe(subject, seen)
    return decision
  }

  #decisionOn({ level, evidence, member }: Subject): Decision {
    const campaign = level === 'normal' ? null : (this.#engine.register.of(member)?.id ?? null)
    return { action: actionAt(level), level, campaign, evidence }
  }

  #subjectOf(seen: Observed): Subject {
    const full = this.#subjects.size >= this.#options.maxAccounts
    let name = seen.account
    let subject = this.#subjects.get(name)
    if (subject === undefined && full) {
      name = `overflow:${seen.ipPrefix ?? '-'}`.slice(0, 32)
      name = `overflow:${hashOf(name, this.#options.seed) % OVERFLOW}`
      subject = this.#subjects.get(name)
    }
    if (subject !== undefined) return subject
    subject = new Subject(name, this.#engine.join(infraOf(seen, this.#options.seed)), seen.timeMs)
    this.#subjects.set(name, subject)
    return subject
  }

  #observe(subject: Subject, seen: Observed): void {
    const { observation } = seen
    subject.exchanges++
    subject.lastMs = seen.timeMs
    subject.inputTokens += seen.inputTokens
    subject.outputTokens += seen.outputTokens
    if (!subject.keys.includes(seen.key) && subject.keys.length < MAX_KEYS) subject.keys.push(seen.key)
    if (observation === null || observation.role !== 'human') return
    const { member } = subject
    this.#engine.observe(member, observation, seen.timeMs)
    notePerson(subject.person, observation, seen.user, member.narrow)
    const alone = showsNobody(subject.person) && member.narrow >= NARROW && seen.profile !== 'batch'
    noteVolume(subject.volume, seen.timeMs, observation.text, seen.status, alone)
    if (subject.member.trace.lastStrength >= 1.6) {
      subject.suspectExchanges++
      subject.suspectInputTokens += seen.inputTokens
      subject.suspectOutputTokens += seen.outputTokens
    }
    this.#weigh(subject, seen.timeMs)
  }

  #weigh(subject: Subject, nowMs: number): void {
    const { member } = subject
    const { content, form, infrastructure, total } = member.scores
    const person = personEvidence(subject.person, member.narrow)
    const volume = volumeEvidence(subject.volume)
    const score = total + person + volume
    if (score <= subject.score && subject.level !== 'normal') {
      this.#climb(subject, nowMs)
      return
    }
    if (score <= subject.score) return
    subject.score = score
    subject.parts = { content, form, infrastructure, person, volume }
    subject.evidence = this.#gauge.evidence(score)
    if (subject.evidence >= this.#asked) this.#engine.suspect(member)
    this.#climb(subject, nowMs)
  }

  /** Levels are only ever climbed here: what takes them down again is time and a passed step-up, which is not ours. */
  #climb(subject: Subject, nowMs: number): void {
    const { content, form, infrastructure, person, volume } = subject.parts
    const campaign = this.#engine.register.of(subject.member)
    const shaped = content >= 5 || form >= 3
    // Neighbours share an address: a network alone is no second family.
    const apart = shaped && subject.member.scores.client >= 2
    const level = levelOf(
      {
        evidence: subject.evidence,
        campaign: campaign === null ? 'none' : apart ? 'two families' : 'one family',
        onlyAsks: content + form + infrastructure + person < volume,
      },
      this.#options.ladder,
    )
    if (ranks[level] <= ranks[subject.level]) return
    subject.level = level
    subject.steps.push({ level, action: actionAt(level), atMs: nowMs, exchange: subject.exchanges })
  }

  /** The highest score of an account so far. */
  scoreOf(account: string): number {
    return this.#subjects.get(account)?.score ?? 0
  }

  /** The score of each account's life, for a calibration. */
  scores(): readonly {
    readonly account: string
    readonly score: number
    readonly evidence: number
    readonly prompts: number
    readonly parts: Parts
  }[] {
    return [...this.#subjects.values()].map(({ name, score, evidence, member, parts }) => {
      return { account: name, score, evidence, prompts: member.trace.prompts, parts }
    })
  }
}

const ranks: Readonly<Record<Level, number>> = {
  normal: 0,
  watch: 1,
  notice: 2,
  step_up: 3,
  tarpit: 4,
  squeeze: 5,
  block: 6,
}

const OVERFLOW = 1024
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
    return value === null || value === undefined || value === '' ? 0 : hashOf(`${i}:${value}`, seed)
  })
}
