import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withFront, type Front } from '../support/front.ts'
import { plainScenario } from '../support/vendor-server.ts'
import { dialectOf, send, streamRequests } from './dialect-calls.ts'
import { scripts, type Streaming } from './dialect-scripts.ts'
import { PROMPT } from './matrix-clients.ts'
import { until } from './matrix-cell.ts'

/**
 * E2, E6: streams that a limit ends at their hardest places, for every format: one choice finished and one open, a tool
 * call half told, in every framing that TCP can make of it.
 */
const LIMIT = 20
const quotas = `  - { name: budget, per: [key], output_tokens: ${LIMIT}, window: 1h, kind: sliding }`

const framings: Readonly<Record<string, (text: string) => readonly (string | Uint8Array)[]>> = {
  'an event a write': (text) => text.split(/(?<=\n\n|\r\n\r\n)/),
  'all events in one write': (text) => [text],
  'pieces that split events and characters': (text) => {
    const bytes = Buffer.from(text)
    return Array.from({ length: Math.ceil(bytes.length / 61) }, (_, i) => bytes.subarray(i * 61, i * 61 + 61))
  },
}

const messages = [{ role: 'user' as const, content: PROMPT }]
const model = 'vendor-model'

/** What passes before the limit: the events with the first twenty that carry text. */
function passedOf(streaming: Streaming): number {
  const { generated } = scripts[streaming]
  let seen = 0
  const at = generated.findIndex((text) => text && ++seen > LIMIT)
  assert.ok(at > 0, 'the script is longer than the limit')
  return at
}

/** The part of the tool's arguments, or of the second answer, that had come. */
const SECOND = '{"city":"'

const parses: Readonly<Record<Streaming, (front: Front) => Promise<number>>> = {
  async chat({ openai }) {
    const tools = [{ type: 'function' as const, function: { name: 'f', parameters: { type: 'object' } } }]
    const stream = openai.chat.completions.stream({
      model,
      messages,
      tools,
      n: 2,
      stream_options: { include_usage: true },
    })
    const { choices, usage } = await stream.finalChatCompletion()
    assert.deepEqual(
      choices.map((choice) => choice.finish_reason),
      ['stop', 'length'],
    )
    assert.equal(choices[0]!.message.content, scripts.chat.text)
    const [call] = choices[1]!.message.tool_calls!
    assert.ok(call?.type === 'function' && call.function.arguments.startsWith(SECOND))
    assert.throws(() => JSON.parse(call.function.arguments) as unknown, 'half of the arguments')
    return usage!.completion_tokens
  },
  async completions({ openai }) {
    const params = { model, prompt: PROMPT, n: 2, max_tokens: 500, stream: true as const }
    const texts = ['', '']
    const ends: (string | null)[] = [null, null]
    let usage: number | null = null
    for await (const chunk of await openai.completions.create({ ...params, stream_options: { include_usage: true } })) {
      for (const { index, text, finish_reason } of chunk.choices) {
        texts[index] += text
        ends[index] = finish_reason ?? ends[index]!
      }
      if (chunk.usage) usage = chunk.usage.completion_tokens
    }
    assert.deepEqual(ends, ['stop', 'length'])
    assert.equal(texts[0], scripts.completions.text)
    assert.ok(texts[1]!.startsWith(SECOND))
    return usage!
  },
  async responses({ openai }) {
    const stream = openai.responses.stream({ model, input: PROMPT })
    const numbers: number[] = []
    for await (const event of stream) numbers.push(event.sequence_number)
    assert.deepEqual(numbers, [...numbers.keys()], 'the numbers of the events go on')
    const { status, incomplete_details: details, output, output_text: text, usage } = await stream.finalResponse()
    assert.deepEqual([status, details?.reason, text], ['incomplete', 'max_output_tokens', scripts.responses.text])
    const call = output[1]!
    assert.ok(call.type === 'function_call' && call.arguments.startsWith(SECOND))
    return usage!.output_tokens
  },
  async messages({ anthropic }) {
    const types: string[] = []
    const stream = anthropic.messages.stream({ model, max_tokens: 500, messages })
    for await (const { type } of stream) types.push(type)
    assert.deepEqual(types.slice(-3), ['content_block_stop', 'message_delta', 'message_stop'])
    assert.equal(types.filter((type) => type === 'content_block_stop').length, 2)
    const message = await stream.finalMessage()
    assert.equal(message.stop_reason, 'max_tokens')
    const [said, call] = message.content
    assert.ok(said?.type === 'text' && said.text === scripts.messages.text)
    assert.ok(call!.type === 'tool_use')
    assert.equal(message.usage.input_tokens, 20)
    return message.usage.output_tokens
  },
  async streamGenerateContent({ google }) {
    const texts = ['', '']
    const ends: (string | undefined)[] = [undefined, undefined]
    let usage: number | undefined
    let calls = 0
    const params = { model: 'gemini-model', contents: PROMPT, config: { candidateCount: 2 } }
    for await (const chunk of await google.models.generateContentStream(params)) {
      for (const { index = 0, content, finishReason } of chunk.candidates ?? []) {
        for (const part of content?.parts ?? []) {
          texts[index] += part.text ?? ''
          if (part.functionCall !== undefined) calls++
        }
        ends[index] = finishReason ?? ends[index]
      }
      usage = chunk.usageMetadata?.candidatesTokenCount ?? usage
    }
    assert.deepEqual([ends, calls], [['STOP', 'MAX_TOKENS'], 1])
    assert.equal(texts[0], scripts.streamGenerateContent.text)
    assert.ok(texts[1]!.startsWith(SECOND))
    return usage!
  },
}

const streamings = Object.keys(scripts) as Streaming[]

for (const streaming of streamings) {
  for (const [framing, writesOf] of Object.entries(framings)) {
    test(`E2, E6: ${streaming}, cut with one part finished and one open, ${framing}`, async () => {
      await withFront({ quotas }, async (front) => {
        const { events } = scripts[streaming]
        const writes = writesOf(events.join(''))
        // The vendor would go on for ever: only being stopped ends it.
        front.vendor.scenario = { ...plainScenario, writes: [...writes, ''], ends: 'stall', after: writes.length }
        const reported = await parses[streaming](front)
        const [event] = await front.eventsUntil(1)
        assert.deepEqual([event!.outcome, event!.cutBy, event!.status], ['cut', 'budget', 200])
        assert.equal(event!.usage.outputTokens, LIMIT)
        assert.equal(reported, LIMIT, 'the client is told what it was charged')
        assert.deepEqual(event!.charges, [{ limit: 'budget', resource: 'output_tokens', units: LIMIT, debt: 0 }])
        await until(() => front.vendor.requests[0]!.state === 'left', 'the vendor to be stopped')
      })
    })
  }
}

type Fields = Readonly<Record<string, unknown>>

/** The events of a stream as they came: the name of each, its data, and the line end used. */
const framesOf = (text: string): readonly { readonly name: string | null; readonly data: string }[] =>
  text
    .split(/\r\n\r\n|\n\n/)
    .filter((frame) => frame !== '')
    .map((frame) => {
      const found = /^(?:event: (\S+)\r?\n)?data: ([^\r\n]*)$/.exec(frame)
      assert.ok(found, `one event, and nothing else: ${frame}`)
      return { name: found[1] ?? null, data: found[2]! }
    })

/** The usage of a closing chunk, which is what was charged. */
function told(closing: readonly Fields[]): Fields {
  const usage = closing.at(-1)!['usage'] as Record<string, number>
  assert.equal(usage['completion_tokens'], LIMIT)
  assert.equal(usage['total_tokens'], usage['prompt_tokens']! + LIMIT)
  return usage
}

/** What the closing events must look like, field by field. */
const closings: Readonly<Record<Streaming, (closing: readonly Fields[]) => void>> = {
  chat(closing) {
    const head = { id: 'chatcmpl-s', object: 'chat.completion.chunk', created: 1_700_000_000, model }
    const choice = { index: 1, delta: {}, logprobs: null, finish_reason: 'length' }
    assert.deepEqual(closing, [
      { ...head, choices: [choice] },
      { ...head, choices: [], usage: told(closing) },
    ])
  },
  completions(closing) {
    const head = { id: 'cmpl-s', object: 'text_completion', created: 1_700_000_000, model }
    const choice = { index: 1, text: '', logprobs: null, finish_reason: 'length' }
    assert.deepEqual(closing, [
      { ...head, choices: [choice] },
      { ...head, choices: [], usage: told(closing) },
    ])
  },
  responses(closing) {
    assert.deepEqual(
      closing.map(({ type }) => type),
      ['response.function_call_arguments.done', 'response.output_item.done', 'response.incomplete'],
    )
    const { id, status } = closing[2]!['response'] as Fields
    assert.deepEqual([id, status], ['resp_s', 'incomplete'])
  },
  messages(closing) {
    const delta = { stop_reason: 'max_tokens', stop_sequence: null }
    assert.deepEqual(closing[0], { type: 'content_block_stop', index: 1 })
    assert.deepEqual([closing[1]!['type'], closing[1]!['delta']], ['message_delta', delta])
    assert.deepEqual(closing.slice(2), [{ type: 'message_stop' }])
  },
  streamGenerateContent(closing) {
    assert.equal(closing.length, 1)
    const { candidates, usageMetadata, modelVersion, responseId } = closing[0]!
    const content = { parts: [{ text: '' }], role: 'model' }
    assert.deepEqual(candidates, [{ content, finishReason: 'MAX_TOKENS', index: 1 }])
    assert.deepEqual([modelVersion, responseId], [model, 'resp-s'])
    assert.equal((usageMetadata as Fields)['candidatesTokenCount'], LIMIT)
  },
}

for (const streaming of streamings) {
  test(`E2: ${streaming}: a cut passes what came before to the byte, and adds events that the vendor could have sent`, async () => {
    await withFront({ quotas }, async (front) => {
      const { events } = scripts[streaming]
      front.vendor.scenario = { ...plainScenario, writes: events }
      const response = await send(front, dialectOf[streaming], streamRequests[streaming])
      const text = await response.text()
      const passed = events.slice(0, passedOf(streaming)).join('')
      assert.equal(text.slice(0, passed.length), passed)
      const frames = framesOf(text.slice(passed.length))
      const typed = streaming === 'responses' || streaming === 'messages'
      const closing = frames
        .filter(({ data }) => data !== '[DONE]')
        .map(({ name, data }) => {
          const fields = JSON.parse(data) as Fields
          assert.equal(name, typed ? fields['type'] : null, 'the event has the name that its vendor gives it')
          return fields
        })
      closings[streaming](closing)
      const done = streaming === 'chat' || streaming === 'completions'
      assert.equal(frames.at(-1)!.data === '[DONE]', done)
      if (dialectOf[streaming] === 'gemini') assert.ok(!/[^\r]\n/.test(text), 'Google ends its lines with CRLF')
      else assert.ok(!text.includes('\r'))
    })
  })
}
