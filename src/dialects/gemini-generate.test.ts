import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { BadBody, Endpoint, ReadCall, Target } from './dialect.ts'
import { geminiGenerate, geminiGenerateV1, geminiStream, geminiStreamV1 } from './gemini-generate.ts'

const bounds = { maxMessages: 1000, maxDepth: 64 }
const contents = [{ role: 'user', parts: [{ text: 'hi' }] }]
const body = (over: object = {}): string => JSON.stringify({ contents, ...over })
const at = (query = '', id = 'gemini-2.5-flash'): Target => ({ id, query: new URLSearchParams(query) })

function read(text: string, endpoint: Endpoint = geminiGenerate, target = at()): ReadCall {
  const result = endpoint.read(Buffer.from(text), target, bounds)
  assert.ok(result.ok, JSON.stringify(result))
  return result.value
}

function refused(text: string, endpoint: Endpoint = geminiGenerate, target = at()): BadBody {
  const result = endpoint.read(Buffer.from(text), target, bounds)
  assert.ok(!result.ok, text.slice(0, 200))
  return result.error
}

const encoded = (text: string, maxOutputTokens: number | null): string =>
  Buffer.from(geminiGenerate.encode(read(text), { askUsage: true, maxOutputTokens })!).toString()

const user = (...parts: unknown[]): object => ({ contents: [{ role: 'user', parts }] })

test('the four endpoints differ in path and streaming only', () => {
  assert.deepEqual(
    [geminiGenerate, geminiStream, geminiGenerateV1, geminiStreamV1].map(({ path }) => path),
    [
      '/v1beta/models/{id}:generateContent',
      '/v1beta/models/{id}:streamGenerateContent',
      '/v1/models/{id}:generateContent',
      '/v1/models/{id}:streamGenerateContent',
    ],
  )
  const whole = read(body(), geminiGenerateV1)
  assert.deepEqual([whole.call.stream, whole.upstreamPath], [false, '/models/gemini-2.5-flash:generateContent'])
  const stream = read(body({ stream: false }), geminiStreamV1, at('alt=sse&key=k&fields=candidates'))
  assert.equal(stream.call.stream, true)
  assert.equal(stream.upstreamPath, '/models/gemini-2.5-flash:streamGenerateContent?alt=sse')
})

test('a stream is sent as events only, and a whole answer as JSON only', () => {
  for (const query of ['', 'alt=json', 'alt=SSE', 'alt=', 'alt=sse&alt=json', 'alt=sse&$alt=json', 'Alt=sse'])
    assert.equal(refused(body(), geminiStream, at(query)).param, 'alt', query)
  for (const query of ['alt=sse', '$alt=sse', '%24alt=sse', 'alt=sse&$alt=sse']) read(body(), geminiStream, at(query))
  for (const query of ['alt=sse', 'alt=media', '$alt=proto', 'alt=json&alt=sse'])
    assert.equal(refused(body(), geminiGenerate, at(query)).param, 'alt', query)
  for (const query of ['', 'alt=json', 'key=k&prettyPrint=false']) read(body(), geminiGenerate, at(query))
})

test('the model is the one in the path, and no other by a side door', () => {
  for (const id of ['a:b', 'a?b', 'a b', 'ä', '-a', '..a', 'a%2fb', 'a\n']) {
    assert.equal(refused(body(), geminiGenerate, at('', id)).param, 'model', id)
  }
  for (const model of ['gemini-2.5-flash', 'models/gemini-2.5-flash', null]) read(body({ model }))
  for (const over of [{ model: 'gemini-pro' }, { model: 'models/x' }, { model: 7 }, { model: '' }])
    assert.equal(refused(body(over)).param, 'model')
  for (const name of ['routingConfig', 'model_selection_config'])
    assert.match(refused(body({ generationConfig: { [name]: {} } })).param!, /^generationConfig\.(routing|modelSel)/)
  assert.equal(refused(body({ generation_output_config: { x: 1 } })).param, 'generationOutputConfig')
})

test('a call is read in either spelling', () => {
  const camel = { candidateCount: 2, maxOutputTokens: 40, stopSequences: ['a', 'bc'], temperature: 1, topP: 0.5 }
  const snake = { candidate_count: 2, max_output_tokens: 40, stop_sequences: ['a', 'bc'], temperature: 1, top_p: 0.5 }
  for (const over of [
    { generationConfig: camel, systemInstruction: { parts: [{ text: 'sys' }] }, cachedContent: 'cachedContents/x' },
    { generation_config: snake, system_instruction: { parts: { text: 'sys' } }, cached_content: 'cachedContents/x' },
  ]) {
    const { call, texts, asked } = read(body(over))
    assert.deepEqual([call.choices, call.maxOutputTokens, call.opaqueParts, call.wantsUsage], [2, 80, 1, true])
    assert.deepEqual([call.params.topP, call.params.stops, call.params.longestStopChars], [0.5, 2, 2])
    assert.deepEqual([texts, asked, call.user, call.session], [['sys', 'hi'], 'hi', null, null])
    assert.deepEqual(call.params.fields, Object.keys({ contents, ...over }))
  }
  assert.equal(read('{"contents":{"parts":{"text":"hi"}}}').call.promptBytes, 2)
})

test('both spellings at once, another one, or fields beyond number are refused', () => {
  const many = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`k${i}`, i]))
  for (const text of [
    body({ generationConfig: {}, generation_config: {} }),
    body({ generationConfig: null, generation_config: {} }),
    body({ generationConfig: { maxOutputTokens: 1, max_output_tokens: 2 } }),
    body({ generationConfig: { candidateCount: 1, candidate_count: null } }),
    body({ systemInstruction: {}, system_instruction: {} }),
    body({ GenerationConfig: {} }),
    body({ generation_Config: {} }),
    body({ generationConfig: { MaxOutputTokens: 5 } }),
    body({ generationConfig: { max_OutputTokens: 5 } }),
    body({ generationConfig: { maxOutputToKens: 5 } }),
    body(user({ inlineData: { mimeType: 'image/png', data: 'x' }, inline_data: {} })),
    body(user({ inlineData: { mimeType: 'image/png', mime_type: 'text/plain', data: 'x' } })),
    body(user({ fileData: { mimeType: 'image/png', mime_type: 'text/plain', fileUri: 'x' } })),
    body({ tools: [{ mcpServers: [], mcp_servers: [] }] }),
    body(many),
    body(user(many)),
    body({ tools: [many] }),
    '{"contents":[],"contents":[]}',
  ]) {
    refused(text)
  }
  // What a function is given is its own business.
  read(body(user({ functionCall: { name: 'f', args: { inlineData: 1, inline_data: 2 } } })))
})

test('what decides is read strictly', () => {
  for (const [over, param] of [
    [{ contents: [] }, 'contents'],
    [{ contents: null }, 'contents'],
    [{ contents: 'hi' }, 'contents[0]'],
    [{ contents: [contents[0], 7] }, 'contents[1]'],
    [{ contents: Array.from({ length: 1001 }, () => contents[0]) }, 'contents'],
    [{ generationConfig: [] }, 'generationConfig'],
    [{ generationConfig: 'x' }, 'generationConfig'],
    [{ generationConfig: { candidateCount: 0 } }, 'generationConfig.candidateCount'],
    [{ generationConfig: { candidateCount: 9 } }, 'generationConfig.candidateCount'],
    [{ generationConfig: { candidateCount: '2' } }, 'generationConfig.candidateCount'],
    [{ generationConfig: { maxOutputTokens: 0 } }, 'generationConfig.maxOutputTokens'],
    [{ generationConfig: { maxOutputTokens: '5' } }, 'generationConfig.maxOutputTokens'],
    [{ generationConfig: { maxOutputTokens: 1.5 } }, 'generationConfig.maxOutputTokens'],
    [{ generationConfig: { topP: '1' } }, 'generationConfig.topP'],
    [{ generationConfig: { stopSequences: [1] } }, 'generationConfig.stopSequences'],
  ] as const) {
    assert.equal(refused(body(over)).param, param, JSON.stringify(over).slice(0, 100))
  }
})

test('everything that the model reads counts, wherever it stands', () => {
  const long = 'x'.repeat(1000)
  const base64 = Buffer.from(long).toString('base64')
  for (const over of [
    user({ text: long }),
    user(long),
    { contents: [{ role: long, parts: [{ text: '' }] }] },
    { contents: [{ role: 'user', parts: [{ text: '' }], other: long }] },
    { systemInstruction: { parts: [{ text: long }] } },
    { system_instruction: long },
    user({ functionCall: { name: 'f', args: { a: [long] } } }),
    user({ function_call: { name: 'f', args: { [long]: 1 } } }),
    user({ functionResponse: { name: 'f', response: { result: long } } }),
    user({ function_response: { name: 'f', response: {}, parts: [{ text: long }] } }),
    user({ executableCode: { language: 'PYTHON', code: long } }),
    user({ codeExecutionResult: { outcome: 'OUTCOME_OK', output: long } }),
    user({ inlineData: { mimeType: 'text/plain', data: base64 } }),
    user({ inline_data: { mime_type: 'application/json', data: base64 } }),
    user({ inlineData: { data: base64 } }),
    user({ inlineData: long }),
    user({ inlineData: { mimeType: 'image/png', data: 'A', displayName: long } }),
    user({ fileData: { mimeType: 'image/png', fileUri: 'u', displayName: long } }),
    user({ unheardOf: { x: long } }),
    user({ text: '', thought: long }),
    user({ functionCall: { name: 'f', args: { inlineData: { mimeType: 'image/png', data: long } } } }),
    user({ functionCall: { name: 'f', args: { thoughtSignature: long } } }),
    { tools: [{ functionDeclarations: [{ name: 'f', description: long }] }] },
    { tools: { function_declarations: [{ parameters: { properties: { [long]: {} } } }] } },
    { generationConfig: { responseSchema: { description: long } } },
    { generation_config: { response_json_schema: { properties: { [long]: {} } } } },
  ]) {
    const { promptBytes } = read(body(over)).call
    assert.ok(promptBytes >= 1000 && promptBytes < 1200, `${promptBytes} ${JSON.stringify(over).slice(0, 120)}`)
  }
})

test('what only the vendor can read is no text, and costs a guess', () => {
  const data = 'A'.repeat(300_000)
  for (const [part, opaque, extra] of [
    [{ inlineData: { mimeType: 'image/png', data } }, 1, 258],
    [{ inline_data: { mime_type: 'audio/mp3', data } }, 1, 1000],
    [{ inlineData: { mimeType: 'application/pdf', data: 'A' } }, 1, 258],
    [{ fileData: { mimeType: 'image/png', fileUri: 'https://x' } }, 1, 258],
    [{ file_data: { file_uri: 'https://youtu.be/x' } }, 1, 1000],
    [{ text: '', thoughtSignature: data }, 0, 0],
    [{ functionResponse: { response: {}, parts: [{ inlineData: { mimeType: 'image/png', data } }] } }, 1, 258],
  ] as const) {
    const { call, texts } = read(body(user(part)))
    assert.deepEqual([call.opaqueParts, call.promptExtraTokens], [opaque, extra], JSON.stringify(part).slice(0, 80))
    assert.ok(call.promptBytes < 40 && !texts.includes(data))
  }
  assert.equal(read(body({ cachedContent: 'cachedContents/x' })).call.promptExtraTokens, 4096)
})

test('credentials of the client’s servers and searches are no text', () => {
  const headers = { authorization: 'sEcReT' }
  const tools = [
    { mcpServers: [{ name: 's', streamableHttpTransport: { url: 'u', headers } }] },
    { exa_ai_search: { apiKey: 'sEcReT' } },
    { googleSearch: {} },
  ]
  const { texts, call } = read(body({ tools }))
  assert.ok(!texts.join().includes('sEcReT'))
  assert.deepEqual([call.opaqueParts, call.params.tools], [2, 3])
})

test('each function of a tool is a tool, as a bound on tools has it', () => {
  const f = (name: string): object => ({ name })
  const cases: readonly (readonly [unknown, number])[] = [
    [undefined, 0],
    [[], 0],
    [[{}], 1],
    [[{ functionDeclarations: [f('a'), f('b'), f('c')] }], 3],
    [{ function_declarations: [f('a'), f('b')], google_search: {} }, 3],
    [[{ functionDeclarations: [f('a')] }, { codeExecution: {} }, { mcpServers: [f('s'), f('t')] }], 4],
  ]
  for (const [tools, count] of cases)
    assert.equal(read(body({ tools })).call.params.tools, count, JSON.stringify(tools))
})

test('asked is the latest turn in which the user says something', () => {
  const asked = (...turns: object[]): string => read(JSON.stringify({ contents: turns })).asked
  const result = { role: 'user', parts: [{ functionResponse: { name: 'f', response: { output: 'result' } } }] }
  const said = { role: 'model', parts: [{ text: 'no' }] }
  assert.equal(asked(contents[0]!, said, result), 'hi')
  assert.equal(asked({ parts: { text: 'bare' } }), 'bare')
  assert.equal(asked(contents[0]!, { role: 'user', parts: [{ text: 'a' }, { text: 'b' }] }, said), 'a\nb')
  assert.equal(asked(said), '')
})

test('the bound on output is lowered where it stands, and every other byte stays', () => {
  const text = '{ "generationConfig" : {"seed":1e2, "maxOutputTokens" : 9e3 , "x":"\\u00e9}"} ,"contents":{"parts":[]}}'
  assert.equal(encoded(text, 40), text.replace('9e3', '40'))
  assert.equal(encoded(text, 9000), text)
  assert.equal(encoded(text, null), text)
  const snake = text.replace('generationConfig', 'generation_config').replace('maxOutputTokens', 'max_output_tokens')
  assert.equal(encoded(snake, 40), snake.replace('9e3', '40'))
  const none = text.replace('"maxOutputTokens" : 9e3 , ', '')
  assert.equal(encoded(none, 40), none.replace('{"seed"', '{"maxOutputTokens":40,"seed"'))
  const bare = '{"contents":{"parts":[]}}'
  assert.equal(encoded(bare, 40), '{"generationConfig":{"maxOutputTokens":40},"contents":{"parts":[]}}')
  for (const empty of ['{}', 'null', '{ }'])
    assert.equal(
      encoded(`{"generation_config":${empty},"contents":{}}`, 40),
      '{"generation_config":{"maxOutputTokens":40},"contents":{}}',
    )
  const nothing = '{"generationConfig":{"max_output_tokens":null},"contents":{}}'
  assert.equal(encoded(nothing, 40), nothing.replace('null', '40'))
})

test('any lowered bound reads back as a bound no higher, shared between the candidates', () => {
  const config = fc.record(
    {
      candidateCount: fc.integer({ min: 1, max: 8 }),
      maxOutputTokens: fc.integer({ min: 1, max: 1000 }),
      x: fc.jsonValue(),
    },
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(config, fc.nat(2000), fc.nat(4), (generationConfig, most, indent) => {
      const text = encoded(JSON.stringify({ generationConfig, contents }, null, indent), most)
      const { call } = read(text)
      assert.ok(call.maxOutputTokens! <= Math.max(call.choices, most))
      const { generationConfig: after } = JSON.parse(text) as { generationConfig: Record<string, unknown> }
      assert.deepEqual(
        { ...after, maxOutputTokens: 0 },
        JSON.parse(JSON.stringify({ ...generationConfig, maxOutputTokens: 0 })),
      )
    }),
  )
})
