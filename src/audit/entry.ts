import canonicalize from 'canonicalize'

/** How an entry stands in the log. `n` counts what was to be written: a number that is missing is an entry that was lost. */
export interface Envelope {
  readonly n: number
  /** Epoch ms at which it was handed over. */
  readonly t: number
  readonly type: string
  readonly v: 1
  readonly what: unknown
}

/** Half of what a bundle can hold. */
export const MAX_ENTRY_BYTES = 32_767

/** RFC 8785. The names of an envelope are such that its number comes first. */
export const encode = (envelope: Envelope): Buffer => Buffer.from(canonicalize(envelope)!, 'utf8')
