import { isUtf8 } from 'node:buffer'
import type { Call } from '../core/call.ts'
import { err, ok, type Result } from '../core/result.ts'
import type { BadBody, BodyChange, Endpoint, ReadCall } from './dialect.ts'
import { addField, applyEdits, scanJson, type Edit, type Span } from './json-scan.ts'
import { chatReader, readUsage } from './openai-chat-stream.ts'
import { openai } from './openai.ts'
import { addText, generatedBytes, type PromptSize } from './prompt-text.ts'

/** Tokens that frame each message (role, separators), from OpenAI's cookbook on counting chat tokens. */
const TOKENS_PER_MESSAGE = 4

const MAX_CHOICES = 128
const MAX_MODEL_CHARS = 256
const MAX_USER_CHARS = 512

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
])

export const openaiChat: Endpoint = {
  name: 'chat_completions',
  dialect: openai,
  method: 'POST',
  path: '/v1/chat/completions',
  generates: true,
  read: (bytes, _id, bounds) => {
    const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const parsed = parseObject(body)
    if (!parsed.ok) return parsed
    const scan = scanJson(body, bounds.maxDepth)
    if (!scan.ok) {
      return scan.problem === 'duplicate_key'
        ? bad(`The key ${JSON.stringify(scan.key)} stands twice in one object.`)
        : bad(`The body is nested deeper than ${bounds.maxDepth} levels.`)
    }
    for (const key of scan.fields.keys()) {
      // Go's JSON decoder takes "Model" or "ſtream" for the known field; Weir would not have seen it.
      const folded = key.toUpperCase().toLowerCase()
      if (folded !== key && known.has(folded)) return bad(`Write ${JSON.stringify(key)} as "${folded}".`, folded)
    }
    const call = readCall(parsed.value, bounds.maxMessages)
    if (!call.ok) return call
    return ok(readCallOf(call.value, body, parsed.value, scan.fields))
  },
  readAnswer: (bytes) => {
    const parsed = parseObject(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
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
}

type Body = Readonly<Record<string, unknown>>

const bad = (message: string, param: string | null = null): Result<never, BadBody> => err({ message, param })

function parseObject(body: Buffer): Result<Body, BadBody> {
  let value: unknown
  try {
    // Bytes that are not UTF-8 could be read as other text by the upstream.
    if (!isUtf8(body)) return bad('The body is not valid JSON in UTF-8.')
    value = JSON.parse(body.toString('utf8'))
  } catch {
    return bad('The body is not valid JSON in UTF-8.')
  }
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? ok(value as Body)
    : bad('The body must be a JSON object.')
}

function readCall(body: Body, maxMessages: number): Result<Call, BadBody> {
  const { model, messages, stream, user } = body
  if (typeof model !== 'string' || model.length === 0 || model.length > MAX_MODEL_CHARS) {
    return bad(`"model" must be a string of 1 to ${MAX_MODEL_CHARS} characters.`, 'model')
  }
  if (!Array.isArray(messages) || messages.length === 0)
    return bad('"messages" must be a list with messages.', 'messages')
  if (messages.length > maxMessages) return bad(`"messages" holds more than ${maxMessages} messages.`, 'messages')
  const stray = (messages as unknown[]).findIndex((m) => typeof m !== 'object' || m === null || Array.isArray(m))
  if (stray >= 0) return bad('Every message must be an object.', `messages[${stray}]`)
  if (!isOptional(stream, 'boolean')) return bad('"stream" must be true or false.', 'stream')
  const { n = null, max_tokens: maxTokens = null, max_completion_tokens: maxCompletion = null } = body
  if (n !== null && !isWhole(n, 1, MAX_CHOICES)) return bad(`"n" must be a whole number from 1 to ${MAX_CHOICES}.`, 'n')
  for (const [name, value] of [
    ['max_tokens', maxTokens],
    ['max_completion_tokens', maxCompletion],
  ] as const) {
    if (value !== null && !isWhole(value, 0, 1e9)) return bad(`"${name}" must be a whole number of at least 0.`, name)
  }
  const options = body['stream_options'] ?? null
  if (options !== null && (typeof options !== 'object' || Array.isArray(options))) {
    return bad('"stream_options" must be an object.', 'stream_options')
  }
  if (!isOptional(user, 'string') || (typeof user === 'string' && user.length > MAX_USER_CHARS)) {
    return bad(`"user" must be a string of at most ${MAX_USER_CHARS} characters.`, 'user')
  }
  const size = promptSize(body, messages)
  const bounds = [maxTokens, maxCompletion].filter((value) => value !== null) as number[]
  const choices = (n as number | null) ?? 1
  return ok({
    model,
    stream: stream === true,
    promptBytes: size.bytes,
    promptExtraTokens: messages.length * TOKENS_PER_MESSAGE + size.opaqueTokens,
    opaqueParts: size.opaqueParts,
    messages: messages.length,
    choices,
    maxOutputTokens: bounds.length === 0 ? null : Math.max(...bounds) * choices,
    user: typeof user === 'string' && user !== '' ? user : null,
    wantsUsage: options !== null && 'include_usage' in options && options.include_usage === true,
  })
}

function promptSize(body: Body, messages: readonly unknown[]): PromptSize {
  const size: PromptSize = { bytes: 0, opaqueParts: 0, opaqueTokens: 0 }
  addText(size, messages, false)
  for (const name of ['tools', 'functions', 'response_format']) {
    if (body[name] !== undefined) addText(size, body[name], true)
  }
  return size
}

function readCallOf(call: Call, bytes: Buffer, body: Body, fields: ReadonlyMap<string, Span>): ReadCall {
  return {
    call,
    upstreamPath: '/chat/completions',
    encode: (change) => {
      const edits = editsFor(change, call, bytes, body, fields)
      return edits.length === 0 ? bytes : applyEdits(bytes, edits)
    },
  }
}

function editsFor(
  change: BodyChange,
  call: Call,
  bytes: Buffer,
  body: Body,
  fields: ReadonlyMap<string, Span>,
): readonly Edit[] {
  const edits: Edit[] = []
  if (change.askUsage && call.stream && !call.wantsUsage) {
    const span = fields.get('stream_options')
    const text = JSON.stringify({ ...(body['stream_options'] as object | null), include_usage: true })
    edits.push(span === undefined ? addField(bytes, 'stream_options', text) : { ...span, text })
  }
  if (change.maxOutputTokens !== null) {
    const each = String(Math.max(1, Math.floor(change.maxOutputTokens / call.choices)))
    const given = ['max_tokens', 'max_completion_tokens'].filter((name) => typeof body[name] === 'number')
    for (const name of given) {
      const span = fields.get(name)!
      if ((body[name] as number) > Number(each)) edits.push({ ...span, text: each })
    }
    // The older name is refused by reasoning models; servers that do not know the newer one ignore it.
    if (given.length === 0) edits.push(bound(bytes, fields.get('max_completion_tokens'), each))
  }
  return edits
}

const bound = (bytes: Buffer, span: Span | undefined, text: string): Edit =>
  span === undefined ? addField(bytes, 'max_completion_tokens', text) : { ...span, text }

const isOptional = (value: unknown, type: 'boolean' | 'string'): boolean =>
  value === undefined || value === null || typeof value === type
const isWhole = (value: unknown, least: number, most: number): boolean =>
  Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most
