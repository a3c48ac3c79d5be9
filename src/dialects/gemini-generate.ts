import type { Call } from '../core/call.ts'
import { ok, type Result } from '../core/result.ts'
import { bad, isObject, parseObject, readBody } from './body.ts'
import type { BadBody, Body, BodyBounds, Endpoint, ReadCall, Target } from './dialect.ts'
import { editFor, readConfig } from './gemini-config.ts'
import { protoFields, protoNames, type ProtoFields } from './gemini-fields.ts'
import {
  addTurn,
  asList,
  askedTexts,
  contentBytes,
  contentsTurn,
  startReading,
  type PromptReading,
} from './gemini-parts.ts'
import { leanGenerate } from './gemini-lean.ts'
import { generateReader } from './gemini-stream.ts'
import { readUsage, searchesOf } from './gemini-usage.ts'
import { gemini } from './gemini.ts'
import { applyEdits } from './json-scan.ts'
import { addSchema, startAndEnd } from './prompt-text.ts'

/** A cache holds 1,024 tokens at least; how many only the vendor knows. */
const CACHED_TOKENS = 4096
/** Tools of a server that only the vendor talks to. */
const UNSEEN_TOOLS_TOKENS = 1000

const bodyNames = protoNames([
  'model',
  'contents',
  'systemInstruction',
  'tools',
  'toolConfig',
  'generationConfig',
  'generationOutputConfig',
  'cachedContent',
])

const toolNames = protoNames(['mcpServers', 'exaAiSearch', 'parallelAiSearch'])

const MODEL = /^[A-Za-z0-9][A-Za-z0-9._@-]*$/

const fieldNames = {
  messages: ['contents'],
  max_tokens: ['generationConfig.maxOutputTokens'],
  n: ['generationConfig.candidateCount'],
  stop: ['generationConfig.stopSequences'],
  temperature: ['generationConfig.temperature'],
}

/** The model and what to do with it stand in the path, whether to stream as well. */
const endpointAt = (version: 'v1' | 'v1beta', stream: boolean): Endpoint => ({
  // One name for all four: a limit on an endpoint must not be dodged by another way to write it.
  name: 'generate_content',
  dialect: gemini,
  method: 'POST',
  path: `/${version}/models/{id}:${stream ? 'streamGenerateContent' : 'generateContent'}`,
  generates: true,
  fieldNames,
  read: (bytes, target, bounds) => readCall(bytes, target, bounds, stream),
  encode(read, change) {
    const edit = editFor(change, read)
    return edit === null ? read.bytes : applyEdits(read.bytes, [edit])
  },
  readAnswer(bytes) {
    const parsed = parseObject(bytes)
    if (!parsed.ok) return null
    const { candidates = [], promptFeedback, usageMetadata } = parsed.value
    if (!Array.isArray(candidates) || (candidates.length === 0 && !isObject(promptFeedback))) return null
    let textBytes = 0
    const finishReasons: string[] = []
    for (const candidate of candidates as unknown[]) {
      if (!isObject(candidate)) return null
      textBytes += contentBytes(candidate['content'])
      if (typeof candidate['finishReason'] === 'string') finishReasons.push(candidate['finishReason'])
    }
    const blocked = isObject(promptFeedback) ? promptFeedback['blockReason'] : null
    if (typeof blocked === 'string') finishReasons.push(blocked)
    const usage = readUsage(usageMetadata)
    return {
      usage: usage && { ...usage, toolCalls: searchesOf(candidates) },
      textBytes,
      choices: candidates.length,
      finishReasons,
    }
  },
  reader: generateReader,
  lean: leanGenerate,
})

export const geminiGenerate: Endpoint = endpointAt('v1beta', false)
export const geminiStream: Endpoint = endpointAt('v1beta', true)
export const geminiGenerateV1: Endpoint = endpointAt('v1', false)
export const geminiStreamV1: Endpoint = endpointAt('v1', true)

function readCall(
  bytes: Uint8Array,
  { id, query }: Target,
  bounds: BodyBounds,
  stream: boolean,
): Result<ReadCall, BadBody> {
  const model = id!
  if (!MODEL.test(model)) return bad('The model in the path may hold letters, digits and "._@-" only.', 'model')
  // Google knows both names for it. Nothing else of the query is sent on.
  const alts = [...query.getAll('alt'), ...query.getAll('$alt')]
  const alt = stream ? 'sse' : 'json'
  if (alts.some((one) => one !== alt) || (stream && alts.length === 0)) {
    const message = stream
      ? 'Streams are sent as events only: add "alt=sse" to the query.'
      : '"alt" can only be "json" here.'
    return bad(message, 'alt')
  }
  const read = readBody(bytes, bounds, new Set())
  if (!read.ok) return read
  const { body } = read.value
  const fields = protoFields(body, bodyNames)
  if (!fields.ok) return fields
  const valueOf = (name: string): unknown => fields.value.get(name)?.value ?? null
  const named = valueOf('model')
  if (named !== null && named !== model && named !== `models/${model}`) {
    return bad('"model" in the body is not the model in the path.', 'model')
  }
  if (valueOf('generationOutputConfig') !== null)
    return bad('"generationOutputConfig" is not offered: answers are not written elsewhere.', 'generationOutputConfig')
  const contents = asList(valueOf('contents') ?? [])
  if (contents.length === 0) return bad('"contents" must be a list with contents.', 'contents')
  if (contents.length > bounds.maxMessages)
    return bad(`"contents" holds more than ${bounds.maxMessages} contents.`, 'contents')
  const stray = contents.findIndex((content) => !isObject(content))
  if (stray >= 0) return bad('Every content must be an object.', `contents[${stray}]`)
  const config = readConfig(valueOf('generationConfig'), valueOf('tools'))
  if (!config.ok) return config
  const { choices, maxOutputTokens, params } = config.value
  const reading = startReading()
  addPrompt(reading, contents, fields.value, config.value.fields)
  if (reading.problem !== null) return bad(reading.problem)
  const { size } = reading
  const call: Call = {
    model,
    stream,
    promptBytes: size.bytes,
    promptExtraTokens: size.opaqueTokens,
    opaqueParts: size.opaqueParts,
    messages: contents.length,
    choices,
    maxOutputTokens: maxOutputTokens === null ? null : maxOutputTokens * choices,
    user: null,
    session: null,
    // Every answer and every chunk tells its usage, asked or not.
    wantsUsage: true,
    params: { ...params, fields: Object.keys(body) },
  }
  const action = stream ? 'streamGenerateContent?alt=sse' : 'generateContent'
  return ok({
    ...read.value,
    call,
    upstreamPath: `/models/${encodeURIComponent(model)}:${action}`,
    texts: size.texts,
    asked: startAndEnd(askedTexts(contents as readonly Body[])),
    turn: contentsTurn(valueOf('systemInstruction'), contents as readonly Body[]),
  })
}

function addPrompt(
  reading: PromptReading,
  contents: readonly unknown[],
  fields: ProtoFields,
  config: ProtoFields,
): void {
  const { size } = reading
  const system = fields.get('systemInstruction')?.value ?? null
  if (system !== null) addTurn(reading, system)
  for (const content of contents) addTurn(reading, content)
  for (const tool of asList(fields.get('tools')?.value ?? [])) addTool(reading, tool)
  for (const name of ['responseSchema', 'responseJsonSchema', 'responseFormat'])
    addSchema(size, config.get(name)?.value)
  if ((fields.get('cachedContent')?.value ?? null) !== null) {
    size.opaqueParts++
    size.opaqueTokens += CACHED_TOKENS
  }
}

/** Servers and searches hold addresses and credentials of the client's, which the model does not read. */
function addTool(reading: PromptReading, tool: unknown): void {
  const { size } = reading
  if (!isObject(tool)) return addSchema(size, tool)
  const own = protoFields(tool, toolNames)
  if (!own.ok) {
    reading.problem ??= own.error.message
    return
  }
  const unseen = new Set([...own.value.values()].map(({ key }) => key))
  for (const [key, value] of Object.entries(tool)) {
    if (!unseen.has(key)) addSchema(size, { [key]: value })
    else if (isObject(value) || Array.isArray(value)) {
      size.opaqueParts += asList(value).length
      size.opaqueTokens += asList(value).length * UNSEEN_TOOLS_TOKENS
    }
  }
}
