import assert from 'node:assert/strict'
import { test } from 'node:test'
import { noCaps } from '../core/caps.ts'
import { configOf, hintsOf, minimal, problemsOf } from './testing.ts'

const quotas = `quotas:
  - { name: key-tpm, tokens: 60000, window: 1m }
  - { name: cost, per: [tenant], cost_usd: 5, window: 1m }
`

test('a trust profile has its defaults, which change nothing', () => {
  assert.deepEqual(configOf(`${minimal}trust_profiles: { new: {} }\n`).trustProfiles.get('new'), {
    name: 'new',
    priority: 5,
    scale: 1,
    quotas: new Map(),
    models: null,
    endpoints: null,
    denyFields: [],
    request: noCaps,
    whenReputationAtMost: null,
  })
})

test('amounts are in the unit of their limit', () => {
  const config = configOf(`${minimal}${quotas}trust_profiles:
  new:
    priority: 1
    scale: 0.25
    quotas: { key-tpm: 5000, cost: 0.5 }
    models: ["gpt-4o-mini*"]
    endpoints: [chat_completions]
    deny_fields: [logprobs]
    when_reputation_at_most: 30
tenants:
  acme: { trust: new, quotas: { key-tpm: 120000, cost: 12.000000001 } }
`)
  const profile = config.trustProfiles.get('new')
  assert.deepEqual([...(profile?.quotas ?? [])], Object.entries({ 'key-tpm': 5000, cost: 500_000_000 }))
  assert.deepEqual([profile?.priority, profile?.scale, profile?.whenReputationAtMost], [1, 0.25, 30])
  assert.deepEqual([profile?.models, profile?.endpoints], [['gpt-4o-mini*'], ['chat_completions']])
  assert.deepEqual(config.tenants.get('acme'), {
    name: 'acme',
    trust: 'new',
    quotas: new Map(Object.entries({ 'key-tpm': 120_000, cost: 12_000_000_001 })),
  })
})

test('each field of a trust profile is checked', () => {
  const cases: Readonly<Record<string, string>> = {
    'priority: 10': '8:36 trust_profiles.new.priority: must be at most 9',
    'scale: 0': '8:33 trust_profiles.new.scale: must be at least 0.001',
    'scale: -1': '8:33 trust_profiles.new.scale: must be at least 0.001',
    'quotas: { key-tmp: 5 }': '8:36 trust_profiles.new.quotas.key-tmp: there is no limit "key-tmp"',
    'quotas: { key-tpm: 0 }': '8:45 trust_profiles.new.quotas.key-tpm: must be at least 1',
    'quotas: { key-tpm: 1.5 }': '8:45 trust_profiles.new.quotas.key-tpm: tokens are counted in whole numbers',
    'quotas: { key-tpm: many }': '8:45 trust_profiles.new.quotas.key-tpm: expected a number, found text',
    'quotas: { cost: 1e7 }': '8:42 trust_profiles.new.quotas.cost: must be at most 1000000',
    'models: []': '8:34 trust_profiles.new.models: is empty',
    'endpoints: [/v1/chat]': '8:38 trust_profiles.new.endpoints[0]: not the name of an endpoint',
    'deny_fields: ["a b"]': '8:40 trust_profiles.new.deny_fields[0]: not the name of a field',
    'when_reputation_at_most: 101': '8:51 trust_profiles.new.when_reputation_at_most: must be at most 100',
    'quota: {}': '8:26 trust_profiles.new.quota: unknown key "quota"',
  }
  for (const [fields, problem] of Object.entries(cases)) {
    assert.deepEqual(problemsOf(`${minimal}${quotas}trust_profiles: { new: { ${fields} } }\n`), [problem], fields)
  }
  assert.deepEqual(problemsOf(`${minimal}trust_profiles: { "-": {}, "a b": {} }\n`), [
    '5:19 trust_profiles.-: not a name of 1 to 64 letters, digits, ".", "_" and "-"',
    '5:28 trust_profiles["a b"]: not a name of 1 to 64 letters, digits, ".", "_" and "-"',
  ])
  const same = 'trust_profiles: { a: { when_reputation_at_most: 20 }, b: { when_reputation_at_most: 20 } }\n'
  assert.deepEqual(problemsOf(minimal + same), [
    '5:85 trust_profiles.b.when_reputation_at_most: the same reputation as trust_profiles.a',
  ])
})

test('tenants name profiles and limits that there are', () => {
  const text = `${minimal}${quotas}trust_profiles: { verified: {} }
tenants: { acme: { trust: verifed, quotas: { key-tpm-x: 1 } }, "-": {} }
`
  assert.deepEqual(problemsOf(text), [
    '9:27 tenants.acme.trust: there is no trust profile "verifed"',
    '9:46 tenants.acme.quotas.key-tpm-x: there is no limit "key-tpm-x"',
    '9:64 tenants.-: not a name of 1 to 64 letters, digits, ".", "_" and "-"',
  ])
  assert.deepEqual(hintsOf(text).slice(0, 2), ['did you mean "verified"?', 'did you mean "key-tpm"?'])
  const none = `${minimal}tenants: { acme: { trust: verified } }\n`
  assert.deepEqual(hintsOf(none), ['none is named in this configuration'])
})

test('an exemption has a reason, an end, somebody and something', () => {
  const exemption = (fields: string): string => `${minimal}${quotas}exemptions: [{ ${fields} }]\n`
  const good =
    'reason: "load test, ticket 42", expires: 2026-12-24, match: { tenant: acme }, from: [key-tpm, screening]'
  assert.deepEqual(configOf(exemption(good)).exemptions, [
    {
      reason: 'load test, ticket 42',
      expiresAtMs: Date.UTC(2026, 11, 24),
      match: [{ dimension: 'tenant', globs: ['acme'] }],
      from: ['key-tpm', 'screening'],
    },
  ])
  assert.equal(configOf(exemption(good.replace('2026-12-24', '1999-12-31'))).exemptions.length, 1)
  assert.equal(configOf(exemption(good.replace('tenant: acme', 'tenant: acme, user: vip'))).exemptions.length, 1)
  assert.deepEqual(problemsOf(exemption('match: { tenant: a }, from: [cost]')), [
    '8:14 exemptions[0].reason: is required',
    '8:14 exemptions[0].expires: is required',
  ])
  const cases: Readonly<Record<string, string>> = {
    [good.replace('2026-12-24', 'never')]: '8:57 exemptions[0].expires: not a date that there is',
    [good.replace('{ tenant: acme }', '{}')]: '8:76 exemptions[0].match: lets everybody out',
    [good.replace('acme', '"*", model: ["*"]')]: '8:76 exemptions[0].match: lets everybody out',
    [good.replace('tenant: acme', 'user: vip, model: "gpt-*"')]:
      '8:76 exemptions[0].match: lets out whoever says so: these are for every client to choose',
    [good.replace('tenant: acme', 'when: stream')]: '8:78 exemptions[0].match.when: unknown key "when"',
    [good.replace('tenant: acme', 'trust: x')]: '8:85 exemptions[0].match.trust: there is no trust profile "x"',
    [good.replace('screening', 'screen')]: '8:110 exemptions[0].from[1]: there is no limit "screen"',
    [good.replace('[key-tpm, screening]', '[]')]: '8:100 exemptions[0].from: is empty',
  }
  for (const [fields, problem] of Object.entries(cases))
    assert.deepEqual(problemsOf(exemption(fields)), [problem], fields)
})

test('terms have a version and a place', () => {
  const terms = (fields: string): string => `${minimal}terms: { ${fields} }\n`
  assert.deepEqual(configOf(terms('version: "2026-11", url: "https://example.com/terms"')).terms, {
    version: '2026-11',
    url: 'https://example.com/terms',
    onUnaccepted: 'announce',
  })
  assert.deepEqual(problemsOf(terms('version: "a b", url: example.com, on_unaccepted: block')), [
    '5:19 terms.version: not a version of 1 to 64 characters without spaces',
    '5:31 terms.url: not an http or https URL',
    '5:59 terms.on_unaccepted: not one of the words that are known here',
  ])
})
