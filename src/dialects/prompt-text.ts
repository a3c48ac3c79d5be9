import { isObject } from './body.ts'
import type { Body } from './dialect.ts'

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
  /** The texts themselves, in order. */
  readonly texts: string[]
}

export const startSize = (): PromptSize => ({ bytes: 0, opaqueParts: 0, opaqueTokens: 0, texts: [] })

/**
 * Names under which a vendor's bodies hold what is no text, with a guess at its tokens; null: it is text after all.
 * `owner` is the object that holds the part.
 */
export type OpaqueParts = ReadonlyMap<string, (part: unknown, owner: Body) => number | null>

/** Keys whose strings steer the call and are not read by the model as text. */
const framing: ReadonlySet<string> = new Set(['role', 'type', 'id', 'tool_call_id'])

/** Longer ones are text under a name that looks harmless: many chat templates print them. */
const MAX_FRAMING_CHARS = 64

const isFraming = (key: string, value: unknown): boolean =>
  framing.has(key) && typeof value === 'string' && value.length <= MAX_FRAMING_CHARS

/** Adds what the model reads of messages and their parts. */
export function addText(size: PromptSize, value: unknown, opaque: OpaqueParts): void {
  if (typeof value === 'string') {
    size.bytes += Buffer.byteLength(value)
    size.texts.push(value)
  } else if (Array.isArray(value)) {
    for (const item of value) addText(size, item, opaque)
  } else if (isObject(value)) {
    for (const key of Object.keys(value)) {
      const inner = value[key]
      const guess = opaque.get(key)?.(inner, value) ?? null
      if (guess !== null) {
        size.opaqueParts++
        size.opaqueTokens += guess
      } else if (!isFraming(key, inner)) addText(size, inner, opaque)
    }
  }
}

/** Adds a schema, such as tools: its keys are read by the model like its texts. */
export function addSchema(size: PromptSize, value: unknown): void {
  if (typeof value === 'string') {
    size.bytes += Buffer.byteLength(value)
    size.texts.push(value)
  } else if (Array.isArray(value)) {
    for (const item of value) addSchema(size, item)
  } else if (isObject(value)) {
    for (const key of Object.keys(value)) {
      size.bytes += Buffer.byteLength(key) + 2
      addSchema(size, value[key])
    }
  } else if (value !== null && value !== undefined) {
    size.bytes += 4
  }
}

const ASKED_CHARS = 512

/** Of several texts that belong together: the one, or the start of the first and the end of the last. */
export function startAndEnd(texts: readonly string[]): string {
  if (texts.length < 2) return texts[0] ?? ''
  return `${texts[0]!.slice(0, ASKED_CHARS)}\n${texts.at(-1)!.slice(-ASKED_CHARS)}`
}

/** The texts that one value adds. */
export function textsOf(value: unknown, opaque: OpaqueParts): readonly string[] {
  const size = startSize()
  addText(size, value, opaque)
  return size.texts
}

/**
 * Bytes of all text in a generated message or delta: content, refusals, reasoning, names and arguments of tools. Works
 * off a list, since nothing bounds how deep an upstream nests.
 */
export function generatedBytes(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value)
  if (typeof value !== 'object' || value === null) return 0
  let bytes = 0
  let next: object | undefined = value
  // Nearly every delta is flat: the list is made for those that are not.
  let left: object[] | null = null
  while (next !== undefined) {
    for (const key of Object.keys(next)) {
      let inner: unknown = (next as Body)[key]
      if (key === 'audio' && isObject(inner) && typeof inner['data'] === 'string') {
        bytes += soundBytes(inner['data'])
        inner = { ...inner, data: undefined }
      }
      if (typeof inner === 'string') bytes += isFraming(key, inner) ? 0 : Buffer.byteLength(inner)
      else if (typeof inner === 'object' && inner !== null) (left ??= []).push(inner)
    }
    next = left?.pop()
  }
  return bytes
}

/**
 * Generated sound as the text that would be as many tokens. OpenAI streams 24 kHz of 16 bits, 64,000 characters of
 * base64 a second, and counts about 20 tokens for it: 3200 characters a token, which is 4 bytes of text.
 */
export const soundBytes = (base64: string): number => Math.ceil(base64.length / 800)
