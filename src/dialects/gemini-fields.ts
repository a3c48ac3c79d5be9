import { ok, type Result } from '../core/result.ts'
import { bad } from './body.ts'
import type { BadBody, Body } from './dialect.ts'

/**
 * Google's bodies are proto JSON, where a field may be written as `maxOutputTokens` or as `max_output_tokens`. Both are
 * read; both at once would leave it to the server which one counts.
 */
interface ProtoField {
  /** As the client has written it. */
  readonly key: string
  readonly value: unknown
}

/** By the name proper. */
export type ProtoFields = ReadonlyMap<string, ProtoField>

/** From a name without case and underscores to the name proper. */
export type ProtoNames = ReadonlyMap<string, string>

export const protoNames = (names: readonly string[]): ProtoNames => new Map(names.map((name) => [fold(name), name]))

/** As Go's decoder folds a key, which takes the Kelvin sign for a K. */
const fold = (key: string): string => key.toUpperCase().toLowerCase().replaceAll('_', '')

export const snakeOf = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

/** No name that is looked for is longer; folding a key of megabytes would be work for nothing. */
const MAX_NAME_CHARS = 64

/** Google's messages define some twenty; each key is folded, so that their number has to have a bound. */
const MAX_FIELDS = 256

/** The fields of an object that have one of the names, under the name proper. `path` stands before it in complaints. */
export function protoFields(body: Body, names: ProtoNames, path = ''): Result<ProtoFields, BadBody> {
  const fields = new Map<string, ProtoField>()
  const entries = Object.entries(body)
  if (entries.length > MAX_FIELDS) return bad(`An object holds more than ${MAX_FIELDS} fields.`, path || null)
  for (const [key, value] of entries) {
    const name = key.length > MAX_NAME_CHARS ? undefined : names.get(fold(key))
    if (name === undefined) continue
    if (key !== name && key !== snakeOf(name)) return bad(`Write ${JSON.stringify(key)} as "${name}".`, path + name)
    if (fields.has(name)) return bad(`"${name}" is given in both of its spellings.`, path + name)
    fields.set(name, { key, value })
  }
  return ok(fields)
}
