import { isObject, parseObject } from './body.ts'
import type { Body } from './dialect.ts'
import {
  anything,
  byType,
  flag,
  list,
  number,
  object,
  orNull,
  PartStates,
  rewriteBody,
  text,
  type Fields,
  type LeanAnswer,
  type LeanStream,
  type Rule,
} from './lean-answer.ts'
import { ThoughtText, withoutThought } from './thought-text.ts'

const type: Fields = { type: text }
const found = object({ ...type, tool_use_id: text, content: anything })
const stub = object(type)

/**
 * Blocks by their type. Thinking keeps its frame and its signature, as the vendor has it with `display: omitted`: the
 * next turn has to bring them back. Of an unknown one it stays that it was there: others are told by their number.
 */
const block = byType(
  {
    text: object({
      ...type,
      text: (value) => (typeof value === 'string' ? withoutThought(value) : undefined),
      citations: anything,
    }),
    thinking: object({ ...type, thinking: () => '', signature: text }),
    redacted_thinking: object({ ...type, data: text }),
    compaction: object({ ...type, content: anything, encrypted_content: text }),
    tool_use: object({ ...type, id: text, name: text, input: anything, caller: anything }),
    server_tool_use: object({ ...type, id: text, name: text, input: anything, caller: anything }),
    mcp_tool_use: object({ ...type, id: text, name: text, server_name: text, input: anything }),
    mcp_tool_result: object({ ...type, tool_use_id: text, is_error: flag, content: anything }),
    container_upload: object({ ...type, file_id: text }),
    web_search_tool_result: found,
    web_fetch_tool_result: found,
    code_execution_tool_result: found,
    bash_code_execution_tool_result: found,
    text_editor_code_execution_tool_result: found,
    tool_search_tool_result: found,
  },
  stub,
)

const counts = object({ input_tokens: number, output_tokens: number })

/** Totals: what was read from a cache and written to one is input like the rest. */
const usage: Rule = (value) => {
  const lean = counts(value)
  if (lean === undefined || !isObject(value) || typeof lean['input_tokens'] !== 'number') return lean
  for (const name of ['cache_creation_input_tokens', 'cache_read_input_tokens']) {
    const cached = value[name]
    if (typeof cached === 'number') lean['input_tokens'] = (lean['input_tokens'] as number) + cached
  }
  return lean
}

const stop: Fields = { stop_reason: orNull(text), stop_sequence: orNull(text) }
const message = object({ id: text, ...type, role: text, model: text, content: list(block), ...stop, usage })
const error = object({ ...type, error: object({ ...type, message: text }), request_id: orNull(text) })

const at: Fields = { ...type, index: number }

const delta = byType(
  {
    text_delta: object({ ...type, text }),
    input_json_delta: object({ ...type, partial_json: text }),
    citations_delta: object({ ...type, citation: anything }),
    signature_delta: object({ ...type, signature: text }),
    compaction_delta: object({ ...type, content: orNull(text) }),
  },
  () => undefined,
)

/** Events by their type; any other stays here. */
const events: ReadonlyMap<unknown, Rule> = new Map<unknown, Rule>([
  ['message_start', object({ ...type, message })],
  ['content_block_start', object({ ...at, content_block: block })],
  ['content_block_delta', object({ ...at, delta })],
  ['content_block_stop', object(at)],
  ['message_delta', object({ ...type, delta: object(stop), usage })],
  ['message_stop', stub],
  ['ping', stub],
])

class LeanMessage implements LeanStream {
  readonly #thoughts = new PartStates(() => new ThoughtText())

  rewrite(event: unknown): string | null {
    if (!isObject(event)) return null
    if (event['type'] === 'error' || event['error']) return framed({ ...error(event), type: 'error' })
    const lean = events.get(event['type'])?.(event) as Body | undefined
    if (lean === undefined) return null
    const index = Number(lean['index'] ?? 0)
    if (lean['type'] === 'content_block_delta') return this.#delta(lean, index)
    if (lean['type'] !== 'content_block_stop') return framed(lean)
    // The end of a text that waited for the next piece.
    const rest = this.#thoughts.of(index).end()
    return (rest === '' ? '' : framed(textDelta(index, rest))) + framed(lean)
  }

  #delta(lean: Body, index: number): string | null {
    const { delta: inner } = lean
    if (!isObject(inner)) return null
    if (inner['type'] !== 'text_delta' || typeof inner['text'] !== 'string') return framed(lean)
    const said = this.#thoughts.of(index).push(inner['text'])
    return said === '' ? null : framed(textDelta(index, said))
  }
}

const textDelta = (index: number, said: string): Body => ({
  type: 'content_block_delta',
  index,
  delta: { type: 'text_delta', text: said },
})

const framed = (event: Body): string => `event: ${String(event['type'])}\ndata: ${JSON.stringify(event)}\n\n`

function leanErrorBody(body: Uint8Array): Buffer | null {
  const parsed = parseObject(body)
  return parsed.ok && isObject(parsed.value['error']) ? Buffer.from(JSON.stringify(error(parsed.value))) : null
}

export const leanMessages: LeanAnswer = {
  whole: (body) => rewriteBody(body, ({ content }) => Array.isArray(content), message),
  error: leanErrorBody,
  stream: () => new LeanMessage(),
}

export const leanTokenCount: LeanAnswer = {
  whole: (body) => rewriteBody(body, (value) => 'input_tokens' in value, object({ input_tokens: number })),
  error: leanErrorBody,
  stream: null,
}
