import { isObject, parseObject } from './body.ts'

/**
 * A whole answer with none of its text, as one that has met its bound before it began: what a cut stream says at its end.
 * null: not an answer of any vendor's.
 */
export function emptied(body: Uint8Array): Buffer | null {
  const parsed = parseObject(body)
  if (!parsed.ok) return null
  const { choices, candidates, content, output } = parsed.value
  const all = (list: unknown[], make: (one: object) => object): object[] =>
    list.filter((one) => isObject(one)).map((one) => make(one))
  const cut = (more: object): Buffer => Buffer.from(JSON.stringify({ ...parsed.value, ...more }))
  if (Array.isArray(choices)) {
    return cut({
      choices: all(choices, (one) => ({
        ...one,
        ...('message' in one ? { message: { role: 'assistant', content: '', refusal: null } } : { text: '' }),
        logprobs: null,
        finish_reason: 'length',
      })),
    })
  }
  if (Array.isArray(candidates)) {
    const empty = { content: { parts: [{ text: '' }], role: 'model' }, finishReason: 'MAX_TOKENS' }
    return cut({ candidates: all(candidates, (one) => ({ ...empty, index: (one as { index?: unknown }).index ?? 0 })) })
  }
  if (Array.isArray(content)) return cut({ content: [], stop_reason: 'max_tokens', stop_sequence: null })
  if (!Array.isArray(output)) return null
  const text = 'output_text' in parsed.value ? { output_text: '' } : {}
  return cut({ ...text, output: [], status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } })
}
