/**
 * What one exchange used, as its vendor counts it. Input holds its cached, cache-writing and audio parts; output holds
 * its reasoning, audio and image parts; tool calls are those that the vendor runs and bills by the call.
 */
export interface Usage {
  readonly inputTokens: number
  readonly outputTokens: number
  readonly cachedTokens: number
  readonly cacheWriteTokens: number
  readonly audioInputTokens: number
  readonly reasoningTokens: number
  readonly audioOutputTokens: number
  readonly imageTokens: number
  readonly toolCalls: number
}

/** Where the numbers come from. `estimate` is Weir's own count; `none` means nothing was generated. */
export type UsageSource = 'provider' | 'estimate' | 'none'

export const noUsage: Usage = {
  inputTokens: 0,
  outputTokens: 0,
  cachedTokens: 0,
  cacheWriteTokens: 0,
  audioInputTokens: 0,
  reasoningTokens: 0,
  audioOutputTokens: 0,
  imageTokens: 0,
  toolCalls: 0,
}

/** Usage of which no more is known than its two sums. */
export const tokens = (inputTokens: number, outputTokens: number): Usage => ({ ...noUsage, inputTokens, outputTokens })
