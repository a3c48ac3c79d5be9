/** What the gateway needs to know of a request body; the text itself stays in the bytes. */
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
  /** Answers asked for at once. */
  readonly choices: number
  /** The client's own bound on output tokens, over all choices; null when it gave none. */
  readonly maxOutputTokens: number | null
  /** The end user as the client names it, unverified. */
  readonly user: string | null
  /** Whether the client asked for a usage chunk at the end of its stream. */
  readonly wantsUsage: boolean
}
