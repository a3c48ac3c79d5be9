import type { Observation } from '../core/observation.ts'
import type { Observed } from '../core/observed.ts'
import { mix } from '../sketch/hash.ts'
import { createSignals, type Reading } from './account-signals.ts'

/** An exchange for tests of signals: an answered call of an account of which nothing is known but what is given. */
export const observed = (given: Partial<Observed>): Observed => ({
  timeMs: 0,
  account: 'account',
  key: 'key',
  user: null,
  session: null,
  ipPrefix: null,
  asn: null,
  country: null,
  networkType: 'none',
  fingerprint: null,
  userAgent: null,
  profile: 'unknown',
  createdMs: null,
  endpoint: null,
  model: null,
  outcome: 'answered',
  status: 200,
  finishReason: 'stop',
  inputTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
  costNanoUsd: 0,
  touches: [],
  observation: null,
  ...given,
})

/** A prompt for tests: `text`, `content` and `opening` are any numbers, and equal ones mean the same. */
export interface PromptOf extends Partial<Omit<Observation, 'keys' | 'cells' | 'content'>> {
  readonly content?: number
  readonly opening?: number
  readonly form?: number
}

export function prompt({ content, opening, form, text = 1, ...given }: PromptOf): Observation {
  const topic = content ?? text
  return {
    role: 'human',
    turns: 1,
    chars: 200,
    signs: 0,
    params: 0,
    system: 0,
    systemEcho: null,
    refused: false,
    ...given,
    text: mix(text + 1),
    keys: Uint32Array.of(mix((opening ?? text) + 2), 0, 0, 0, 0, 0, 0, 0, 0, 0),
    cells: Uint32Array.from({ length: 5 }, (_, i) => mix((form ?? text) * 8 + i + 3)),
    content: Uint32Array.from({ length: 4 }, (_, i) => mix(topic * 8 + i + 4)),
  }
}

/** What a signal says after some exchanges; null: nothing. */
export function readingOf(name: string, all: readonly Observed[], regions?: readonly string[]): Reading | null {
  const account = createSignals(regions === undefined ? null : new Set(regions))
  for (const seen of all) account.observe(seen)
  return account.read(all.at(-1)?.timeMs ?? 0).find((reading) => reading.name === name) ?? null
}
