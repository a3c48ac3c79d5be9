import { isObject } from './body.ts'
import type { Body, ReadCall } from './dialect.ts'
import { editRead } from './edit-read.ts'
import { scanJson, valueEnd, type Edit, type Span } from './json-scan.ts'

/**
 * Adds a text to the end of a request's system prompt, and changes no other byte of it. A request without a system prompt,
 * or with one that is written in a way not seen here, stays as it is.
 */
export function markSystem(read: ReadCall, text: string): ReadCall {
  const edit = editOf(read, text)
  return edit === null ? read : editRead(read, [edit])
}

function editOf({ bytes, body, fields }: ReadCall, text: string): Edit | null {
  for (const name of ['system', 'instructions']) {
    const span = fields.get(name)
    if (span !== undefined) return appended(bytes, span, text, { type: 'text', text })
  }
  for (const name of ['systemInstruction', 'system_instruction']) {
    const span = fields.get(name)
    const parts = span === undefined || !isObject(body[name]) ? undefined : within(bytes, span).get('parts')
    if (parts !== undefined) return appended(bytes, parts, text, { text })
  }
  for (const [name, type] of [
    ['messages', 'text'],
    ['input', 'input_text'],
  ] as const) {
    const list = body[name]
    const span = fields.get(name)
    if (span === undefined || !Array.isArray(list) || !isSystem(list[0])) continue
    const start = bytes.indexOf('{', span.start)
    const content = within(bytes, { start, end: valueEnd(bytes, start) }).get('content')
    return content === undefined ? null : appended(bytes, content, text, { type, text })
  }
  return null
}

const isSystem = (message: unknown): boolean =>
  isObject(message) && (message['role'] === 'system' || message['role'] === 'developer')

/** Deeper than any body that was let in. */
const ANY_DEPTH = 100_000

/** Where the fields of an object stand that stands in the bytes. */
function within(bytes: Buffer, { start, end }: Span): ReadonlyMap<string, Span> {
  const scan = scanJson(bytes.subarray(start, end), ANY_DEPTH)
  if (!scan.ok) return new Map()
  return new Map([...scan.fields].map(([name, at]) => [name, { start: at.start + start, end: at.end + start }]))
}

const QUOTE = 0x22
const OPEN_ARRAY = 0x5b

/** Into a text, or as one more part of a list that has some. */
function appended(bytes: Buffer, { start, end }: Span, text: string, part: Body): Edit | null {
  const at = end - 1
  if (bytes[start] === QUOTE) return { start: at, end: at, text: JSON.stringify(text).slice(1, -1) }
  const isList =
    bytes[start] === OPEN_ARRAY &&
    bytes
      .subarray(start + 1, at)
      .toString('latin1')
      .trim() !== ''
  return isList ? { start: at, end: at, text: `,${JSON.stringify(part)}` } : null
}
