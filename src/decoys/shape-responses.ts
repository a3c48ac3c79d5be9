import { pieces, type Said } from './said.ts'

/** OpenAI's Responses API, which repeats in its answer what was asked for. */
export const responseWhole = (said: Said): object =>
  said.isCut
    ? responseOf(said, 'incomplete', [itemOf(said, 'incomplete')])
    : responseOf(said, 'completed', [itemOf(said, 'completed')])

export function responseEvents(said: Said): readonly string[] {
  let count = 0
  const event = (type: string, rest: object): string =>
    `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: count++, ...rest })}\n\n`
  const at = { item_id: `msg_${said.id}`, output_index: 0, content_index: 0 }
  const begun = responseOf(said, 'in_progress', [])
  const done = responseWhole(said) as { readonly status: string; readonly output: readonly object[] }
  return [
    event('response.created', { response: begun }),
    event('response.in_progress', { response: begun }),
    event('response.output_item.added', {
      output_index: 0,
      item: { ...itemOf(said, 'in_progress'), content: [] },
    }),
    event('response.content_part.added', { ...at, part: partOf('') }),
    ...pieces(said.text).map((delta) => event('response.output_text.delta', { ...at, delta, logprobs: [] })),
    event('response.output_text.done', { ...at, text: said.text, logprobs: [] }),
    event('response.content_part.done', { ...at, part: partOf(said.text) }),
    event('response.output_item.done', { output_index: 0, item: done.output[0] }),
    event(`response.${done.status}`, { response: done }),
  ]
}

const partOf = (text: string): object => ({ type: 'output_text', annotations: [], logprobs: [], text })

const itemOf = ({ id, text }: Said, status: string): object => ({
  id: `msg_${id}`,
  type: 'message',
  status,
  content: [partOf(text)],
  role: 'assistant',
})

function responseOf(said: Said, status: string, output: readonly object[]): object {
  const { id, createdS, model, body, inputTokens, outputTokens } = said
  const asked = (name: string, otherwise: unknown): unknown => body[name] ?? otherwise
  return {
    id: `resp_${id}`,
    object: 'response',
    created_at: createdS,
    status,
    error: null,
    incomplete_details: status === 'incomplete' ? { reason: 'max_output_tokens' } : null,
    instructions: asked('instructions', null),
    max_output_tokens: asked('max_output_tokens', null),
    model,
    output,
    parallel_tool_calls: asked('parallel_tool_calls', true),
    previous_response_id: asked('previous_response_id', null),
    reasoning: asked('reasoning', { effort: null, summary: null }),
    // It is kept nowhere, whatever was asked.
    store: false,
    temperature: asked('temperature', 1),
    text: asked('text', { format: { type: 'text' } }),
    tool_choice: asked('tool_choice', 'auto'),
    tools: asked('tools', []),
    top_p: asked('top_p', 1),
    truncation: asked('truncation', 'disabled'),
    usage:
      status === 'in_progress'
        ? null
        : {
            input_tokens: inputTokens,
            input_tokens_details: { cached_tokens: 0 },
            output_tokens: outputTokens,
            output_tokens_details: { reasoning_tokens: 0 },
            total_tokens: inputTokens + outputTokens,
          },
    user: asked('user', null),
    metadata: asked('metadata', {}),
  }
}
