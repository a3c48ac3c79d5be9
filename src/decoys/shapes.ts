import { pieces, type Said, type Shape } from './said.ts'
import { responseEvents, responseWhole } from './shape-responses.ts'

/** One short text as vendors answer it, whole and streamed. */
const data = (value: object, end = '\n\n'): string => `data: ${JSON.stringify(value)}${end}`

const each = <T>(choices: number, make: (index: number) => T): T[] => Array.from({ length: choices }, (_, i) => make(i))

const usageOf = ({ inputTokens, outputTokens }: Said): object => ({
  prompt_tokens: inputTokens,
  completion_tokens: outputTokens,
  total_tokens: inputTokens + outputTokens,
  prompt_tokens_details: { cached_tokens: 0 },
  completion_tokens_details: { reasoning_tokens: 0 },
})

const finishOf = ({ isCut }: Said): string => (isCut ? 'length' : 'stop')

/** Where a form was asked for, a text in another one would break the client: then a model refuses in a field of its own. */
const hasForm = ({ body }: Said): boolean => {
  const format = body['response_format'] as { readonly type?: unknown } | null | undefined
  return format !== undefined && format !== null && format.type !== 'text'
}

const chat: Shape = {
  whole(said) {
    const spoken = hasForm(said) ? { content: null, refusal: said.text } : { content: said.text, refusal: null }
    return {
      ...chatHead(said, 'chat.completion'),
      choices: each(said.choices, (index) => ({
        index,
        message: { role: 'assistant', ...spoken },
        logprobs: null,
        finish_reason: finishOf(said),
      })),
      usage: usageOf(said),
    }
  },
  events(said) {
    const head = chatHead(said, 'chat.completion.chunk')
    const chunk = (delta: object, finish: string | null = null): readonly string[] =>
      each(said.choices, (index) =>
        data({ ...head, choices: [{ index, delta, logprobs: null, finish_reason: finish }], usage: null }),
      )
    const field = hasForm(said) ? 'refusal' : 'content'
    return [
      ...chunk({ role: 'assistant', content: '', refusal: null }),
      ...pieces(said.text).flatMap((piece) => chunk({ [field]: piece })),
      ...chunk({}, finishOf(said)),
      data({ ...head, choices: [], usage: usageOf(said) }),
      'data: [DONE]\n\n',
    ]
  },
}

const chatHead = ({ id, createdS, model }: Said, object: string): object => ({
  id: `chatcmpl-${id}`,
  object,
  created: createdS,
  model,
  system_fingerprint: null,
})

const completions: Shape = {
  whole(said) {
    const { id, createdS: created, model, choices, text } = said
    return {
      id: `cmpl-${id}`,
      object: 'text_completion',
      created,
      model,
      choices: each(choices, (index) => ({ text, index, logprobs: null, finish_reason: finishOf(said) })),
      usage: usageOf(said),
    }
  },
  events(said) {
    const { id, createdS: created, model, choices } = said
    const head = { id: `cmpl-${id}`, object: 'text_completion', created, model }
    const chunk = (text: string, finish: string | null = null): readonly string[] =>
      each(choices, (index) => data({ ...head, choices: [{ text, index, logprobs: null, finish_reason: finish }] }))
    return [
      ...pieces(said.text).flatMap((piece) => chunk(piece)),
      ...chunk('', finishOf(said)),
      data({ ...head, choices: [], usage: usageOf(said) }),
      'data: [DONE]\n\n',
    ]
  },
}

const message = ({ id, model }: Said, content: readonly object[], reason: string | null, usage: object): object => ({
  id: `msg_${id}`,
  type: 'message',
  role: 'assistant',
  model,
  content,
  stop_reason: reason,
  stop_sequence: null,
  usage,
})

const inputOf = ({ inputTokens }: Said): object => ({
  input_tokens: inputTokens,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: 0,
})

/** Anthropic's own word for a model that says no; it goes before any form that was asked for. */
const stopOf = ({ isCut }: Said): string => (isCut ? 'max_tokens' : 'refusal')

const messages: Shape = {
  whole: (said) =>
    message(said, [{ type: 'text', text: said.text }], stopOf(said), {
      ...inputOf(said),
      output_tokens: said.outputTokens,
    }),
  events(said) {
    const event = (type: string, rest: object): string => `event: ${type}\n${data({ type, ...rest })}`
    return [
      event('message_start', { message: message(said, [], null, { ...inputOf(said), output_tokens: 1 }) }),
      event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
      ...pieces(said.text).map((text) =>
        event('content_block_delta', { index: 0, delta: { type: 'text_delta', text } }),
      ),
      event('content_block_stop', { index: 0 }),
      event('message_delta', {
        delta: { stop_reason: stopOf(said), stop_sequence: null },
        usage: { output_tokens: said.outputTokens },
      }),
      event('message_stop', {}),
    ]
  },
}

const generate: Shape = {
  whole: (said) => generated(said, said.text, true),
  events(said) {
    const all = pieces(said.text)
    return all.map((text, i) => data(generated(said, text, i === all.length - 1), '\r\n\r\n'))
  },
}

function generated(said: Said, text: string, isLast: boolean): object {
  const { inputTokens, outputTokens, model, id, choices, isCut } = said
  return {
    candidates: each(choices, (index) => ({
      content: { parts: [{ text }], role: 'model' },
      ...(isLast ? { finishReason: isCut ? 'MAX_TOKENS' : 'STOP' } : {}),
      index,
    })),
    usageMetadata: {
      promptTokenCount: inputTokens,
      candidatesTokenCount: outputTokens,
      totalTokenCount: inputTokens + outputTokens,
    },
    modelVersion: model,
    responseId: id,
  }
}

/** By the names of the endpoints that answer with text. */
export const shapes: ReadonlyMap<string, Shape> = new Map([
  ['chat_completions', chat],
  ['completions', completions],
  ['responses', { whole: responseWhole, events: responseEvents }],
  ['messages', messages],
  ['generate_content', generate],
])
