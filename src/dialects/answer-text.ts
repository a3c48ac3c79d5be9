import { isObject } from './body.ts'
import type { Body } from './dialect.ts'

/** Takes a piece of what a model wrote; `choice` tells answers apart that were asked for at once. */
export type Hear = (choice: number, text: string) => void

/**
 * The text that a model wrote in one event of a stream, or in a whole answer, in order: what a client would show, its
 * reasoning and the arguments of its tools. Each vendor's form is known by its fields; what has none of them is passed over.
 */
export function hearAnswer(value: unknown, hear: Hear): void {
  if (!isObject(value)) return
  const { type, choices, candidates, content, output, delta } = value
  if (Array.isArray(choices)) {
    for (const choice of choices as unknown[]) if (isObject(choice)) hearChoice(choice, hear)
  } else if (Array.isArray(candidates)) {
    for (const one of candidates as unknown[]) {
      if (isObject(one) && isObject(one['content'])) hearParts(indexOf(one), one['content']['parts'], hear)
    }
  } else if (type === 'content_block_delta') hearSpoken(0, delta, hear)
  else if (typeof type === 'string' && type.endsWith('.delta')) {
    if (typeof delta === 'string') hear(indexOf(value, 'output_index'), delta)
  } else if (Array.isArray(content)) hearParts(0, content, hear)
  else if (Array.isArray(output)) {
    for (const [index, item] of (output as unknown[]).entries()) {
      if (!isObject(item)) continue
      hearParts(index, item['content'], hear)
      hearParts(index, item['summary'], hear)
      hearSpoken(index, { arguments: item['arguments'], input: item['input'] }, hear)
    }
  }
}

const indexOf = (value: Body, name = 'index'): number => (typeof value[name] === 'number' ? value[name] : 0)

function hearChoice(choice: Body, hear: Hear): void {
  const index = indexOf(choice)
  const { delta, message, text } = choice
  hearSpoken(index, { text }, hear)
  hearSpoken(index, delta ?? message, hear)
}

function hearParts(index: number, parts: unknown, hear: Hear): void {
  if (!Array.isArray(parts)) return
  for (const part of parts as unknown[]) hearSpoken(index, part, hear)
}

/** Names under which a message, a delta or a part holds what was written. */
const spoken = [
  'reasoning_content',
  'reasoning',
  'thinking',
  'content',
  'text',
  'refusal',
  'partial_json',
  'arguments',
  'input',
] as const

function hearSpoken(index: number, value: unknown, hear: Hear): void {
  if (!isObject(value)) return
  for (const name of spoken) {
    const inner = value[name]
    if (typeof inner === 'string') hear(index, inner)
    else if (name === 'content') hearParts(index, inner, hear)
    else if (name === 'input' && isObject(inner)) hear(index, JSON.stringify(inner))
  }
  const { tool_calls: calls, functionCall } = value
  if (isObject(functionCall)) hear(index, JSON.stringify(functionCall['args'] ?? ''))
  if (!Array.isArray(calls)) return
  for (const call of calls as unknown[]) if (isObject(call)) hearSpoken(index, call['function'], hear)
}
