import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Fingerprinter } from './fingerprint.ts'

const fingerprinter = new Fingerprinter(new Uint8Array(32))

function inconsistencies(
  headers: Readonly<Record<string, string | null>>,
  more: readonly string[] = [],
): readonly string[] {
  const { consistent, inconsistencies } = fingerprinter.of({
    headerNames: [...Object.keys(headers).filter((name) => headers[name] !== null), ...more],
    header: (name) => headers[name] ?? undefined,
    fields: [],
    endpoint: 'openai.chat',
    ja3: null,
    ja4: null,
  })
  assert.equal(consistent, inconsistencies.length === 0)
  return inconsistencies
}

const node = {
  'user-agent': 'OpenAI/JS 7.55.0',
  'x-stainless-lang': 'js',
  'x-stainless-package-version': '7.55.0',
  'x-stainless-os': 'Linux',
  'x-stainless-arch': 'x64',
  'x-stainless-runtime': 'node',
  'x-stainless-runtime-version': 'v26.10.0',
}
const python = {
  'user-agent': 'AsyncOpenAI/Python 1.55.3',
  'x-stainless-lang': 'python',
  'x-stainless-package-version': '1.55.3',
  'x-stainless-os': 'MacOS',
  'x-stainless-arch': 'arm64',
  'x-stainless-runtime': 'CPython',
  'x-stainless-runtime-version': '3.12.4',
  'x-stainless-async': 'async:asyncio',
}
const gemini = 'google-genai-sdk/3.1.0 gl-node/v26.10.0'
const chrome = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36'

test('honest clients contradict themselves in nothing', () => {
  for (const headers of [
    {},
    node,
    python,
    { ...python, 'user-agent': 'OpenAI/Python 1.55.3', 'x-stainless-async': 'false' },
    { ...python, 'x-stainless-runtime': 'PyPy' },
    { ...node, 'user-agent': 'MyClient/JS 7.55.0' },
    { ...node, 'user-agent': 'MyApp/1.0' },
    { ...node, 'user-agent': null },
    { ...node, 'user-agent': 'claude-cli/1.0.119 (external, cli)', 'x-stainless-package-version': '0.60.0' },
    { ...node, 'user-agent': 'langchainjs-openai/1.0.0 ((node/v24.16.0; linux; x64))' },
    { ...node, 'x-stainless-runtime': 'vercel-of-tomorrow' },
    { ...node, 'user-agent': chrome, 'x-stainless-runtime': 'browser:chrome', 'x-stainless-os': 'Unknown' },
    { ...node, 'user-agent': 'OpenAIClientImpl/Java 7.55.0', 'x-stainless-lang': 'java', 'x-stainless-runtime': 'JRE' },
    { ...node, 'user-agent': 'MyApp/1.0', 'x-stainless-lang': 'kotlin', 'x-stainless-runtime': 'JRE' },
    { 'user-agent': gemini, 'x-goog-api-client': gemini },
    { 'user-agent': `${gemini} my-app/1.0`, 'x-goog-api-client': gemini },
    { 'user-agent': chrome, 'x-goog-api-client': 'google-genai-sdk/3.1.0 gl-node/web' },
    { 'user-agent': 'python-httpx/0.27.0' },
    { 'user-agent': 'curl/8.4.0' },
    { 'user-agent': 'OpenAI/NodeJS/3.3.0' },
    { 'user-agent': 'OpenAI/2.1.0 (.NET 8.0.0; Linux 6.1)' },
  ]) {
    assert.deepEqual(inconsistencies(headers), [], JSON.stringify(headers))
  }
})

test('an official User-Agent without the headers of its SDK is forged, or stripped on its way', () => {
  for (const userAgent of [
    'OpenAI/JS 7.55.0',
    'AsyncOpenAI/Python 1.55.3',
    'Anthropic/JS 1.11.0',
    'OpenAI/Go 1.12.0',
  ]) {
    assert.deepEqual(inconsistencies({ 'user-agent': userAgent }), ['stainless_headers_missing'], userAgent)
  }
})

test('each contradiction has its word', () => {
  for (const [headers, ...words] of [
    [{ ...node, 'x-stainless-os': null }, 'stainless_os_missing'],
    [
      { 'user-agent': 'OpenAI/JS 7.55.0', 'x-stainless-lang': 'js', 'x-stainless-runtime': 'node' },
      'stainless_package_version_missing',
      'stainless_os_missing',
      'stainless_arch_missing',
      'stainless_runtime_version_missing',
    ],
    [{ ...node, 'user-agent': 'OpenAI/Python 7.55.0' }, 'agent_disagrees_with_stainless_lang'],
    [{ ...node, 'user-agent': 'OpenAI/JS 7.54.0' }, 'agent_disagrees_with_stainless_version'],
    [{ ...node, 'user-agent': 'OpenAI/JS' }, 'agent_disagrees_with_stainless_version'],
    [{ ...node, 'user-agent': 'python-requests/2.32.3' }, 'agent_disagrees_with_stainless_lang'],
    [{ ...node, 'user-agent': 'curl/8.4.0' }, 'agent_disagrees_with_stainless_lang'],
    [{ ...node, 'user-agent': chrome }, 'agent_disagrees_with_stainless_runtime'],
    [{ ...node, 'x-stainless-runtime': 'CPython' }, 'stainless_runtime_disagrees_with_lang'],
    [
      { ...node, 'user-agent': null, 'x-stainless-lang': 'cobol' },
      'stainless_lang_unknown',
      'stainless_runtime_disagrees_with_lang',
    ],
    [{ ...python, 'x-stainless-async': 'false' }, 'agent_disagrees_with_stainless_async'],
    [{ ...python, 'user-agent': 'OpenAI/Python 1.55.3' }, 'agent_disagrees_with_stainless_async'],
    [{ 'user-agent': gemini }, 'goog_api_client_missing'],
    [
      { 'user-agent': gemini, 'x-goog-api-client': 'google-genai-sdk/3.0.0 gl-node/v26.10.0' },
      'agent_disagrees_with_goog_api_client',
    ],
    [
      { 'user-agent': gemini, 'x-goog-api-client': 'google-genai-sdk/3.1.0 gl-python/3.12.4' },
      'agent_disagrees_with_goog_api_client',
    ],
    [{ 'user-agent': 'curl/8.4.0', 'x-goog-api-client': gemini }, 'agent_disagrees_with_goog_api_client'],
  ] as const) {
    assert.deepEqual(inconsistencies(headers), words, JSON.stringify(headers))
  }
})

test('a header by which a client names itself comes once', () => {
  assert.deepEqual(inconsistencies(node, ['user-agent']), ['client_header_repeated'])
  assert.deepEqual(inconsistencies(node, ['x-stainless-lang']), ['client_header_repeated'])
  assert.deepEqual(inconsistencies(node, ['accept', 'accept']), [])
})
