import type { RecordedTurn } from '../core/recorded.ts'
import { isObject, objectOf } from './fields.ts'
import type { Line } from './line.ts'
import type { Notes } from './notes.ts'

/**
 * The conversation of a request body, in the words of whichever API it was written for: OpenAI's chat, completions,
 * responses and embeddings, Anthropic's messages, Gemini's contents. Only text is taken; an image is a turn without it.
 */
export function turnsOf(body: Line, notes: Notes): readonly RecordedTurn[] {
  const { messages, prompt, input, contents } = body
  const turns: RecordedTurn[] = []
  addSystem(turns, body['system'] ?? body['instructions'])
  addSystem(turns, objectOf(body['systemInstruction'] ?? body['system_instruction'])['parts'])
  addMessages(turns, messages, notes)
  addTexts(turns, prompt, notes)
  addMessages(turns, input, notes)
  addMessages(turns, contents, notes)
  return turns
}

/** Everything of a request body that is neither text nor has a field of its own. */
export function paramsOf(body: Line): Line {
  return Object.fromEntries(Object.entries(body).filter(([name]) => !textNames.has(name)))
}

/** The parameters of a request whose fields stand among others: those that vendors document. */
export function inlineParams(line: Line): Line {
  return Object.fromEntries(Object.entries(line).filter(([name]) => knownParams.has(name)))
}

const knownParams: ReadonlySet<string> = new Set(
  `temperature top_p top_k n stop seed max_tokens max_completion_tokens max_output_tokens logprobs top_logprobs logit_bias
  presence_penalty frequency_penalty response_format tools tool_choice parallel_tool_calls reasoning reasoning_effort
  verbosity modalities service_tier store stream_options suffix best_of echo`.split(/\s+/),
)

/** Names under which a request's text stands, or what is read elsewhere. */
const textNames: ReadonlySet<string> = new Set([
  'messages',
  'prompt',
  'input',
  'contents',
  'system',
  'instructions',
  'systemInstruction',
  'system_instruction',
  'model',
  'stream',
  'user',
  'metadata',
])

type Role = RecordedTurn['role']

const roles: ReadonlyMap<string, Role> = new Map([
  ['user', 'user'],
  ['human', 'user'],
  ['assistant', 'assistant'],
  ['model', 'assistant'],
  ['ai', 'assistant'],
  ['system', 'system'],
  ['developer', 'system'],
  ['tool', 'tool'],
  ['function', 'tool'],
])

function addSystem(turns: RecordedTurn[], value: unknown): void {
  const text = textOf(value)
  if (text !== '') turns.push({ role: 'system', text })
}

/** One text, a list of texts, or lists of token numbers, which hold no text. */
function addTexts(turns: RecordedTurn[], value: unknown, notes: Notes): void {
  if (value === undefined || value === null) return
  if (typeof value === 'string') turns.push({ role: 'user', text: value })
  else if (Array.isArray(value)) {
    for (const one of value as readonly unknown[]) if (typeof one === 'string') turns.push({ role: 'user', text: one })
  } else notes.add('a field of the wrong type was ignored')
}

function addMessages(turns: RecordedTurn[], value: unknown, notes: Notes): void {
  if (!Array.isArray(value)) return addTexts(turns, value, notes)
  for (const one of value as readonly unknown[]) {
    if (isObject(one)) addMessage(turns, one, notes)
    else if (typeof one === 'string') turns.push({ role: 'user', text: one })
    else if (typeof one !== 'number' && !Array.isArray(one)) notes.add('a message that cannot be read was left out')
  }
}

function addMessage(turns: RecordedTurn[], message: Line, notes: Notes): void {
  const { role, type, content, parts } = message
  if (role === undefined && typeof type === 'string' && type !== 'message') return addItem(turns, type, message)
  const known = typeof role === 'string' ? roles.get(role) : undefined
  // Gemini's contents may leave out the role of a single turn.
  if (known === undefined && !(role === undefined && parts !== undefined)) {
    notes.add('a message of an unknown role was read as the user’s')
  }
  if (typeof content === 'string') turns.push({ role: known ?? 'user', text: content })
  else addParts(turns, known ?? 'user', content ?? parts)
}

/** An item of the Responses API that is no message. */
function addItem(turns: RecordedTurn[], type: string, item: Line): void {
  if (type.endsWith('_output')) turns.push({ role: 'tool', text: textOf(item['output']) })
  else if (type === 'input_text') turns.push({ role: 'user', text: textOf(item['text']) })
  else if (type.endsWith('_call')) turns.push({ role: 'assistant', text: '' })
}

/** What a tool said is a turn of its own, before what the user adds to it. */
function addParts(turns: RecordedTurn[], role: Role, content: unknown): void {
  let text = ''
  let tools = 0
  const parts: readonly unknown[] = Array.isArray(content) ? content : [content]
  for (const part of parts) {
    const answer = toolAnswer(part)
    if (answer === null) text = joined(text, partText(part))
    else {
      turns.push({ role: 'tool', text: answer })
      tools++
    }
  }
  if (text !== '' || tools === 0) turns.push({ role, text })
}

/** Anthropic's `tool_result`, Gemini's `functionResponse`. */
function toolAnswer(part: unknown): string | null {
  if (!isObject(part)) return null
  if (part['type'] === 'tool_result') return textOf(part['content'])
  const response = part['functionResponse'] ?? part['function_response']
  return isObject(response) ? written(response['response']) : null
}

/** As JSON; what nests deeper than it can be written is left out. */
function written(value: unknown): string {
  try {
    return JSON.stringify(value ?? null)
  } catch {
    return ''
  }
}

/** A text, a part with a text, or a list of either. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  if (!Array.isArray(value)) return partText(value)
  let text = ''
  for (const part of value as readonly unknown[]) text = joined(text, partText(part))
  return text
}

function partText(part: unknown): string {
  if (typeof part === 'string') return part
  const text = objectOf(part)['text']
  return typeof text === 'string' ? text : ''
}

const joined = (a: string, b: string): string => (a === '' ? b : b === '' ? a : `${a}\n${b}`)
