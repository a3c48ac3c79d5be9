import assert from 'node:assert/strict'
import { test } from 'node:test'
import { demoConfigText } from './default.ts'
import { sha256 } from './identity.ts'
import { configJsonSchema, showConfig } from './show.ts'
import { configOf, minimal } from './testing.ts'

const secret = 'wr_acme1_0123456789abcdef0123456789abcdef'

test('of a secret only the start of its hash is shown', () => {
  const text = `${minimal.replace('main: {', `main: { api_key: ${secret}-u,`)}control: { token: ${secret}-t }
identity: { keys: [{ id: a, secret: ${secret} }] }
`
  const shown = showConfig(configOf(text))
  assert.ok(!shown.includes(secret))
  for (const hidden of [`${secret}-u`, `${secret}-t`, secret]) {
    assert.ok(shown.includes(`sha256:${sha256(hidden).slice(0, 8)}…\n`))
    assert.ok(!shown.includes(sha256(hidden).slice(0, 9)))
  }
})

test('what is shown loads as the same configuration', () => {
  const text = `listen: "[::1]:0"
data_dir: ./.weir
upstreams:
  demo: { dialect: openai, embedded: demo, stream_usage: false, idle_timeout: 90s }
  main: { dialect: openai, base_url: "http://127.0.0.1:9100/v1" }
models: { b: { upstream: main }, "4": { upstream: demo }, "*": { upstream: main } }
identity: { trusted_proxies: [127.0.0.1], auth_failures: { per_minute: 7 } }
quotas:
  - { name: a, tokens: 60000, window: 1m, burst: 5, match: { model: [a, "b*"], ip: "10.*" }, mode: shadow }
  - { name: b, per: [tenant, ip_prefix], output_tokens: 9, window: 90s, kind: sliding, on_store_error: deny }
  - { name: c, per: [global], concurrent: 8, mode: "off" }
request: { max_body: 1000, max_messages: 3, body_timeout: 1500ms, max_duration: 2h }
on_error: { admit: allow, meter: deny }
`
  for (const written of [text, minimal, demoConfigText()]) {
    const config = configOf(written)
    const shown = showConfig(config)
    assert.ok(shown.startsWith(`# effective configuration ${config.hash}\n`))
    assert.deepEqual(configOf(shown), config)
  }
})

test('the JSON Schema names every key, and takes no other', () => {
  const schema = JSON.parse(JSON.stringify(configJsonSchema())) as Record<string, Record<string, unknown>>
  assert.deepEqual(schema['required'], ['upstreams', 'models'])
  assert.equal(schema['additionalProperties'], false)
  const keys = ['listen', 'control', 'data_dir', 'upstreams', 'models', 'identity', 'quotas', 'request', 'on_error']
  assert.deepEqual(Object.keys(schema['properties']!), keys)
  const found = JSON.stringify(schema)
  for (const key of ['first_byte_timeout', 'secret_sha256', 'on_store_error', 'max_body', 'per_minute']) {
    assert.ok(found.includes(`"${key}"`), key)
  }
})
