import { isObject } from './body.ts'
import type { Body, Turn } from './dialect.ts'
import { protoFields, protoNames, type ProtoNames } from './gemini-fields.ts'
import { jsonBytes } from './generated-json.ts'
import { addSchema, generatedBytes, startSize, type PromptSize } from './prompt-text.ts'
import { systemOf, turnOf } from './turn.ts'

/** What has been read of a prompt; `problem` says what cannot be read in one way only. */
export interface PromptReading {
  readonly size: PromptSize
  problem: string | null
}

export const startReading = (): PromptReading => ({ size: startSize(), problem: null })

const contentNames = protoNames(['parts', 'role'])
const partNames = protoNames(['text', 'inlineData', 'fileData', 'functionResponse', 'thought', 'thoughtSignature'])
const blobNames = protoNames(['mimeType', 'data'])
const fileNames = protoNames(['mimeType', 'fileUri'])
const responseNames = protoNames(['parts', 'response'])

/** Adds a `Content`: a turn, or the system instruction. */
export function addTurn(reading: PromptReading, content: unknown): void {
  if (!isObject(content)) return addSchema(reading.size, content)
  addFields(reading, content, contentNames, (name, value) => {
    // Two roles exist; any other text under this name is no role.
    if (name === 'role') return value === 'user' || value === 'model'
    for (const part of asList(value)) addPart(reading, part)
    return true
  })
}

/** Google's servers take a single value where a list is meant. */
export const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as unknown[]) : [value])

function addPart(reading: PromptReading, part: unknown): void {
  if (!isObject(part)) return addSchema(reading.size, part)
  addFields(reading, part, partNames, (name, value) => {
    switch (name) {
      case 'text':
        addSchema(reading.size, value)
        return true
      case 'inlineData':
        return addBlob(reading, value)
      case 'fileData':
        return addFile(reading, value)
      case 'functionResponse':
        return addResponse(reading, value)
      case 'thoughtSignature':
        // Encrypted reasoning of an earlier turn, checked by the vendor: no text of the client's.
        return typeof value === 'string'
      default:
        return typeof value === 'boolean'
    }
  })
}

/** Gives each named field to `take`; what it does not take, and every other field, is read by the model as it stands. */
function addFields(
  reading: PromptReading,
  object: Body,
  names: ProtoNames,
  take: (name: string, value: unknown) => boolean,
): void {
  const fields = protoFields(object, names)
  if (!fields.ok) {
    reading.problem ??= fields.error.message
    return
  }
  const taken = new Set<string>()
  for (const [name, { key, value }] of fields.value) if (take(name, value)) taken.add(key)
  for (const [key, value] of Object.entries(object)) if (!taken.has(key)) addSchema(reading.size, { [key]: value })
}

function addResponse(reading: PromptReading, response: unknown): boolean {
  if (!isObject(response)) return false
  addFields(reading, response, responseNames, (name, value) => {
    if (name !== 'parts') return false
    for (const part of asList(value)) addPart(reading, part)
    return true
  })
  return true
}

/** Google's documentation: 258 tokens for an image or for a page of a PDF. */
const TOKENS_PER_PICTURE = 258
/** 32 tokens for a second of sound, some 300 for one of video; in base64 of common bit rates 600 and more for each token. */
const CHARS_PER_TOKEN = 300

const isMedia = (mimeType: string): boolean =>
  /^(?:audio|video)\//.test(mimeType) || mimeType.startsWith('image/') || mimeType === 'application/pdf'

function addBlob(reading: PromptReading, blob: unknown): boolean {
  if (!isObject(blob)) return false
  const fields = protoFields(blob, blobNames)
  if (!fields.ok) {
    reading.problem ??= fields.error.message
    return true
  }
  const mimeType = fields.value.get('mimeType')?.value
  const data = fields.value.get('data')?.value
  if (typeof data !== 'string') return false
  const { size } = reading
  if (typeof mimeType === 'string' && isMedia(mimeType)) {
    const byLength = mimeType.startsWith('image/') ? 0 : Math.ceil(data.length / CHARS_PER_TOKEN)
    size.opaqueParts++
    size.opaqueTokens += Math.max(TOKENS_PER_PICTURE, byLength)
  } else {
    // Text in base64 is text to the model.
    addSchema(size, Buffer.from(data, 'base64').toString('utf8'))
  }
  addFields(reading, blob, blobNames, () => true)
  return true
}

/** Nobody says how long a file or a video behind an address is. */
const FILE_TOKENS = 1000

function addFile(reading: PromptReading, file: unknown): boolean {
  if (!isObject(file)) return false
  const fields = protoFields(file, fileNames)
  const mimeType = fields.ok ? fields.value.get('mimeType')?.value : null
  const isImage = typeof mimeType === 'string' && mimeType.startsWith('image/')
  reading.size.opaqueParts++
  reading.size.opaqueTokens += isImage ? TOKENS_PER_PICTURE : FILE_TOKENS
  addFields(reading, file, fileNames, () => true)
  return true
}

/** The texts of the latest user turn in which somebody says something: results of functions are no question. */
export function askedTexts(contents: readonly Body[]): readonly string[] {
  const says = (part: unknown): boolean => isObject(part) && typeof part['text'] === 'string'
  const turn = contents.findLast(({ role, parts }) => role !== 'model' && asList(parts).some(says))
  return turn === undefined
    ? []
    : asList(turn['parts'])
        .filter(says)
        .map((part) => (part as { readonly text: string }).text)
}

/** What comes last of those who are not the model: what is said beside the results of functions, else the results. */
export function contentsTurn(system: unknown, contents: readonly Body[]): Turn | null {
  const last = contents.findLast(({ role }) => role !== 'model') ?? contents.at(-1)!
  const parts = asList(last['parts'])
  const turns = contents.length + (system === null ? 0 : 1)
  const ofSystem = system === null ? null : systemOf(partTexts(isObject(system) ? asList(system['parts']) : [system]))
  const said = turnOf('human', partTexts(parts.filter((part) => !isResult(part))), turns, ofSystem)
  return said ?? turnOf('tool', partTexts(parts.filter(isResult)), turns, ofSystem)
}

const isResult = (part: unknown): boolean =>
  isObject(part) && (isObject(part['functionResponse']) || isObject(part['function_response']))

function partTexts(parts: readonly unknown[]): readonly string[] {
  const reading = startReading()
  for (const part of parts) {
    const text = isObject(part) ? part['text'] : part
    if (typeof text === 'string') reading.size.texts.push(text)
    else addPart(reading, part)
  }
  return reading.size.texts
}

/** An image is some 1,290 tokens, written here as the bytes of text that cost as much. */
const IMAGE_TEXT_BYTES = 5160
/** Sound is 25 tokens a second, of 24,000 samples in base64. */
const SOUND_CHARS_PER_BYTE = 640

/** Bytes of what the model wrote in one candidate's content. */
export function contentBytes(content: unknown): number {
  if (!isObject(content) || !Array.isArray(content['parts'])) return generatedBytes(content)
  let bytes = 0
  for (const part of content['parts'] as unknown[]) {
    if (!isObject(part)) {
      bytes += generatedBytes(part)
      continue
    }
    for (const [key, value] of Object.entries(part)) bytes += fieldBytes(key, value)
  }
  return bytes
}

function fieldBytes(key: string, value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value)
  if (!isObject(value)) return generatedBytes(value)
  if (key === 'inlineData' || key === 'inline_data') {
    const { data, mimeType, mime_type: snake } = value
    const type = mimeType ?? snake
    if (typeof data === 'string' && typeof type === 'string') {
      if (type.startsWith('image/')) return IMAGE_TEXT_BYTES
      if (type.startsWith('audio/')) return Math.ceil(data.length / SOUND_CHARS_PER_BYTE)
    }
    return generatedBytes(value)
  }
  // Arguments come as objects here and not as text: their keys are the model's words too.
  let bytes = 0
  for (const [name, inner] of Object.entries(value)) if (name !== 'id') bytes += jsonBytes(inner)
  return bytes
}
