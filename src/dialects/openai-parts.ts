import { isObject } from './body.ts'
import type { Body } from './dialect.ts'
import type { OpaqueParts } from './prompt-text.ts'

/**
 * What in OpenAI's bodies is no text, and a guess at its tokens. What only bears the name of such a part is text: a
 * template of a self-hosted model may print it.
 */
type Guess = (part: unknown, owner: Body) => number | null

const imageTokens = (detail: unknown): number => (detail === 'low' ? 85 : 765)

const isAddress = (value: unknown): value is string =>
  typeof value === 'string' && /^(?:data:|https?:\/\/)/.test(value.slice(0, 8))

const MAX_ID_CHARS = 128

const isId = (value: unknown): value is string => typeof value === 'string' && value.length <= MAX_ID_CHARS

/** A guess that grows with what is sent: `chars` of base64 for a token, and at least `least`. */
const sized = (value: unknown, least: number, chars: number): number =>
  typeof value === 'string' ? Math.max(least, Math.ceil(value.length / chars)) : least

/** Compressed speech is about 1000 characters of base64 a token. */
const audio: Guess = (part) =>
  isObject(part) && ('data' in part || 'id' in part) ? sized(part['data'], 500, 1000) : null

/** A page of a document is some 80,000 characters of base64 and 1200 tokens. */
const fileTokens = (data: unknown): number => sized(data, 1000, 64)

/** The parts of chat messages. Vendors charge 85 for a low-detail image and about 765 for a common one. */
export const chatParts: OpaqueParts = new Map<string, Guess>([
  [
    'image_url',
    (part) => {
      if (isAddress(part)) return imageTokens(null)
      return isObject(part) && isAddress(part['url']) ? imageTokens(part['detail']) : null
    },
  ],
  ['input_audio', audio],
  ['audio', audio],
  [
    'file',
    (part) => (isObject(part) && ('file_data' in part || 'file_id' in part) ? fileTokens(part['file_data']) : null),
  ],
])

/** The parts of items of the Responses API, where an image's address and detail stand side by side. */
export const itemParts: OpaqueParts = new Map<string, Guess>([
  ['image_url', (part, owner) => (isAddress(part) ? imageTokens(owner['detail']) : null)],
  ['input_audio', audio],
  ['file_data', (part) => (typeof part === 'string' ? fileTokens(part) : null)],
  ['file_url', (part) => (isAddress(part) ? fileTokens(null) : null)],
  [
    'file_id',
    (part, owner) => {
      if (!isId(part)) return null
      return owner['type'] === 'input_file' ? fileTokens(null) : imageTokens(owner['detail'])
    },
  ],
  // Reasoning that the client carries between calls, as long as the text that is encrypted in it.
  ['encrypted_content', (part) => (typeof part === 'string' ? Math.ceil(hiddenBytes(part) / 4) : null)],
])

/** Bytes of what is encrypted in base64. */
export const hiddenBytes = (base64: string): number => Math.floor((base64.length * 3) / 4)
