import type { Result } from '../core/result.ts'
import { isObject } from './body.ts'
import type { BadBody, Body, BodyBounds, Endpoint, ReadCall, Target } from './dialect.ts'
import { snakeOf } from './gemini-fields.ts'
import { scanJson, type Span } from './json-scan.ts'

/**
 * What a caller of low trust may send, endpoint by endpoint. A list of what is allowed and not of what is not: a field
 * that nobody here has heard of is dropped, because servers learn new ways to show their logits all the time. Dropped and
 * not refused, so that an honest program goes on working; several answers to one prompt become one, the vendors' default.
 */
type Shape = ReadonlyMap<string, Rule>
/** What is left of a field: all of it as it was sent, some of it, or null for nothing. */
type Rule = 'keep' | ((value: unknown, raw: Buffer) => Buffer | string | null)

/** Makes a request of low trust out of what was sent, and reads it again, so that every count follows. */
export function leanCall(
  endpoint: Endpoint,
  target: Target,
  read: ReadCall,
  model: string | null,
  bounds: BodyBounds,
): Result<ReadCall, BadBody> {
  const shape = leanFields[endpoint.name]!
  const inPath = target.id !== null && model !== null
  const body = keep(read.bytes, read.fields, read.body, model === null ? shape : naming(shape, model))
  const again = endpoint.read(body, inPath ? { ...target, id: model } : target, bounds)
  if (!again.ok) return again
  // Detection goes by what was asked, and by which fields a program sends.
  const { call } = again.value
  const value = { ...again.value, turn: read.turn, call: { ...call, params: read.call.params } }
  return { ok: true, value }
}

/** Whether an endpoint has a body to be made lean, and whether another model can answer what it asks. */
export const hasLean = ({ name }: Endpoint): boolean => name in leanFields
export const swapsModel = (endpoint: Endpoint): boolean => hasLean(endpoint) && endpoint.name !== 'embeddings'

function keep(bytes: Buffer, fields: ReadonlyMap<string, Span>, body: Body, shape: Shape): Buffer {
  const parts: Buffer[] = []
  for (const [name, { start, end }] of fields) {
    const rule = shape.get(name)
    if (rule === undefined) continue
    const raw = bytes.subarray(start, end)
    const left = rule === 'keep' ? raw : rule(body[name], raw)
    if (left === null) continue
    parts.push(
      Buffer.from(`${parts.length === 0 ? '{' : ','}${JSON.stringify(name)}:`),
      typeof left === 'string' ? Buffer.from(left) : left,
    )
  }
  return parts.length === 0 ? Buffer.from('{}') : Buffer.concat([...parts, Buffer.from('}')])
}

const naming = (shape: Shape, model: string): Shape =>
  shape.has('model') ? new Map([...shape, ['model', () => JSON.stringify(model)]]) : shape

const only = (ruled: Readonly<Record<string, Rule>>): Shape => new Map(Object.entries(ruled))

const fieldsOf = (kept: string, ruled: Readonly<Record<string, Rule>> = {}): Shape =>
  new Map<string, Rule>([...kept.split(' ').map((name): [string, Rule] => [name, 'keep']), ...Object.entries(ruled)])

/** Of an object the fields that its own list allows. */
const inside =
  (shape: Shape): Rule =>
  (value, raw) => {
    if (value === null) return raw
    const scan = isObject(value) ? scanJson(raw, Infinity) : null
    return scan?.ok === true ? keep(raw, scan.fields, value as Body, shape) : null
  }

const ifOneOf =
  (...allowed: readonly unknown[]): Rule =>
  (value, raw) =>
    allowed.includes(value) ? raw : null

/** Little thinking may be asked for by name; more of it is a longer answer for a thief, and its effort shows in the count. */
const effort = ifOneOf('none', 'minimal', 'low', 'MINIMAL', 'LOW')

/** Both ways to write a name of proto JSON. */
const proto = (shape: Shape): Shape =>
  new Map([...shape].flatMap(([name, rule]) => [[name, rule] as const, [snakeOf(name), rule] as const]))

const usageOnly = inside(fieldsOf('include_usage'))

/** `model`, the prompt, its tools, the format of the answer, its length and how it is sampled; no more. */
const shared = 'model stream temperature top_p stop user safety_identifier'
const penalties = 'presence_penalty frequency_penalty'
const claude =
  'model messages system tools tool_choice output_format mcp_servers context_management compaction cache_control'

const SHORT_THINKING_TOKENS = 1024

const generationConfig = proto(
  fieldsOf(
    'maxOutputTokens temperature topP topK stopSequences presencePenalty frequencyPenalty responseMimeType responseSchema responseJsonSchema responseFormat mediaResolution',
    {
      thinkingConfig: inside(
        proto(
          only({
            thinkingBudget: (value, raw) =>
              typeof value === 'number' && value >= 0 && value <= SHORT_THINKING_TOKENS ? raw : null,
            thinkingLevel: effort,
          }),
        ),
      ),
    },
  ),
)

const included: ReadonlySet<unknown> = new Set([
  'reasoning.encrypted_content',
  'web_search_call.action.sources',
  'file_search_call.results',
  'code_interpreter_call.outputs',
])

/** By the endpoint's name. What has no list has no body. */
export const leanFields: Readonly<Record<string, Shape>> = {
  chat_completions: fieldsOf(
    `${shared} ${penalties} messages max_tokens max_completion_tokens tools tool_choice parallel_tool_calls functions function_call response_format`,
    { stream_options: usageOnly, reasoning_effort: effort },
  ),
  completions: fieldsOf(`${shared} ${penalties} prompt max_tokens`, { stream_options: usageOnly }),
  responses: fieldsOf(
    `${shared} input instructions max_output_tokens max_tool_calls tools tool_choice parallel_tool_calls truncation previous_response_id conversation prompt`,
    {
      text: inside(fieldsOf('format')),
      reasoning: inside(only({ effort })),
      // What somebody does not want to be kept must not be kept because of us.
      store: ifOneOf(false),
      // Sealed reasoning is what a conversation without a store goes on from, and nobody but the vendor can read it.
      include: (value) => {
        const asked = Array.isArray(value) ? value.filter((one) => included.has(one)) : []
        return asked.length === 0 ? null : JSON.stringify(asked)
      },
    },
  ),
  embeddings: fieldsOf('model input encoding_format dimensions user safety_identifier'),
  messages: fieldsOf(`${claude} stream max_tokens temperature top_p top_k stop_sequences`, {
    metadata: inside(fieldsOf('user_id')),
    output_config: inside(fieldsOf('format', { effort })),
  }),
  count_tokens: fieldsOf(claude, { output_config: inside(fieldsOf('format')) }),
  generate_content: proto(
    fieldsOf('contents systemInstruction tools toolConfig safetySettings cachedContent', {
      generationConfig: inside(generationConfig),
    }),
  ),
}
