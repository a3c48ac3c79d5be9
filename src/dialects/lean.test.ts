import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { Endpoint, ReadCall, Target } from './dialect.ts'
import { endpoints } from './index.ts'
import { hasLean, leanCall, swapsModel } from './lean.ts'

const bounds = { maxMessages: 100, maxDepth: 64 }
const noTarget: Target = { id: null, query: new URLSearchParams() }
const geminiTarget = (stream: boolean): Target => ({
  id: 'big',
  query: new URLSearchParams(stream ? 'alt=sse' : ''),
})

interface Case {
  /** Goes up as it was sent. */
  readonly stays: object
  /** Is dropped, or what it becomes. */
  readonly goes: object
  readonly becomes?: object
}

const vllm = {
  prompt_logprobs: 5,
  logprob_token_ids: [1],
  return_token_ids: true,
  return_tokens_as_token_ids: true,
  allowed_token_ids: [1, 2],
  bad_words: ['x'],
  use_beam_search: true,
  ignore_eos: true,
  min_tokens: 5,
  skip_special_tokens: false,
  chat_template: '{{ x }}',
  chat_template_kwargs: {},
  structured_outputs: { choice: ['a', 'b'] },
  guided_choice: ['a', 'b'],
  cache_salt: 'x',
  priority: -1,
  include_reasoning: true,
  vllm_xargs: {},
  kv_transfer_params: {},
  n_probs: 10,
  grammar: 'root ::= "a"',
  '': 1,
  ['__proto__x']: 1,
}
const openai = { logit_bias: { 50256: -100 }, seed: 7, service_tier: 'priority', store: true, metadata: { a: 'b' } }
const tools = [{ type: 'function', function: { name: 'f', parameters: { type: 'object' } } }]
const claudeTools = [{ name: 'f', input_schema: { type: 'object' } }]
const sampling = { temperature: 0.5, top_p: 0.9, stop: ['.'], user: 'u', safety_identifier: 's' }
const claude = { model: 'big', messages: [{ role: 'user', content: 'hi' }], system: 'be kind', tools: claudeTools }
const gemini: Case = {
  stays: {
    contents: [{ role: 'user', parts: [{ text: 'hi' }] }],
    systemInstruction: { parts: [{ text: 'be kind' }] },
    tools: [{ functionDeclarations: [{ name: 'f' }] }],
    tool_config: {},
    safetySettings: [],
  },
  goes: {
    model: 'models/big',
    serviceTier: 'x',
    generationConfig: {
      temperature: 0.5,
      top_p: 0.9,
      maxOutputTokens: 500,
      stopSequences: ['.'],
      responseMimeType: 'application/json',
      candidateCount: 4,
      seed: 7,
      responseLogprobs: true,
      logprobs: 5,
      thinkingConfig: { includeThoughts: true, thinkingBudget: 500, thinkingLevel: 'HIGH' },
    },
  },
  becomes: {
    generationConfig: {
      temperature: 0.5,
      top_p: 0.9,
      maxOutputTokens: 500,
      stopSequences: ['.'],
      responseMimeType: 'application/json',
      thinkingConfig: { thinkingBudget: 500 },
    },
  },
}

const cases: Readonly<Record<string, Case>> = {
  chat_completions: {
    stays: {
      model: 'big',
      messages: [{ role: 'user', content: 'hi', name: 'x' }],
      ...sampling,
      presence_penalty: 0.1,
      frequency_penalty: 0.1,
      max_completion_tokens: 100,
      tools,
      tool_choice: 'auto',
      parallel_tool_calls: false,
      response_format: { type: 'json_object' },
      stream: true,
    },
    goes: {
      ...openai,
      ...vllm,
      n: 4,
      logprobs: true,
      top_logprobs: 20,
      echo: true,
      prediction: { type: 'content', content: 'x' },
      verbosity: 'high',
      reasoning_effort: 'high',
      web_search_options: {},
      stream_options: { include_usage: true, include_obfuscation: false },
    },
    becomes: { stream_options: { include_usage: true } },
  },
  completions: {
    stays: { model: 'big', prompt: ['hi', 'ho'], ...sampling, max_tokens: 100 },
    goes: { ...openai, ...vllm, n: 2, best_of: 4, logprobs: 5, echo: true, suffix: 'x' },
  },
  responses: {
    stays: {
      model: 'big',
      input: [{ role: 'user', content: 'hi' }],
      instructions: 'be kind',
      temperature: 0.5,
      max_output_tokens: 100,
      tools,
      previous_response_id: 'resp_1',
      truncation: 'auto',
      user: 'u',
    },
    goes: {
      ...openai,
      ...vllm,
      top_logprobs: 5,
      include: ['message.output_text.logprobs', 'reasoning.encrypted_content'],
      reasoning: { effort: 'low', summary: 'detailed', generate_summary: 'detailed' },
      text: { format: { type: 'text' }, verbosity: 'high' },
      prompt_cache_key: 'x',
      background: false,
    },
    becomes: {
      include: ['reasoning.encrypted_content'],
      reasoning: { effort: 'low' },
      text: { format: { type: 'text' } },
    },
  },
  embeddings: { stays: { model: 'big', input: 'hi', dimensions: 8, user: 'u' }, goes: { ...openai, ...vllm } },
  messages: {
    stays: { ...claude, max_tokens: 2000, temperature: 0.5, top_k: 5, stop_sequences: ['.'], stream: true },
    goes: {
      thinking: { type: 'enabled', budget_tokens: 1500 },
      container: 'c',
      diagnostics: {},
      service_tier: 'auto',
      metadata: { user_id: 'u', note: 'x' },
      output_config: { effort: 'max', format: { type: 'json_schema', schema: {} } },
    },
    becomes: { metadata: { user_id: 'u' }, output_config: { format: { type: 'json_schema', schema: {} } } },
  },
  count_tokens: { stays: claude, goes: { thinking: { type: 'enabled', budget_tokens: 1500 }, container: 'c' } },
  generate_content: gemini,
}

const targetOf = ({ path }: Endpoint): Target =>
  path.includes('{id}') ? geminiTarget(path.includes('stream')) : noTarget

function readOf(endpoint: Endpoint, body: object): ReadCall {
  const read = endpoint.read(Buffer.from(JSON.stringify(body)), targetOf(endpoint), bounds)
  assert.ok(read.ok, read.ok ? '' : `${endpoint.name}: ${read.error.message}`)
  return read.value
}

function leanOf(endpoint: Endpoint, body: object, model: string | null = null): ReadCall {
  const lean = leanCall(endpoint, targetOf(endpoint), readOf(endpoint, body), model, bounds)
  assert.ok(lean.ok, lean.ok ? '' : lean.error.message)
  return lean.value
}

for (const endpoint of endpoints) {
  const { name, path } = endpoint
  if (endpoint.method === 'GET') {
    test(`${path} has no body, and no list`, () => assert.equal(hasLean(endpoint), false))
    continue
  }
  const { stays, goes, becomes = {} } = cases[name]!

  test(`${path}: a restricted request loses exactly the fields that it must`, () => {
    const lean = leanOf(endpoint, { ...goes, ...stays })
    assert.deepEqual(lean.body, { ...becomes, ...stays })
    assert.deepEqual(JSON.parse(lean.bytes.toString()), lean.body)
  })

  test(`${path}: what is dropped is not counted, and detection sees what was asked`, () => {
    const sent = readOf(endpoint, { ...goes, ...stays })
    const lean = leanOf(endpoint, { ...goes, ...stays })
    const prompts = name === 'completions' ? 2 : 1
    assert.equal(lean.call.choices, prompts)
    assert.deepEqual(lean.turn, sent.turn)
    assert.deepEqual(lean.call.params, sent.call.params)
    assert.equal(lean.asked, sent.asked)
    assert.equal('echoes' in lean.call ? (lean.call.echoes as unknown[]).length : 0, 0)
    if (sent.call.maxOutputTokens !== null) {
      assert.equal(lean.call.maxOutputTokens, (sent.call.maxOutputTokens / sent.call.choices) * prompts)
    }
  })

  test(`${path}: another model is named wherever this dialect names it`, () => {
    const lean = leanOf(endpoint, { ...goes, ...stays }, 'small')
    assert.equal(lean.call.model, 'small')
    if ('model' in stays) assert.equal(lean.body['model'], 'small')
    else assert.match(lean.upstreamPath, /^\/models\/small:/)
    assert.equal(swapsModel(endpoint), name !== 'embeddings')
  })

  test(`${path}: what is kept goes up byte for byte`, () => {
    const text = JSON.stringify({ ...stays, extra: 1 }).replace('"hi"', String.raw`"h\u0069 \ud83d\ude00 1e400"`)
    const read = endpoint.read(Buffer.from(text), targetOf(endpoint), bounds)
    assert.ok(read.ok)
    const lean = leanCall(endpoint, targetOf(endpoint), read.value, null, bounds)
    assert.ok(lean.ok)
    assert.ok(lean.value.bytes.includes(String.raw`"h\u0069 \ud83d\ude00 1e400"`))
  })

  test(`${path}: no field that nobody here has heard of goes up, and a lean request stays as it is`, () => {
    const known = new Set([...Object.keys(stays), ...Object.keys(goes)].map((one) => one.toLowerCase()))
    const field = fc.string({ minLength: 1, maxLength: 12 }).filter((one) => !known.has(one.toLowerCase()))
    fc.assert(
      fc.property(fc.dictionary(field, fc.jsonValue()), (more) => {
        const read = endpoint.read(Buffer.from(JSON.stringify({ ...more, ...stays })), targetOf(endpoint), bounds)
        if (!read.ok) return
        const lean = leanCall(endpoint, targetOf(endpoint), read.value, null, bounds)
        assert.ok(lean.ok)
        assert.deepEqual(lean.value.body, stays)
        const again = leanCall(endpoint, targetOf(endpoint), lean.value, null, bounds)
        assert.ok(again.ok)
        assert.deepEqual(again.value.bytes, lean.value.bytes)
      }),
      { numRuns: 50 },
    )
  })
}

test('fields of a nested object that are null or no object do not break the request', () => {
  const chat = endpoints.find(({ name }) => name === 'chat_completions')!
  const plain = { model: 'big', messages: [{ role: 'user', content: 'hi' }] }
  assert.deepEqual(leanOf(chat, { ...plain, stream_options: null, reasoning_effort: 'low' }).body, {
    ...plain,
    stream_options: null,
    reasoning_effort: 'low',
  })
  const responses = endpoints.find(({ name }) => name === 'responses')!
  const asked = { model: 'big', input: 'hi' }
  assert.deepEqual(leanOf(responses, { ...asked, text: 'x', reasoning: [1], store: false }).body, {
    ...asked,
    store: false,
  })
})
