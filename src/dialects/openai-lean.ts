import { isObject, parseObject } from './body.ts'
import {
  list,
  number,
  object,
  orNull,
  rewriteBody,
  text,
  type Lean,
  type LeanAnswer,
  type Rule,
} from './lean-answer.ts'

/** What OpenAI's endpoints have in common for a restricted caller, and those of them that are lists. */
export const leanUsage: Rule = object({ prompt_tokens: number, completion_tokens: number, total_tokens: number })

const code: Rule = (value) => text(value) ?? number(value)
const problem = object({ message: text, type: orNull(text), param: orNull(text), code: orNull(code) })

/** Servers write an object there, or a text. */
export const leanError: (value: unknown) => Lean | undefined = object({
  error: (value) => problem(value) ?? text(value),
})

export function leanErrorBody(body: Uint8Array): Buffer | null {
  const parsed = parseObject(body)
  if (!parsed.ok) return null
  const lean: Lean = leanError(parsed.value) ?? {}
  return isObject(lean['error']) || typeof lean['error'] === 'string' ? Buffer.from(JSON.stringify(lean)) : null
}

const embedding = object({ object: text, index: number, embedding: (value) => text(value) ?? list(number)(value) })
const embeddings = object({ object: text, data: list(embedding), model: text, usage: leanUsage })
const isList = ({ data }: { readonly data?: unknown }): boolean => Array.isArray(data)

export const leanEmbeddings: LeanAnswer = {
  whole: (body) => rewriteBody(body, isList, embeddings),
  error: leanErrorBody,
  stream: null,
}

const model = { id: text, object: text, created: number, owned_by: text }
const models = object({ object: text, data: list(object(model)) })

/** Servers of one's own tell here of what a model was made of and how it runs. */
export const leanModels: LeanAnswer = {
  whole: (body) => rewriteBody(body, isList, models),
  error: leanErrorBody,
  stream: null,
}

export const leanModel: LeanAnswer = {
  whole: (body) => rewriteBody(body, ({ id }) => typeof id === 'string', object(model)),
  error: leanErrorBody,
  stream: null,
}
