import { isObject } from './body.ts'
import type { Body, Turn } from './dialect.ts'
import { chatParts, itemParts } from './openai-parts.ts'
import { textsOf } from './prompt-text.ts'
import { systemOf, turnOf } from './turn.ts'

/** Who has spoken last in OpenAI's bodies: the last message that is neither the model's nor the system's. */
const systems: ReadonlySet<unknown> = new Set(['system', 'developer'])
const tools: ReadonlySet<unknown> = new Set(['tool', 'function'])

export function chatTurn(messages: readonly Body[]): Turn | null {
  const first = messages[0]!
  // Where there is nothing else the system's message is what is asked.
  const last = messages.findLast(({ role }) => role !== 'assistant' && !systems.has(role)) ?? messages.at(-1)!
  const system = first !== last && systems.has(first['role']) ? systemOf(contentTexts(first['content'])) : null
  return turnOf(tools.has(last['role']) ? 'tool' : 'human', contentTexts(last['content']), messages.length, system)
}

const contentTexts = (content: unknown): readonly string[] =>
  typeof content === 'string' ? [content] : textsOf(content, chatParts)

/** What only the vendor has of a conversation was a question and its answer at least. */
const UNSEEN_TURNS = 2

export function responseTurn(body: Body, items: readonly Body[]): Turn | null {
  const { instructions } = body
  const elsewhere = ['previous_response_id', 'conversation'].filter((name) => (body[name] ?? null) !== null).length
  const turns = items.length + elsewhere * UNSEEN_TURNS + (typeof instructions === 'string' ? 1 : 0)
  const first = items[0]
  const last = items.findLast(isAsking) ?? items.findLast(({ role }) => role !== undefined)
  if (last === undefined) return null
  let system = typeof instructions === 'string' ? instructions || null : null
  if (system === null && first !== last && systems.has(first?.['role']))
    system = systemOf(itemTexts(first?.['content']))
  return isResult(last)
    ? turnOf('tool', itemTexts(last['output']), turns, system)
    : turnOf('human', itemTexts(last['content'] ?? last['text']), turns, system)
}

const isResult = ({ role, type }: Body): boolean =>
  role === undefined && typeof type === 'string' && type.endsWith('_output')

/** A message that is neither the model's nor the system's, or the result of a tool. */
function isAsking(item: Body): boolean {
  const { role, type } = item
  if (role !== undefined) return role !== 'assistant' && !systems.has(role)
  return type === undefined || type === 'message' || type === 'input_text' || isResult(item)
}

/** Beside their text parts have details of images and names of files. */
function itemTexts(content: unknown): readonly string[] {
  if (typeof content === 'string') return [content]
  if (!Array.isArray(content)) return textsOf(content, itemParts)
  const texts = (content as unknown[]).map((part) => (isObject(part) ? part['text'] : part))
  return texts.filter((text) => typeof text === 'string')
}
