import { isObject, objectOf } from './fields.ts'
import type { Line } from './line.ts'
import { textOf } from './turns.ts'

/** What a model wrote, and why it stopped. */
export interface ReadAnswer {
  readonly text: string | null
  readonly finishReason: string | null
}

const nothing: ReadAnswer = { text: null, finishReason: null }

/**
 * The answer of OpenAI's chat, completions and responses, of Anthropic's messages and of Gemini; of a stream, the list of
 * its chunks. Several choices follow each other.
 */
export function answerOf(response: unknown): ReadAnswer {
  if (typeof response === 'string') return response === '' ? nothing : { text: response, finishReason: null }
  if (Array.isArray(response)) return streamed(response)
  if (!isObject(response)) return nothing
  const { choices, output, content, candidates } = response
  if (Array.isArray(choices)) return all(choices, choice)
  if (Array.isArray(output)) return { text: outputText(output), finishReason: incomplete(response) }
  if (Array.isArray(candidates)) return all(candidates, candidate)
  if (content === undefined) return nothing
  return { text: textOf(content), finishReason: word(response['stop_reason'] ?? response['finish_reason']) }
}

function all(list: readonly unknown[], read: (one: Line) => ReadAnswer): ReadAnswer {
  const answers = list.filter(isObject).map(read)
  const texts = answers.map(({ text }) => text).filter((text) => text !== null)
  return { text: texts.length === 0 ? null : texts.join('\n'), finishReason: answers[0]?.finishReason ?? null }
}

const choice = (one: Line): ReadAnswer => ({
  text: textOf(objectOf(one['message'])['content'] ?? one['text'] ?? ''),
  finishReason: word(one['finish_reason']),
})

const candidate = (one: Line): ReadAnswer => ({
  text: textOf(objectOf(one['content'])['parts'] ?? ''),
  finishReason: word(one['finishReason']),
})

/** Items of the Responses API: messages among reasoning and calls. */
function outputText(items: readonly unknown[]): string {
  const messages = items.filter(isObject).filter(({ type }) => type === 'message')
  return messages.map(({ content }) => textOf(content)).join('\n')
}

const incomplete = ({ incomplete_details, status }: Line): string | null =>
  word(objectOf(incomplete_details)['reason'] ?? status)

function streamed(chunks: readonly unknown[]): ReadAnswer {
  let text = ''
  let finishReason: string | null = null
  for (const chunk of chunks.filter(isObject)) {
    const { choices } = chunk
    for (const one of Array.isArray(choices) ? choices.filter(isObject) : []) {
      const { content } = objectOf(one['delta'])
      text += typeof content === 'string' ? content : textOf(one['text'] ?? '')
      finishReason = word(one['finish_reason']) ?? finishReason
    }
  }
  return { text: text === '' ? null : text, finishReason }
}

const MAX_WORD_CHARS = 64

const word = (value: unknown): string | null =>
  typeof value === 'string' && value !== '' && value.length <= MAX_WORD_CHARS ? value : null
