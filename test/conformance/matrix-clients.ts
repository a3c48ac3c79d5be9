import type { DialectName } from '../../src/dialects/dialect.ts'
import type { Clients } from '../support/front.ts'

/**
 * The rows of the matrix: every endpoint, whole and streamed, called with its vendor's own library. What the libraries
 * give is brought into one form, so that one table can say what has to come out.
 */
export interface Row {
  readonly endpoint: EndpointName
  readonly streamed: boolean
  readonly dialect: DialectName
  /** Events that the vendor sends before the first word. */
  readonly lead: number
  /** Makes the one call; fills `seen` as the answer comes. Throws what the library throws. */
  call(clients: Clients, model: string, seen: Seen, signal: AbortSignal): Promise<void>
  /** The bound on output that a request body states; undefined where the endpoint has none. */
  readonly bound?: (body: Body) => unknown
}

export const endpointNames = [
  'chat',
  'completions',
  'responses',
  'embeddings',
  'messages',
  'count_tokens',
  'generateContent',
  'streamGenerateContent',
] as const
export type EndpointName = (typeof endpointNames)[number]

type Body = Readonly<Record<string, unknown>>

/** What the library's user has seen of an answer. */
export interface Seen {
  text: string
  stop: string | null | undefined
  usage: { readonly input: number; readonly output: number } | null
  requestId: string | null | undefined
  /** Pieces of text, as many as came. */
  pieces: number
  error: unknown
  /** Called with every piece. */
  onText: () => void
}

export const nothingSeen = (): Seen => ({
  text: '',
  stop: null,
  usage: null,
  requestId: null,
  pieces: 0,
  error: null,
  onText: () => {},
})

/** Long enough for its tokens to be told from the vendor's own count of them. */
export const PROMPT: string = 'Tell me about rivers. '.repeat(8)

const took = (seen: Seen, text: string | null | undefined): void => {
  if (text === null || text === undefined || text === '') return
  seen.text += text
  seen.pieces++
  seen.onText()
}

const pair = (input = -1, output = 0): { input: number; output: number } => ({ input, output })

const chat = { messages: [{ role: 'user' as const, content: PROMPT }] }
const askUsage = { stream_options: { include_usage: true } }

const chatBound = (body: Body): unknown => body['max_completion_tokens'] ?? body['max_tokens']
const maxTokens = (body: Body): unknown => body['max_tokens']
const maxOutputTokens = (body: Body): unknown => body['max_output_tokens']
const geminiBound = (body: Body): unknown => (body['generationConfig'] as Body | undefined)?.['maxOutputTokens']

const openaiRows: readonly Row[] = [
  {
    endpoint: 'chat',
    streamed: false,
    dialect: 'openai',
    lead: 0,
    bound: chatBound,
    async call({ openai }, model, seen, signal) {
      const { data, request_id } = await openai.chat.completions.create({ model, ...chat }, { signal }).withResponse()
      took(seen, data.choices[0]!.message.content)
      seen.stop = data.choices[0]!.finish_reason
      if (data.usage !== undefined) seen.usage = pair(data.usage.prompt_tokens, data.usage.completion_tokens)
      seen.requestId = request_id
    },
  },
  {
    endpoint: 'chat',
    streamed: true,
    dialect: 'openai',
    lead: 1,
    bound: chatBound,
    async call({ openai }, model, seen, signal) {
      const params = { model, ...chat, stream: true as const, ...askUsage }
      const { data, request_id } = await openai.chat.completions.create(params, { signal }).withResponse()
      seen.requestId = request_id
      for await (const { choices, usage } of data) {
        took(seen, choices[0]?.delta.content)
        seen.stop = choices[0]?.finish_reason ?? seen.stop
        if (usage != null) seen.usage = pair(usage.prompt_tokens, usage.completion_tokens)
      }
    },
  },
  {
    endpoint: 'completions',
    streamed: false,
    dialect: 'openai',
    lead: 0,
    bound: maxTokens,
    async call({ openai }, model, seen, signal) {
      const params = { model, prompt: PROMPT }
      const { data, request_id } = await openai.completions.create(params, { signal }).withResponse()
      took(seen, data.choices[0]!.text)
      seen.stop = data.choices[0]!.finish_reason
      if (data.usage !== undefined) seen.usage = pair(data.usage.prompt_tokens, data.usage.completion_tokens)
      seen.requestId = request_id
    },
  },
  {
    endpoint: 'completions',
    streamed: true,
    dialect: 'openai',
    lead: 0,
    bound: maxTokens,
    async call({ openai }, model, seen, signal) {
      const params = { model, prompt: PROMPT, max_tokens: 1000, stream: true as const, ...askUsage }
      const { data, request_id } = await openai.completions.create(params, { signal }).withResponse()
      seen.requestId = request_id
      for await (const { choices, usage } of data) {
        took(seen, choices[0]?.text)
        seen.stop = choices[0]?.finish_reason ?? seen.stop
        if (usage != null) seen.usage = pair(usage.prompt_tokens, usage.completion_tokens)
      }
    },
  },
  {
    endpoint: 'responses',
    streamed: false,
    dialect: 'openai',
    lead: 0,
    bound: maxOutputTokens,
    async call({ openai }, model, seen, signal) {
      const { data, request_id } = await openai.responses.create({ model, input: PROMPT }, { signal }).withResponse()
      took(seen, data.output_text)
      seen.stop = data.incomplete_details?.reason ?? data.status
      if (data.usage) seen.usage = pair(data.usage.input_tokens, data.usage.output_tokens)
      seen.requestId = request_id
    },
  },
  {
    endpoint: 'responses',
    streamed: true,
    dialect: 'openai',
    lead: 4,
    bound: maxOutputTokens,
    async call({ openai }, model, seen, signal) {
      const params = { model, input: PROMPT, stream: true as const }
      const { data, request_id } = await openai.responses.create(params, { signal }).withResponse()
      seen.requestId = request_id
      for await (const event of data) {
        if (event.type === 'response.output_text.delta') took(seen, event.delta)
        if (event.type !== 'response.completed' && event.type !== 'response.incomplete') continue
        const { status, incomplete_details, usage } = event.response
        seen.stop = incomplete_details?.reason ?? status
        if (usage) seen.usage = pair(usage.input_tokens, usage.output_tokens)
      }
    },
  },
  {
    endpoint: 'embeddings',
    streamed: false,
    dialect: 'openai',
    lead: 0,
    async call({ openai }, model, seen, signal) {
      const params = { model, input: PROMPT, encoding_format: 'float' as const }
      const { data, request_id } = await openai.embeddings.create(params, { signal }).withResponse()
      took(seen, JSON.stringify(data.data[0]!.embedding))
      seen.usage = pair(data.usage?.prompt_tokens)
      seen.requestId = request_id
    },
  },
]

const anthropicRows: readonly Row[] = [
  {
    endpoint: 'messages',
    streamed: false,
    dialect: 'anthropic',
    lead: 0,
    bound: maxTokens,
    async call({ anthropic }, model, seen, signal) {
      const message = await anthropic.messages.create({ model, max_tokens: 1000, ...chat }, { signal })
      for (const block of message.content) if (block.type === 'text') took(seen, block.text)
      seen.stop = message.stop_reason
      seen.usage = pair(message.usage.input_tokens, message.usage.output_tokens)
      seen.requestId = message._request_id
    },
  },
  {
    endpoint: 'messages',
    streamed: true,
    dialect: 'anthropic',
    lead: 3,
    bound: maxTokens,
    async call({ anthropic }, model, seen, signal) {
      const params = { model, max_tokens: 1000, ...chat, stream: true as const }
      const { data, request_id } = await anthropic.messages.create(params, { signal }).withResponse()
      seen.requestId = request_id
      let input = -1
      let ended = false
      for await (const event of data) {
        if (event.type === 'message_start') input = event.message.usage.input_tokens ?? -1
        if (event.type === 'content_block_delta' && event.delta.type === 'text_delta') took(seen, event.delta.text)
        if (event.type === 'message_stop') ended = true
        if (event.type !== 'message_delta') continue
        seen.stop = event.delta.stop_reason
        // A vendor that counts nothing leaves it out, whatever the library's types say.
        const usage = event.usage as typeof event.usage | undefined
        if (usage !== undefined) seen.usage = pair(usage.input_tokens ?? input, usage.output_tokens)
      }
      if (!ended) seen.stop = null
    },
  },
  {
    endpoint: 'count_tokens',
    streamed: false,
    dialect: 'anthropic',
    lead: 0,
    async call({ anthropic }, model, seen, signal) {
      const { data, request_id } = await anthropic.messages.countTokens({ model, ...chat }, { signal }).withResponse()
      took(seen, String(data.input_tokens))
      seen.requestId = request_id
    },
  },
]

const geminiRows: readonly Row[] = [
  {
    endpoint: 'generateContent',
    streamed: false,
    dialect: 'gemini',
    lead: 0,
    bound: geminiBound,
    async call({ google }, model, seen, signal) {
      const answer = await google.models.generateContent({ model, contents: PROMPT, config: { abortSignal: signal } })
      took(seen, answer.text)
      seen.stop = answer.candidates?.[0]?.finishReason
      const { promptTokenCount, candidatesTokenCount } = answer.usageMetadata ?? {}
      seen.usage = pair(promptTokenCount, candidatesTokenCount)
      seen.requestId = answer.sdkHttpResponse?.headers?.['x-request-id']
    },
  },
  {
    endpoint: 'streamGenerateContent',
    streamed: true,
    dialect: 'gemini',
    lead: 0,
    bound: geminiBound,
    async call({ google }, model, seen, signal) {
      const config = { abortSignal: signal }
      for await (const chunk of await google.models.generateContentStream({ model, contents: PROMPT, config })) {
        seen.requestId = chunk.sdkHttpResponse?.headers?.['x-request-id']
        took(seen, chunk.text)
        seen.stop = chunk.candidates?.[0]?.finishReason ?? seen.stop
        const { promptTokenCount, candidatesTokenCount } = chunk.usageMetadata ?? {}
        seen.usage = pair(promptTokenCount, candidatesTokenCount)
      }
    },
  },
]

export const rows: readonly Row[] = [...openaiRows, ...anthropicRows, ...geminiRows]
