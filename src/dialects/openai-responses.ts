import type { Call } from '../core/call.ts'
import { ok, type Result } from '../core/result.ts'
import {
  bad,
  isModel,
  isObject,
  isOptional,
  isWhole,
  modelComplaint,
  parseObject,
  readBody,
  readParams,
} from './body.ts'
import type { Answer, BadBody, Body, BodyBounds, Endpoint, ReadBody, ReadCall } from './dialect.ts'
import { applyEdits } from './json-scan.ts'
import { lowerBound, otherBound, readWho } from './openai-fields.ts'
import { itemParts } from './openai-parts.ts'
import { leanResponse } from './openai-responses-lean.ts'
import { endOf, outputOf, responsesReader } from './openai-responses-stream.ts'
import { countToolRuns, itemBytes } from './openai-responses-text.ts'
import { responseTurn } from './openai-turn.ts'
import { readResponseUsage } from './openai-usage.ts'
import { openai } from './openai.ts'
import { addSchema, addText, startAndEnd, startSize, textsOf } from './prompt-text.ts'

/** OpenAI's Responses API: items in, items out, with tools that the vendor runs in between. */
const TOKENS_PER_ITEM = 4

/** What only the vendor has of a conversation: a guess, settled by what it reports. */
const UNSEEN_TOKENS = 2000

/** OpenAI refuses a lower bound on output than this. */
const LEAST_OUTPUT_TOKENS = 16

const known: ReadonlySet<string> = new Set([
  'model',
  'input',
  'instructions',
  'tools',
  'text',
  'prompt',
  'previous_response_id',
  'conversation',
  'background',
  'stream',
  'stream_options',
  'max_output_tokens',
  'max_tool_calls',
  'user',
  'safety_identifier',
  'metadata',
  'temperature',
  'top_p',
])

const boundNames = ['max_output_tokens'] as const

/** Each stands for text that is not in the body. */
const unseen = ['previous_response_id', 'conversation', 'prompt'] as const

export const openaiResponses: Endpoint = {
  name: 'responses',
  dialect: openai,
  method: 'POST',
  path: '/v1/responses',
  generates: true,
  fieldNames: { messages: ['input'], max_tokens: ['max_output_tokens'] },
  read: (bytes, _target, bounds) => {
    const read = readBody(bytes, bounds, known)
    return read.ok ? readCall(read.value, bounds) : read
  },
  encode: (read, { maxOutputTokens }) => {
    // Usage is told at the end of every stream: there is nothing to ask for.
    if (maxOutputTokens === null) return read.bytes
    return applyEdits(read.bytes, lowerBound(read, boundNames, Math.max(LEAST_OUTPUT_TOKENS, maxOutputTokens)))
  },
  readAnswer,
  reader: responsesReader,
  lean: leanResponse,
}

function readAnswer(bytes: Uint8Array): Answer | null {
  const parsed = parseObject(bytes)
  if (!parsed.ok) return null
  const response = parsed.value
  if (!Array.isArray(response['output'])) return null
  const output = outputOf(response)
  const { usage, tool_usage: toolUsage } = response
  const end = endOf(response)
  return {
    usage: readResponseUsage(usage, toolUsage, countToolRuns(output, toolUsage)),
    textBytes: output.reduce((sum: number, item) => sum + itemBytes(item), 0),
    choices: 1,
    finishReasons: end === null ? [] : [end],
  }
}

function readCall(read: ReadBody, bounds: BodyBounds): Result<ReadCall, BadBody> {
  const { body } = read
  const { model, stream, max_output_tokens: maxOutput = null } = body
  if (!isModel(model)) return modelComplaint()
  const items = readInput(body, bounds)
  if (!items.ok) return items
  if (!isOptional(stream, 'boolean')) return bad('"stream" must be true or false.', 'stream')
  if ((body['background'] ?? false) !== false) {
    return bad('Responses in the background are not offered here: nobody would count what they use.', 'background')
  }
  if (maxOutput !== null && !isWhole(maxOutput, 0, 1e9)) {
    return bad('"max_output_tokens" must be a whole number of at least 0.', 'max_output_tokens')
  }
  const other = otherBound(body, boundNames)
  if (other !== null) return other
  const who = readWho(body)
  if (!who.ok) return who
  const params = readParams(body, { topP: 'top_p', stop: 'stop', tools: 'tools' })
  if (!params.ok) return params
  const size = startSize()
  addText(size, body['instructions'], itemParts)
  addText(size, body['input'], itemParts)
  if (isObject(body['prompt'])) addText(size, body['prompt']['variables'], itemParts)
  addSchema(size, body['tools'])
  if (isObject(body['text'])) addSchema(size, body['text']['format'])
  const elsewhere = unseen.filter((name) => (body[name] ?? null) !== null).length + references(items.value)
  const call: Call = {
    model,
    stream: stream === true,
    promptBytes: size.bytes,
    promptExtraTokens: items.value.length * TOKENS_PER_ITEM + size.opaqueTokens + elsewhere * UNSEEN_TOKENS,
    opaqueParts: size.opaqueParts + elsewhere,
    messages: items.value.length,
    choices: 1,
    maxOutputTokens: maxOutput as number | null,
    ...who.value,
    // It is part of the closing event, asked for or not.
    wantsUsage: true,
    params: params.value,
  }
  return ok({
    ...read,
    call,
    upstreamPath: '/responses',
    texts: size.texts,
    asked: askedOf(body['input'], items.value),
    turn: responseTurn(body, items.value),
  })
}

/** The items of the input: a text is one message of the user's. */
function readInput(body: Body, { maxMessages }: BodyBounds): Result<readonly Body[], BadBody> {
  const input = body['input'] ?? null
  if (typeof input === 'string') return ok([{ role: 'user', content: input }])
  if (input === null) {
    return unseen.some((name) => (body[name] ?? null) !== null)
      ? ok([])
      : bad('"input" must be text or a list of items.', 'input')
  }
  if (!Array.isArray(input)) return bad('"input" must be text or a list of items.', 'input')
  if (input.length > maxMessages) return bad(`"input" holds more than ${maxMessages} items.`, 'input')
  const stray = (input as unknown[]).findIndex((item) => !isObject(item))
  return stray >= 0 ? bad('Every item of the input must be an object.', `input[${stray}]`) : ok(input as Body[])
}

/** Items that stand for others: by their type, or by an id and nothing else. */
const references = (items: readonly Body[]): number =>
  items.filter((item) => item['type'] === 'item_reference' || Object.keys(item).join() === 'id').length

function askedOf(input: unknown, items: readonly Body[]): string {
  if (typeof input === 'string') return input
  const content = items.findLast(({ role }) => role === 'user')?.['content']
  if (!Array.isArray(content)) return startAndEnd(textsOf(content, itemParts))
  // Beside their text parts have details of images and names of files.
  const texts = (content as unknown[]).map((part) => (isObject(part) ? part['text'] : part))
  return startAndEnd(texts.filter((text) => typeof text === 'string'))
}
