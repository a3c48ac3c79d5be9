import assert from 'node:assert/strict'
import { test } from 'node:test'
import { configOf, hintsOf, minimal, problemsOf } from './testing.ts'

const upstream = (fields: string): string => minimal.replace(/ main: .*/, ` main: { ${fields} }`)

test('an upstream has its defaults', () => {
  assert.deepEqual(configOf(minimal).upstreams.get('main'), {
    name: 'main',
    dialects: ['openai'],
    baseUrls: ['http://127.0.0.1:9100/v1'],
    embedded: null,
    apiKey: null,
    tls: null,
    streamUsage: true,
    connections: 256,
    connectTimeoutMs: 5000,
    firstByteTimeoutMs: 120_000,
    idleTimeoutMs: 60_000,
    breaker: { failures: 5, windowMs: 30_000, openMs: 10_000 },
  })
})

test('everything that can be said of an upstream is taken', () => {
  const config = configOf(
    upstream(
      'dialect: [anthropic, openai], base_url: ["https://API.example.com/v1//", "http://b/v1"], api_key: "${KEY}", stream_usage: false, ' +
        'connections: 4, connect_timeout: 250ms, first_byte_timeout: 1m, idle_timeout: 1h, ' +
        'breaker: { failures: 2, window: 1m, open: 1s }',
    ),
    { KEY: 'sk-1' },
  )
  assert.deepEqual(config.upstreams.get('main'), {
    name: 'main',
    dialects: ['anthropic', 'openai'],
    baseUrls: ['https://api.example.com/v1', 'http://b/v1'],
    embedded: null,
    apiKey: 'sk-1',
    tls: null,
    streamUsage: false,
    connections: 4,
    connectTimeoutMs: 250,
    firstByteTimeoutMs: 60_000,
    idleTimeoutMs: 3_600_000,
    breaker: { failures: 2, windowMs: 60_000, openMs: 1000 },
  })
})

test('an upstream is either a server or the embedded model', () => {
  assert.equal(configOf(upstream('dialect: openai, embedded: demo')).upstreams.get('main')?.embedded, 'demo')
  assert.deepEqual(problemsOf(upstream('dialect: openai')), [
    '2:3 upstreams.main: leads nowhere: base_url or embedded is needed',
  ])
  assert.deepEqual(problemsOf(upstream('dialect: openai, base_url: "http://a/v1", embedded: demo')), [
    '2:53 upstreams.main.embedded: base_url and embedded exclude each other',
  ])
})

test('each field of an upstream is checked', () => {
  const cases: Readonly<Record<string, string>> = {
    'dialect: openapi, embedded: demo': '2:20 upstreams.main.dialect: not one of the words that are known here',
    'embedded: demo': '2:3 upstreams.main.dialect: is required',
    'dialect: openai, embedded: x': '2:38 upstreams.main.embedded: not one of the words that are known here',
    'dialect: openai, embedded:': '2:28 upstreams.main.embedded: has no value',
    'dialect: openai, base_url: "127.0.0.1/v1"': '2:38 upstreams.main.base_url: not an http or https URL',
    'dialect: openai, base_url: "ftp://a/v1"': '2:38 upstreams.main.base_url: not an http or https URL',
    'dialect: openai, base_url: "http://a b/v1"': '2:38 upstreams.main.base_url: not an http or https URL',
    'dialect: openai, base_url: "http://me:pw@a/v1"': '2:38 upstreams.main.base_url: holds a user name or a password',
    'dialect: openai, base_url: "http://a/v1?key=1"': '2:38 upstreams.main.base_url: holds a query or a fragment',
    'dialect: openai, base_url: "http://a/v1#x"': '2:38 upstreams.main.base_url: holds a query or a fragment',
    'dialect: openai, embedded: demo, api_key: "a b"':
      '2:53 upstreams.main.api_key: holds a space or a character outside of ASCII',
    'dialect: openai, embedded: demo, api_key: ""': '2:53 upstreams.main.api_key: is empty',
    'dialect: openai, embedded: demo, stream_usage: "yes"':
      '2:58 upstreams.main.stream_usage: expected true or false, found text',
    'dialect: openai, embedded: demo, connections: 0': '2:57 upstreams.main.connections: must be at least 1',
    'dialect: openai, embedded: demo, connections: 4097': '2:57 upstreams.main.connections: must be at most 4096',
    'dialect: openai, embedded: demo, connections: 1.5':
      '2:57 upstreams.main.connections: expected a whole number, found one that is not whole',
    'dialect: openai, embedded: demo, idle_timeout: 60':
      '2:58 upstreams.main.idle_timeout: expected text, found a number',
    'dialect: openai, embedded: demo, idle_timeout: 0s': '2:58 upstreams.main.idle_timeout: must be from 1ms to 1d',
    'dialect: openai, embedded: demo, idle_timeout: soon': '2:58 upstreams.main.idle_timeout: not a duration',
    'dialect: [], embedded: demo': '2:20 upstreams.main.dialect: is empty',
    'dialect: [openai, openai], embedded: demo': '2:29 upstreams.main.dialect[1]: named twice',
    'dialect: openai, base_url: ["http://a/v1", "http://A/v1/"]': '2:54 upstreams.main.base_url[1]: named twice',
    'dialect: openai, base_url: ["http://a/v1", ftp]': '2:54 upstreams.main.base_url[1]: not an http or https URL',
    'dialect: openai, embedded: demo, tls: {}':
      '2:44 upstreams.main.tls: nothing leaves this process, so there is no TLS',
    'dialect: openai, embedded: demo, breaker: { failures: 0 }':
      '2:65 upstreams.main.breaker.failures: must be at least 1',
    'dialect: openai, embedded: demo, timeout: 1s': '2:44 upstreams.main.timeout: unknown key "timeout"',
  }
  for (const [fields, problem] of Object.entries(cases))
    assert.deepEqual(problemsOf(upstream(fields)), [problem], fields)
})

test('hints say what to write', () => {
  assert.deepEqual(hintsOf(upstream('dialect: x, embedded: demo, conections: 3, connect_timeout: 5')), [
    'write one of openai, anthropic, gemini',
    'did you mean "connections"?',
    'write for instance 5s; text that looks like a number, true or false goes in quotes',
  ])
})

test('names of upstreams are short and plain, and what they name is checked all the same', () => {
  const text = 'upstreams:\n  "a b": { dialect: x, embedded: demo }\nmodels: { "*": { upstream: "a b" } }\n'
  assert.deepEqual(problemsOf(text), [
    '2:3 upstreams["a b"]: not a name of 1 to 64 letters, digits, ".", "_" and "-"',
    '2:21 upstreams["a b"].dialect: not one of the words that are known here',
  ])
})

test('no upstream and no model is no configuration', () => {
  assert.deepEqual(problemsOf(''), ['1:1 upstreams: is required', '1:1 models: is required'])
  assert.deepEqual(problemsOf('upstreams: {}\nmodels: {}\n'), [
    '1:12 upstreams: no upstream is named',
    '2:9 models: no model is named, so every request would be refused',
  ])
  assert.deepEqual(problemsOf('upstreams:\nmodels: []\n'), [
    '1:1 upstreams: has no value',
    '2:9 models: expected a map of keys and values, found a list',
  ])
})

test('each entry of models is checked', () => {
  const models = (lines: string): string => minimal.replace(/models:\n.*\n/, `models:\n${lines}\n`)
  assert.deepEqual(problemsOf(models('  a: {}')), ['4:3 models.a.upstream: is required'])
  assert.deepEqual(problemsOf(models('  a: main')), ['4:6 models.a: expected a map of keys and values, found text'])
  assert.deepEqual(problemsOf(models('  "": { upstream: main }')), [
    '4:3 models[""]: the name of a model, or a glob, has 1 to 256 characters',
  ])
  const many = Array.from({ length: 1001 }, (_, i) => `  m${i}: { upstream: main }`).join('\n')
  assert.deepEqual(problemsOf(models(many)), ['3:1 models: more than 1000 entries'])
})

test('a model can fail over to upstreams that speak its language', () => {
  const failover = (list: string): string => `upstreams:
  a: { dialect: openai, base_url: "http://a/v1" }
  b: { dialect: [anthropic, openai], base_url: "http://b/v1" }
  c: { dialect: anthropic, base_url: "http://c/v1" }
models: { m: { upstream: a, failover: ${list} } }
`
  assert.deepEqual(configOf(failover('[b]')).models[0]?.failover, ['b'])
  assert.deepEqual(problemsOf(failover('[c, d, a, b, b]')), [
    '5:40 models.m.failover[0]: speaks no dialect that the first upstream speaks',
    '5:43 models.m.failover[1]: there is no upstream "d"',
    '5:46 models.m.failover[2]: is asked already',
    '5:52 models.m.failover[4]: is asked already',
  ])
  assert.deepEqual(problemsOf(failover('b')), ['5:39 models.m.failover: expected a list, found text'])
})
