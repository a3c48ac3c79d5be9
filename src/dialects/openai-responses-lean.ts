import { isObject } from './body.ts'
import type { Body } from './dialect.ts'
import {
  anything,
  byType,
  emptied,
  flag,
  list,
  number,
  object,
  orNull,
  PartStates,
  rewriteBody,
  text,
  type Fields,
  type Lean,
  type LeanAnswer,
  type LeanStream,
  type Rule,
} from './lean-answer.ts'
import { leanErrorBody } from './openai-lean.ts'
import { ThoughtText, withoutThought } from './thought-text.ts'

const said: Rule = (value) => (typeof value === 'string' ? withoutThought(value) : undefined)

const stub = { id: text, type: text, status: text }
const call: Fields = { ...stub, call_id: text }

/** Where a text comes from. */
const source = object({
  type: text,
  start_index: number,
  end_index: number,
  index: number,
  url: text,
  title: text,
  file_id: text,
  filename: text,
  container_id: text,
})

const part = byType(
  {
    output_text: object({ type: text, text: said, annotations: list(source) }),
    refusal: object({ type: text, refusal: text }),
  },
  object({ type: text }),
)

/**
 * Items by their type. Of an unknown one it stays that it was there: others are told by their number. Reasoning keeps its
 * frame and what only the vendor can open, since the next turn has to bring them back.
 */
const item = byType(
  {
    message: object({ ...stub, role: text, phase: orNull(text), content: list(part) }),
    reasoning: object({ ...stub, summary: emptied, encrypted_content: orNull(text) }),
    compaction: object({ ...stub, encrypted_content: text }),
    function_call: object({ ...call, name: text, namespace: text, arguments: text }),
    custom_tool_call: object({ ...call, name: text, namespace: text, input: text }),
    web_search_call: object({ ...stub, action: anything }),
    file_search_call: object({ ...stub, queries: anything }),
    code_interpreter_call: object({ ...stub, container_id: text, code: orNull(text), outputs: anything }),
    image_generation_call: object({ ...stub, result: orNull(text) }),
    computer_call: object({ ...call, action: anything, actions: anything, pending_safety_checks: anything }),
    local_shell_call: object({ ...call, action: anything }),
    shell_call: object({ ...call, action: anything }),
    apply_patch_call: object({ ...call, operation: anything }),
    mcp_call: object({
      ...stub,
      server_label: text,
      name: text,
      arguments: text,
      approval_request_id: orNull(text),
      output: anything,
      error: anything,
    }),
    mcp_list_tools: object({ ...stub, server_label: text, tools: anything, error: anything }),
    mcp_approval_request: object({ ...stub, server_label: text, name: text, arguments: text }),
  },
  object(stub),
)

const usage = object({ input_tokens: number, output_tokens: number, total_tokens: number })
const problem = object({ code: orNull(text), message: text })

const response = object({
  id: text,
  object: text,
  created_at: number,
  status: text,
  error: orNull(problem),
  incomplete_details: orNull(object({ reason: text })),
  model: text,
  output: list(item),
  output_text: said,
  parallel_tool_calls: flag,
  tool_choice: text,
  // What a gateway adds to a client's own is nobody's business.
  tools: emptied,
  usage: orNull(usage),
})

const frame: Fields = { type: text, sequence_number: number }
const ofItem: Fields = { ...frame, item_id: text, output_index: number }
const ofPart: Fields = { ...ofItem, content_index: number }
const delta = (fields: Fields): Rule => object({ ...fields, delta: text, obfuscation: text })

const lifecycle = object({ ...frame, response })
const wholeItem = object({ ...frame, output_index: number, item })
const wholePart = object({ ...ofPart, part })
const progress = object(ofItem)

/** Events by their type; any other stays here, and with it all there is of reasoning. */
const events: Readonly<Record<string, Rule>> = {
  'response.created': lifecycle,
  'response.queued': lifecycle,
  'response.in_progress': lifecycle,
  'response.completed': lifecycle,
  'response.incomplete': lifecycle,
  'response.failed': lifecycle,
  'response.cancelled': lifecycle,
  'response.output_item.added': wholeItem,
  'response.output_item.done': wholeItem,
  'response.content_part.added': wholePart,
  'response.content_part.done': wholePart,
  'response.output_text.delta': delta(ofPart),
  'response.output_text.done': object({ ...ofPart, text: said }),
  'response.output_text.annotation.added': object({ ...ofPart, annotation_index: number, annotation: source }),
  'response.refusal.delta': delta(ofPart),
  'response.refusal.done': object({ ...ofPart, refusal: text }),
  'response.function_call_arguments.delta': delta(ofItem),
  'response.function_call_arguments.done': object({ ...ofItem, name: text, arguments: text }),
  'response.custom_tool_call_input.delta': delta(ofItem),
  'response.custom_tool_call_input.done': object({ ...ofItem, input: text }),
  'response.mcp_call_arguments.delta': delta(ofItem),
  'response.mcp_call_arguments.done': object({ ...ofItem, arguments: text }),
  'response.code_interpreter_call_code.delta': delta(ofItem),
  'response.code_interpreter_call_code.done': object({ ...ofItem, code: text }),
  'response.audio.delta': delta(ofItem),
  'response.audio.done': progress,
  'response.audio.transcript.delta': delta(ofItem),
  'response.audio.transcript.done': progress,
  'response.image_generation_call.partial_image': object({
    ...ofItem,
    partial_image_index: number,
    partial_image_b64: text,
  }),
  ...Object.fromEntries(
    [
      'web_search_call',
      'file_search_call',
      'code_interpreter_call',
      'image_generation_call',
      'mcp_call',
      'mcp_list_tools',
    ]
      .flatMap((tool) =>
        ['in_progress', 'searching', 'interpreting', 'generating', 'completed', 'failed'].map(
          (state) => `response.${tool}.${state}`,
        ),
      )
      .map((type) => [type, progress]),
  ),
  error: object({ ...frame, code: orNull(text), message: text, param: orNull(text), error: orNull(problem) }),
}
const rules = new Map(Object.entries(events))

const reasoningParts: ReadonlySet<unknown> = new Set(['reasoning_text', 'summary_text'])

class LeanEvents implements LeanStream {
  readonly #thoughts = new PartStates(() => new ThoughtText())
  /** Events are counted anew: the gaps would tell how much was thought. */
  #sequence: number | null = null

  rewrite(event: unknown, data: string): string | null {
    if (data.startsWith('[DONE]')) return 'data: [DONE]\n\n'
    if (!isObject(event)) return null
    const type = String(event['type'])
    const lean = (event['error'] ? rules.get('error') : rules.get(type))?.(event) as Lean | undefined
    if (lean === undefined) return null
    const partKind = isObject(event['part']) ? event['part']['type'] : null
    if (reasoningParts.has(partKind)) return null
    if (type === 'response.output_text.delta' && typeof lean['delta'] === 'string') {
      lean['delta'] = this.#thoughts.of(partOf(event)).push(lean['delta'])
      if (lean['delta'] === '') return null
    }
    const rest = type === 'response.output_text.done' ? this.#thoughts.of(partOf(event)).end() : ''
    return this.#rest(rest, lean) + this.#write(lean)
  }

  /** The end of a text that waited for the next piece comes before the event that closes it. */
  #rest(rest: string, closing: Lean): string {
    if (rest === '') return ''
    const { text: _, ...at } = closing
    return this.#write({ ...at, type: 'response.output_text.delta', delta: rest })
  }

  #write(lean: Lean): string {
    const { sequence_number: sequence } = lean
    if (typeof sequence === 'number') {
      this.#sequence = this.#sequence === null ? sequence : this.#sequence + 1
      lean['sequence_number'] = this.#sequence
    }
    const type = String(lean['type'])
    return `event: ${rules.has(type) ? type : 'error'}\ndata: ${JSON.stringify(lean)}\n\n`
  }
}

const partOf = ({ output_index: index, content_index: content }: Body): string => `${String(index)} ${String(content)}`

export const leanResponse: LeanAnswer = {
  whole: (body) => rewriteBody(body, ({ output }) => Array.isArray(output), response),
  error: leanErrorBody,
  stream: () => new LeanEvents(),
}
