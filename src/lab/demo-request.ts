/** What a directive in the last user message makes the demo model do: `[[demo: key=value ...]]`. */
export interface Directive {
  /** Answer with this error status. */
  readonly status: number | null
  readonly delayMs: number | null
  readonly tokensPerSecond: number | null
  readonly dropAfter: number | null
  readonly stallAfter: number | null
  /** Length of the answer in tokens. */
  readonly tokens: number | null
  readonly flags: ReadonlySet<string>
}

export interface DemoRequest {
  readonly model: string
  readonly prompt: string
  readonly promptTokens: number
  readonly stream: boolean
  readonly includeUsage: boolean
  readonly choices: number
  readonly maxTokens: number
  readonly stop: readonly string[]
  readonly tool: { readonly name: string; readonly parameters: unknown } | null
  readonly logprobs: boolean
  readonly topLogprobs: number
  readonly reasoningTokens: number
  readonly directive: Directive
}

export type DemoProblem = { readonly status: number; readonly message: string; readonly code: string }

interface Body {
  readonly model?: unknown
  readonly messages?: unknown
  readonly stream?: unknown
  readonly stream_options?: { readonly include_usage?: unknown } | null
  readonly n?: unknown
  readonly max_tokens?: unknown
  readonly max_completion_tokens?: unknown
  readonly stop?: unknown
  readonly tools?: unknown
  readonly logprobs?: unknown
  readonly top_logprobs?: unknown
  readonly reasoning_effort?: unknown
}

export const demoModels = ['weir-demo-small', 'weir-demo-large'] as const

const DEFAULT_TOKENS = 120
/** A prompt must not be able to ask for more memory than a long answer takes. */
const MAX_TOKENS = 200_000
const MAX_CHOICES = 128
const MAX_TOP_LOGPROBS = 20
const TOKENS_PER_MESSAGE = 4

/** The demo's own tokens: runs of up to four characters. Their concatenation is the text. */
export function tokenize(text: string): string[] {
  return text.match(/ ?[^\s]{1,4}|\s/gu) ?? []
}

export function readDemoRequest(bytes: Uint8Array | null): DemoRequest | DemoProblem {
  let body: Body | null
  let toolsText: string
  try {
    body = JSON.parse(Buffer.from(bytes ?? []).toString('utf8')) as Body | null
    // Writing a value nests deeper than reading it may, so it can fail as well.
    toolsText = JSON.stringify(body?.tools ?? [])
  } catch {
    return { status: 400, message: 'We could not parse the JSON body of your request.', code: 'invalid_json' }
  }
  const { model, messages } = body ?? {}
  if (body === null || typeof model !== 'string' || !isList(messages)) {
    return { status: 400, message: 'You must provide a model and messages.', code: 'invalid_request' }
  }
  const wrong = wrongField(body, messages)
  if (wrong !== null) return { status: 400, message: `Invalid value for '${wrong}'.`, code: 'invalid_request' }
  if (!(demoModels as readonly string[]).includes(model) && !model.startsWith('demo-')) {
    return { status: 404, message: `The model '${model}' does not exist.`, code: 'model_not_found' }
  }
  const texts = messages.map(({ role, content }) => ({ role, text: textOf(content) }))
  const last = texts.findLast(({ role }) => role === 'user')?.text ?? ''
  const tools = (body.tools ?? []) as { function?: { name?: unknown; parameters?: unknown } }[]
  const called = tools.find(({ function: fn }) => typeof fn?.name === 'string' && last.includes(fn.name))?.function
  const directive = readDirective(last)
  const promptTokens =
    texts.reduce((sum, { text }) => sum + tokenize(text).length + TOKENS_PER_MESSAGE, 0) +
    (tools.length === 0 ? 0 : tokenize(toolsText).length)
  return {
    model,
    prompt: last.replaceAll(/\[\[demo:[^\]]*\]\]/g, '').trim(),
    promptTokens,
    stream: body.stream === true,
    includeUsage: body.stream_options?.include_usage === true,
    choices: whole(body.n) ?? 1,
    maxTokens: whole(body.max_completion_tokens) ?? whole(body.max_tokens) ?? Number.MAX_SAFE_INTEGER,
    stop: (Array.isArray(body.stop) ? body.stop : [body.stop]).filter(
      (text) => typeof text === 'string' && text !== '',
    ),
    tool: called === undefined ? null : { name: called.name as string, parameters: called.parameters },
    logprobs: body.logprobs === true,
    topLogprobs: whole(body.top_logprobs) ?? 0,
    // Only the large model thinks, and it shows nobody what.
    reasoningTokens: model === 'weir-demo-large' && typeof body.reasoning_effort === 'string' ? 64 : 0,
    directive,
  }
}

export const answerLength = ({ directive, choices }: DemoRequest): number =>
  Math.min(Math.floor(MAX_TOKENS / choices), directive.tokens ?? DEFAULT_TOKENS)

/** The name of a field that is there and cannot be followed. */
function wrongField(body: Body, messages: readonly Readonly<Record<string, unknown>>[]): string | null {
  const outside = (value: unknown, least: number, most: number): boolean => {
    if (value === undefined || value === null) return false
    const number = whole(value)
    return number === null || number < least || number > most
  }
  if (!messages.every(({ content }) => !Array.isArray(content) || isList(content))) return 'messages'
  if (body.tools !== undefined && body.tools !== null && !isList(body.tools)) return 'tools'
  if (outside(body.n, 1, MAX_CHOICES)) return 'n'
  if (outside(body.max_tokens, 1, Number.MAX_SAFE_INTEGER)) return 'max_tokens'
  if (outside(body.max_completion_tokens, 1, Number.MAX_SAFE_INTEGER)) return 'max_completion_tokens'
  return outside(body.top_logprobs, 0, MAX_TOP_LOGPROBS) ? 'top_logprobs' : null
}

/** A list of objects. */
const isList = (value: unknown): value is readonly Readonly<Record<string, unknown>>[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'object' && item !== null)

const whole = (value: unknown): number | null => (Number.isSafeInteger(value) ? (value as number) : null)

function textOf(content: unknown): string {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return ''
  return (content as { text?: unknown }[]).map(({ text }) => (typeof text === 'string' ? text : '')).join(' ')
}

/** Anything can stand in a prompt; what is not a number that a timer takes means nothing here. */
const WHOLE_NUMBER = /^\d{1,9}$/

function readDirective(text: string): Directive {
  const words = (/\[\[demo:([^\]]*)\]\]/.exec(text)?.[1] ?? '').trim().split(/\s+/)
  const values = new Map<string, number>()
  const flags = new Set<string>()
  for (const word of words) {
    const [key, value] = word.split('=') as [string, string?]
    if (value === undefined) flags.add(key)
    else if (WHOLE_NUMBER.test(value)) values.set(key, Number(value))
  }
  const valueOf = (key: string): number | null => values.get(key) ?? null
  const status = valueOf('status')
  return {
    status: status !== null && status >= 400 && status <= 599 ? status : null,
    delayMs: valueOf('delay_ms'),
    tokensPerSecond: valueOf('pace_tps'),
    dropAfter: valueOf('drop_after'),
    stallAfter: valueOf('stall_after'),
    tokens: valueOf('tokens'),
    flags,
  }
}
