/** Tokens of one exchange, as its vendor counts them: `inputTokens` includes cached ones, `outputTokens` includes reasoning. */
export interface Usage {
  readonly inputTokens: number
  readonly outputTokens: number
  readonly cachedTokens: number
  readonly reasoningTokens: number
}

/** Where the numbers come from. `estimate` is Weir's own count; `none` means nothing was generated. */
export type UsageSource = 'provider' | 'estimate' | 'none'

export const noUsage: Usage = { inputTokens: 0, outputTokens: 0, cachedTokens: 0, reasoningTokens: 0 }
