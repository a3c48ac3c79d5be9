import type { Call } from '../core/call.ts'
import { ok, type Result } from '../core/result.ts'
import { addContent, askedTexts, blockBytes, messagesTurn } from './anthropic-blocks.ts'
import { leanMessages } from './anthropic-lean.ts'
import { messagesReader } from './anthropic-stream.ts'
import { addReport, noReport, usageOf } from './anthropic-usage.ts'
import { anthropic } from './anthropic.ts'
import {
  bad,
  isModel,
  isObject,
  isOptional,
  isWhole,
  modelComplaint,
  parseObject,
  readBody,
  readName,
  readParams,
} from './body.ts'
import type { BadBody, Body, BodyBounds, BodyChange, Endpoint, ReadCall } from './dialect.ts'
import { applyEdits, type Edit } from './json-scan.ts'
import { addSchema, startAndEnd, startSize, type PromptSize } from './prompt-text.ts'

/** Tokens that frame each message, as in the other dialects; Anthropic publishes none. */
const TOKENS_PER_MESSAGE = 4

/** The system prompt that any tool brings along, from Anthropic's page on tool use (313 to 346, by model). */
const TOOL_PROMPT_TOKENS = 346

/** Tools of a server that only the vendor talks to, and the files of a skill. */
const UNSEEN_TOOLS_TOKENS = 1000

/** Fields that decide what is counted: another spelling of one must not reach an upstream that folds case. */
const known: ReadonlySet<string> = new Set([
  'model',
  'messages',
  'system',
  'stream',
  'max_tokens',
  'tools',
  'thinking',
  'stop_sequences',
  'metadata',
  'mcp_servers',
  'container',
  'output_config',
  'output_format',
  'compaction',
  'context_management',
  'fallbacks',
])

export const anthropicMessages: Endpoint = {
  name: 'messages',
  dialect: anthropic,
  method: 'POST',
  path: '/v1/messages',
  generates: true,
  fieldNames: { stop: ['stop_sequences'] },
  read(bytes, _target, bounds) {
    const read = readPrompt(bytes, bounds)
    if (!read.ok) return read
    const { body, call } = read.value
    const { max_tokens: maxTokens, stream } = body
    if (!isWhole(maxTokens, 1, 1e9)) return bad('"max_tokens" must be a whole number of at least 1.', 'max_tokens')
    if (!isOptional(stream, 'boolean')) return bad('"stream" must be true or false.', 'stream')
    return ok({
      ...read.value,
      call: { ...call, stream: stream === true, maxOutputTokens: maxTokens as number },
      upstreamPath: '/messages',
    })
  },
  encode(read, change) {
    const edits = editsFor(change, read)
    return edits.length === 0 ? read.bytes : applyEdits(read.bytes, edits)
  },
  readAnswer(bytes) {
    const parsed = parseObject(bytes)
    if (!parsed.ok) return null
    const { content, usage, stop_reason: reason } = parsed.value
    if (!Array.isArray(content)) return null
    const textBytes = (content as unknown[]).reduce((sum: number, block) => sum + blockBytes(block), 0)
    const finishReasons = typeof reason === 'string' ? [reason] : []
    return { usage: usageOf(addReport(noReport, usage)), textBytes, choices: 1, finishReasons }
  },
  reader: messagesReader,
  lean: leanMessages,
}

/** Reads what messages and the counting of their tokens have in common: everything that makes up the prompt. */
export function readPrompt(bytes: Uint8Array, bounds: BodyBounds): Result<ReadCall, BadBody> {
  const read = readBody(bytes, bounds, known)
  if (!read.ok) return read
  const { body } = read.value
  const { model, messages, metadata } = body
  if (!isModel(model)) return modelComplaint()
  if (!Array.isArray(messages) || messages.length === 0)
    return bad('"messages" must be a list with messages.', 'messages')
  if (messages.length > bounds.maxMessages)
    return bad(`"messages" holds more than ${bounds.maxMessages} messages.`, 'messages')
  const stray = (messages as unknown[]).findIndex((m) => !isObject(m))
  if (stray >= 0) return bad('Every message must be an object.', `messages.${stray}`)
  const user = readName(isObject(metadata) ? metadata['user_id'] : null)
  if (user === undefined)
    return bad('"metadata.user_id" must be a string of at most 512 characters.', 'metadata.user_id')
  const params = readParams(body, { topP: 'top_p', stop: 'stop_sequences', tools: 'tools' })
  if (!params.ok) return params
  const other = otherModel(body, messages)
  if (other !== null) return other
  const size = sizeOf(body, messages)
  const extra = messages.length * TOKENS_PER_MESSAGE + (params.value.tools > 0 ? TOOL_PROMPT_TOKENS : 0)
  const call: Call = {
    model,
    stream: false,
    promptBytes: size.bytes,
    promptExtraTokens: extra + size.opaqueTokens,
    opaqueParts: size.opaqueParts,
    messages: messages.length,
    choices: 1,
    maxOutputTokens: 0,
    user,
    session: null,
    // Every answer and every stream tells its usage, asked or not.
    wantsUsage: true,
    params: params.value,
  }
  return ok({
    ...read.value,
    call,
    upstreamPath: '',
    texts: size.texts,
    asked: startAndEnd(askedTexts(messages as Body[])),
    turn: messagesTurn(body['system'], messages as Body[]),
  })
}

function sizeOf(body: Body, messages: readonly unknown[]): PromptSize {
  const size = startSize()
  addContent(size, body['system'])
  for (const message of messages) if (isObject(message)) addContent(size, message['content'])
  for (const name of ['tools', 'output_config', 'output_format', 'compaction', 'context_management'])
    addSchema(size, body[name])
  // Their addresses and credentials go to the vendor; the model reads what the vendor finds there.
  const { container, mcp_servers: servers, thread } = body
  const skills = isObject(container) ? container['skills'] : null
  for (const list of [servers, skills]) {
    if (!Array.isArray(list)) continue
    size.opaqueParts += list.length
    size.opaqueTokens += list.length * UNSEEN_TOOLS_TOKENS
  }
  if (isObject(thread)) size.opaqueParts++
  return size
}

/** The caller was admitted to one model: whatever else would let another one answer is refused. */
function otherModel({ model, fallbacks, tools }: Body, messages: readonly Body[]): Result<never, BadBody> | null {
  if (fallbacks !== undefined && fallbacks !== null)
    return bad('"fallbacks" is not offered here: another model would answer than the one asked for.', 'fallbacks')
  const names = (tool: unknown): boolean =>
    isObject(tool) && tool['model'] !== undefined && tool['model'] !== null && tool['model'] !== model
  const message = 'A tool may not use another model than the request.'
  if (Array.isArray(tools)) {
    const at = tools.findIndex(names)
    if (at >= 0) return bad(message, `tools.${at}.model`)
  }
  for (const [at, { content }] of messages.entries()) {
    if (!Array.isArray(content)) continue
    for (const block of content as unknown[]) {
      const tool = isObject(block) && block['type'] === 'tool_addition' ? block['tool'] : null
      if (isObject(tool) && names(tool['definition'])) return bad(message, `messages.${at}.content`)
    }
  }
  return null
}

/** The vendor takes no thinking budget below this. */
const LEAST_THINKING_TOKENS = 1024

function editsFor(change: BodyChange, { body, fields }: ReadCall): readonly Edit[] {
  if (change.maxOutputTokens === null) return []
  const most = Math.max(1, Math.floor(change.maxOutputTokens))
  if ((body['max_tokens'] as number) <= most) return []
  const edits: Edit[] = [{ ...fields.get('max_tokens')!, text: String(most) }]
  const thinking = body['thinking']
  // A budget for thinking has to stay below `max_tokens`; the client could not make sense of the vendor's complaint.
  if (isObject(thinking) && typeof thinking['budget_tokens'] === 'number' && thinking['budget_tokens'] >= most) {
    const lower = most > LEAST_THINKING_TOKENS ? { ...thinking, budget_tokens: most - 1 } : { type: 'disabled' }
    edits.push({ ...fields.get('thinking')!, text: JSON.stringify(lower) })
  }
  return edits
}
