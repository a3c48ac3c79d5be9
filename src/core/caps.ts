/** Bounds on what a request may ask for; null: none. */
export interface RequestCaps {
  readonly maxMessages: number | null
  readonly maxChoices: number | null
  readonly maxTokens: number | null
  readonly maxPromptBytes: number | null
  readonly maxTools: number | null
  readonly maxOpaqueParts: number | null
  readonly temperature: { readonly min: number; readonly max: number } | null
  readonly maxStops: number | null
  readonly maxStopChars: number | null
}

/** Bounds that bound nothing. */
export const noCaps: RequestCaps = {
  maxMessages: null,
  maxChoices: null,
  maxTokens: null,
  maxPromptBytes: null,
  maxTools: null,
  maxOpaqueParts: null,
  temperature: null,
  maxStops: null,
  maxStopChars: null,
}
