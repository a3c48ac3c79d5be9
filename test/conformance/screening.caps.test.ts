import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withFront } from '../support/front.ts'
import {
  NEW,
  identity,
  type Api,
  type Body,
  type Answer,
  noParam,
  chat,
  completions,
  responses,
  embeddings,
  claude,
  gemini,
  geminiStream,
  ask,
  text,
  manyMessages,
  tool,
} from './screening-apis.ts'

/** Bounds on what a request may ask for, in the words of each dialect. */

const image = { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } }
const geminiTool = { functionDeclarations: [{ name: 'f' }] }
const inline = { inlineData: { mimeType: 'image/png', data: 'iVBORw0KGgo=' } }

/** A bound, a request that is beyond it, and what the vendor calls the field. */
const beyond: readonly (readonly [api: Api, cap: string, more: Body, param: string])[] = [
  [chat, 'max_messages: 2', manyMessages, 'messages'],
  [chat, 'max_choices: 1', { n: 2 }, 'n'],
  [chat, 'max_tokens: 50', { max_tokens: 51 }, 'max_tokens'],
  [chat, 'max_tokens: 50', { max_completion_tokens: 51 }, 'max_completion_tokens'],
  [chat, 'max_prompt: 16', {}, 'messages'],
  [chat, 'max_tools: 1', { tools: [tool, tool] }, 'tools'],
  [chat, 'max_images: 1', { messages: [{ role: 'user', content: [image, image] }] }, 'messages'],
  [chat, 'temperature: [0.5, 1]', { temperature: 0 }, 'temperature'],
  [chat, 'temperature: [0.5, 1]', { temperature: 1.01 }, 'temperature'],
  [chat, 'max_stops: 1', { stop: ['a', 'b'] }, 'stop'],
  [chat, 'max_stop_chars: 3', { stop: 'four' }, 'stop'],
  [completions, 'max_tokens: 50', { max_tokens: 51 }, 'max_tokens'],
  [completions, 'max_choices: 1', { n: 2 }, 'n'],
  [completions, 'max_choices: 1', { prompt: ['a', 'b'] }, 'prompt'],
  [completions, 'max_prompt: 16', {}, 'prompt'],
  [responses, 'max_tokens: 50', { max_output_tokens: 51 }, 'max_output_tokens'],
  [responses, 'max_prompt: 16', {}, 'input'],
  [responses, 'temperature: [0.5, 1]', { temperature: 2 }, 'temperature'],
  [embeddings, 'max_prompt: 16', {}, 'input'],
  [claude, 'max_messages: 2', manyMessages, 'messages'],
  [claude, 'max_tokens: 50', { max_tokens: 51 }, 'max_tokens'],
  [
    claude,
    'max_tools: 1',
    { tools: [1, 2].map((i) => ({ name: `f${i}`, input_schema: { type: 'object' } })) },
    'tools',
  ],
  [claude, 'max_stops: 1', { stop_sequences: ['a', 'b'] }, 'stop_sequences'],
  [claude, 'temperature: [0.5, 1]', { temperature: 0.1 }, 'temperature'],
  ...[gemini, geminiStream].flatMap((api) => [
    [api, 'max_tokens: 50', { generationConfig: { maxOutputTokens: 51 } }, 'generationConfig.maxOutputTokens'] as const,
    [
      api,
      'max_tokens: 50',
      { generation_config: { max_output_tokens: 51 } },
      'generationConfig.maxOutputTokens',
    ] as const,
    [api, 'max_choices: 1', { generationConfig: { candidateCount: 2 } }, 'generationConfig.candidateCount'] as const,
    [
      api,
      'max_stops: 1',
      { generationConfig: { stopSequences: ['a', 'b'] } },
      'generationConfig.stopSequences',
    ] as const,
    [api, 'temperature: [0.5, 1]', { generationConfig: { temperature: 0 } }, 'generationConfig.temperature'] as const,
  ]),
  [gemini, 'max_prompt: 16', {}, 'contents'],
  [gemini, 'max_tools: 1', { tools: [geminiTool, geminiTool] }, 'tools'],
  [gemini, 'max_images: 1', { contents: [{ role: 'user', parts: [inline, inline] }] }, 'contents'],
]

const wheres = [
  ['everybody', (cap: string) => ({ more: `trust_profiles: { new: {} }\nrequest: { ${cap} }` })],
  ['a model', (cap: string) => ({ more: 'trust_profiles: { new: {} }', model: `, request: { ${cap} }` })],
  ['a trust profile', (cap: string) => ({ more: `trust_profiles: { new: { request: { ${cap} } } }` })],
] as const

for (const [where, options] of wheres) {
  test(`bounds of ${where}: what is beyond is a 400 that names the field as its vendor does, and goes nowhere`, async () => {
    await withFront({ identity, more: 'trust_profiles: { new: {} }' }, async (front) => {
      for (const [api, cap, more, param] of beyond) {
        assert.equal(front.reloadWith(options(cap)), null, cap)
        const { status, error, event, sent } = await ask(front, api, { ...api.body(text), ...more }, NEW)
        const what = `${api.name} ${cap}`
        assert.deepEqual([status, sent], [400, null], what)
        assert.deepEqual(
          [event.outcome, event.refusal?.kind, 'param' in event.refusal! && event.refusal.param],
          ['refused', 'bad_request', param],
          what,
        )
        assert.equal(typeof error['message'], 'string')
        if (api.paramOf !== noParam) assert.equal(api.paramOf(error), param, what)
        else assert.equal(error['type'], 'invalid_request_error')
        assert.deepEqual(event.charges, [])
        const other = await ask(front, api, { ...api.body(text), ...more })
        assert.equal(other.status, where === 'a trust profile' ? 200 : 400, what)
      }
    })
  })
}

test('what keeps to every bound reaches the vendor as it was sent, byte for byte', async () => {
  const caps =
    'max_messages: 3, max_choices: 2, max_tokens: 50, max_prompt: 1KiB, max_tools: 2, max_stops: 2, max_stop_chars: 4'
  await withFront(
    { identity, more: `trust_profiles: { new: {} }\nrequest: { ${caps}, temperature: [0.5, 1] }` },
    async (front) => {
      const usual = { temperature: 0.5, max_tokens: 50 }
      for (const [api, more] of [
        [chat, { ...usual, n: 2, stop: ['four', 'a'], tools: [tool, tool], ...manyMessages }],
        [completions, { ...usual, n: 2 }],
        [responses, { temperature: 1, max_output_tokens: 50 }],
        [claude, { ...usual, stop_sequences: ['four'], ...manyMessages }],
        [gemini, { generationConfig: { maxOutputTokens: 50, candidateCount: 2, temperature: 1 } }],
      ] as const) {
        const body = { ...api.body(text), ...more }
        const { status, sent } = await ask(front, api, body)
        assert.deepEqual([status, sent], [200, JSON.stringify(body)], api.name)
      }
    },
  )
})

const impliedOf: readonly (readonly [api: Api, read: (body: Body) => unknown])[] = [
  [chat, (body) => body['max_completion_tokens']],
  [completions, (body) => body['max_tokens']],
  [responses, (body) => body['max_output_tokens']],
  [gemini, (body) => (body['generationConfig'] as Body)['maxOutputTokens']],
  [geminiStream, (body) => (body['generationConfig'] as Body)['maxOutputTokens']],
]

test('who names no bound gets the lowest that holds for it, in the field of its vendor; without one nothing is added', async () => {
  const more = 'request: { max_tokens: 60 }\ntrust_profiles: { new: { request: { max_tokens: 20 } } }'
  await withFront({ identity, more, model: ', request: { max_tokens: 40 }' }, async (front) => {
    for (const [api, read] of impliedOf) {
      const boundOf = ({ sent }: Answer): unknown => read(JSON.parse(sent!) as Body)
      // A completion without a bound has 16 tokens at its vendor, and a cap does not make it longer.
      const short = api === completions
      assert.equal(boundOf(await ask(front, api, api.body(text))), short ? 16 : 40, api.name)
      assert.equal(boundOf(await ask(front, api, api.body(text), NEW)), short ? 16 : 20, api.name)
    }
    const two = await ask(front, chat, { ...chat.body(text), n: 2 })
    assert.equal((JSON.parse(two.sent!) as Body)['max_completion_tokens'], 40, 'the bound is on each answer')
    const config = { generationConfig: { temperature: 1, candidateCount: 2 } }
    const kept = await ask(front, gemini, { ...gemini.body(text), ...config })
    assert.deepEqual((JSON.parse(kept.sent!) as Body)['generationConfig'], {
      ...config.generationConfig,
      maxOutputTokens: 40,
    })
    const named = await ask(front, chat, { ...chat.body(text), max_tokens: 7 })
    const sent = JSON.parse(named.sent!) as Body
    assert.deepEqual([sent['max_tokens'], 'max_completion_tokens' in sent], [7, false])
    const vector = await ask(front, embeddings, embeddings.body(text))
    assert.equal(
      vector.sent,
      JSON.stringify(embeddings.body(text)),
      'where nothing is written there is nothing to bound',
    )
  })
  await withFront({ identity, more: 'trust_profiles: { new: {} }' }, async (front) => {
    for (const [api] of impliedOf) {
      const { sent } = await ask(front, api, api.body(text))
      assert.equal(sent, JSON.stringify(api.body(text)), api.name)
    }
  })
})

test('a cap cannot be passed by naming no bound, wherever it stands against the usual length of an answer', async () => {
  await withFront({ identity, more: 'request: { max_tokens: 9000 }\ntrust_profiles: { new: {} }' }, async (front) => {
    const { sent } = await ask(front, chat, chat.body(text))
    assert.equal((JSON.parse(sent!) as Body)['max_completion_tokens'], 9000)
  })
})
