import { isUtf8 } from 'node:buffer'
import { noParams, type Params } from '../core/call.ts'
import { err, ok, type Result } from '../core/result.ts'
import type { BadBody, Body, BodyBounds, ReadBody, ReadCall } from './dialect.ts'
import { scanJson } from './json-scan.ts'

/** Where there is no body. */
export const emptyBody: ReadBody = { bytes: Buffer.alloc(0), body: {}, fields: new Map() }

const noTexts: readonly string[] = []

/**
 * Empties a call whose text nobody needs any more. Whoever handles its request holds it until the end, and what a parsed
 * body weighs is many times the body.
 */
export function forget(read: { -readonly [K in keyof ReadCall]: ReadCall[K] }): void {
  Object.assign(read, emptyBody)
  read.texts = noTexts
  read.asked = ''
  read.turn = null
}

export const bad = (message: string, param: string | null = null): Result<never, BadBody> => err({ message, param })

/** `known` are the fields that decide what is counted: another spelling of one must not reach an upstream that folds case. */
export function readBody(
  bytes: Uint8Array,
  { maxDepth }: BodyBounds,
  known: ReadonlySet<string>,
): Result<ReadBody, BadBody> {
  const buffer = bufferOf(bytes)
  const parsed = parseObject(buffer)
  if (!parsed.ok) return parsed
  const scan = scanJson(buffer, maxDepth)
  if (!scan.ok) {
    return scan.problem === 'duplicate_key'
      ? bad(`The key ${JSON.stringify(scan.key)} stands twice in one object.`)
      : bad(`The body is nested deeper than ${maxDepth} levels.`)
  }
  for (const key of scan.fields.keys()) {
    if (isFolded(key)) continue
    // Go's JSON decoder takes "Model" or "ſtream" for the known field; Weir would not have seen it.
    const folded = key.toUpperCase().toLowerCase()
    if (folded !== key && known.has(folded)) return bad(`Write ${JSON.stringify(key)} as "${folded}".`, folded)
  }
  return ok({ bytes: buffer, body: parsed.value, fields: scan.fields })
}

const bufferOf = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** Small letters, digits and marks of ASCII are their own folding, and nearly every key is made of them. */
function isFolded(key: string): boolean {
  for (let i = 0; i < key.length; i++) {
    const unit = key.charCodeAt(i)
    if (unit > 0x7e || (unit > 0x40 && unit < 0x5b)) return false
  }
  return true
}

export function parseObject(bytes: Uint8Array): Result<Body, BadBody> {
  let value: unknown
  try {
    // Bytes that are not UTF-8 could be read as other text by the upstream.
    if (!isUtf8(bytes)) return bad('The body is not valid JSON in UTF-8.')
    value = JSON.parse(bufferOf(bytes).toString('utf8'))
  } catch {
    return bad('The body is not valid JSON in UTF-8.')
  }
  return isObject(value) ? ok(value) : bad('The body must be a JSON object.')
}

export const isObject = (value: unknown): value is Body =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const isOptional = (value: unknown, type: 'boolean' | 'string'): boolean =>
  value === undefined || value === null || typeof value === type

export const isWhole = (value: unknown, least: number, most: number): boolean =>
  Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most

const MAX_MODEL_CHARS = 256

export const isModel = (value: unknown): value is string =>
  typeof value === 'string' && value.length > 0 && value.length <= MAX_MODEL_CHARS

export const modelComplaint = (): Result<never, BadBody> =>
  bad(`"model" must be a string of 1 to ${MAX_MODEL_CHARS} characters.`, 'model')

const MAX_NAME_CHARS = 512

/** A name that the client gives to its user or session: null where it gives none, undefined where it makes no sense. */
export function readName(value: unknown): string | null | undefined {
  if (value === undefined || value === null || value === '') return null
  return typeof value === 'string' && value.length <= MAX_NAME_CHARS ? value : undefined
}

/** What a body sets of what can be bounded. `names` are the vendor's own. */
export function readParams(
  body: Body,
  names: { readonly topP: string; readonly stop: string; readonly tools: string },
): Result<Params, BadBody> {
  const temperature = body['temperature'] ?? null
  const topP = body[names.topP] ?? null
  for (const [name, value] of [
    ['temperature', temperature],
    [names.topP, topP],
  ] as const) {
    if (value !== null && typeof value !== 'number') return bad(`"${name}" must be a number.`, name)
  }
  const stop = body[names.stop] ?? []
  const stops: unknown[] = Array.isArray(stop) ? stop : [stop]
  if (!stops.every((one) => typeof one === 'string')) {
    return bad(`"${names.stop}" must be text or a list of texts.`, names.stop)
  }
  const tools = body[names.tools] ?? []
  if (!Array.isArray(tools)) return bad(`"${names.tools}" must be a list.`, names.tools)
  return ok({
    ...noParams,
    fields: Object.keys(body),
    temperature: temperature as number | null,
    topP: topP as number | null,
    stops: stops.length,
    longestStopChars: stops.reduce((longest: number, one) => Math.max(longest, one.length), 0),
    tools: tools.length,
  })
}
