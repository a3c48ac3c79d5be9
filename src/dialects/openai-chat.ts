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
import type { BadBody, Body, BodyBounds, BodyChange, Endpoint, ReadBody, ReadCall } from './dialect.ts'
import { applyEdits, type Edit } from './json-scan.ts'
import { leanChat } from './openai-chat-lean.ts'
import { chatReader } from './openai-chat-stream.ts'
import { askUsage, lowerBound, otherBound, readWho } from './openai-fields.ts'
import { chatParts } from './openai-parts.ts'
import { readUsage } from './openai-usage.ts'
import { chatTurn } from './openai-turn.ts'
import { openai } from './openai.ts'
import { addSchema, addText, generatedBytes, startAndEnd, startSize, textsOf } from './prompt-text.ts'

/** Tokens that frame each message (role, separators), from OpenAI's cookbook on counting chat tokens. */
const TOKENS_PER_MESSAGE = 4

const MAX_CHOICES = 128

/** Fields that decide what is counted: another spelling of one must not reach an upstream that folds case. */
const known: ReadonlySet<string> = new Set([
  'model',
  'messages',
  'stream',
  'stream_options',
  'n',
  'max_tokens',
  'max_completion_tokens',
  'user',
  'safety_identifier',
  'tools',
  'functions',
  'response_format',
  'prediction',
  'stop',
  'metadata',
  'temperature',
  'top_p',
  'best_of',
])

/** The newer name last. */
const boundNames = ['max_tokens', 'max_completion_tokens'] as const

export const openaiChat: Endpoint = {
  name: 'chat_completions',
  dialect: openai,
  method: 'POST',
  path: '/v1/chat/completions',
  generates: true,
  fieldNames: { max_tokens: ['max_completion_tokens', 'max_tokens'] },
  read: (bytes, _target, bounds) => {
    const read = readBody(bytes, bounds, known)
    return read.ok ? readCall(read.value, bounds) : read
  },
  encode: (read, change) => {
    const edits = editsFor(change, read)
    return edits.length === 0 ? read.bytes : applyEdits(read.bytes, edits)
  },
  readAnswer: (bytes) => {
    const parsed = parseObject(bytes)
    if (!parsed.ok) return null
    const { choices, usage } = parsed.value
    if (!Array.isArray(choices)) return null
    let textBytes = 0
    const finishReasons: string[] = []
    for (const choice of choices as unknown[]) {
      if (typeof choice !== 'object' || choice === null) return null
      if ('message' in choice) textBytes += generatedBytes(choice.message)
      if ('finish_reason' in choice && typeof choice.finish_reason === 'string')
        finishReasons.push(choice.finish_reason)
    }
    return { usage: readUsage(usage), textBytes, choices: choices.length, finishReasons }
  },
  reader: chatReader,
  lean: leanChat,
}

function readCall(read: ReadBody, { maxMessages }: BodyBounds): Result<ReadCall, BadBody> {
  const { body } = read
  const { model, messages, stream, functions } = body
  if (!isModel(model)) return modelComplaint()
  if (!Array.isArray(messages) || messages.length === 0)
    return bad('"messages" must be a list with messages.', 'messages')
  if (messages.length > maxMessages) return bad(`"messages" holds more than ${maxMessages} messages.`, 'messages')
  const stray = (messages as unknown[]).findIndex((m) => !isObject(m))
  if (stray >= 0) return bad('Every message must be an object.', `messages[${stray}]`)
  if (!isOptional(stream, 'boolean')) return bad('"stream" must be true or false.', 'stream')
  const { n = null, max_tokens: maxTokens = null, max_completion_tokens: maxCompletion = null } = body
  if (n !== null && !isWhole(n, 1, MAX_CHOICES)) return bad(`"n" must be a whole number from 1 to ${MAX_CHOICES}.`, 'n')
  // Servers that know it generate more answers than they send.
  if ((body['best_of'] ?? null) !== null) return bad('"best_of" is not a field of chat completions.', 'best_of')
  for (const name of boundNames) {
    const value = body[name] ?? null
    if (value !== null && !isWhole(value, 0, 1e9)) return bad(`"${name}" must be a whole number of at least 0.`, name)
  }
  const other = otherBound(body, boundNames)
  if (other !== null) return other
  const options = body['stream_options'] ?? null
  if (options !== null && !isObject(options)) return bad('"stream_options" must be an object.', 'stream_options')
  const who = readWho(body)
  if (!who.ok) return who
  const params = readParams(body, { topP: 'top_p', stop: 'stop', tools: 'tools' })
  if (!params.ok) return params
  const size = startSize()
  addText(size, messages, chatParts)
  for (const name of ['tools', 'functions', 'response_format']) addSchema(size, body[name])
  if (isObject(body['prediction'])) addText(size, body['prediction'], chatParts)
  const bounds = [maxTokens, maxCompletion].filter((value) => value !== null) as number[]
  const choices = (n as number | null) ?? 1
  const call: Call = {
    model,
    stream: stream === true,
    promptBytes: size.bytes,
    promptExtraTokens: messages.length * TOKENS_PER_MESSAGE + size.opaqueTokens,
    opaqueParts: size.opaqueParts,
    messages: messages.length,
    choices,
    maxOutputTokens: bounds.length === 0 ? null : Math.max(...bounds) * choices,
    ...who.value,
    wantsUsage: options !== null && options['include_usage'] === true,
    params: { ...params.value, tools: params.value.tools + (Array.isArray(functions) ? functions.length : 0) },
  }
  const turn = chatTurn(messages)
  return ok({ ...read, call, upstreamPath: '/chat/completions', texts: size.texts, asked: askedOf(messages), turn })
}

const askedOf = (messages: readonly Body[]): string =>
  startAndEnd(textsOf(messages.findLast(({ role }) => role === 'user')?.['content'], chatParts))

function editsFor(change: BodyChange, read: ReadCall): readonly Edit[] {
  const { call } = read
  const edits: Edit[] = []
  if (change.askUsage && call.stream && !call.wantsUsage) edits.push(askUsage(read))
  if (change.maxOutputTokens !== null) {
    // Where there is no bound it is added under the newer name: reasoning models refuse the older one, and servers that
    // do not know the newer one ignore it.
    edits.push(...lowerBound(read, boundNames, Math.max(1, Math.floor(change.maxOutputTokens / call.choices))))
  }
  return edits
}
