import { ok, type Result } from '../core/result.ts'
import { bad, isObject, readName } from './body.ts'
import type { BadBody, Body, ReadCall } from './dialect.ts'
import { addField, type Edit } from './json-scan.ts'

/** Fields that several of OpenAI's endpoints share, read and changed in one way. */
export interface Who {
  readonly user: string | null
  readonly session: string | null
}

/** Whom the client says it is serving. */
export function readWho(body: Body): Result<Who, BadBody> {
  // The newer name for the same thing; where both stand, the newer one is meant.
  const name = (body['safety_identifier'] ?? null) === null ? 'user' : 'safety_identifier'
  const user = readName(body[name])
  if (user === undefined) return bad(`"${name}" must be a string of at most 512 characters.`, name)
  const metadata = body['metadata']
  const session = readName(isObject(metadata) ? metadata['session_id'] : null)
  if (session === undefined) {
    return bad('"metadata.session_id" must be a string of at most 512 characters.', 'metadata')
  }
  return ok({ user, session })
}

/**
 * Names under which servers other than OpenAI's take a bound on output: beside the one that is read they would decide
 * instead of it.
 */
const otherBounds = ['max_tokens', 'max_completion_tokens', 'max_output_tokens', 'max_new_tokens', 'n_predict']

export function otherBound(body: Body, meant: readonly string[]): Result<never, BadBody> | null {
  const other = otherBounds.find((name) => !meant.includes(name) && (body[name] ?? null) !== null)
  return other === undefined ? null : bad(`Write "${other}" as "${meant.at(-1)}".`, other)
}

/** Edits that lower a bound on output to `most`; it is added under the last of its names where none stands. */
export function lowerBound({ bytes, body, fields }: ReadCall, names: readonly string[], most: number): Edit[] {
  const text = String(most)
  const given = names.filter((name) => typeof body[name] === 'number')
  if (given.length > 0) {
    return given
      .filter((name) => (body[name] as number) > most)
      .map((name) => {
        const { start, end } = fields.get(name)!
        return { start, end, text }
      })
  }
  const name = names.at(-1)!
  const span = fields.get(name)
  return [span === undefined ? addField(bytes, name, text) : { ...span, text }]
}

/** The edit that makes the upstream end its stream with a usage chunk. */
export function askUsage({ bytes, body, fields }: ReadCall): Edit {
  const span = fields.get('stream_options')
  const text = JSON.stringify({ ...(body['stream_options'] as object | null), include_usage: true })
  return span === undefined ? addField(bytes, 'stream_options', text) : { ...span, text }
}
