import type { Call } from '../core/call.ts'
import type { RequestCaps } from '../core/caps.ts'

/*
 * The room that looks at a request's contents before it is admitted: bounds on what it may ask for, what kind of task it
 * is, and what does not belong into a prompt. Every look has a bound of its own that a longer text does not move. It says
 * what it found; what follows from it is policy.
 */

export interface OverCap {
  readonly message: string
  readonly param: string
}

/** The first bound that a call is beyond, in words for its sender; null where it keeps to all of them. */
export function overCap(call: Call, caps: RequestCaps): OverCap | null {
  const { params } = call
  const perChoice = call.maxOutputTokens === null ? 0 : call.maxOutputTokens / call.choices
  return (
    over(call.messages, caps.maxMessages, 'messages', 'messages') ??
    over(call.choices, caps.maxChoices, 'answers at once', 'n') ??
    over(perChoice, caps.maxTokens, 'output tokens', 'max_tokens') ??
    over(call.promptBytes, caps.maxPromptBytes, 'bytes of prompt', 'messages') ??
    over(params.tools, caps.maxTools, 'tools', 'tools') ??
    over(call.opaqueParts, caps.maxOpaqueParts, 'images and files', 'messages') ??
    over(params.stops, caps.maxStops, 'stop sequences', 'stop') ??
    over(params.longestStopChars, caps.maxStopChars, 'characters in a stop sequence', 'stop') ??
    outside(params.temperature, caps.temperature)
  )
}

const over = (value: number, most: number | null, what: string, param: string): OverCap | null =>
  most === null || value <= most ? null : { message: `At most ${most} ${what} are accepted here.`, param }

const outside = (value: number | null, range: RequestCaps['temperature']): OverCap | null =>
  value === null || range === null || (value >= range.min && value <= range.max)
    ? null
    : { message: `"temperature" must be from ${range.min} to ${range.max} here.`, param: 'temperature' }

/** The lowest bound on output tokens of each answer; null where there is none. */
export function lowestMaxTokens(caps: readonly RequestCaps[]): number | null {
  let lowest: number | null = null
  for (const { maxTokens } of caps) if (maxTokens !== null) lowest = Math.min(lowest ?? maxTokens, maxTokens)
  return lowest
}
