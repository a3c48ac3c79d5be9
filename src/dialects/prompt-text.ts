/**
 * How much text a parsed body asks the model to read. Counts the decoded text and not the JSON around it, so that
 * spacing, escapes and content parts do not change the estimate. Depth is bounded by the scan that ran before.
 */
export interface PromptSize {
  bytes: number
  /** Images, sounds and files: only the vendor knows their tokens. */
  opaqueParts: number
  /** A guess at the tokens of the opaque parts. */
  opaqueTokens: number
}

/** Vendors charge 85 for a low-detail image and about 765 for a common one; sound and files vary more. */
const opaque: ReadonlyMap<string, number> = new Map([
  ['image_url', 765],
  ['input_audio', 500],
  ['file', 1000],
])

/** Keys whose strings steer the call and are not read by the model as text. */
const framing: ReadonlySet<string> = new Set(['role', 'type', 'id', 'tool_call_id'])

/** Longer ones are text under a name that looks harmless: many chat templates print them. */
const MAX_FRAMING_CHARS = 64

const isFraming = (key: string, value: unknown): boolean =>
  framing.has(key) && typeof value === 'string' && value.length <= MAX_FRAMING_CHARS

export function addText(size: PromptSize, value: unknown, withKeys: boolean): void {
  if (typeof value === 'string') {
    size.bytes += Buffer.byteLength(value)
  } else if (Array.isArray(value)) {
    for (const item of value) addText(size, item, withKeys)
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) {
      const guess = withKeys ? undefined : opaque.get(key)
      if (guess !== undefined) {
        size.opaqueParts++
        size.opaqueTokens += detailOf(inner) === 'low' ? 85 : guess
      } else {
        if (withKeys) size.bytes += Buffer.byteLength(key) + 2
        if (withKeys || !isFraming(key, inner)) addText(size, inner, withKeys)
      }
    }
  } else if (withKeys && value !== null && value !== undefined) {
    size.bytes += 4
  }
}

const detailOf = (part: unknown): unknown =>
  typeof part === 'object' && part !== null && 'detail' in part ? part.detail : undefined

/**
 * Bytes of all text in a generated message or delta: content, refusals, reasoning, names and arguments of tools. Works
 * off a list, since nothing bounds how deep an upstream nests.
 */
export function generatedBytes(value: unknown): number {
  let bytes = 0
  const left: unknown[] = [value]
  while (left.length > 0) {
    const next = left.pop()
    if (typeof next === 'string') bytes += Buffer.byteLength(next)
    else if (Array.isArray(next)) for (const item of next) left.push(item)
    else if (typeof next === 'object' && next !== null) {
      for (const [key, inner] of Object.entries(next)) if (!isFraming(key, inner)) left.push(inner)
    }
  }
  return bytes
}
