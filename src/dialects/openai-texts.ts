import { ok, type Result } from '../core/result.ts'
import { bad } from './body.ts'
import type { BadBody } from './dialect.ts'

/** Texts as completions and embeddings take them: one or a list, written as text or as tokens. */
export interface Texts {
  readonly texts: readonly string[]
  /** Tokens that the client has counted out itself. */
  readonly tokens: number
  /** How many inputs there are, in either form. */
  readonly count: number
}

export function readTexts(value: unknown, name: string, maxCount: number): Result<Texts, BadBody> {
  const wrong = bad(`"${name}" must be text, a list of texts, or lists of token numbers.`, name)
  if (typeof value === 'string') return ok({ texts: [value], tokens: 0, count: 1 })
  if (!Array.isArray(value) || value.length === 0) return wrong
  const list = value as readonly unknown[]
  if (list.every(isToken)) return ok({ texts: [], tokens: list.length, count: 1 })
  if (list.length > maxCount) return bad(`"${name}" holds more than ${maxCount} entries.`, name)
  if (list.every((one) => typeof one === 'string')) return ok({ texts: list, tokens: 0, count: list.length })
  let tokens = 0
  for (const one of list) {
    if (!Array.isArray(one) || one.length === 0 || !one.every(isToken)) return wrong
    tokens += one.length
  }
  return ok({ texts: [], tokens, count: list.length })
}

const isToken = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0
