/** An answer that is one short text, before it has a vendor's shape. */
export interface Said {
  readonly model: string
  readonly text: string
  /** It ended at the client's bound. */
  readonly isCut: boolean
  readonly choices: number
  readonly inputTokens: number
  readonly outputTokens: number
  readonly createdS: number
  /** 24 letters and digits. */
  readonly id: string
  readonly body: Readonly<Record<string, unknown>>
}

export interface Shape {
  whole(said: Said): object
  /** Server-sent events, one by one. */
  events(said: Said): readonly string[]
}

/** Pieces as tokens come: a word with the space before it. */
export const pieces = (text: string): readonly string[] => text.match(/ ?[^ ]+/g) ?? []
