import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { SseFramer } from '../metering/sse-framer.ts'
import { Tap } from '../metering/tap.ts'
import { anthropicCountTokens } from './anthropic-count-tokens.ts'
import { anthropicMessages } from './anthropic-messages.ts'
import { isObject } from './body.ts'
import type { Endpoint } from './dialect.ts'
import { anthropicOverloaded, anthropicStreams, anthropicWire } from './fixtures/anthropic-streams.ts'
import { geminiBlocked, geminiOverloaded, geminiStreams, geminiWire } from './fixtures/gemini-streams.ts'
import { CHAT_DONE, chatStreams, chatWire } from './fixtures/openai-chat-streams.ts'
import { responseFailed, responsesStreams, responsesWire } from './fixtures/openai-responses-streams.ts'
import {
  chatAnswer,
  completionAnswer,
  embeddingAnswer,
  generateAnswer,
  messageAnswer,
  responseAnswer,
  type WholeAnswer,
} from './fixtures/whole-answers.ts'
import { geminiGenerate, geminiStream } from './gemini-generate.ts'
import { openaiChat } from './openai-chat.ts'
import { openaiCompletions } from './openai-completions.ts'
import { openaiEmbeddings } from './openai-embeddings.ts'
import { openaiModel, openaiModels } from './openai-models.ts'
import { openaiResponses } from './openai-responses.ts'
import { anyCall } from './testing.ts'

/** What never leaves, wherever it stands: names of fields that carry more than the text. */
const sensitive: ReadonlySet<string> = new Set([
  'logprobs',
  'top_logprobs',
  'prompt_logprobs',
  'logprobsResult',
  'avgLogprobs',
  'token_ids',
  'prompt_token_ids',
  'prompt_text',
  'routed_experts',
  'kv_transfer_params',
  'metrics',
  'timings',
  'moderation',
  'system_fingerprint',
  'service_tier',
  'reasoning',
  'reasoning_content',
  'instructions',
  'prompt',
  'completion_tokens_details',
  'prompt_tokens_details',
  'input_tokens_details',
  'output_tokens_details',
  'cache_creation_input_tokens',
  'cache_read_input_tokens',
  'cache_creation',
  'inference_geo',
  'diagnostics',
  'thoughtsTokenCount',
  'cachedContentTokenCount',
  'promptTokensDetails',
  'toolUsePromptTokenCount',
  'thought',
  'safetyRatings',
  'confidenceScores',
  'prompt_filter_results',
  'content_filter_results',
  'norm',
  'stop_details',
])

/** Reasoning as the fixtures write it. */
const reasoned = /Let me (?:think|solve)|Six times seven|It thought|Planning|I shall ask|First break/

function namesIn(value: unknown, names = new Set<string>()): ReadonlySet<string> {
  if (Array.isArray(value)) for (const one of value as unknown[]) namesIn(one, names)
  else if (isObject(value)) {
    for (const [name, inner] of Object.entries(value)) {
      names.add(name)
      namesIn(inner, names)
    }
  }
  return names
}

function assertLean(value: unknown, where: string): void {
  assert.deepEqual(
    [...namesIn(value)].filter((name) => sensitive.has(name)),
    [],
    where,
  )
  assert.doesNotMatch(JSON.stringify(value), reasoned, where)
}

const wholes: readonly (readonly [string, Endpoint, WholeAnswer])[] = [
  ['chat', openaiChat, chatAnswer],
  ['completion', openaiCompletions, completionAnswer],
  ['embedding', openaiEmbeddings, embeddingAnswer],
  ['response', openaiResponses, responseAnswer],
  ['message', anthropicMessages, messageAnswer],
  ['gemini', geminiGenerate, generateAnswer],
  ['gemini, blocked', geminiGenerate, geminiBlocked],
  ['tokens', anthropicCountTokens, { input_tokens: 9, cache_creation_input_tokens: 1 }],
  [
    'models',
    openaiModels,
    { object: 'list', data: [{ id: 'm', object: 'model', owned_by: 'o', created: 1, metrics: {}, root: '/models/x' }] },
  ],
  ['model', openaiModel, { id: 'm', object: 'model', owned_by: 'o', created: 1, max_model_len: 4096 }],
]

const whole = (endpoint: Endpoint, body: unknown): unknown => {
  const lean = endpoint.lean!.whole(Buffer.from(JSON.stringify(body)))
  return lean === null ? null : (JSON.parse(lean.toString()) as unknown)
}

const allOf = (
  of: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>,
  endpoint: Endpoint,
  wire: (event: never) => string,
  end = '',
): [string, Endpoint, string][] =>
  Object.entries(of).map(([name, events]) => [
    `${endpoint.name} ${name}`,
    endpoint,
    events.map((event) => wire(event as never)).join('') + end,
  ])

const completions = Object.fromEntries(
  Object.entries(chatStreams).map(([name, chunks]) => [
    name,
    chunks.map((chunk) => ({
      ...chunk,
      object: 'text_completion',
      choices: (chunk['choices'] as Record<string, unknown>[]).map(({ delta, ...choice }) =>
        Object.assign(choice, { text: (delta as { content?: string }).content ?? '' }),
      ),
    })),
  ]),
)

const streams: readonly (readonly [string, Endpoint, string])[] = [
  ...allOf(chatStreams, openaiChat, chatWire, CHAT_DONE),
  ...allOf(completions, openaiCompletions, chatWire, CHAT_DONE),
  ...allOf({ ...responsesStreams, failed: responseFailed }, openaiResponses, responsesWire),
  ...allOf({ ...anthropicStreams, overloaded: [anthropicOverloaded] }, anthropicMessages, anthropicWire),
  ...allOf({ ...geminiStreams, blocked: [geminiBlocked], overloaded: [geminiOverloaded] }, geminiStream, geminiWire),
]

/** What leaves of a stream that comes in these reads. */
function leave(endpoint: Endpoint, reads: readonly Buffer[], lean = endpoint.lean!.stream!()): string {
  const reader = endpoint.reader({ ...anyCall, choices: 2, wantsUsage: true }, { id: 'i', createdS: 1 })
  const tap = new Tap(new SseFramer(1e6), reader, {
    hold: () => true,
    passUnreadable: false,
    rewrite: (event, data) => lean.rewrite(event, data),
  })
  return Buffer.concat(
    [...reads.map((read) => tap.push(read)), tap.end()].map((out) => out ?? Buffer.alloc(0)),
  ).toString()
}

const streamed = (endpoint: Endpoint, bytes: string): string => leave(endpoint, [Buffer.from(bytes)])

const parsed = (bytes: string): unknown[] =>
  bytes
    .split(/\r\n|\n/)
    .filter((line) => line.startsWith('data: {'))
    .map((line) => JSON.parse(line.slice(6)) as unknown)

for (const [name, endpoint, answer] of wholes) {
  test(`${name}: a whole answer keeps nothing sensitive, and leaning it again changes nothing`, () => {
    const lean = whole(endpoint, answer)
    assert.ok(lean !== null)
    assertLean(lean, name)
    assert.deepEqual(whole(endpoint, lean), lean)
  })
}

for (const [name, endpoint, bytes] of streams) {
  test(`${name}: a stream keeps nothing sensitive, and leaning it again changes not a byte`, () => {
    const lean = streamed(endpoint, bytes)
    for (const event of parsed(lean)) assertLean(event, name)
    assert.equal(streamed(endpoint, lean), lean)
  })

  test(`${name}: cut into reads anywhere, the same bytes leave`, () => {
    const all = Buffer.from(bytes)
    const lean = streamed(endpoint, bytes)
    for (let at = 0; at <= all.length; at++) {
      assert.equal(leave(endpoint, [all.subarray(0, at), all.subarray(at)]), lean)
    }
    const each = Array.from(all, (_, i) => all.subarray(i, i + 1))
    assert.equal(leave(endpoint, each), lean)
  })
}

/** Where any shape may stand. */
const anyShape: ReadonlySet<string> = new Set([
  'input',
  'args',
  'action',
  'outputs',
  'citations',
  'citation',
  'segment',
])
/** Puts a field that nobody knows into every object else. */
function sown(value: unknown, name: string, secret: unknown): unknown {
  if (Array.isArray(value)) return (value as unknown[]).map((one) => sown(one, name, secret))
  if (!isObject(value)) return value
  const inner = Object.entries(value).map(([key, one]) => [
    key,
    anyShape.has(key) || value['type'] === 'web_search_tool_result' ? one : sown(one, name, secret),
  ])
  return { ...Object.fromEntries(inner), [name]: secret }
}

const strange = fc.tuple(
  fc.stringMatching(/^x_[a-z]{1,8}$/),
  fc.constantFrom<unknown>('S3CRET', ['S3CRET'], { text: 'S3CRET', content: 'S3CRET' }, [{ token: 'S3CRET' }]),
)

test('a field that nobody has thought of dies wherever it stands, in whole answers and in events', () => {
  fc.assert(
    fc.property(strange, ([name, secret]) => {
      for (const [which, endpoint, answer] of wholes) {
        assert.deepEqual(whole(endpoint, sown(answer, name, secret)), whole(endpoint, answer), which)
      }
      for (const [which, endpoint, bytes] of streams) {
        const lines = bytes.split('\n')
        const more = lines.map((line) =>
          line.startsWith('data: {')
            ? `data: ${JSON.stringify(sown(JSON.parse(line.slice(6)), name, secret))}${line.endsWith('\r') ? '\r' : ''}`
            : line,
        )
        assert.equal(streamed(endpoint, more.join('\n')), streamed(endpoint, bytes), which)
      }
    }),
    { numRuns: 20 },
  )
})

test('nor does an event, an item, a block or a part of a kind that nobody has thought of', () => {
  const event = (value: object): string => `data: ${JSON.stringify(value)}\n\n`
  const odd = { type: 'oracle', id: 'o_1', text: 'S3CRET', oracle: 'S3CRET' }
  const at = { item_id: 'o_1', output_index: 0, content_index: 0 }
  for (const [endpoint, bytes] of [
    [openaiChat, event({ object: 'oracle', text: 'S3CRET' })],
    [openaiChat, event({ choices: [{ index: 0, delta: { oracle: 'S3CRET' }, oracle: 'S3CRET' }] })],
    [openaiResponses, event({ type: 'response.oracle.delta', ...at, delta: 'S3CRET' })],
    [openaiResponses, event({ type: 'response.output_item.added', output_index: 0, item: odd })],
    [openaiResponses, event({ type: 'response.content_part.added', ...at, part: odd })],
    [anthropicMessages, event({ type: 'oracle', index: 0, text: 'S3CRET' })],
    [anthropicMessages, event({ type: 'content_block_start', index: 0, content_block: odd })],
    [anthropicMessages, event({ type: 'content_block_delta', index: 0, delta: odd })],
    [geminiStream, event({ candidates: [{ content: { parts: [{ oracle: 'S3CRET' }] }, oracle: 'S3CRET' }] })],
    [openaiChat, ': S3CRET\n\n'],
    [openaiChat, `id: S3CRET\nevent: S3CRET\n${chatWire(chatStreams.plain[1]!)}`],
  ] as const) {
    assert.doesNotMatch(streamed(endpoint, bytes), /S3CRET|oracle\b.*S3/, bytes)
  }
  for (const [which, endpoint] of wholes) {
    assert.equal(whole(endpoint, { oracle: 'S3CRET' }), null, `${which}: what is no answer does not leave at all`)
    assert.equal(endpoint.lean!.whole(Buffer.from('S3CRET')), null)
  }
})

test('how much was thought does not show in the number of events, nor in their numbers', () => {
  const chunks = chatStreams.reasoning
  const more = [...chunks.slice(0, 2), ...Array.from({ length: 50 }, () => chunks[2]!), ...chunks.slice(2)]
  const wire = (events: readonly object[]): string =>
    events.map((event) => chatWire(event as never)).join('') + CHAT_DONE
  assert.equal(streamed(openaiChat, wire(more)), streamed(openaiChat, wire(chunks)))
  const lean = parsed(streamed(openaiResponses, responsesStreams['reasoning']!.map(responsesWire).join('')))
  assert.deepEqual(
    lean.map((event) => (event as { sequence_number: number }).sequence_number),
    lean.map((_, i) => i),
  )
})

test('thinking keeps its frame and its signature, which the next turn has to bring back', () => {
  const lean = streamed(anthropicMessages, anthropicStreams.thinking.map(anthropicWire).join(''))
  assert.match(lean, /"content_block":\{"type":"thinking","thinking":"","signature":""\}/)
  assert.match(lean, /"type":"signature_delta","signature":"EqQBCgIYAhIM1gbcDa9GJwZA2b3h"/)
  assert.match(lean, /"type":"redacted_thinking","data":"EmwKAhgBEgy3va3pzix"/)
  const gemini = streamed(geminiStream, geminiStreams.thinking.map(geminiWire).join(''))
  assert.match(gemini, /"text":"The answer is 7\.","thoughtSignature":"CiIBVKhc7oQ"/)
})

test('totals are those that are billed', () => {
  assert.deepEqual((whole(anthropicMessages, messageAnswer) as WholeAnswer)['usage'], {
    input_tokens: 1025,
    output_tokens: 120,
  })
  assert.deepEqual((whole(geminiGenerate, generateAnswer) as WholeAnswer)['usageMetadata'], {
    promptTokenCount: 20,
    candidatesTokenCount: 96,
    totalTokenCount: 116,
  })
  const { usage } = whole(openaiChat, chatAnswer) as WholeAnswer
  assert.deepEqual(usage, { prompt_tokens: 20, completion_tokens: 40, total_tokens: 60 })
})

test('content, calls of tools, ids and reasons to end stay as they were', () => {
  const { id, model, choices } = whole(openaiChat, chatAnswer) as WholeAnswer & { choices: WholeAnswer[] }
  assert.deepEqual([id, model], ['chatcmpl-123', 'gpt-up-2026'])
  assert.deepEqual(choices, [
    {
      index: 0,
      message: {
        role: 'assistant',
        content: 'The answer is 42.',
        refusal: null,
        tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'f', arguments: '{"a":"<think>1"}' } }],
      },
      finish_reason: 'stop',
    },
    {
      index: 1,
      message: { role: 'assistant', content: [{ type: 'text', text: 'In parts.' }] },
      finish_reason: 'length',
    },
  ])
  const said = parsed(streamed(openaiChat, chatStreams.inText.map(chatWire).join(''))) as {
    choices: { index: number; delta: { content?: string } }[]
  }[]
  const textOf = (index: number): string =>
    said
      .flatMap(({ choices }) => choices.filter((c) => c.index === index).map(({ delta }) => delta.content ?? ''))
      .join('')
  assert.deepEqual([textOf(0), textOf(1)], ['It is 42, and 1 <', 'No reasoning.'])
})

test('errors keep what a client goes by, and nothing else', () => {
  const error = { message: 'too long', type: 'invalid', param: null, code: 'context', trace: 'S3CRET' }
  for (const [which, endpoint] of wholes) {
    const body = endpoint.lean!.error(Buffer.from(JSON.stringify({ error, trace: 'S3CRET' })))!.toString()
    assert.match(body, /too long/, which)
    assert.doesNotMatch(body, /S3CRET/, which)
    assert.equal(endpoint.lean!.error(Buffer.from('{"trace":"S3CRET"}')), null)
  }
})
