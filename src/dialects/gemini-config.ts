import type { Params } from '../core/call.ts'
import { ok, type Result } from '../core/result.ts'
import { bad, isObject, isWhole, readParams } from './body.ts'
import type { BadBody, BodyChange, ReadCall } from './dialect.ts'
import { protoFields, protoNames, type ProtoFields } from './gemini-fields.ts'
import { asList } from './gemini-parts.ts'
import { addField, scanJson, type Edit } from './json-scan.ts'

/** Google takes at most 8. */
const MAX_CANDIDATES = 8

const configNames = protoNames([
  'candidateCount',
  'maxOutputTokens',
  'stopSequences',
  'temperature',
  'topP',
  'responseSchema',
  'responseJsonSchema',
  'responseFormat',
  'routingConfig',
  'modelSelectionConfig',
])

/** What `generationConfig` says of what can be bounded. */
export interface Config {
  readonly fields: ProtoFields
  readonly choices: number
  readonly maxOutputTokens: number | null
  readonly params: Params
}

const NO_FIELDS: ProtoFields = new Map()

/** Reads `generationConfig`, and the tools as far as they can be bounded. */
export function readConfig(config: unknown, tools: unknown): Result<Config, BadBody> {
  if (config !== null && !isObject(config)) return bad('"generationConfig" must be an object.', 'generationConfig')
  const path = 'generationConfig.'
  const fields = config === null ? ok(NO_FIELDS) : protoFields(config, configNames, path)
  if (!fields.ok) return fields
  const valueOf = (name: string): unknown => fields.value.get(name)?.value ?? null
  const choices = valueOf('candidateCount') ?? 1
  if (!isWhole(choices, 1, MAX_CANDIDATES))
    return bad(`"candidateCount" must be a whole number from 1 to ${MAX_CANDIDATES}.`, `${path}candidateCount`)
  const most = valueOf('maxOutputTokens')
  // Zero is "not set" in proto, which is no bound at all.
  if (most !== null && !isWhole(most, 1, 1e9))
    return bad('"maxOutputTokens" must be a whole number of at least 1.', `${path}maxOutputTokens`)
  for (const name of ['routingConfig', 'modelSelectionConfig']) {
    if (valueOf(name) !== null)
      return bad(`"${name}" is not offered here: another model would answer than the one asked for.`, path + name)
  }
  const names = { topP: `${path}topP`, stop: `${path}stopSequences`, tools: 'tools' }
  const params = readParams(
    {
      temperature: valueOf('temperature'),
      [names.topP]: valueOf('topP'),
      [names.stop]: valueOf('stopSequences'),
      tools: tools === null ? null : asList(tools),
    },
    names,
  )
  if (!params.ok) return params
  return ok({
    fields: fields.value,
    choices: choices as number,
    maxOutputTokens: most as number | null,
    params: { ...params.value, tools: tools === null ? 0 : countTools(asList(tools)) },
  })
}

/** One `tool` holds a list of functions, or of servers, besides searches and the like: each of them is a tool. */
function countTools(tools: readonly unknown[]): number {
  let count = 0
  for (const tool of tools) {
    let held = 0
    if (isObject(tool)) for (const value of Object.values(tool)) held += Array.isArray(value) ? value.length : 1
    count += Math.max(1, held)
  }
  return count
}

/** Lowers the bound on output inside `generationConfig`, where every other byte stays. */
export function editFor({ maxOutputTokens }: BodyChange, { call, bytes, body, fields }: ReadCall): Edit | null {
  if (maxOutputTokens === null) return null
  const each = Math.max(1, Math.floor(maxOutputTokens / call.choices))
  if (call.maxOutputTokens !== null && call.maxOutputTokens <= each * call.choices) return null
  const key = 'generationConfig' in body ? 'generationConfig' : 'generation_config'
  const outer = fields.get(key)
  if (outer === undefined) return addField(bytes, 'generationConfig', JSON.stringify({ maxOutputTokens: each }))
  const config = body[key]
  if (!isObject(config) || Object.keys(config).length === 0)
    return { ...outer, text: JSON.stringify({ maxOutputTokens: each }) }
  const inside = bytes.subarray(outer.start, outer.end)
  const scan = scanJson(inside, Infinity)
  const inner = scan.ok ? (scan.fields.get('maxOutputTokens') ?? scan.fields.get('max_output_tokens')) : undefined
  const edit =
    inner === undefined ? addField(inside, 'maxOutputTokens', String(each)) : { ...inner, text: String(each) }
  return { start: outer.start + edit.start, end: outer.start + edit.end, text: edit.text }
}
