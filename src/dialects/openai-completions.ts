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
import { applyEdits, type Edit } from './json-scan.ts'
import { leanCompletion } from './openai-chat-lean.ts'
import { completionReader, echoesOf, type CompletionCall } from './openai-completions-stream.ts'
import { askUsage, lowerBound, otherBound, readWho } from './openai-fields.ts'
import { readTexts } from './openai-texts.ts'
import { readUsage } from './openai-usage.ts'
import { openai } from './openai.ts'
import { generatedBytes, startAndEnd } from './prompt-text.ts'
import { turnOf } from './turn.ts'

/** OpenAI's completions from before there were messages. Several prompts may stand in one body, and each is answered. */
const MAX_PROMPTS = 2048
const MAX_EACH = 128

/** Answers of one call, over all prompts: a stream that is cut closes every one of them. */
const MAX_CHOICES = 2048

const known: ReadonlySet<string> = new Set([
  'model',
  'prompt',
  'suffix',
  'stream',
  'stream_options',
  'n',
  'best_of',
  'echo',
  'max_tokens',
  'user',
  'safety_identifier',
  'stop',
  'metadata',
  'temperature',
  'top_p',
])

const boundNames = ['max_tokens'] as const

export const openaiCompletions: Endpoint = {
  name: 'completions',
  dialect: openai,
  method: 'POST',
  path: '/v1/completions',
  generates: true,
  // OpenAI's reference and vLLM's; llama.cpp has none.
  unsaidMaxTokens: 16,
  fieldNames: { messages: ['prompt'], n: ['best_of', 'n', 'prompt'] },
  read: (bytes, _target, bounds) => {
    const read = readBody(bytes, bounds, known)
    return read.ok ? readCall(read.value, bounds) : read
  },
  encode: (read, change) => {
    const { call } = read
    const edits: Edit[] = []
    if (change.askUsage && call.stream && !call.wantsUsage) edits.push(askUsage(read))
    if (change.maxOutputTokens !== null) {
      edits.push(...lowerBound(read, boundNames, Math.max(1, Math.floor(change.maxOutputTokens / call.choices))))
    }
    return edits.length === 0 ? read.bytes : applyEdits(read.bytes, edits)
  },
  readAnswer: readCompletion,
  reader: completionReader,
  lean: leanCompletion,
}

/**
 * Reads a whole answer. With the call it knows what was repeated from the prompt, and how many answers were generated and not sent (`best_of`).
 * Without it all text counts as it stands.
 */
export function readCompletion(bytes: Uint8Array, call?: Call): Answer | null {
  const parsed = parseObject(bytes)
  if (!parsed.ok) return null
  const { choices, usage } = parsed.value
  if (!Array.isArray(choices)) return null
  const echoes = call === undefined ? [] : echoesOf(call)
  let textBytes = 0
  const finishReasons: string[] = []
  for (const choice of choices as unknown[]) {
    if (!isObject(choice)) return null
    const { text, index, finish_reason: finishReason } = choice
    const echo = typeof index === 'number' ? echoes[index] : undefined
    const repeats = echo !== undefined && typeof text === 'string' && text.startsWith(echo)
    textBytes += generatedBytes(repeats ? text.slice(echo.length) : text)
    if (typeof finishReason === 'string') finishReasons.push(finishReason)
  }
  const generated = Math.max(choices.length, call?.choices ?? 0)
  return {
    usage: readUsage(usage),
    textBytes: choices.length === 0 ? 0 : Math.round((textBytes * generated) / choices.length),
    choices: choices.length,
    finishReasons,
  }
}

function readCall(read: ReadBody, { maxMessages }: BodyBounds): Result<ReadCall, BadBody> {
  const { body } = read
  const { model, stream, suffix = null, echo } = body
  if (!isModel(model)) return modelComplaint()
  const prompts = readTexts(body['prompt'] ?? '', 'prompt', Math.min(maxMessages, MAX_PROMPTS))
  if (!prompts.ok) return prompts
  if (!isOptional(suffix, 'string')) return bad('"suffix" must be text.', 'suffix')
  for (const name of ['stream', 'echo']) {
    if (!isOptional(body[name], 'boolean')) return bad(`"${name}" must be true or false.`, name)
  }
  const choices = readChoices(body, prompts.value.count)
  if (!choices.ok) return choices
  const maxTokens = body['max_tokens'] ?? null
  if (maxTokens !== null && !isWhole(maxTokens, 0, 1e9)) {
    return bad('"max_tokens" must be a whole number of at least 0.', 'max_tokens')
  }
  const other = otherBound(body, boundNames)
  if (other !== null) return other
  const options = body['stream_options'] ?? null
  if (options !== null && !isObject(options)) return bad('"stream_options" must be an object.', 'stream_options')
  const who = readWho(body)
  if (!who.ok) return who
  const params = readParams(body, { topP: 'top_p', stop: 'stop', tools: 'tools' })
  if (!params.ok) return params
  const { texts, tokens, count } = prompts.value
  // What is repeated must be told from what is generated, and numbers do not say which text they are.
  if (echo === true && tokens > 0) return bad('"echo" needs a prompt that is text.', 'echo')
  const { sent, generated } = choices.value
  const all = typeof suffix === 'string' ? [...texts, suffix] : texts
  const call: CompletionCall = {
    model,
    stream: stream === true,
    promptBytes: all.reduce((sum, text) => sum + Buffer.byteLength(text), 0),
    promptExtraTokens: tokens,
    opaqueParts: 0,
    messages: count,
    choices: generated,
    maxOutputTokens: maxTokens === null ? null : (maxTokens as number) * generated,
    ...who.value,
    wantsUsage: options !== null && options['include_usage'] === true,
    params: params.value,
    echoes: echo === true ? texts.flatMap((text) => Array.from({ length: sent }, () => text)) : [],
  }
  // Several prompts are as many questions and no conversation.
  const turn = turnOf('human', texts, 1, null)
  return ok({ ...read, call, upstreamPath: '/completions', texts: all, asked: startAndEnd(texts), turn })
}

/** Answers sent to each prompt, and answers generated over all of them. */
function readChoices(
  body: Body,
  prompts: number,
): Result<{ readonly sent: number; readonly generated: number }, BadBody> {
  for (const name of ['n', 'best_of']) {
    const value = body[name] ?? null
    if (value !== null && !isWhole(value, 1, MAX_EACH)) {
      return bad(`"${name}" must be a whole number from 1 to ${MAX_EACH}.`, name)
    }
  }
  const sent = (body['n'] as number | null | undefined) ?? 1
  const each = (body['best_of'] as number | null | undefined) ?? sent
  if (each < sent) return bad('"best_of" must be at least "n".', 'best_of')
  if (each > sent && body['stream'] === true) return bad('What "best_of" chooses cannot be streamed.', 'best_of')
  const generated = prompts * each
  if (generated > MAX_CHOICES) {
    return bad(`Prompts times answers to each are more than ${MAX_CHOICES}.`, body['best_of'] == null ? 'n' : 'best_of')
  }
  return ok({ sent, generated })
}
