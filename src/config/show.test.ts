import assert from 'node:assert/strict'
import { test } from 'node:test'
import { demoConfigText } from './default.ts'
import { sha256 } from './identity.ts'
import { configJsonSchema, showConfig } from './show.ts'
import { configOf, minimal, outsideOf, problemsOf } from './testing.ts'

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

test('of what lies behind response nothing is shown that a thief could use', () => {
  const hook = 'https://hooks.slack.example/services/T0123/B4567/abcdefghijklmnop'
  const text = `${minimal}alerts:
  - { name: chat, kind: slack, url: "${hook}" }
  - { name: ops, kind: webhook, url: "https://a.example:8443/?token=abcdefghijklmnop", secret: ${secret}-a }
decoys: { keys: [{ id: h, secret: ${secret}-h, memo: in the old build log }] }
`
  const config = configOf(text)
  const shown = showConfig(config)
  for (const hidden of [hook, 'T0123', 'abcdefghijklmnop', secret, sha256(`${secret}-h`), sha256(hook)]) {
    assert.ok(!shown.includes(hidden), hidden)
  }
  assert.ok(shown.includes(`url: https://hooks.slack.example/sha256:${sha256(hook).slice(0, 8)}…\n`))
  assert.ok(shown.includes('url: https://a.example:8443/sha256:'))
  assert.ok(shown.includes(`secret: sha256:${sha256(`${secret}-a`).slice(0, 8)}…\n`))
  assert.ok(shown.includes(`secret_sha256: sha256:${sha256(`${secret}-h`).slice(0, 8)}…\n`))
  // It is no configuration any more, and says so instead of writing to nowhere.
  assert.deepEqual(
    problemsOf(shown).map((problem) => problem.slice(problem.indexOf(' ') + 1)),
    [
      'decoys.keys[0].secret_sha256: not a SHA-256 in hex',
      'alerts[0].url: holds a space or a character outside of ASCII',
      'alerts[1].url: holds a space or a character outside of ASCII',
      'alerts[1].secret: holds a space or a character outside of ASCII',
    ],
  )
  assert.notEqual(configOf(text.replace(`${secret}-a`, `${secret}-b`)).hash, config.hash)
  assert.notEqual(configOf(text.replace('T0123', 'T0124')).hash, config.hash)
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

test('everything that can be written is shown so that it loads again', () => {
  const pem = '-----BEGIN CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----\n'
  const outside = outsideOf({
    'all.pem': pem,
    'prices.json': '{}',
    'jwks.json': '{"keys":[{"kty":"RSA","n":"a","e":"AQAB"}]}',
    'asn.mmdb': '',
    'tor.txt': '192.0.2.1\n',
  })
  const text = `extends: [internal-assistant]
listen: 0.0.0.0:8443
insecure: true
tls: { cert: all.pem, key: all.pem, client_ca: all.pem, client_auth: require }
upstreams:
  main:
    dialect: [openai, anthropic]
    base_url: [https://a.example/v1, https://b.example/v1]
    tls: { ca: all.pem, cert: all.pem, key: all.pem }
    breaker: { failures: 3, window: 1m, open: 5s }
  backup: { dialect: openai, base_url: https://c.example/v1, tls: {} }
models:
  "gpt*":
    upstream: main
    failover: [backup]
    price: { input: 0.1, cached_input: 0.000001, output: 1e6, tool_call: 0.01 }
    request: { max_messages: 3, temperature: [0, 0.7], max_prompt: 1KiB }
pricing: { book: prices.json, on_unpriced: block, estimate: { input: 1.1, output: 2.2 } }
identity:
  trusted_proxies: [127.0.0.1]
  jwt:
    - { name: a, issuer: https://login.example, audience: [x, y], jwks_file: jwks.json, max_age: 1d, claims: { user: sub } }
    - { name: b, issuer: https://login.example, audience: x, jwks_url: https://login.example/k, trust: new }
  certificates: [{ id: c, sha256: ${'ab'.repeat(32)} }, { id: d, subject: "*.x", trust: verified }]
  pass_through: { match: ["sk-*"], trust: new }
  tokens: { bind: fingerprint }
  signatures: { window: 90s }
  user_header: x-user
  session_header: x-session
network:
  databases: [asn.mmdb]
  headers: { asn: x-asn, country: x-country, ja3: x-ja3, ja4: x-ja4 }
  lists: [{ type: tor, file: tor.txt }]
  hosting_asns: [16509]
  reputation:
    - { asn: 64500, score: 1, reason: r, expires: 2027-01-01T10:30:00Z }
    - { cidr: 192.0.2.0/24, score: 1, reason: "a: b" }
trust_profiles:
  night: { quotas: { cost: 0.1, user-rpm: 5 }, models: ["gpt*"], endpoints: [chat_completions], when_reputation_at_most: 7 }
tenants: { acme: { trust: night, quotas: { cost: 1.000000001 } }, "4": {} }
exemptions: [{ reason: "x: y", expires: 2027-01-01, match: { tenant: [a, "b*"], asn: 7 }, from: [cost, overload] }]
terms: { version: "2026-11", url: https://example.com/terms, on_unaccepted: deny }
quotas:
  - { name: cost, per: [asn, country], cost_usd: 0.1, burst: 0.25, window: 1m, match: { when: 'stream && hour < 5' } }
request: { max_choices: 2, temperature: [0, 1], max_depth: 32 }
screening: { flood: refuse, max_scan: 1KiB }
overload: { max_in_flight: 7 }
on_error: { screen: allow }
playbooks:
  - { name: acme, mode: "off", match: { tenant: [acme, "b*"], asn: 7, when: 'reputation < 30 && stream' } }
  - name: default
    mode: shadow
    levels:
      notice: { evidence: 99.5, alert: [ops] }
      step_up: { mode: "off", actions: [step_up, { restrict: { max_tokens: 9, model: gpt-4o-mini }, on: asn }] }
      tarpit: { actions: [{ throttle: { requests_per_minute: 0.5 }, mode: shadow }, tarpit] }
      squeeze: { evidence: 1e6, actions: [{ squeeze: { factor: 0.1, requests_per_day: 50 }, on: campaign }, restrict] }
      block: { actions: [block, quarantine, cooldown, { decoy: { upstream: backup }, mode: "off" }], alert: [ops, chat] }
    cooldown: 90s
    hysteresis: 1
    probation: { lasts: 0s, factor: 0.25 }
    longest: 36h
step_up: { proof_bits: 20, challenge: 90s, attestation_issuer: a, url: https://example.com/confirm }
tarpit: { max_held: 7, max_held_bytes: 1000 }
decoys:
  endpoints: [{ path: /v1/internal/models, weight: 1.5 }]
  models: [{ name: gpt-4o-base, weight: 1e6, from_level: squeeze }]
  aliases: { model: gpt-4o, prefix: gpt-4o-u }
  prompt_canary: { on_touch: cut, min_echo: 64, mark: [anthropic, openai] }
  upstream: backup
alerts:
  - { name: ops, kind: webhook, url: https://alerts.example }
  - { name: chat, kind: syslog, url: "udp://[::1]:514" }
truth: { held_back: 0, max_wrong: never }
loops: { repeats: 7, within: 90s, requests_per_minute: 0.5, lasts: 1h }
`
  const config = configOf(text, {}, outside)
  const shown = configOf(showConfig(config), {}, outside)
  assert.equal(shown.hash, config.hash)
  // A condition holds a compiled expression, and the files were named in another order.
  assert.deepEqual({ ...shown, sources: [] }, { ...config, sources: [] })
  assert.deepEqual(shown.sources.toSorted(), config.sources.toSorted())
})

test('the JSON Schema names every key, and takes no other', () => {
  const schema = JSON.parse(JSON.stringify(configJsonSchema())) as Record<string, Record<string, unknown>>
  assert.deepEqual(schema['required'], ['upstreams', 'models'])
  assert.equal(schema['additionalProperties'], false)
  const keys =
    'extends listen insecure tls control data_dir upstreams models pricing identity network trust_profiles tenants ' +
    'exemptions terms quotas request screening detection playbooks step_up tarpit decoys alerts truth loops overload on_error audit secrets'
  assert.equal(Object.keys(schema['properties']!).join(' '), keys)
  const found = JSON.stringify(schema)
  assert.ok(!found.includes('fileBytes') && found.includes('"writeOnly":true'))
  for (const key of ['first_byte_timeout', 'secret_sha256', 'on_store_error', 'max_body', 'per_minute']) {
    assert.ok(found.includes(`"${key}"`), key)
  }
  for (const key of [
    'proof_of_work',
    'hysteresis',
    'held_back',
    'on_touch',
    'max_held_bytes',
    'ip_prefix',
    'quarantine',
  ]) {
    assert.ok(found.includes(`"${key}"`), key)
  }
})
