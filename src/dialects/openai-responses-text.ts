import { isObject } from './body.ts'
import type { Body } from './dialect.ts'
import { hiddenBytes } from './openai-parts.ts'
import { count } from './counts.ts'
import { generatedBytes, soundBytes } from './prompt-text.ts'

/**
 * Which text of a response the model wrote. Results of tools stand in the same items and events; they are input of the
 * model's next turn, and the vendor's usage counts them there.
 */
const written: ReadonlyMap<unknown, readonly string[]> = new Map([
  ['message', ['content']],
  ['reasoning', ['summary', 'content', 'encrypted_content']],
  ['compaction', ['encrypted_content']],
  ['function_call', ['name', 'arguments']],
  ['custom_tool_call', ['name', 'input']],
  ['mcp_call', ['name', 'arguments']],
  ['mcp_approval_request', ['name', 'arguments']],
  ['tool_search_call', ['arguments']],
  ['code_interpreter_call', ['code']],
  ['program', ['code']],
  ['web_search_call', ['action']],
  ['file_search_call', ['queries']],
  ['computer_call', ['action', 'actions']],
  ['local_shell_call', ['action']],
  ['shell_call', ['action']],
  ['apply_patch_call', ['operation']],
  ['image_generation_call', ['revised_prompt']],
  ['mcp_list_tools', []],
  ['function_call_output', []],
  ['custom_tool_call_output', []],
  ['tool_search_output', []],
  ['computer_call_output', []],
  ['local_shell_call_output', []],
  ['shell_call_output', []],
  ['apply_patch_call_output', []],
  ['program_output', []],
  ['additional_tools', []],
])

/** Items that stand for one run of a tool on the vendor's side. */
const toolRuns: ReadonlySet<unknown> = new Set([
  'web_search_call',
  'file_search_call',
  'code_interpreter_call',
  'image_generation_call',
  'mcp_call',
])

export const isToolRun = (item: unknown): boolean => isObject(item) && toolRuns.has(item['type'])

/** Runs of tools in an output. Of searches the vendor tells how many it bills: opening a page is none. */
export function countToolRuns(output: readonly unknown[], toolUsage: unknown): number {
  const runs = output.filter(isToolRun).length
  const search = isObject(toolUsage) ? toolUsage['web_search'] : null
  const billed = isObject(search) ? count(search['num_requests']) : null
  if (billed === null) return runs
  return runs - output.filter((item) => isObject(item) && item['type'] === 'web_search_call').length + billed
}

/** Bytes of what the model wrote of an output item; all text of one that is unknown. */
export function itemBytes(item: unknown): number {
  const fields = isObject(item) ? written.get(item['type']) : undefined
  if (fields === undefined) return generatedBytes(item)
  return fields.reduce((sum, field) => sum + fieldBytes(field, (item as Body)[field]), 0)
}

function fieldBytes(field: string, value: unknown): number {
  if (field === 'encrypted_content') return typeof value === 'string' ? hiddenBytes(value) : 0
  if (Array.isArray(value)) return (value as unknown[]).reduce((sum: number, part) => sum + partBytes(part), 0)
  return partBytes(value)
}

/** Beside the text of a part stand where it comes from and how likely it was. */
export const partBytes = (part: unknown): number =>
  generatedBytes(isObject(part) ? { ...part, annotations: undefined, logprobs: undefined, sources: undefined } : part)

/** Events that carry what no model wrote: results of tools, images, sound whose length is told by its bytes. */
const silent: ReadonlySet<unknown> = new Set([
  'response.output_text.annotation.added',
  'response.image_generation_call.partial_image',
  'response.shell_call_output_content.delta',
  'response.shell_call_output_content.done',
])

/** The common deltas, which hold nothing else of the model's. */
const deltas: ReadonlySet<unknown> = new Set([
  'response.output_text.delta',
  'response.refusal.delta',
  'response.reasoning_text.delta',
  'response.reasoning_summary_text.delta',
  'response.function_call_arguments.delta',
  'response.custom_tool_call_input.delta',
  'response.mcp_call_arguments.delta',
  'response.code_interpreter_call_code.delta',
])

/** Fields of an event that frame its text or repeat it. */
const frame = {
  item_id: undefined,
  response_id: undefined,
  call_id: undefined,
  obfuscation: undefined,
  logprobs: undefined,
  annotations: undefined,
}

/** Bytes of what the model wrote in an event that is about a part of an item. */
export function eventBytes(event: Body): number {
  const { type, delta, part } = event
  if (deltas.has(type)) return generatedBytes(delta)
  if (silent.has(type)) return 0
  if (type === 'response.audio.delta') return typeof delta === 'string' ? soundBytes(delta) : 0
  if (part !== undefined) return partBytes(part)
  // The name beside the arguments was in the item already.
  if (typeof type === 'string' && type.endsWith('_arguments.done')) return generatedBytes(event['arguments'])
  return generatedBytes({ ...event, ...frame })
}
