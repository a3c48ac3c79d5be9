import { noUsage, type Usage } from '../core/usage.ts'
import { count, detail } from './counts.ts'

/** OpenAI's `usage` object; null when there is none or it makes no sense. Zero is a count like any other. */
export function readUsage(value: unknown): Usage | null {
  if (typeof value !== 'object' || value === null) return null
  const usage = value as Readonly<Record<string, unknown>>
  const inputTokens = count(usage['prompt_tokens'])
  const outputTokens = count(usage['completion_tokens'])
  // Half a report is none: a missing count is not zero, and total_tokens is not trusted to make one up.
  if (inputTokens === null || outputTokens === null) return null
  return {
    ...noUsage,
    inputTokens,
    outputTokens,
    cachedTokens: detail(usage['prompt_tokens_details'], 'cached_tokens'),
    audioInputTokens: detail(usage['prompt_tokens_details'], 'audio_tokens'),
    reasoningTokens: detail(usage['completion_tokens_details'], 'reasoning_tokens'),
    audioOutputTokens: detail(usage['completion_tokens_details'], 'audio_tokens'),
  }
}

/** What a client of chat completions and of completions is told of a cut stream. */
export const wireUsage = ({ inputTokens, outputTokens }: Usage): object => ({
  prompt_tokens: inputTokens,
  completion_tokens: outputTokens,
  total_tokens: inputTokens + outputTokens,
})

/**
 * The `usage` of a response, and what stands beside it of tools: images are made by another model and counted apart.
 * `toolCalls` are those seen in its output.
 */
export function readResponseUsage(value: unknown, tools: unknown, toolCalls: number): Usage | null {
  if (typeof value !== 'object' || value === null) return null
  const usage = value as Readonly<Record<string, unknown>>
  const inputTokens = count(usage['input_tokens'])
  const outputTokens = count(usage['output_tokens'])
  if (inputTokens === null || outputTokens === null) return null
  const input = usage['input_tokens_details']
  const output = usage['output_tokens_details']
  const images = typeof tools === 'object' && tools !== null && 'image_gen' in tools ? tools.image_gen : null
  const imageTokens = detail(images, 'output_tokens')
  return {
    ...noUsage,
    inputTokens: inputTokens + detail(images, 'input_tokens'),
    outputTokens: outputTokens + imageTokens,
    cachedTokens: detail(input, 'cached_tokens'),
    cacheWriteTokens: detail(input, 'cache_write_tokens'),
    audioInputTokens: detail(input, 'audio_tokens'),
    reasoningTokens: detail(output, 'reasoning_tokens'),
    audioOutputTokens: detail(output, 'audio_tokens'),
    imageTokens,
    toolCalls,
  }
}

/** What a client of responses is told of a cut stream. */
export const wireResponseUsage = (usage: Usage): object => ({
  input_tokens: usage.inputTokens,
  input_tokens_details: { cached_tokens: usage.cachedTokens, cache_write_tokens: usage.cacheWriteTokens },
  output_tokens: usage.outputTokens,
  output_tokens_details: { reasoning_tokens: usage.reasoningTokens },
  total_tokens: usage.inputTokens + usage.outputTokens,
})
