import type { RequestEvent } from './core/event.ts'
import { signs } from './core/observation.ts'

/**
 * An agent that is stuck sends the same again and again within one conversation, and pays for each: it is worth telling.
 *
 * Also met by: nobody who samples one prompt many times, since that begins a conversation anew each time; people who say
 * "continue" are left out as tiny. Dodged by changing a word, which is then no loop any more: this protects callers from
 * themselves and is no evidence against anybody.
 */
export interface RepeatRules {
  /** So many times the same within `withinMs` is a loop. */
  readonly repeats: number
  readonly withinMs: number
}

/** Callers that are told apart; whoever was not heard of for longest is forgotten first, and begins to count anew. */
const MAX_CALLERS = 50_000
/** A system prompt, a question, and what came after it. */
const LEAST_TURNS = 3

interface Run {
  text: number
  count: number
  sinceMs: number
}

export class Repeats {
  readonly #runs = new Map<string, Run>()

  /** How often the same was sent in a row, where that has just become a loop; null: it is none, or was one before. */
  note({ who, user, session, observation, atMs }: RequestEvent, { repeats, withinMs }: RepeatRules): number | null {
    if (who === null || observation === null) return null
    const name = `${who.keyId}\n${user ?? ''}\n${session ?? ''}`
    const known = this.#runs.get(name)
    if (observation.turns < LEAST_TURNS || (observation.signs & signs.tiny) !== 0) return null
    this.#runs.delete(name)
    const run =
      known !== undefined && known.text === observation.text && atMs - known.sinceMs <= withinMs
        ? known
        : { text: observation.text, count: 0, sinceMs: atMs }
    run.count++
    if (this.#runs.size >= MAX_CALLERS) this.#runs.delete(this.#runs.keys().next().value!)
    this.#runs.set(name, run)
    if (run.count < repeats) return null
    const { count } = run
    run.count = 0
    run.sinceMs = atMs
    return count
  }
}
