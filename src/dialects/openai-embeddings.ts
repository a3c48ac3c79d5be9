import type { Call } from '../core/call.ts'
import { ok, type Result } from '../core/result.ts'
import { bad, isModel, modelComplaint, parseObject, readBody, readParams } from './body.ts'
import type { BadBody, BodyBounds, Endpoint, ReadBody, ReadCall } from './dialect.ts'
import { readWho } from './openai-fields.ts'
import { noReader } from './nothing.ts'
import { leanEmbeddings } from './openai-lean.ts'
import { readTexts } from './openai-texts.ts'
import { readUsage } from './openai-usage.ts'
import { openai } from './openai.ts'
import { startAndEnd } from './prompt-text.ts'

/** OpenAI's embeddings: input is counted, and what comes back is numbers, no text. */
const MAX_INPUTS = 2048

const known: ReadonlySet<string> = new Set(['model', 'input', 'user', 'safety_identifier', 'metadata', 'stream'])

export const openaiEmbeddings: Endpoint = {
  name: 'embeddings',
  dialect: openai,
  method: 'POST',
  path: '/v1/embeddings',
  generates: true,
  fieldNames: { messages: ['input'] },
  read: (bytes, _target, bounds) => {
    const read = readBody(bytes, bounds, known)
    return read.ok ? readCall(read.value, bounds) : read
  },
  encode: ({ bytes }) => bytes,
  readAnswer: (bytes) => {
    const parsed = parseObject(bytes)
    if (!parsed.ok) return null
    const { data, usage } = parsed.value
    if (!Array.isArray(data)) return null
    // Nothing is generated, so the report is whole without a count of it.
    const whole = typeof usage === 'object' && usage !== null ? { ...usage, completion_tokens: 0 } : null
    return { usage: readUsage(whole), textBytes: 0, choices: data.length, finishReasons: [] }
  },
  reader: noReader,
  lean: leanEmbeddings,
}

function readCall(read: ReadBody, { maxMessages }: BodyBounds): Result<ReadCall, BadBody> {
  const { body } = read
  const { model, input, stream } = body
  if (!isModel(model)) return modelComplaint()
  const inputs = readTexts(input, 'input', Math.min(maxMessages, MAX_INPUTS))
  if (!inputs.ok) return inputs
  if (stream !== undefined && stream !== null && stream !== false) {
    return bad('Embeddings cannot be streamed.', 'stream')
  }
  const who = readWho(body)
  if (!who.ok) return who
  const params = readParams(body, { topP: 'top_p', stop: 'stop', tools: 'tools' })
  if (!params.ok) return params
  const { texts, tokens, count } = inputs.value
  const call: Call = {
    model,
    stream: false,
    promptBytes: texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0),
    promptExtraTokens: tokens,
    opaqueParts: 0,
    messages: count,
    choices: 1,
    maxOutputTokens: 0,
    ...who.value,
    wantsUsage: false,
    params: params.value,
  }
  // What is embedded is a corpus, and nobody's turn.
  return ok({ ...read, call, upstreamPath: '/embeddings', texts, asked: startAndEnd(texts), turn: null })
}
