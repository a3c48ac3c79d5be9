import { isObject, parseObject } from './body.ts'
import type { Body } from './dialect.ts'

/**
 * What a restricted caller gets of an answer: it is written anew from an allow-list, whole bodies and events by the same
 * rules, so that what nobody has thought of does not leave. Nothing that teaches more than the text does: no
 * probabilities, no reasoning, no name of a build, no counts beyond the totals.
 */
export interface LeanAnswer {
  /** A whole answer; null: it is none that is known here, and nothing of it may leave. */
  whole(body: Uint8Array): Buffer | null
  /** The body of an answer with an error status; null: it is none that is known here. */
  error(body: Uint8Array): Buffer | null
  /** For one streamed answer; null where there are none. */
  readonly stream: (() => LeanStream) | null
}

/** Rewrites the events of one stream, each as it comes. */
export interface LeanStream {
  /** What the client gets for an event, framed: `event` is its data as it was parsed. null: nothing. */
  rewrite(event: unknown, data: string): string | null
}

/** What leaves of a value; undefined: nothing. Gives new objects and leaves what it reads as it is. */
export type Rule = (value: unknown) => unknown

export const text: Rule = (value) => (typeof value === 'string' ? value : undefined)
export const number: Rule = (value) => (typeof value === 'number' ? value : undefined)
export const flag: Rule = (value) => (typeof value === 'boolean' ? value : undefined)
/** Arguments of a tool and the like, which have any shape. */
export const anything: Rule = (value) => value

export const orNull =
  (rule: Rule): Rule =>
  (value) =>
    value === null ? null : rule(value)

export const list =
  (rule: Rule): Rule =>
  (value) =>
    Array.isArray(value) ? (value as unknown[]).map(rule).filter((kept) => kept !== undefined) : undefined

/** Keeps that there was a list, and nothing of what was in it. */
export const emptied: Rule = (value) => (Array.isArray(value) ? [] : undefined)

export type Fields = Readonly<Record<string, Rule>>

/** These fields of an object, in this order. */
export function object(fields: Fields): (value: unknown) => Lean | undefined {
  const rules = Object.entries(fields)
  return (value) => {
    if (!isObject(value)) return undefined
    const kept: Lean = {}
    for (const [name, rule] of rules) {
      if (!Object.hasOwn(value, name)) continue
      const field = rule(value[name])
      if (field !== undefined) kept[name] = field
    }
    return kept
  }
}

/** What is written anew, and may still be changed. */
export type Lean = Record<string, unknown>

/** The rule of an object's `type`; `other` where it is unknown. */
export function byType(rules: Readonly<Record<string, Rule>>, other: Rule): Rule {
  const known = new Map(Object.entries(rules))
  return (value) => {
    const type = isObject(value) ? value['type'] : undefined
    return (typeof type === 'string' ? (known.get(type) ?? other) : other)(value)
  }
}

/** Writes a parsed body by the rule; null where it is no object or `fits` says that it is something else. */
export function rewriteBody(body: Uint8Array, fits: (body: Body) => boolean, rule: Rule): Buffer | null {
  const parsed = parseObject(body)
  if (!parsed.ok || !fits(parsed.value)) return null
  return Buffer.from(JSON.stringify(rule(parsed.value)))
}

/** Beyond so many parts of one stream each event is taken for itself. */
const MAX_PARTS = 1024

/** What is remembered of each part of a stream, by its number; an upstream that invents parts does not grow it. */
export class PartStates<State> {
  readonly #states = new Map<string | number, State>()
  readonly #start: () => State

  constructor(start: () => State) {
    this.#start = start
  }

  of(part: string | number): State {
    const known = this.#states.get(part)
    if (known !== undefined) return known
    const state = this.#start()
    if (this.#states.size < MAX_PARTS) this.#states.set(part, state)
    return state
  }
}
