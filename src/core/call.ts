/** What the gateway needs to know of a request body; the text itself stays where it was read. */
export interface Call {
  readonly model: string
  readonly stream: boolean
  /** UTF-8 bytes of everything the model will read: messages, tools, schemas. */
  readonly promptBytes: number
  /** Tokens that do not show in the bytes: framing of messages, images, audio. */
  readonly promptExtraTokens: number
  /** Images and other parts whose tokens only the vendor knows. */
  readonly opaqueParts: number
  readonly messages: number
  /** Answers asked for at once; all of them are generated. */
  readonly choices: number
  /** The client's own bound on output tokens, over all choices; null when it gave none. */
  readonly maxOutputTokens: number | null
  /** The end user and the session as the client names them, unverified. */
  readonly user: string | null
  readonly session: string | null
  /** Whether the client asked for a usage chunk at the end of its stream. */
  readonly wantsUsage: boolean
  readonly params: Params
}

/** Settings of a request that can be bounded; null where it says nothing. */
export interface Params {
  /** Names of the body's fields, in the order sent. */
  readonly fields: readonly string[]
  readonly temperature: number | null
  readonly topP: number | null
  readonly stops: number
  readonly longestStopChars: number
  readonly tools: number
}

export const noParams: Params = { fields: [], temperature: null, topP: null, stops: 0, longestStopChars: 0, tools: 0 }
