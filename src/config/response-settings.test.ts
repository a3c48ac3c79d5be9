import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sha256 } from './identity.ts'
import { noResponse } from './response.ts'
import type { ResponseConfig } from './response-config.ts'
import { configOf, hintsOf, minimal, outsideOf, problemsOf } from './testing.ts'

const secret = 'wr_acme1_0123456789abcdef0123456789abcdef'
const response = (lines: string): ResponseConfig => configOf(`${minimal}${lines}\n`).response
/** All that is wrong with a line 5. */
const holds = (cases: Readonly<Record<string, string>>): void => {
  for (const [line, problem] of Object.entries(cases)) {
    assert.deepEqual(problemsOf(`${minimal}${line}\n`), [problem], line)
    for (const hint of hintsOf(`${minimal}${line}\n`)) assert.match(hint, /^\w.{8,}/, line)
  }
}

test('where nothing is said, nobody is touched', () => {
  assert.deepEqual(configOf(minimal).response, noResponse)
  const empty = 'playbooks: []\nstep_up: {}\ntarpit: {}\ndecoys: {}\nalerts: []\ntruth: {}'
  assert.deepEqual(response(empty), noResponse)
})

test('step_up has its settings', () => {
  const jwt = 'identity: { jwt: [{ name: corp, issuer: "https://l.example", audience: x }] }\n'
  const written = 'step_up: { proof_bits: 22, challenge: 1m, attestation_issuer: corp, url: "https://x.example/y" }'
  assert.deepEqual(response(jwt + written).stepUp, {
    proofBits: 22,
    challengeMs: 60_000,
    attestationIssuer: 'corp',
    url: 'https://x.example/y',
  })
  holds({
    'step_up: { proof_bits: 31 }': '5:24 step_up.proof_bits: must be at most 30',
    'step_up: { proof_bits: 0 }': '5:24 step_up.proof_bits: must be at least 1',
    'step_up: { challenge: 9s }': '5:23 step_up.challenge: must be from 10s to 1d',
    'step_up: { attestation_issuer: none }': '5:32 step_up.attestation_issuer: there is no issuer "none"',
    'step_up: { url: "http://x.example" }': '5:17 step_up.url: plain http to another machine',
    'step_up: { bits: 3 }': '5:12 step_up.bits: unknown key "bits"',
  })
})

test('tarpit has its caps', () => {
  const found = response('tarpit: { max_held: 10000, max_held_bytes: 128KiB }').tarpit
  assert.deepEqual(found, { maxHeld: 10_000, maxHeldBytes: 131_072 })
  holds({
    'tarpit: { max_held: 0 }': '5:21 tarpit.max_held: must be at least 1',
    'tarpit: { max_held: 100001 }': '5:21 tarpit.max_held: must be at most 100000',
    'tarpit: { max_held_bytes: 5000MiB }': '5:27 tarpit.max_held_bytes: must be from 1 to 4096MiB',
  })
})

test('truth has a share, an error and a minimum; the error is never measured by fewer reviews than were said', () => {
  assert.deepEqual(response('truth: { held_back: 0.05, max_wrong: 0.2, least_reviewed: 50 }').truth, {
    heldBack: 0.05,
    maxWrong: 0.2,
    leastReviewed: 50,
  })
  assert.deepEqual(response('truth: { max_wrong: never }').truth, { ...noResponse.truth, maxWrong: null })
  assert.deepEqual(response('truth: { held_back: 0 }').truth, { ...noResponse.truth, heldBack: 0 })
  holds({
    'truth: { max_wrong: 0.2 }':
      '5:10 truth.max_wrong: is no measure without least_reviewed: one review would be enough',
    'truth: { max_wrong: 0.2, least_reviewed: 0 }': '5:42 truth.least_reviewed: must be at least 5',
    'truth: { max_wrong: 0, least_reviewed: 9 }': '5:21 truth.max_wrong: must be at least 0.001',
    'truth: { max_wrong: 1, least_reviewed: 9 }': '5:21 truth.max_wrong: must be at most 0.9',
    'truth: { max_wrong: always, least_reviewed: 9 }': '5:21 truth.max_wrong: not one of the words that are known here',
    'truth: { held_back: 0.2 }': '5:21 truth.held_back: must be at most 0.1',
    'truth: { held_back: -1 }': '5:21 truth.held_back: must be at least 0',
  })
  assert.deepEqual(hintsOf(`${minimal}truth: { max_wrong: 0.2 }\n`), ['add for instance least_reviewed: 20'])
})

test('loops are left alone unless something is said', () => {
  assert.equal(response('').loops, null)
  const usual = { repeats: 20, withinMs: 600_000, requestsPerMinute: 6, lastsMs: 300_000 }
  assert.deepEqual(response('loops: {}').loops, usual)
  assert.deepEqual(response('loops: { repeats: 3, within: 1m, requests_per_minute: 0.5, lasts: 1h }').loops, {
    repeats: 3,
    withinMs: 60_000,
    requestsPerMinute: 0.5,
    lastsMs: 3_600_000,
  })
  holds({
    'loops: { repeats: 2 }': '5:19 loops.repeats: must be at least 3',
    'loops: { within: 0s }': '5:18 loops.within: must be from 1s to 1d',
    'loops: { requests_per_minute: 0 }': '5:31 loops.requests_per_minute: must be at least 0.1',
    'loops: { lasts: 2d }': '5:17 loops.lasts: must be from 1s to 1d',
    'loops: on': '5:8 loops: expected a map of keys and values, found text',
  })
})

test('alerts go to addresses of their kind, and only webhooks are signed', () => {
  const outside = outsideOf({ hook: 'https://hooks.slack.com/services/T/B/x\n' })
  const text = `${minimal}alerts:
  - { name: a, kind: webhook, url: "https://a.example/x?y=1", secret: "\${ALERT}" }
  - { name: b, kind: slack, url: "file:hook" }
  - { name: c, kind: syslog, url: "udp://log.internal:514" }
  - { name: d, kind: syslog, url: "tcp://[::1]:601/" }
  - { name: e, kind: webhook, url: "http://127.0.0.1:9000/z" }
`
  assert.deepEqual(configOf(text, { ALERT: secret }, outside).response.alerts, [
    { name: 'a', kind: 'webhook', url: 'https://a.example/x?y=1', secret },
    { name: 'b', kind: 'slack', url: 'https://hooks.slack.com/services/T/B/x', secret: null },
    { name: 'c', kind: 'syslog', url: 'udp://log.internal:514', secret: null },
    { name: 'd', kind: 'syslog', url: 'tcp://[::1]:601/', secret: null },
    { name: 'e', kind: 'webhook', url: 'http://127.0.0.1:9000/z', secret: null },
  ])
  const of = (kind: string, url: string, more = ''): string =>
    `alerts: [{ name: a, kind: ${kind}, url: "${url}"${more} }]`
  holds({
    [of('email', 'https://a.example')]: '5:27 alerts[0].kind: not one of the words that are known here',
    [of('webhook', 'nowhere')]: '5:41 alerts[0].url: not a URL',
    [of('webhook', 'udp://a:1')]: '5:41 alerts[0].url: not an http or https URL',
    [of('webhook', 'http://a.example')]: '5:41 alerts[0].url: plain http to another machine',
    [of('webhook', 'https://u:p@a.example')]: '5:41 alerts[0].url: holds a user name or a password',
    [of('webhook', 'https://a.example/a b')]: '5:41 alerts[0].url: holds a space or a character outside of ASCII',
    [of('slack', 'tcp://a:1')]: '5:39 alerts[0].url: not an http or https URL',
    [of('syslog', 'https://a.example')]:
      '5:40 alerts[0].url: not the address of a syslog server: udp:// or tcp://, a host and a port',
    [of('syslog', 'udp://a')]:
      '5:40 alerts[0].url: not the address of a syslog server: udp:// or tcp://, a host and a port',
    [of('syslog', 'udp://a:514/x')]:
      '5:40 alerts[0].url: not the address of a syslog server: udp:// or tcp://, a host and a port',
    [of('syslog', 'udp://a:514', `, secret: ${secret}`)]: '5:55 alerts[0].secret: syslog takes no signature',
    [of('slack', 'https://a.example', `, secret: ${secret}`)]: '5:60 alerts[0].secret: slack takes no signature',
    [of('webhook', 'https://a.example', ', secret: short')]: '5:70 alerts[0].secret: is shorter than 16 characters',
    'alerts: [{ name: a, kind: webhook }]': '5:10 alerts[0].url: is required',
    'alerts: [{ kind: syslog, url: "udp://a:1" }]': '5:10 alerts[0].name: is required',
  })
})

test('decoys have their settings', () => {
  const written = `decoys:
  endpoints: [{ path: /v1/internal/models }, { path: /.env, weight: 1e6 }]
  models: [{ name: gpt-4o-base, weight: 7 }, { name: "ft:gpt-4o/x@1", from_level: squeeze }]
  keys: [{ id: h, secret: ${secret}, memo: in a repository }, { id: i, secret_sha256: ${'AB'.repeat(32)}, memo: m }]
  aliases: { model: gpt-4o }
  prompt_canary: {}
  upstream: main`
  assert.deepEqual(response(written).decoys, {
    endpoints: [
      { path: '/v1/internal/models', weight: 100 },
      { path: '/.env', weight: 1_000_000 },
    ],
    models: [
      { name: 'gpt-4o-base', weight: 7, fromLevel: 'step_up' },
      { name: 'ft:gpt-4o/x@1', weight: 20, fromLevel: 'squeeze' },
    ],
    keys: [
      { id: 'h', secretSha256: sha256(secret), memo: 'in a repository' },
      { id: 'i', secretSha256: 'ab'.repeat(32), memo: 'm' },
    ],
    aliases: { model: 'gpt-4o', prefix: 'gpt-4o', weight: 50 },
    promptCanary: { onTouch: 'alert', minEcho: 40, mark: [] },
    upstream: 'main',
  })
  const path = (written: string): string => `decoys: { endpoints: [{ path: ${written} }] }`
  const noPath = '5:31 decoys.endpoints[0].path: not a path'
  holds({
    [path('v1/x')]: noPath,
    [path('/x/')]: noPath,
    [path('/a/../b')]: noPath,
    [path('/a//b')]: noPath,
    [path('"/a?b"')]: noPath,
    [path('"/a%2Fb"')]: noPath,
    [path('"/{id}"')]: noPath,
    [path(`/${'a'.repeat(256)}`)]: noPath,
    'decoys: { endpoints: [{ path: /x, weight: 0.5 }] }': '5:43 decoys.endpoints[0].weight: must be at least 1',
    'decoys: { endpoints: [{ path: /x, weight: 1e7 }] }': '5:43 decoys.endpoints[0].weight: must be at most 1000000',
    'decoys: { models: [{ name: "gpt*" }] }': '5:28 decoys.models[0].name: not the name of a model',
    'decoys: { models: [{ name: x, from_level: block }] }':
      '5:43 decoys.models[0].from_level: not one of the words that are known here',
    'decoys: { keys: [{ id: h, memo: m }] }':
      '5:18 decoys.keys[0]: a key without a secret: secret or secret_sha256 is needed',
    [`decoys: { keys: [{ id: h, secret: ${secret} }] }`]: '5:18 decoys.keys[0].memo: is required',
    [`decoys: { keys: [{ id: h, secret: ${secret}, secret_sha256: ${'ab'.repeat(32)}, memo: m }] }`]:
      '5:78 decoys.keys[0].secret_sha256: secret and secret_sha256 exclude each other',
    'decoys: { keys: [{ id: h, secret: short, memo: m }] }':
      '5:35 decoys.keys[0].secret: is shorter than 24 characters',
    'decoys: { prompt_canary: { min_echo: 0 } }': '5:38 decoys.prompt_canary.min_echo: must be at least 1',
    'decoys: { prompt_canary: { min_echo: 101 } }': '5:38 decoys.prompt_canary.min_echo: must be at most 100',
    'decoys: { prompt_canary: { mark: [openai, openai] } }': '5:43 decoys.prompt_canary.mark[1]: named twice',
    'decoys: { models: [{ name: x, from_level: notice }] }':
      '5:43 decoys.models[0].from_level: not one of the words that are known here',
    'decoys: { prompt_canary: { on_touch: block } }':
      '5:38 decoys.prompt_canary.on_touch: not one of the words that are known here',
    'decoys: { aliases: {} }': '5:11 decoys.aliases.model: is required',
  })
})
