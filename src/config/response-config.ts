import type { ActionSpec, SubjectKind } from '../core/action.ts'
import type { Level } from '../core/decision.ts'
import type { Condition, Matcher } from './config.ts'

export type Mode = 'enforce' | 'shadow' | 'off'

/** What is done about the evidence: the sections `playbooks`, `step_up`, `tarpit`, `decoys`, `alerts`, `truth` and `loops`. */
export interface ResponseConfig {
  /** In the order of the file; the first that fits a request is the one. */
  readonly playbooks: readonly Playbook[]
  readonly stepUp: StepUpConfig
  readonly tarpit: TarpitConfig
  readonly decoys: DecoysConfig
  readonly alerts: readonly AlertTarget[]
  readonly truth: TruthConfig
  /** null: loops are left alone. */
  readonly loops: LoopsConfig | null
}

export interface Playbook {
  readonly name: string
  readonly mode: Mode
  readonly match: readonly Matcher[]
  readonly when: Condition | null
  /** Lowest first. */
  readonly levels: readonly PlaybookLevel[]
  /** How long a subject that shows nothing new stays at a level before it goes down one. */
  readonly cooldownMs: number
  /** Evidence now must be below this part of a level's threshold for the level to be left; in (0, 1]. */
  readonly hysteresis: number
  /** After the last level its limits are a part of what they were, for a while. */
  readonly probation: { readonly lastsMs: number; readonly factor: number }
  /** No action of this playbook is in force longer without new evidence. */
  readonly longestMs: number
}

export interface PlaybookLevel {
  /** `notice` can alert and do nothing else. */
  readonly level: Exclude<Level, 'normal' | 'watch'>
  /** From how much evidence; null: as `detection.ladder` says. */
  readonly evidence: number | null
  readonly mode: Mode
  readonly actions: readonly PlaybookAction[]
  /** Names of `alerts`. */
  readonly alert: readonly string[]
}

export interface PlaybookAction {
  readonly mode: Mode
  /** Whom of those behind the request it falls on. */
  readonly on: Exclude<SubjectKind, 'descriptor'>
  readonly spec: ActionSpec
}

export interface StepUpConfig {
  /** Leading zero bits that the first proof of work must have; each one after it within a day one more, to 8 more. */
  readonly proofBits: number
  /** How long a challenge can be answered. */
  readonly challengeMs: number
  /** An issuer of `identity.jwt` whose tokens attest an account by their tenant; null: none. */
  readonly attestationIssuer: string | null
  /** Where people are sent, shown in the refusal; null: the page under `/weir/`. */
  readonly url: string | null
}

export interface TarpitConfig {
  /** Connections that may be held at once; further ones are told to come back instead. */
  readonly maxHeld: number
  /** Text that may wait in memory for them. */
  readonly maxHeldBytes: number
}

export interface DecoysConfig {
  readonly endpoints: readonly { readonly path: string; readonly weight: number }[]
  /** Names that nobody was told of; in the list of whom evidence speaks against, from a level on. */
  readonly models: readonly {
    readonly name: string
    readonly weight: number
    readonly fromLevel: Extract<Level, 'step_up' | 'tarpit' | 'squeeze'>
  }[]
  /** Keys that were left where only a thief reads; SHA-256 in lower-case hex. */
  readonly keys: readonly { readonly id: string; readonly secretSha256: string; readonly memo: string }[]
  /** Each account sees a model name of its own in `/v1/models`; null: no. */
  readonly aliases: { readonly model: string; readonly prefix: string; readonly weight: number } | null
  /** Texts in system prompts whose appearance in an answer is theft. */
  readonly promptCanary: {
    readonly onTouch: 'alert' | 'cut'
    /** Share of a system prompt in an answer, 1 to 100, from which on it was given away. */
    readonly minEcho: number
    /** Dialects in which a mark is put at the end of every system prompt; it changes what customers send. */
    readonly mark: readonly ('openai' | 'anthropic' | 'gemini')[]
  } | null
  /** Who answers where a decoy does; a name of `upstreams`, or null: Weir itself, with nothing false in it. */
  readonly upstream: string | null
}

export interface AlertTarget {
  readonly name: string
  readonly kind: 'webhook' | 'slack' | 'syslog'
  /** `https://…`, or `udp://host:514` and `tcp://host:514` of syslog. */
  readonly url: string
  /** Signs a webhook's body; null: unsigned. */
  readonly secret: string | null
}

export interface TruthConfig {
  /** Part of soft actions that is held back at random, 0 to 0.1. */
  readonly heldBack: number
  /** A rule whose share of reviewed actions that were wrong is above this, beyond chance, goes to shadow; null: never. */
  readonly maxWrong: number | null
  /** Reviewed actions that it takes. */
  readonly leastReviewed: number
}

/** An agent that sends the same again and again is slowed and told. */
export interface LoopsConfig {
  readonly repeats: number
  readonly withinMs: number
  readonly requestsPerMinute: number
  readonly lastsMs: number
}
