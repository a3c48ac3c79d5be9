/** What the mock model answers: the same bytes whichever way they are asked for, chosen by the name of the model. */
export interface Scenario {
  /** Goes in as `model`, the one field that every proxy hands on as it is. */
  readonly model: string
  readonly stream: boolean
  readonly delayMs: number
  /** The parts of the answer, each of which is one write. */
  readonly parts: readonly Buffer[]
}

const usage = {
  prompt_tokens: 98,
  completion_tokens: 60,
  total_tokens: 158,
  prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
  completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0 },
}

const words = [' the', ' water', ' rises', ' until', ' both', ' gates', ' stand', ' level', ',', ' and']

export const whole: Scenario = { model: 'bench-whole', stream: false, delayMs: 0, parts: [wholeAnswer()] }

/** Slow enough that every event is a read of its own in whatever is measured. */
export const paced: Scenario = streamed('bench-paced', 64, 2)

/** The first event at once and the rest as fast as it goes. */
export const immediate: Scenario = streamed('bench-immediate', 8, 0)

export const scenarios: readonly Scenario[] = [whole, paced, immediate]

export function requestBody({ model, stream }: Scenario): Buffer {
  const content =
    'Explain in plain words how a lock on a canal lets a boat climb a hill, and where the water comes from. '
  return Buffer.from(
    JSON.stringify({
      model,
      messages: [
        { role: 'system', content: 'You answer questions about how things work, briefly and correctly.' },
        { role: 'user', content: content.repeat(4) },
      ],
      temperature: 0.7,
      max_tokens: 256,
      ...(stream ? { stream: true, stream_options: { include_usage: true } } : {}),
    }),
  )
}

function wholeAnswer(): Buffer {
  const content =
    'A lock is a chamber with a gate at each end. The boat enters at the lower level, the gate closes behind it, and ' +
    'water runs in from above until both sides stand equally high.'
  return Buffer.from(
    JSON.stringify({
      id: 'chatcmpl-B0nchB0nchB0nchB0nchB0nchB0',
      object: 'chat.completion',
      created: 1_760_000_000,
      model: 'bench-whole',
      choices: [
        { index: 0, message: { role: 'assistant', content, refusal: null }, logprobs: null, finish_reason: 'stop' },
      ],
      usage,
      system_fingerprint: 'fp_bench00000',
    }),
  )
}

/** `events` in all, the finish reason, the usage chunk and `[DONE]` among them. */
function streamed(model: string, events: number, delayMs: number): Scenario {
  const head = {
    id: 'chatcmpl-B0nchB0nchB0nchB0nchB0nchB0',
    object: 'chat.completion.chunk',
    created: 1_760_000_000,
    model,
  }
  const event = (data: object): Buffer => Buffer.from(`data: ${JSON.stringify({ ...head, ...data })}\n\n`)
  const choice = (delta: object, finish_reason: string | null): object => ({
    choices: [{ index: 0, delta, logprobs: null, finish_reason }],
    usage: null,
  })
  const parts = Array.from({ length: events - 3 }, (_, i) => event(choice({ content: words[i % words.length] }, null)))
  parts.push(event(choice({}, 'stop')), event({ choices: [], usage }), Buffer.from('data: [DONE]\n\n'))
  return { model, stream: true, delayMs, parts }
}
