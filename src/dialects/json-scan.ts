/**
 * Finds where the top-level fields of a JSON object stand in its bytes, so that one field can be changed and every
 * other byte stays as it was, and refuses what two parsers could read differently: a key that stands twice in one
 * object (RFC 8259 section 4 leaves its meaning open) and nesting beyond a bound. Expects bytes that JSON.parse takes.
 */
export interface Span {
  readonly start: number
  readonly end: number
}

export type JsonScan =
  | { readonly ok: true; readonly fields: ReadonlyMap<string, Span> }
  | { readonly ok: false; readonly problem: 'duplicate_key' | 'too_deep'; readonly key: string }

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d

/** Above this many keys a set is cheaper than looking through a list. */
const FEW_KEYS = 8

export function scanJson(bytes: Buffer, maxDepth: number): JsonScan {
  const fields = new Map<string, Span>()
  const keysOf: (Keys | null)[] = []
  let depth = 0
  let keys: Keys | null = null
  let expectKey = false
  let field: string | null = null
  let fieldStart = 0
  for (let i = 0; i < bytes.length; i++) {
    switch (bytes[i]) {
      case QUOTE: {
        const known = expectKey ? usualName(bytes, i + 1) : null
        const end = known === null ? stringEnd(bytes, i + 1) : i + 1 + known.length
        if (expectKey) {
          expectKey = false
          const key = known ?? keyText(bytes, i, end)
          if (!addKey(keys!, key)) return { ok: false, problem: 'duplicate_key', key: key.slice(0, 64) }
          if (depth === 1) {
            field = key
            fieldStart = bytes.indexOf(0x3a, end + 1) + 1
          }
        }
        i = end
        break
      }
      case OPEN_OBJECT:
      case OPEN_ARRAY:
        if (++depth > maxDepth) return { ok: false, problem: 'too_deep', key: field ?? '' }
        keysOf.push(keys)
        expectKey = bytes[i] === OPEN_OBJECT
        keys = expectKey ? { list: [], set: null } : null
        break
      case CLOSE_OBJECT:
      case CLOSE_ARRAY:
        if (depth === 1 && field !== null) fields.set(field, trim(bytes, fieldStart, i))
        depth--
        keys = keysOf.pop() ?? null
        expectKey = false
        break
      case COMMA:
        if (depth === 1 && field !== null) fields.set(field, trim(bytes, fieldStart, i))
        expectKey = keys !== null
        break
    }
  }
  return { ok: true, fields }
}

/** Names that most bodies have: found by their bytes, since to make a text of a few bytes costs more than to read them. */
const usualNames =
  'model messages role content system type text temperature top_p max_tokens max_completion_tokens stream stream_options include_usage n stop user metadata tools tool_choice tool_calls tool_call_id function functions name description parameters arguments properties required items enum default strict additionalProperties response_format json_schema schema id index input instructions image_url url input_schema source media_type data cache_control tool_use_id is_error contents parts generationConfig maxOutputTokens systemInstruction inlineData mimeType functionCall functionResponse args response'.split(
    ' ',
  )
const LONGEST_NAME = Math.max(...usualNames.map((name) => name.length))
const NAME_SLOTS = 512
const NAME_SEED = 0x811c9dc5 | 0
const withByte = (hash: number, byte: number): number => Math.imul(hash ^ byte, 0x01000193)

const nameSlots: readonly (string | null)[] = slotsOf(usualNames)

function slotsOf(names: readonly string[]): readonly (string | null)[] {
  const slots = Array.from({ length: NAME_SLOTS }, (): string | null => null)
  for (const name of names) slots[slotOf(Buffer.from(name).reduce(withByte, NAME_SEED))] = name
  return slots
}

function slotOf(hash: number): number {
  return (hash ^ (hash >>> 15)) & (NAME_SLOTS - 1)
}

/** The usual name that stands from here to a quote; null: another one does, maybe the same in another spelling. */
function usualName(bytes: Buffer, from: number): string | null {
  const most = Math.min(bytes.length, from + LONGEST_NAME + 1)
  let hash = NAME_SEED
  let at = from
  while (at < most && bytes[at] !== QUOTE) hash = withByte(hash, bytes[at++]!)
  if (at === most) return null
  const name = nameSlots[slotOf(hash)]!
  if (name === null || name.length !== at - from) return null
  for (let i = 0; i < name.length; i++) if (name.charCodeAt(i) !== bytes[from + i]) return null
  return name
}

interface Keys {
  readonly list: string[]
  set: Set<string> | null
}

function addKey(keys: Keys, key: string): boolean {
  if (keys.set !== null) return keys.set.size < keys.set.add(key).size
  if (keys.list.includes(key)) return false
  keys.list.push(key)
  if (keys.list.length > FEW_KEYS) keys.set = new Set(keys.list)
  return true
}

/** Where the value ends that starts here: just behind it. */
export function valueEnd(bytes: Buffer, start: number): number {
  let depth = 0
  for (let i = start; i < bytes.length; i++) {
    switch (bytes[i]) {
      case QUOTE:
        i = stringEnd(bytes, i + 1)
        break
      case OPEN_OBJECT:
      case OPEN_ARRAY:
        depth++
        continue
      case CLOSE_OBJECT:
      case CLOSE_ARRAY:
        depth--
        break
      default:
        continue
    }
    if (depth <= 0) return i + 1
  }
  return bytes.length
}

/** Two spellings of one key ("a" and "\u0061") are one key. */
function keyText(bytes: Buffer, open: number, close: number): string {
  const raw = bytes.toString('utf8', open + 1, close)
  return raw.includes('\\') ? (JSON.parse(`"${raw}"`) as string) : raw
}

/** Index of the closing quote of the string whose text starts at `from`. */
function stringEnd(bytes: Buffer, from: number): number {
  // Most strings are short keys, for which a call into native code costs more than it saves.
  const near = Math.min(bytes.length, from + 24)
  for (let i = from; i < near; i++) {
    const byte = bytes[i]
    if (byte === QUOTE) return i
    if (byte === BACKSLASH) i++
    if (i + 1 >= near) return farEnd(bytes, i + 1)
  }
  return bytes.length
}

function farEnd(bytes: Buffer, from: number): number {
  for (let i = bytes.indexOf(QUOTE, from); i >= 0; i = bytes.indexOf(QUOTE, i + 1)) {
    let slashes = 0
    while (i - 1 - slashes >= from && bytes[i - 1 - slashes] === BACKSLASH) slashes++
    if (slashes % 2 === 0) return i
  }
  return bytes.length
}

function trim(bytes: Buffer, start: number, end: number): Span {
  while (start < end && bytes[start]! <= 0x20) start++
  while (end > start && bytes[end - 1]! <= 0x20) end--
  return { start, end }
}

/** A change of bytes: what stands in the span gives way to the text. */
export interface Edit extends Span {
  readonly text: string
}

export function applyEdits(bytes: Buffer, edits: readonly Edit[]): Buffer {
  const parts: Buffer[] = []
  let at = 0
  for (const { start, end, text } of edits.toSorted((a, b) => a.start - b.start)) {
    parts.push(bytes.subarray(at, start), Buffer.from(text))
    at = end
  }
  parts.push(bytes.subarray(at))
  return Buffer.concat(parts)
}

/** An edit that adds a field to a non-empty object, in front of the others. */
export function addField(bytes: Buffer, name: string, json: string): Edit {
  const at = bytes.indexOf(OPEN_OBJECT) + 1
  return { start: at, end: at, text: `${JSON.stringify(name)}:${json},` }
}
