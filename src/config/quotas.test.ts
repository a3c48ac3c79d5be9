import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LimitConfig } from './config.ts'
import { configOf, hintsOf, minimal, problemsOf } from './testing.ts'

const quotas = (...entries: string[]): string =>
  `${minimal}quotas:\n${entries.map((entry) => `  - { ${entry} }\n`).join('')}`
const limit = (entry: string): LimitConfig => configOf(quotas(entry)).quotas[0]!

test('a limit has its defaults', () => {
  assert.deepEqual(limit('name: key-tpm, tokens: 60000, window: 1m'), {
    name: 'key-tpm',
    per: ['key'],
    resource: 'tokens',
    amount: 60_000,
    windowMs: 60_000,
    kind: 'bucket',
    burst: 60_000,
    match: [],
    when: null,
    mode: 'enforce',
    onStoreError: 'local',
  })
})

test('what is in flight is counted by a gauge', () => {
  const { resource, amount, windowMs, kind, burst } = limit('name: inflight, per: [tenant], concurrent: 8')
  assert.deepEqual([resource, amount, windowMs, kind, burst], ['concurrent', 8, 0, 'gauge', 8])
})

test('everything that can be said of a limit is taken', () => {
  const entry =
    'name: a, per: [tenant, ip_prefix], output_tokens: 10, window: 1h, kind: bucket, burst: 3, ' +
    'match: { model: "gpt-*", tenant: [acme, "b*"] }, mode: "off", on_store_error: deny'
  assert.deepEqual(limit(entry), {
    name: 'a',
    per: ['tenant', 'ip_prefix'],
    resource: 'output_tokens',
    amount: 10,
    windowMs: 3_600_000,
    kind: 'bucket',
    burst: 3,
    match: [
      { dimension: 'tenant', globs: ['acme', 'b*'] },
      { dimension: 'model', globs: ['gpt-*'] },
    ],
    when: null,
    mode: 'off',
    onStoreError: 'deny',
  })
  assert.equal(limit('name: a, per: [global], requests: 1000000000000, window: 31d, kind: calendar').kind, 'calendar')
})

test('each field of a limit is checked', () => {
  const cases: Readonly<Record<string, string | readonly string[]>> = {
    'requests: 1, window: 1m': '6:5 quotas[0].name: is required',
    'name: Key_1, requests: 1, window: 1m':
      '6:13 quotas[0].name: not a name of 1 to 48 lower-case letters, digits and "-"',
    'name: a, window: 1m': '6:5 quotas[0]: limits nothing',
    'name: a, requests: 1, tokens: 2, window: 1m':
      '6:29 quotas[0].tokens: a limit counts one thing, and this one counts requests already',
    'name: a, requests: 0, window: 1m': '6:26 quotas[0].requests: must be at least 1',
    'name: a, requests: 1e13, window: 1m': '6:26 quotas[0].requests: must be at most 1000000000000',
    'name: a, requests: 1e30, window: 1m': '6:26 quotas[0].requests: must be at most 1000000000000',
    'name: a, requests: many, window: 1m': '6:26 quotas[0].requests: expected a whole number, found text',
    'name: a, requests: .inf, window: 1m':
      '6:26 quotas[0].requests: expected a whole number, found one that is not whole',
    'name: a, requests: 1': '6:5 quotas[0].window: is required',
    'name: a, requests: 1, window: 999ms': '6:37 quotas[0].window: must be from 1s to 31d',
    'name: a, requests: 1, window: 32d': '6:37 quotas[0].window: must be from 1s to 31d',
    'name: a, requests: 1, window: 1 minute': '6:37 quotas[0].window: not a duration',
    'name: a, requests: 1, window: 1m, kind: leaky': '6:47 quotas[0].kind: not one of the words that are known here',
    'name: a, requests: 1, window: 1m, burst: 0': '6:48 quotas[0].burst: must be at least 1',
    'name: a, requests: 1, window: 1m, burst: 1.5': '6:48 quotas[0].burst: requests are counted in whole numbers',
    'name: a, cost_usd: 0, window: 1m': '6:26 quotas[0].cost_usd: must be at least 0.000001',
    'name: a, cost_usd: -1, window: 1m': '6:26 quotas[0].cost_usd: must be at least 0.000001',
    'name: a, cost_usd: 1000001, window: 1m': '6:26 quotas[0].cost_usd: must be at most 1000000',
    'name: a, cost_usd: .nan, window: 1m': '6:26 quotas[0].cost_usd: expected a number, found one that is not finite',
    'name: a, cost_usd: "5", window: 1m': '6:26 quotas[0].cost_usd: expected a number, found text',
    'name: a, cost_usd: 1.0000000001, window: 1m': '6:26 quotas[0].cost_usd: finer than a nano-dollar',
    'name: a, cost_usd: 1, tokens: 2, window: 1m':
      '6:16 quotas[0].cost_usd: a limit counts one thing, and this one counts tokens already',
    'name: a, cost_usd: 1, window: 1m, burst: 2000000': '6:48 quotas[0].burst: must be at most 1000000',
    'name: overload, requests: 1, window: 1m': '6:13 quotas[0].name: has a meaning of its own in exemptions',
    'name: a, requests: 1, window: 1m, kind: sliding, burst: 2': '6:56 quotas[0].burst: only a bucket has a burst',
    'name: a, requests: 1, window: 1m, mode: true': '6:47 quotas[0].mode: not one of the words that are known here',
    'name: a, requests: 1, window: 1m, on_store_error: shrug':
      '6:57 quotas[0].on_store_error: not one of the words that are known here',
    'name: a, concurrent: 1, window: 1m, kind: bucket, burst: 2': [
      '6:31 quotas[0].window: concurrent counts what is in flight now and has no window',
      '6:43 quotas[0].kind: concurrent counts what is in flight now and has no kind',
      '6:57 quotas[0].burst: concurrent counts what is in flight now and has no burst',
    ],
    'name: a, requests: 1, window: 1m, bursts: 3': '6:41 quotas[0].bursts: unknown key "bursts"',
  }
  for (const [entry, expected] of Object.entries(cases))
    assert.deepEqual(problemsOf(quotas(entry)), [expected].flat(), entry)
})

test('what a limit is counted by is checked', () => {
  const per = (list: string): readonly string[] => problemsOf(quotas(`name: a, requests: 1, window: 1m, per: ${list}`))
  assert.deepEqual(per('key'), ['6:46 quotas[0].per: expected a list, found text'])
  assert.deepEqual(per('[]'), ['6:46 quotas[0].per: is empty'])
  assert.deepEqual(per('[key, user, key]'), ['6:58 quotas[0].per[2]: named twice'])
  assert.deepEqual(per('[key, global]'), ['6:52 quotas[0].per[1]: global stands alone'])
  assert.deepEqual(per('[keys]'), ['6:47 quotas[0].per[0]: not one of the words that are known here'])
})

test('money is counted in whole nano-dollars, to the digit that was written', () => {
  const amounts = { '5': 5e9, '0.000001': 1000, '0.1': 100_000_000, '1.1': 1_100_000_000, '1e6': 1e15, '1e-6': 1000 }
  for (const [text, amount] of Object.entries(amounts)) {
    const found = limit(`name: a, cost_usd: ${text}, window: 1m`)
    assert.deepEqual([found.resource, found.amount, found.burst], ['cost_usd', amount, amount], text)
  }
  assert.equal(limit('name: a, cost_usd: 5, window: 1m, burst: 0.5').burst, 500_000_000)
})

test('all accounts of a campaign can share one limit', () => {
  const found = limit('name: a, requests: 1, window: 1m, per: [campaign], match: { campaign: "c-*" }')
  assert.deepEqual(found.per, ['campaign'])
  assert.deepEqual(found.match, [{ dimension: 'campaign', globs: ['c-*'] }])
})

test('what a limit matches is checked', () => {
  const match = (fields: string): readonly string[] =>
    problemsOf(quotas(`name: a, requests: 1, window: 1m, match: { ${fields} }`))
  assert.deepEqual(match('model: 3'), ['6:57 quotas[0].match.model: cannot be a number'])
  assert.deepEqual(match('model: []'), ['6:57 quotas[0].match.model: is empty'])
  assert.deepEqual(match('model: ""'), ['6:57 quotas[0].match.model: not a glob of 1 to 256 characters'])
  assert.deepEqual(match('model: [a, 3, ""]'), [
    '6:61 quotas[0].match.model[1]: expected text, found a number',
    '6:64 quotas[0].match.model[2]: not a glob of 1 to 256 characters',
  ])
  assert.deepEqual(match('ip: 10.0.0.0/8'), ['6:54 quotas[0].match.ip: a network never matches a single address'])
  assert.deepEqual(match('global: x'), ['6:50 quotas[0].match.global: cannot be used here'])
  assert.deepEqual(match('modle: x'), ['6:50 quotas[0].match.modle: unknown key "modle"'])
})

test('a glob over few words has to match one of them', () => {
  const match = (fields: string): readonly string[] =>
    problemsOf(quotas(`name: a, requests: 1, window: 1m, match: { ${fields} }`))
  assert.deepEqual(match('prompt_class: [code, "re*", "-"], network: hosting, profile: "*", credential: jwt'), [])
  assert.deepEqual(match('prompt_class: [code, cod]'), [
    '6:71 quotas[0].match.prompt_class[1]: there is no such prompt_class',
  ])
  assert.deepEqual(match('network: vpn'), ['6:59 quotas[0].match.network: there is no such network'])
  assert.deepEqual(match('profile: human'), ['6:59 quotas[0].match.profile: there is no such profile'])
  assert.deepEqual(match('country: de'), ['6:59 quotas[0].match.country: not a country of ISO 3166-1'])
  assert.deepEqual(match('country: [DE, "A*", "-"]'), [])
  assert.deepEqual(match('trust: nwe'), ['6:57 quotas[0].match.trust: there is no trust profile "nwe"'])
})

test('an AS is written as a number or as text', () => {
  const entry = 'name: a, requests: 1, window: 1m, per: [asn], match: { asn: [16509, "64*"] }'
  assert.deepEqual(limit(entry).match, [{ dimension: 'asn', globs: ['16509', '64*'] }])
  assert.deepEqual(limit(entry.replace('[16509, "64*"]', '7')).match, [{ dimension: 'asn', globs: ['7'] }])
})

test('hints lead to a limit that loads', () => {
  assert.deepEqual(hintsOf(quotas('name: a, requests: x, widow: 1m, kind: x')), [
    'add for instance window: 1m',
    'write a whole number from 1 to 1000000000000',
    'did you mean "window"?',
    'write one of bucket, sliding, calendar',
  ])
})
