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
const opaque: Readonly<Record<string, number>> = { image_url: 765, input_audio: 500, file: 1000 }

/** Keys whose strings steer the call and are not read by the model as text. */
const framing: ReadonlySet<string> = new Set(['role', 'type', 'id', 'tool_call_id', 'cache_control'])

export function addText(size: PromptSize, value: unknown, withKeys: boolean): void {
  if (typeof value === 'string') {
    size.bytes += Buffer.byteLength(value)
  } else if (Array.isArray(value)) {
    for (const item of value) addText(size, item, withKeys)
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) {
      const guess = withKeys ? undefined : opaque[key]
      if (guess !== undefined) {
        size.opaqueParts++
        size.opaqueTokens += detailOf(inner) === 'low' ? 85 : guess
      } else {
        if (withKeys) size.bytes += key.length + 2
        if (withKeys || !framing.has(key)) addText(size, inner, withKeys)
      }
    }
  } else if (withKeys && value !== null && value !== undefined) {
    size.bytes += 4
  }
}

const detailOf = (part: unknown): unknown =>
  typeof part === 'object' && part !== null && 'detail' in part ? part.detail : undefined

/** Bytes of all text in a generated message or delta: content, refusals, reasoning, names and arguments of tools. */
export function generatedBytes(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value)
  if (typeof value !== 'object' || value === null) return 0
  let bytes = 0
  if (Array.isArray(value)) for (const item of value) bytes += generatedBytes(item)
  else for (const key in value) if (!framing.has(key)) bytes += generatedBytes(value[key as keyof typeof value])
  return bytes
}
