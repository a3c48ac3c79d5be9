/**
 * What each vendor's servers answer, from their documentation: one answer of so many one-token words, whole or as the
 * events of a stream. The same words everywhere, so that tests can hold every dialect to the same numbers.
 */
export interface VendorEndpoint {
  readonly path: string
  /** The whole answer. */
  whole(words: number, input: number, usage: boolean): object
  /** Events of a stream, framed; one for each word between what opens and what closes it. null: it does not stream. */
  readonly stream: ((words: number, input: number, usage: boolean) => readonly string[]) | null
  /** An error of the vendor's own. */
  error(status: number): object
}

export const word = (i: number): string => `tok${i % 10} `
const words = (count: number): string => Array.from({ length: count }, (_, i) => word(i)).join('')
const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i)

const data = (value: object): string => `data: ${JSON.stringify(value)}\n\n`
const event = (value: { type: string }): string => `event: ${value.type}\ndata: ${JSON.stringify(value)}\n\n`
const crlf = (value: object): string => `data: ${JSON.stringify(value)}\r\n\r\n`

const openaiError = (status: number): object => ({
  error: { message: `the vendor says ${status}`, type: 'vendor_error', param: null, code: `vendor_${status}` },
})
const openaiUsage = (input: number, output: number): object => ({
  prompt_tokens: input,
  completion_tokens: output,
  total_tokens: input + output,
})

const chatHead = { id: 'chatcmpl-v1', created: 1_700_000_000, model: 'vendor-model' }

const chat: VendorEndpoint = {
  path: '/v1/chat/completions',
  error: openaiError,
  whole: (count, input, usage) => ({
    ...chatHead,
    object: 'chat.completion',
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: words(count), refusal: null },
        logprobs: null,
        finish_reason: 'stop',
      },
    ],
    ...(usage ? { usage: openaiUsage(input, count) } : {}),
  }),
  stream: (count, input, usage) => {
    const chunk = (choices: object[], more: object = {}): string =>
      data({ ...chatHead, object: 'chat.completion.chunk', choices, ...more })
    return [
      chunk([{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }]),
      ...range(count).map((i) => chunk([{ index: 0, delta: { content: word(i) }, finish_reason: null }])),
      chunk([{ index: 0, delta: {}, finish_reason: 'stop' }]),
      ...(usage ? [chunk([], { usage: openaiUsage(input, count) })] : []),
      'data: [DONE]\n\n',
    ]
  },
}

const textHead = { id: 'cmpl-v1', object: 'text_completion', created: 1_700_000_000, model: 'vendor-model' }

const completions: VendorEndpoint = {
  path: '/v1/completions',
  error: openaiError,
  whole: (count, input, usage) => ({
    ...textHead,
    choices: [{ index: 0, text: words(count), logprobs: null, finish_reason: 'stop' }],
    ...(usage ? { usage: openaiUsage(input, count) } : {}),
  }),
  stream: (count, input, usage) => [
    ...range(count).map((i) =>
      data({ ...textHead, choices: [{ index: 0, text: word(i), logprobs: null, finish_reason: null }] }),
    ),
    data({ ...textHead, choices: [{ index: 0, text: '', logprobs: null, finish_reason: 'stop' }] }),
    ...(usage ? [data({ ...textHead, choices: [], usage: openaiUsage(input, count) })] : []),
    'data: [DONE]\n\n',
  ],
}

const embeddings: VendorEndpoint = {
  path: '/v1/embeddings',
  error: openaiError,
  whole: (_count, input, usage) => ({
    object: 'list',
    model: 'vendor-model',
    data: [{ object: 'embedding', index: 0, embedding: [0.25, -0.5, 0.125] }],
    ...(usage ? { usage: { prompt_tokens: input, total_tokens: input } } : {}),
  }),
  stream: null,
}

const message = (text: string, status: string): object => ({
  id: 'msg_v1',
  type: 'message',
  role: 'assistant',
  status,
  content: [{ type: 'output_text', text, annotations: [] }],
})
const response = (status: string, output: object[], usage: object | null): object => ({
  id: 'resp_v1',
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
const responsesUsage = (input: number, output: number): object => ({
  input_tokens: input,
  input_tokens_details: { cached_tokens: 0 },
  output_tokens: output,
  output_tokens_details: { reasoning_tokens: 0 },
  total_tokens: input + output,
})

const responses: VendorEndpoint = {
  path: '/v1/responses',
  error: openaiError,
  whole: (count, input, usage) =>
    response('completed', [message(words(count), 'completed')], usage ? responsesUsage(input, count) : null),
  stream: (count, input, usage) => {
    const at = { item_id: 'msg_v1', output_index: 0, content_index: 0 }
    const item = message(words(count), 'completed')
    const events: { type: string }[] = [
      { type: 'response.created', response: response('in_progress', [], null) } as { type: string },
      { type: 'response.in_progress', response: response('in_progress', [], null) } as { type: string },
      {
        type: 'response.output_item.added',
        output_index: 0,
        item: { id: 'msg_v1', type: 'message', role: 'assistant', status: 'in_progress', content: [] },
      } as { type: string },
      {
        type: 'response.content_part.added',
        ...at,
        part: { type: 'output_text', text: '', annotations: [] },
      } as { type: string },
      ...range(count).map((i) => Object.assign({ type: 'response.output_text.delta', delta: word(i) }, at)),
      { type: 'response.output_text.done', ...at, text: words(count) } as { type: string },
      {
        type: 'response.content_part.done',
        ...at,
        part: { type: 'output_text', text: words(count), annotations: [] },
      } as { type: string },
      { type: 'response.output_item.done', output_index: 0, item } as { type: string },
      {
        type: 'response.completed',
        response: response('completed', [item], usage ? responsesUsage(input, count) : null),
      } as { type: string },
    ]
    return events.map((one, i) => event({ ...one, sequence_number: i } as { type: string }))
  },
}

const anthropicError = (status: number): object => ({
  type: 'error',
  error: { type: `vendor_${status}`, message: `the vendor says ${status}` },
})
const claude = (content: object[], stop: string | null, usage: object): object => ({
  id: 'msg_v1',
  type: 'message',
  role: 'assistant',
  model: 'vendor-model',
  content,
  stop_reason: stop,
  stop_sequence: null,
  usage,
})
const claudeUsage = (input: number, output: number): object => ({
  input_tokens: input,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: 0,
  output_tokens: output,
})

const messages: VendorEndpoint = {
  path: '/v1/messages',
  error: anthropicError,
  whole: (count, input, usage) =>
    claude([{ type: 'text', text: words(count) }], 'end_turn', usage ? claudeUsage(input, count) : {}),
  stream: (count, input, usage) =>
    [
      { type: 'message_start', message: claude([], null, usage ? claudeUsage(input, 1) : {}) },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
      { type: 'ping' },
      ...range(count).map((i) => ({
        type: 'content_block_delta',
        index: 0,
        delta: { type: 'text_delta', text: word(i) },
      })),
      { type: 'content_block_stop', index: 0 },
      {
        type: 'message_delta',
        delta: { stop_reason: 'end_turn', stop_sequence: null },
        ...(usage ? { usage: { output_tokens: count } } : {}),
      },
      { type: 'message_stop' },
    ].map(event),
}

const geminiError = (status: number): object => ({
  error: { code: status, message: `the vendor says ${status}`, status: 'VENDOR' },
})
const geminiUsage = (input: number, output: number): object => ({
  promptTokenCount: input,
  candidatesTokenCount: output,
  totalTokenCount: input + output,
})
const gemini = (text: string, finish: string | null, usage: object | null): object => ({
  candidates: [
    { index: 0, content: { role: 'model', parts: [{ text }] }, ...(finish === null ? {} : { finishReason: finish }) },
  ],
  ...(usage === null ? {} : { usageMetadata: usage }),
  modelVersion: 'vendor-model',
  responseId: 'resp-v1',
})

const generate: VendorEndpoint = {
  path: '/v1beta/models/gemini-model:generateContent',
  error: geminiError,
  whole: (count, input, usage) => gemini(words(count), 'STOP', usage ? geminiUsage(input, count) : null),
  stream: null,
}

const streamGenerate: VendorEndpoint = {
  path: '/v1beta/models/gemini-model:streamGenerateContent',
  error: geminiError,
  whole: generate.whole,
  stream: (count, input, usage) =>
    range(count).map((i) =>
      crlf(gemini(word(i), i === count - 1 ? 'STOP' : null, usage ? geminiUsage(input, i + 1) : null)),
    ),
}

const countTokens: VendorEndpoint = {
  path: '/v1/messages/count_tokens',
  error: anthropicError,
  whole: (_count, input) => ({ input_tokens: input }),
  stream: null,
}

export const vendorEndpoints: readonly VendorEndpoint[] = [
  chat,
  completions,
  embeddings,
  responses,
  messages,
  countTokens,
  generate,
  streamGenerate,
]
