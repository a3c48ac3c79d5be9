import { isObject, parseObject } from './body.ts'
import type { Body } from './dialect.ts'
import {
  anything,
  list,
  number,
  object,
  PartStates,
  rewriteBody,
  text,
  type Fields,
  type Lean,
  type LeanAnswer,
  type LeanStream,
  type Rule,
} from './lean-answer.ts'
import { ThoughtText, withoutThought } from './thought-text.ts'

/** Without its signature, which the next turn has to bring back, a model of this vendor's takes no call of a tool. */
const partFields: Fields = {
  text,
  functionCall: object({ id: text, name: text, args: anything }),
  inlineData: object({ mimeType: text, data: text }),
  fileData: object({ mimeType: text, fileUri: text }),
  executableCode: object({ id: text, language: text, code: text }),
  codeExecutionResult: object({ id: text, outcome: text, output: text }),
  thoughtSignature: text,
}
const pickPart = object(partFields)

/** A part, its text as `said` leaves it; undefined: it is a thought, or nothing is left of it. */
function leanPart(part: unknown, said: (text: string) => string): Lean | undefined {
  if (!isObject(part) || (part['thought'] ?? false) !== false) return undefined
  const lean = pickPart(part)!
  const before = lean['text']
  if (typeof before !== 'string') return Object.keys(lean).length === 0 ? undefined : lean
  lean['text'] = said(before)
  return lean['text'] === '' && before !== '' && !('thoughtSignature' in lean) ? undefined : lean
}

/** Where the text comes from, without how sure the vendor is of it. */
const sources = object({
  webSearchQueries: list(text),
  searchEntryPoint: object({ renderedContent: text }),
  groundingChunks: anything,
  groundingSupports: list(object({ segment: anything, groundingChunkIndices: list(number) })),
})
const pickCandidate = object({
  finishReason: text,
  index: number,
  citationMetadata: anything,
  groundingMetadata: sources,
})
const pickRole = object({ role: text })

interface LeanCandidate {
  readonly lean: Lean
  readonly empty: boolean
}

/** `said`: what is left of the candidate's texts; `rest`: what comes after the last of them. */
function leanCandidate(candidate: Body, said: (text: string) => string, rest: () => string): LeanCandidate {
  const content = isObject(candidate['content']) ? candidate['content'] : null
  const given: readonly unknown[] = Array.isArray(content?.['parts']) ? content['parts'] : []
  const parts = given.map((part) => leanPart(part, said)).filter((part) => part !== undefined)
  const last = rest()
  if (last !== '') parts.push({ text: last })
  const empty = parts.length === 0
  // The official library drops an answer from its chat whose candidate has no part.
  if (empty && given.length > 0) parts.push({ text: '' })
  const lean = content === null && empty ? {} : { content: { parts, role: 'model', ...pickRole(content) } }
  return { lean: Object.assign(lean, pickCandidate(candidate)), empty }
}

const sum = (...counts: readonly unknown[]): number | undefined => {
  const known = counts.filter((count) => typeof count === 'number')
  return known.length === 0 ? undefined : known.reduce((a, b) => a + b)
}

/** Totals: thoughts are output like the rest, and prompts of tools are input. */
const usage: Rule = (value) => {
  if (!isObject(value)) return undefined
  const lean = {
    promptTokenCount: sum(value['promptTokenCount'], value['toolUsePromptTokenCount']),
    candidatesTokenCount: sum(value['candidatesTokenCount'], value['thoughtsTokenCount']),
    totalTokenCount: number(value['totalTokenCount']),
  }
  return Object.fromEntries(Object.entries(lean).filter(([, count]) => count !== undefined))
}

const answerFields: Fields = {
  promptFeedback: object({ blockReason: text }),
  usageMetadata: usage,
  modelVersion: text,
  responseId: text,
}
const beside = object(answerFields)

const whole = object({
  candidates: list((candidate) =>
    isObject(candidate) ? leanCandidate(candidate, withoutThought, () => '').lean : undefined,
  ),
  ...answerFields,
})

const error = object({ error: object({ code: number, message: text, status: text }) })
const framed = (event: unknown): string => `data: ${JSON.stringify(event)}\r\n\r\n`

class LeanChunks implements LeanStream {
  readonly #thoughts = new PartStates(() => new ThoughtText())

  rewrite(event: unknown): string | null {
    // Google's servers send an error in a list.
    const chunk = Array.isArray(event) ? (event as unknown[]).find((one) => isObject(one) && one['error']) : event
    if (!isObject(chunk)) return null
    if (chunk['error']) return framed(error(chunk))
    const lean = beside(chunk)!
    const { candidates } = chunk
    if (Array.isArray(candidates)) {
      const kept = (candidates as unknown[]).map((candidate) => this.#candidate(candidate)).filter((c) => c !== null)
      // Nothing is left of it, and how often that happens would tell how long the model thought.
      if (kept.length === 0 && candidates.length > 0) return null
      return framed({ candidates: kept, ...lean })
    }
    return 'promptFeedback' in lean || 'usageMetadata' in lean ? framed(lean) : null
  }

  #candidate(candidate: unknown): Lean | null {
    if (!isObject(candidate)) return null
    const thought = this.#thoughts.of(typeof candidate['index'] === 'number' ? candidate['index'] : 0)
    const ends = typeof candidate['finishReason'] === 'string'
    const { lean, empty } = leanCandidate(
      candidate,
      (piece) => thought.push(piece),
      () => (ends ? thought.end() : ''),
    )
    return empty && !ends ? null : lean
  }
}

export const leanGenerate: LeanAnswer = {
  whole: (body) =>
    rewriteBody(body, ({ candidates, promptFeedback }) => Array.isArray(candidates) || isObject(promptFeedback), whole),
  error: (body) => {
    const parsed = parseObject(body)
    return parsed.ok && isObject(parsed.value['error']) ? Buffer.from(JSON.stringify(error(parsed.value))) : null
  },
  stream: () => new LeanChunks(),
}
