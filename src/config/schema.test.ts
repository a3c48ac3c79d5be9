import assert from 'node:assert/strict'
import { test } from 'node:test'
import { noCaps } from '../core/caps.ts'
import { noResponse } from './response.ts'
import { configOf, flatPrice, hintsOf, minimal, problemsOf } from './testing.ts'

test('the smallest configuration has every default', () => {
  const { upstreams: _, identity: _identity, hash, ...config } = configOf(minimal)
  assert.match(hash, /^[0-9a-f]{16}$/)
  assert.deepEqual(config, {
    listen: { host: '127.0.0.1', port: 8080 },
    control: { listen: { host: '127.0.0.1', port: 8081 }, token: null },
    dataDir: null,
    tls: null,
    insecure: false,
    models: [{ pattern: '*', upstream: 'main', failover: [], maxOutputTokens: 4096, price: null, request: noCaps }],
    pricing: { book: null, onUnpriced: 'estimate', estimate: flatPrice(5_000_000, 25_000_000) },
    network: {
      databases: [],
      headers: { asn: null, country: null, ja3: null, ja4: null },
      lists: [],
      hostingAsns: [],
      reputation: [],
    },
    trustProfiles: new Map(),
    tenants: new Map(),
    exemptions: [],
    terms: null,
    quotas: [],
    request: {
      maxBodyBytes: 8_388_608,
      maxMessages: 2048,
      maxDepth: 64,
      bodyTimeoutMs: 30_000,
      maxDurationMs: 1_800_000,
      caps: noCaps,
    },
    screening: {
      actions: { invisible_unicode: 'flag', encoded_payload: 'flag', glitch_tokens: 'flag', flood: 'flag' },
      maxScanBytes: 65_536,
    },
    detection: {
      mode: 'shadow',
      calibration: null,
      ladder: { watch: 20, notice: 100, stepUp: 500, tarpit: 1000, squeeze: 10_000, block: 500 },
      maxAccounts: 200_000,
      keySlots: 2_097_152,
      snapshotEveryMs: 300_000,
    },
    response: noResponse,
    overload: { maxInFlight: 1024 },
    onError: { enforce: 'deny', admit: 'deny', meter: 'deny', screen: 'deny', audit: 'deny' },
    audit: { origin: null, witnesses: [], anchor: { folder: null, timestampUrl: null }, everyMs: 3_600_000 },
    sources: [],
    secretsRefreshMs: null,
  })
})

test('everything that can be said at the top is taken', () => {
  const config = configOf(
    `${minimal}listen: "[::1]:0"
control: { listen: localhost:9000, token: "\${TOKEN}" }
data_dir: ./.weir
request: { max_body: 512KiB, max_messages: 3, max_depth: 9, body_timeout: 1s, max_duration: 1h }
overload: { max_in_flight: 7 }
on_error: { enforce: allow, admit: allow, meter: allow, screen: allow, audit: allow }
`,
    { TOKEN: '7d1f0c62a9b34e85' },
  )
  assert.deepEqual(config.listen, { host: '::1', port: 0 })
  assert.deepEqual(config.control, { listen: { host: 'localhost', port: 9000 }, token: '7d1f0c62a9b34e85' })
  assert.equal(config.dataDir, './.weir')
  assert.deepEqual(config.request, {
    maxBodyBytes: 524_288,
    maxMessages: 3,
    maxDepth: 9,
    bodyTimeoutMs: 1000,
    maxDurationMs: 3_600_000,
    caps: noCaps,
  })
  assert.equal(config.overload.maxInFlight, 7)
  assert.deepEqual(config.onError, {
    enforce: 'allow',
    admit: 'allow',
    meter: 'allow',
    screen: 'allow',
    audit: 'allow',
  })
})

test('each entry at the top is checked', () => {
  const cases: Readonly<Record<string, string>> = {
    'listen: 8080': '5:9 listen: expected text, found a number',
    'listen: nowhere': '5:9 listen: not an address of the form host:port',
    'listen:': '5:1 listen: has no value',
    'control: { listen: ":1" }': '5:20 control.listen: the host is missing',
    'control: { token: short }': '5:19 control.token: is shorter than 16 characters',
    'control: { token: "0123456789 abcdef" }': '5:19 control.token: holds a space or a character outside of ASCII',
    'control: { tokn: x }': '5:12 control.tokn: unknown key "tokn"',
    'data_dir: ""': '5:11 data_dir: is empty',
    'data_dir: [x]': '5:11 data_dir: expected text, found a list',
    'quotas: {}': '5:9 quotas: expected a list, found a map',
    'request: { max_body: 65MiB }': '5:22 request.max_body: must be from 1 to 64MiB',
    'request: { max_body: 0 }': '5:22 request.max_body: must be from 1 to 64MiB',
    'request: { max_body: 8MB }': '5:22 request.max_body: not a size in bytes',
    'request: { max_body: true }': '5:22 request.max_body: cannot be a boolean',
    'request: { max_body: }': '5:12 request.max_body: has no value',
    'request: { max_messages: -1 }': '5:26 request.max_messages: must be at least 1',
    'request: { body_timeout: 25h }': '5:26 request.body_timeout: must be from 1ms to 1d',
    'request: { max_duration: 30 }': '5:26 request.max_duration: expected text, found a number',
    'on_error: { admit: maybe }': '5:20 on_error.admit: not one of the words that are known here',
    'on_error: { judge: deny }': '5:13 on_error.judge: unknown key "judge"',
    'on_error: deny': '5:11 on_error: expected a map of keys and values, found text',
    'extends: [public]': '5:11 extends[0]: not one of the words that are known here',
    'extends: public-llm-api': '5:10 extends: expected a list, found text',
    'insecure: "yes"': '5:11 insecure: expected true or false, found text',
    'overload: { max_in_flight: 0 }': '5:28 overload.max_in_flight: must be at least 1',
    'secrets: { refresh: 1s }': '5:21 secrets.refresh: must be from 10s to 1d',
    'plugins: []': '5:1 plugins: unknown key "plugins"',
    'wr_acme1_0123456789abcdef: x': '5:1 : unknown key',
  }
  for (const [line, problem] of Object.entries(cases))
    assert.deepEqual(problemsOf(`${minimal}${line}\n`), [problem], line)
  assert.deepEqual(problemsOf('- upstreams'), ['1:1 : expected a map of keys and values, found a list'])
})

test('a control token that a dictionary holds is refused', () => {
  const token = (text: string): readonly string[] => problemsOf(`${minimal}control: { token: "${text}" }\n`)
  for (const weak of [
    'aaaaaaaaaaaaaaaa',
    'changeme-changeme',
    'Change-Me-1234567',
    'password12345678',
    '1234567890123456',
  ]) {
    assert.deepEqual(token(weak), ['5:19 control.token: is easy to guess'], weak)
  }
  assert.deepEqual(token('7d1f0c62a9b34e85'), [])
})

test('an unknown key is answered with the nearest known one, or with all of them', () => {
  assert.deepEqual(hintsOf(`${minimal}contrl: {}\nplugins: []\n`), [
    'did you mean "control"?',
    'known here: extends, listen, insecure, tls, control, data_dir, upstreams, models, pricing, identity, network, ' +
      'trust_profiles, tenants, exemptions, terms, quotas, request, screening, detection, playbooks, step_up, tarpit, ' +
      'decoys, alerts, truth, loops, overload, on_error, audit, secrets',
  ])
})

test('plain HTTP stays on this machine unless that is wanted', () => {
  const listen = (lines: string): readonly string[] => problemsOf(`${minimal}${lines}\n`)
  const message = 'plain HTTP beyond this machine: keys could be read'
  assert.deepEqual(listen('listen: 0.0.0.0:8080'), [`5:9 listen: ${message}`])
  assert.deepEqual(listen('listen: "[::]:8080"'), [`5:9 listen: ${message}`])
  assert.deepEqual(listen('control: { listen: weir.internal:8081 }'), [`5:20 control.listen: ${message}`])
  assert.deepEqual(listen('listen: 0.0.0.0:8080\ninsecure: true'), [])
  for (const host of ['127.0.0.1', '127.9.9.9', 'localhost', '[::1]']) {
    assert.deepEqual(listen(`listen: "${host}:9000"`), [], host)
  }
})
