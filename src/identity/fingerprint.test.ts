import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { Fingerprinter, type ClientFingerprint, type FingerprintInput } from './fingerprint.ts'

type Headers = readonly (readonly [name: string, value: string])[]

const KEY = new Uint8Array(32).fill(7)
const JA4 = 't13d1516h2_8daaf6152771_e5627efa2ab1'
const FIELDS = ['model', 'messages', 'temperature']

const openaiNode: Headers = [
  ['host', 'llm.example'],
  ['accept', 'application/json'],
  ['user-agent', 'OpenAI/JS 7.55.0'],
  ['x-stainless-retry-count', '0'],
  ['x-stainless-lang', 'js'],
  ['x-stainless-package-version', '7.55.0'],
  ['x-stainless-os', 'Linux'],
  ['x-stainless-arch', 'x64'],
  ['x-stainless-runtime', 'node'],
  ['x-stainless-runtime-version', 'v26.10.0'],
  ['authorization', 'Bearer sk-one'],
  ['content-type', 'application/json'],
  ['content-length', '56'],
]
const openaiPython: Headers = [
  ['host', 'llm.example'],
  ['accept-encoding', 'gzip, deflate'],
  ['connection', 'keep-alive'],
  ['accept', 'application/json'],
  ['content-type', 'application/json'],
  ['user-agent', 'AsyncOpenAI/Python 1.55.3'],
  ['x-stainless-lang', 'python'],
  ['x-stainless-package-version', '1.55.3'],
  ['x-stainless-os', 'Linux'],
  ['x-stainless-arch', 'x64'],
  ['x-stainless-runtime', 'CPython'],
  ['x-stainless-runtime-version', '3.12.4'],
  ['authorization', 'Bearer sk-one'],
  ['x-stainless-async', 'async:asyncio'],
  ['x-stainless-retry-count', '0'],
]

const input = (headers: Headers, other: Partial<FingerprintInput> = {}): FingerprintInput => ({
  headerNames: headers.map(([name]) => name),
  header: (wanted) => headers.find(([name]) => name === wanted)?.[1],
  fields: FIELDS,
  endpoint: 'openai.chat',
  ja3: null,
  ja4: null,
  ...other,
})

/** A new one each time, so that nothing remembered can answer. */
const of = (headers: Headers, other?: Partial<FingerprintInput>): ClientFingerprint =>
  new Fingerprinter(KEY).of(input(headers, other))

const withHeader = (headers: Headers, name: string, value: string | null): Headers => {
  const kept = headers.filter(([own]) => own !== name || value !== null)
  if (value === null) return kept
  return headers.some(([own]) => own === name)
    ? headers.map(([own, old]) => [own, own === name ? value : old] as const)
    : [...headers, [name, value]]
}

const curl: Headers = [
  ['host', 'llm.example'],
  ['user-agent', 'curl/8.4.0'],
  ['accept', '*/*'],
]

test('an id is short, keyed and the same for the same request', () => {
  const { id } = of(openaiNode)
  assert.match(id, /^fp_[0-9a-f]{16}$/)
  assert.equal(of(openaiNode).id, id)
  assert.notEqual(new Fingerprinter(new Uint8Array(32).fill(8)).of(input(openaiNode)).id, id)
  assert.throws(() => new Fingerprinter(new Uint8Array(15)), RangeError)
})

test('a key that changes after construction changes nothing', () => {
  const key = Uint8Array.from(KEY)
  const fingerprinter = new Fingerprinter(key)
  key.fill(0)
  assert.equal(fingerprinter.of(input(openaiNode)).id, of(openaiNode).id)
})

test('what belongs to a call, an account or a hop leaves the id alone', () => {
  const { id } = of(openaiNode)
  for (const [name, value] of [
    ['authorization', 'Bearer sk-two'],
    ['authorization', null],
    ['x-api-key', 'k'],
    ['cookie', 'a=b'],
    ['host', 'other.example'],
    ['content-length', '99999'],
    ['content-length', null],
    ['transfer-encoding', 'chunked'],
    ['connection', 'close'],
    ['x-stainless-retry-count', '2'],
    ['x-stainless-retry-count', null],
    ['x-stainless-timeout', '600'],
    ['x-stainless-helper-method', 'stream'],
    ['idempotency-key', 'stainless-node-retry-1'],
    ['traceparent', '00-0-0-01'],
    ['x-b3-traceid', '1'],
    ['x-request-id', '1'],
    ['x-forwarded-for', '192.0.2.1'],
    ['x-forwarded-proto', 'https'],
    ['x-real-ip', '192.0.2.1'],
    ['via', '1.1 proxy'],
    ['cf-ray', '1'],
    ['openai-organization', 'org-1'],
    [':authority', 'llm.example'],
    ['user-agent', 'OpenAI/JS 7.55.3'],
    ['x-stainless-os', 'MacOS'],
    ['x-stainless-runtime-version', 'v24.0.0'],
  ] as const) {
    assert.equal(of(withHeader(openaiNode, name, value)).id, id, `${name}: ${value}`)
  }
})

test('what belongs to the program makes another id', () => {
  const ids = [
    of(openaiNode),
    of(openaiPython),
    of(curl),
    of([]),
    of(withHeader(openaiNode, 'user-agent', 'OpenAI/JS 7.56.0')),
    of(withHeader(openaiNode, 'user-agent', 'MyApp/1.0 OpenAI/JS 7.55.0')),
    of(withHeader(openaiNode, 'accept-language', '*')),
    of(withHeader(openaiNode, 'x-title', 'app')),
    of(withHeader(openaiNode, 'accept', null)),
    of([openaiNode[1]!, openaiNode[0]!, ...openaiNode.slice(2)]),
    of([...openaiNode, ['accept', 'application/json']]),
    of(openaiNode, { fields: [...FIELDS, 'top_p'] }),
    of(openaiNode, { fields: ['model', 'messages'] }),
    of(openaiNode, { endpoint: 'openai.responses' }),
    of(openaiNode, { ja4: JA4 }),
    of(openaiNode, { ja4: JA4.replace('t13d15', 't13d17') }),
    of(openaiNode, { ja3: 'e7d705a3286e19ea42f587b344ee6865' }),
  ].map(({ id }) => id)
  assert.equal(new Set(ids).size, ids.length)
})

test('the fields of the body count as a set, without those that come and go', () => {
  const { id } = of(openaiNode)
  for (const fields of [
    ['temperature', 'messages', 'model'],
    [...FIELDS, 'model'],
    [...FIELDS, 'stream', 'stream_options', 'user', 'metadata', 'tool_choice'],
  ]) {
    assert.equal(of(openaiNode, { fields }).id, id, fields.join())
  }
})

test('a resumed TLS session leaves the id alone, and JA3 counts only where there is no JA4', () => {
  const { id } = of(openaiNode, { ja4: JA4 })
  assert.equal(of(openaiNode, { ja4: 't13d1517h2_8daaf6152771_b1ff8ab2d16f' }).id, id)
  assert.equal(of(openaiNode, { ja4: JA4, ja3: 'e7d705a3286e19ea42f587b344ee6865' }).id, id)
  for (const other of [
    't13i1516h2_8daaf6152771_e5627efa2ab1',
    't13d1516h1_8daaf6152771_e5627efa2ab1',
    'odd',
    '_',
    '',
  ]) {
    assert.notEqual(of(openaiNode, { ja4: other }).id, id, other)
  }
})

test('no two requests can be mistaken for one another in the memory', () => {
  const one = new Fingerprinter(KEY)
  const text = fc.constantFrom('', 'a', 'aa', '1', '1:a', '0:', '-', '/')
  const some = fc.record({
    names: fc.array(text, { maxLength: 2 }),
    fields: fc.array(text, { maxLength: 2 }),
    endpoint: fc.constantFrom('', 'a'),
    ja4: fc.constantFrom(null, 'a', '1'),
    agent: fc.option(text),
    lang: fc.option(text),
  })
  fc.assert(
    fc.property(some, ({ names, fields, endpoint, ja4, agent, lang }) => {
      const claims: Headers = [
        ...(agent === null ? [] : [['user-agent', agent] as const]),
        ...(lang === null ? [] : [['x-stainless-lang', lang] as const]),
      ]
      const request = input([...claims], { headerNames: names, fields, endpoint, ja4 })
      assert.deepEqual(one.of(request), new Fingerprinter(KEY).of(request))
    }),
    { numRuns: 3000 },
  )
})

test('a request beyond all measure costs no more than a big one, and what is past the bounds changes nothing', () => {
  const names = Array.from({ length: 100_000 }, (_, i) => `h${i}${'x'.repeat(100)}`)
  const fields = Array.from({ length: 100_000 }, (_, i) => `f${i}${'x'.repeat(100)}`)
  const header = (): string => 'OpenAI/JS 7.55.0 '.repeat(10_000)
  const endpoint = 'e'.repeat(100_000)
  const big = { headerNames: names, header, fields, endpoint, ja3: null, ja4: endpoint }
  const one = new Fingerprinter(KEY)
  const { id } = one.of(big)
  assert.equal(one.of({ ...big, headerNames: names.slice(0, 64), fields: fields.slice(0, 64) }).id, id)
  assert.notEqual(one.of({ ...big, headerNames: names.slice(0, 63) }).id, id)
  assert.equal(
    one.of({ ...big, headerNames: [...Array<string>(100_000).fill('x-forwarded-for')] }).sdk,
    'openai-node/7.55',
  )
})

test('what is remembered is the same as what is worked out, over more clients than are remembered', () => {
  const one = new Fingerprinter(KEY)
  const first = one.of(input(openaiNode))
  assert.equal(one.of(input(openaiNode)), first, 'the second time it is remembered')
  for (let i = 0; i < 3000; i++) one.of(input(curl, { fields: [`f${i}`] }))
  const again = one.of(input(openaiNode))
  assert.notEqual(again, first, 'it has been forgotten: the memory is bounded')
  assert.deepEqual(again, first)
})

test('programs are named from a fixed list, by family and version', () => {
  for (const [userAgent, sdk] of [
    ['OpenAI/Python 1.55.3', 'openai-python/1.55'],
    ['AsyncAzureOpenAI/Python 1.55.3', 'openai-python/1.55'],
    ['AzureOpenAI/JS 4.20.1', 'openai-node/4.20'],
    ['OpenAI/NodeJS/3.3.0', 'openai-node/3.3'],
    ['OpenAI/v1 PythonBindings/0.28.0', 'openai-python/0.28'],
    ['OpenAI/2.1.0 (.NET 8.0.0; Linux 6.1)', 'openai-dotnet/2.1'],
    ['OpenAI/Go 1.12.0', 'openai-go/1.12'],
    ['OpenAIClientImpl/Java 2.3.1', 'openai-java/2.3'],
    ['Anthropic/JS 0.60.0', 'anthropic-node/0.60'],
    ['AsyncAnthropicBedrock/Python 0.39.0', 'anthropic-python/0.39'],
    ['MyApp/3.1 (Linux) OpenAI/JS 7.55.0', 'openai-node/7.55'],
    ['google-genai-sdk/1.20.0 gl-python/3.12.4', 'google-genai-python/1.20'],
    ['claude-cli/1.0.119 (external, cli)', 'claude-cli/1.0'],
    ['codex_cli_rs/0.46.0 (Mac OS 15.6; arm64) iTerm', 'codex-cli/0.46'],
    ['langchainjs-openai/1.0.0 ((node/v24.16.0; linux; x64))', 'langchain/1.0'],
    ['litellm/1.90.1', 'litellm/1.90'],
    ['ai/5.0.8 ai-sdk/openai/2.0.1 ai-sdk/provider-utils/3.0.0 runtime/node.js/22', 'vercel-ai/5.0'],
    ['ai-sdk/openai/2.0.1 runtime/node.js/22', 'vercel-ai/2.0'],
    ['curl/8.4.0', 'curl/8.4'],
    ['python-requests/2.32.3', 'python-requests/2.32'],
    ['python-httpx/0.27.0', 'httpx/0.27'],
    ['Python/3.11 aiohttp/3.9.1', 'aiohttp/3.9'],
    ['Go-http-client/2.0', 'go-http-client/2.0'],
    ['node', 'node-fetch'],
    ['axios/1.7.2', 'axios/1.7'],
    ['Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0', 'browser'],
    ['SomethingElse/1.0', 'other'],
    ['curl/12345.6', 'curl'],
    ['curl/', 'curl'],
    ['constructor/1.0 __proto__', 'other'],
    ['SomethingElse/1.0 (like (really) curl/8.4.0)', 'other'],
    ['((((((', 'other'],
    ['', null],
  ] as const) {
    assert.equal(of([['user-agent', userAgent]]).sdk, sdk, userAgent)
  }
  assert.equal(of([]).sdk, null)
  assert.equal(of(withHeader(openaiNode, 'user-agent', 'MyApp/1.0')).sdk, 'stainless-node/7.55')
  assert.equal(of([['x-goog-api-client', 'google-genai-sdk/1.20.0 gl-node/web']]).sdk, 'google-genai-node/1.20')
})

test('whatever a client writes, it gets an id and words of the fixed lists', () => {
  const header = fc.tuple(
    fc.constantFrom('user-agent', 'x-goog-api-client', ...openaiPython.map(([name]) => name)),
    fc.oneof(fc.string(), fc.constantFrom('js', 'python', 'node', '7.55.0', 'OpenAI/JS 7.55.0', 'google-genai-sdk/')),
  )
  fc.assert(
    fc.property(fc.array(header), fc.array(fc.string()), (headers, fields) => {
      const { id, sdk, consistent, inconsistencies } = of(headers, { fields })
      assert.match(id, /^fp_[0-9a-f]{16}$/)
      if (sdk !== null) assert.match(sdk, /^[a-z-]+(?:\/\d{1,4}(?:\.\d{1,4})?)?$/)
      assert.equal(consistent, inconsistencies.length === 0)
      for (const word of inconsistencies) assert.match(word, /^[a-z_]{10,40}$/)
    }),
    { numRuns: 2000 },
  )
})
