import type { EndpointName } from './matrix-clients.ts'

/**
 * Streams as the vendors send them, event by event, with what is hard to end early: a finished choice beside an open one,
 * a tool call whose arguments are half there, text of more than one byte a character.
 */
export interface Script {
  /** Framed as the vendor does. */
  readonly events: readonly string[]
  /** Which of them carry generated text, each of one token by Weir's first count. */
  readonly generated: readonly boolean[]
  /** Text of the first choice. */
  readonly text: string
}

export type Streaming = Exclude<EndpointName, 'embeddings' | 'count_tokens' | 'generateContent'>

const SAID = ['Wörter ', 'und ', '水 ', '🌊 ', 'aus ', 'Basel.']
const SAID_TEXT = SAID.join('')
/** A JSON text in pieces, as arguments arrive. */
const ARGUMENTS = ['{"city":"', ...Array.from({ length: 40 }, (_, i) => `B${i % 10} `), '"}']
const ARGUMENTS_TEXT = ARGUMENTS.join('')

type Value = Readonly<Record<string, unknown>>

const lines = (value: Value): string => `data: ${JSON.stringify(value)}\n\n`
const named = (value: Value): string => `event: ${String(value['type'])}\n${lines(value)}`

function scriptOf(parts: readonly (readonly [Value | string, 'text' | ''])[], frame: (value: Value) => string): Script {
  return {
    events: parts.map(([value]) => (typeof value === 'string' ? value : frame(value))),
    generated: parts.map(([, kind]) => kind === 'text'),
    text: SAID_TEXT,
  }
}

function chat(): Script {
  const head = { id: 'chatcmpl-s', object: 'chat.completion.chunk', created: 1_700_000_000, model: 'vendor-model' }
  const choice = (index: number, delta: object, finish: string | null = null): Value => ({
    ...head,
    choices: [{ index, delta, logprobs: null, finish_reason: finish }],
  })
  const call = (args: string): object => ({ tool_calls: [{ index: 0, function: { arguments: args } }] })
  const opening = { index: 0, id: 'call_1', type: 'function', function: { name: 'f', arguments: '' } }
  const usage = { prompt_tokens: 20, completion_tokens: 49, total_tokens: 69 }
  return scriptOf(
    [
      [choice(0, { role: 'assistant', content: '' }), ''],
      [choice(1, { role: 'assistant', content: null, tool_calls: [opening] }), 'text'],
      ...SAID.map((content) => [choice(0, { content }), 'text'] as const),
      [choice(0, {}, 'stop'), ''],
      ...ARGUMENTS.map((args) => [choice(1, call(args)), 'text'] as const),
      [choice(1, {}, 'tool_calls'), ''],
      [{ ...head, choices: [], usage }, ''],
      ['data: [DONE]\n\n', ''],
    ],
    lines,
  )
}

function completions(): Script {
  const head = { id: 'cmpl-s', object: 'text_completion', created: 1_700_000_000, model: 'vendor-model' }
  const choice = (index: number, text: string, finish: string | null = null): Value => ({
    ...head,
    choices: [{ index, text, logprobs: null, finish_reason: finish }],
  })
  const usage = { prompt_tokens: 20, completion_tokens: 48, total_tokens: 68 }
  return scriptOf(
    [
      ...SAID.map((text) => [choice(0, text), 'text'] as const),
      [choice(0, '', 'stop'), ''],
      ...ARGUMENTS.map((text) => [choice(1, text), 'text'] as const),
      [choice(1, '', 'stop'), ''],
      [{ ...head, choices: [], usage }, ''],
      ['data: [DONE]\n\n', ''],
    ],
    lines,
  )
}

function responses(): Script {
  const response = (status: string, output: readonly object[], usage: object | null): Value => ({
    id: 'resp_s',
    object: 'response',
    created_at: 1_700_000_000,
    model: 'vendor-model',
    status,
    error: null,
    incomplete_details: null,
    output,
    parallel_tool_calls: true,
    tools: [],
    usage,
  })
  const part = (text: string): object => ({ type: 'output_text', text, annotations: [] })
  const message = (status: string, content: readonly object[]): object => ({
    id: 'msg_s',
    type: 'message',
    role: 'assistant',
    status,
    content,
  })
  const call = (status: string, args: string): object => ({
    id: 'fc_s',
    type: 'function_call',
    call_id: 'call_1',
    name: 'f',
    status,
    arguments: args,
  })
  const at = { item_id: 'msg_s', output_index: 0, content_index: 0 }
  const of = { item_id: 'fc_s', output_index: 1 }
  const done = [message('completed', [part(SAID_TEXT)]), call('completed', ARGUMENTS_TEXT)]
  const usage = {
    input_tokens: 20,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: 49,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: 69,
  }
  const events: (readonly [Value, 'text' | ''])[] = [
    [{ type: 'response.created', response: response('in_progress', [], null) }, ''],
    [{ type: 'response.output_item.added', output_index: 0, item: message('in_progress', []) }, ''],
    [{ type: 'response.content_part.added', ...at, part: part('') }, ''],
    ...SAID.map((delta) => [{ type: 'response.output_text.delta', ...at, delta }, 'text'] as const),
    [{ type: 'response.output_text.done', ...at, text: SAID_TEXT }, ''],
    [{ type: 'response.content_part.done', ...at, part: part(SAID_TEXT) }, ''],
    [{ type: 'response.output_item.done', output_index: 0, item: done[0] }, ''],
    [{ type: 'response.output_item.added', output_index: 1, item: call('in_progress', '') }, 'text'],
    ...ARGUMENTS.map((delta) => [{ type: 'response.function_call_arguments.delta', ...of, delta }, 'text'] as const),
    [{ type: 'response.function_call_arguments.done', ...of, arguments: ARGUMENTS_TEXT }, ''],
    [{ type: 'response.output_item.done', output_index: 1, item: done[1] }, ''],
    [{ type: 'response.completed', response: response('completed', done, usage) }, ''],
  ]
  return scriptOf(
    events.map(([value, kind], i) => [Object.assign({ type: value['type'], sequence_number: i }, value), kind]),
    named,
  )
}

function messages(): Script {
  const message = {
    id: 'msg_s',
    type: 'message',
    role: 'assistant',
    model: 'vendor-model',
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { input_tokens: 20, output_tokens: 1 },
  }
  const delta = (index: number, inner: object): Value => ({ type: 'content_block_delta', index, delta: inner })
  const tool = { type: 'tool_use', id: 'toolu_s', name: 'f', input: {} }
  return scriptOf(
    [
      [{ type: 'message_start', message }, ''],
      [{ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }, ''],
      [{ type: 'ping' }, ''],
      ...SAID.map((text) => [delta(0, { type: 'text_delta', text }), 'text'] as const),
      [{ type: 'content_block_stop', index: 0 }, ''],
      [{ type: 'content_block_start', index: 1, content_block: tool }, 'text'],
      ...ARGUMENTS.map((json) => [delta(1, { type: 'input_json_delta', partial_json: json }), 'text'] as const),
      [{ type: 'content_block_stop', index: 1 }, ''],
      [
        {
          type: 'message_delta',
          delta: { stop_reason: 'tool_use', stop_sequence: null },
          usage: { output_tokens: 49 },
        },
        '',
      ],
      [{ type: 'message_stop' }, ''],
    ],
    named,
  )
}

function gemini(): Script {
  const head = { modelVersion: 'vendor-model', responseId: 'resp-s' }
  const candidate = (index: number, part: object, finishReason?: string): Value => ({
    candidates: [{ index, content: { role: 'model', parts: [part] }, ...(finishReason && { finishReason }) }],
    ...head,
  })
  const call = { functionCall: { name: 'f', args: { city: 'Basel' } } }
  const last = candidate(1, { text: ARGUMENTS.at(-1) }, 'STOP')
  const usageMetadata = { promptTokenCount: 20, candidatesTokenCount: 49, totalTokenCount: 69 }
  return scriptOf(
    [
      ...SAID.map((text, i) => [candidate(0, { text }, i === SAID.length - 1 ? 'STOP' : undefined), 'text'] as const),
      [candidate(1, call), 'text'],
      ...ARGUMENTS.slice(0, -1).map((text) => [candidate(1, { text }), 'text'] as const),
      [{ ...last, usageMetadata }, 'text'],
    ],
    (value) => lines(value).replaceAll('\n', '\r\n'),
  )
}

export const scripts: Readonly<Record<Streaming, Script>> = {
  chat: chat(),
  completions: completions(),
  responses: responses(),
  messages: messages(),
  streamGenerateContent: gemini(),
}

/** As many tokens as the vendor reports for each of them. */
export const scriptUsage: Readonly<Record<Streaming, number>> = {
  chat: 49,
  completions: 48,
  responses: 49,
  messages: 49,
  streamGenerateContent: 49,
}
