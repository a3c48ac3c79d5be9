import { answerLength, tokenize, type DemoRequest } from './demo-request.ts'
import { demoTokens } from './demo-text.ts'
import { createRandom, hash32 } from './random.ts'
import type { SecretFunction } from './secret-function.ts'

/** One choice, token by token. */
export interface DemoChoice {
  readonly tokens: readonly string[]
  readonly finish: 'stop' | 'length' | 'tool_calls'
}

export interface DemoAnswer {
  readonly id: string
  readonly createdS: number
  readonly choices: readonly DemoChoice[]
  readonly usage: object | null
}

export function makeAnswer(
  request: DemoRequest,
  secret: SecretFunction,
  seed: string,
  n: number,
  nowMs: number,
): DemoAnswer {
  const choices = Array.from({ length: request.choices }, (_, choice) => makeChoice(request, secret, seed, choice))
  const visible = choices.reduce((sum, { tokens }) => sum + tokens.length, 0)
  const completion = visible + request.reasoningTokens
  const zero = request.directive.flags.has('zero_usage')
  const usage = {
    prompt_tokens: zero ? 0 : request.promptTokens,
    completion_tokens: zero ? 0 : completion,
    total_tokens: zero ? 0 : request.promptTokens + completion,
    prompt_tokens_details: { cached_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: zero ? 0 : request.reasoningTokens },
  }
  return {
    id: `chatcmpl-demo${hash32(`${seed}/${request.prompt}/${n}`).toString(36)}${n.toString(36)}`,
    createdS: Math.floor(nowMs / 1000),
    choices,
    usage: request.directive.flags.has('no_usage') ? null : usage,
  }
}

function makeChoice(request: DemoRequest, secret: SecretFunction, seed: string, choice: number): DemoChoice {
  if (request.tool !== null) {
    const args = JSON.stringify(argumentsFor(request.tool.parameters, request.prompt))
    return { tokens: tokenize(args), finish: 'tool_calls' }
  }
  let tokens = demoTokens(secret, seed, request.prompt, choice, answerLength(request))
  const text = tokens.join('')
  const stopAt = Math.min(...request.stop.map((stop) => text.indexOf(stop)).filter((at) => at >= 0))
  if (Number.isFinite(stopAt)) tokens = tokenize(text.slice(0, stopAt))
  if (tokens.length <= request.maxTokens) return { tokens, finish: 'stop' }
  return { tokens: tokens.slice(0, request.maxTokens), finish: 'length' }
}

/** A value for every property that the tool's schema names. */
function argumentsFor(parameters: unknown, prompt: string): Record<string, unknown> {
  const properties =
    (parameters as { properties?: Record<string, { type?: string } | null> | null } | undefined)?.properties ?? {}
  const names = prompt.match(/\p{Lu}\p{L}+/gu) ?? []
  return Object.fromEntries(
    Object.entries(properties).map(([name, property]) => {
      const type = property?.type
      if (type === 'number' || type === 'integer') return [name, hash32(prompt) % 100]
      return [name, type === 'boolean' ? true : (names.at(-1) ?? 'demo')]
    }),
  )
}

const FINGERPRINT = 'fp_weir_demo'

/** The answer in one piece. */
export function wholeBody(request: DemoRequest, answer: DemoAnswer): object {
  return {
    id: answer.id,
    object: 'chat.completion',
    created: answer.createdS,
    model: request.model,
    system_fingerprint: FINGERPRINT,
    choices: answer.choices.map(({ tokens, finish }, index) => ({
      index,
      message: messageOf(request, tokens, answer.id),
      logprobs: request.logprobs ? { content: tokens.map((token) => logprob(token, request)), refusal: null } : null,
      finish_reason: finish,
    })),
    ...(answer.usage === null ? {} : { usage: answer.usage }),
  }
}

function messageOf(request: DemoRequest, tokens: readonly string[], id: string): object {
  const text = tokens.join('')
  if (request.tool === null) return { role: 'assistant', content: text, refusal: null }
  const call = { id: `call_${id.slice(9)}`, type: 'function', function: { name: request.tool.name, arguments: text } }
  return { role: 'assistant', content: null, refusal: null, tool_calls: [call] }
}

/** The events of a stream, in groups: whatever comes with one token of every choice, then the end. */
export function* streamGroups(
  request: DemoRequest,
  answer: DemoAnswer,
): Generator<{ tokens: number; events: string[] }> {
  const head = {
    id: answer.id,
    object: 'chat.completion.chunk',
    created: answer.createdS,
    model: request.model,
    system_fingerprint: FINGERPRINT,
  }
  const tail = request.includeUsage && answer.usage !== null ? { usage: null } : {}
  const chunk = (index: number, delta: object, logprobs: object | null, finish: string | null): string =>
    JSON.stringify({ ...head, choices: [{ index, delta, logprobs, finish_reason: finish }], ...tail })

  yield {
    tokens: 0,
    events: answer.choices.map((_, index) => chunk(index, firstDelta(request, answer.id), null, null)),
  }
  const longest = Math.max(...answer.choices.map(({ tokens }) => tokens.length))
  for (let at = 0; at < longest; at++) {
    const events: string[] = []
    for (const [index, { tokens }] of answer.choices.entries()) {
      const token = tokens[at]
      if (token === undefined) continue
      const logprobs = request.logprobs ? { content: [logprob(token, request)], refusal: null } : null
      events.push(chunk(index, deltaOf(request, token), logprobs, null))
    }
    yield { tokens: events.length, events }
  }
  const ends = answer.choices.map(({ finish }, index) => chunk(index, {}, null, finish))
  if (request.includeUsage && answer.usage !== null)
    ends.push(JSON.stringify({ ...head, choices: [], usage: answer.usage }))
  yield { tokens: 0, events: request.directive.flags.has('no_done') ? ends : [...ends, '[DONE]'] }
}

function firstDelta(request: DemoRequest, id: string): object {
  if (request.tool === null) return { role: 'assistant', content: '', refusal: null }
  const call = {
    index: 0,
    id: `call_${id.slice(9)}`,
    type: 'function',
    function: { name: request.tool.name, arguments: '' },
  }
  return { role: 'assistant', content: null, tool_calls: [call] }
}

const deltaOf = (request: DemoRequest, token: string): object =>
  request.tool === null ? { content: token } : { tool_calls: [{ index: 0, function: { arguments: token } }] }

function logprob(token: string, { topLogprobs, prompt }: DemoRequest): object {
  const random = createRandom(`${prompt}/${token}`)
  const entry = (text: string): object => ({ token: text, logprob: -random.next() * 3, bytes: [...Buffer.from(text)] })
  const others = Array.from({ length: topLogprobs }, (_, i) => entry(i === 0 ? token : `${token}${i}`))
  return { ...entry(token), top_logprobs: others }
}
