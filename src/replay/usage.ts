import { isObject, objectOf, tokens } from './fields.ts'
import type { Line } from './line.ts'
import type { Notes } from './notes.ts'

/** Tokens as a vendor has counted them; input holds its cached part, output its reasoning. */
export interface ReadUsage {
  readonly inputTokens: number | null
  readonly outputTokens: number | null
  readonly cachedTokens: number | null
  readonly reasoningTokens: number | null
}

export const noUsage: ReadUsage = { inputTokens: null, outputTokens: null, cachedTokens: null, reasoningTokens: null }

/** The usage report of OpenAI's, Anthropic's and Gemini's answers, and of proxies that speak like them. */
export function usageOf(answer: Line, notes: Notes): ReadUsage {
  const { usage, usageMetadata } = answer
  if (isObject(usage)) return counted(usage, notes)
  return isObject(usageMetadata) ? gemini(usageMetadata, notes) : noUsage
}

export function counted(usage: Line, notes: Notes): ReadUsage {
  const inputDetails = objectOf(usage['prompt_tokens_details'] ?? usage['input_tokens_details'])
  const outputDetails = objectOf(usage['completion_tokens_details'] ?? usage['output_tokens_details'])
  const cached = tokens(inputDetails['cached_tokens'] ?? usage['cache_read_input_tokens'], notes)
  const whole = tokens(usage['prompt_tokens'], notes)
  return {
    inputTokens: whole ?? anthropicInput(usage, notes),
    outputTokens: tokens(usage['completion_tokens'] ?? usage['output_tokens'], notes),
    cachedTokens: cached,
    reasoningTokens: tokens(outputDetails['reasoning_tokens'], notes),
  }
}

/** Anthropic counts what was read from a cache and what was written to one beside its input, and not within it. */
function anthropicInput(usage: Line, notes: Notes): number | null {
  const plain = tokens(usage['input_tokens'], notes)
  if (plain === null) return null
  const read = tokens(usage['cache_read_input_tokens'], notes) ?? 0
  const written = tokens(usage['cache_creation_input_tokens'], notes) ?? 0
  return plain + read + written
}

/** Gemini counts thoughts beside its candidates. */
function gemini(usage: Line, notes: Notes): ReadUsage {
  const candidates = tokens(usage['candidatesTokenCount'], notes)
  const thoughts = tokens(usage['thoughtsTokenCount'], notes)
  return {
    inputTokens: tokens(usage['promptTokenCount'], notes),
    outputTokens: candidates === null ? thoughts : candidates + (thoughts ?? 0),
    cachedTokens: tokens(usage['cachedContentTokenCount'], notes),
    reasoningTokens: thoughts,
  }
}
