import { noCaps } from './core/caps.ts'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { Config, Exemption, TenantConfig, TrustProfile } from './config/config.ts'
import { noFacts } from './core/dimensions.ts'
import type { Price } from './core/price.ts'
import type { Principal } from './core/principal.ts'
import { deniedField, exemptFrom, keyFacts, priceTag, Routes, Standings } from './policy.ts'
import type { ModelTarget, Standing } from './policy.ts'
import type { Limit } from './quota/limit.ts'

const NOW = Date.UTC(2026, 0, 5, 12)
const profile = (name: string, over: Partial<TrustProfile> = {}): [string, TrustProfile] => {
  const plain = { priority: 5, scale: 1, quotas: new Map(), models: null, endpoints: null, denyFields: [] }
  return [name, { name, ...plain, request: noCaps, whenReputationAtMost: null, ...over }]
}
const limit = (name: string, per: Limit['per']): Limit => ({
  name,
  per,
  match: [],
  when: null,
  resource: 'requests',
  amount: 100,
  windowMs: 60_000,
  kind: 'bucket',
  burst: 100,
  mode: 'enforce',
  onStoreError: 'deny',
})
const config = {
  quotas: [limit('key-rpm', ['key']), limit('tenant-rpm', ['tenant']), limit('all-rpm', ['global'])],
  trustProfiles: new Map([
    profile('verified', { scale: 2, priority: 8 }),
    profile('new', { scale: 0.5, priority: 1, whenReputationAtMost: 40 }),
    profile('bad', { scale: 0.1, priority: 0, whenReputationAtMost: 10 }),
  ]),
  tenants: new Map<string, TenantConfig>([
    ['acme', { name: 'acme', trust: 'verified', quotas: new Map() }],
    ['big', { name: 'big', trust: null, quotas: new Map([['tenant-rpm', 777]]) }],
  ]),
} as unknown as Config
const who = (over: Partial<Principal> = {}): Principal => {
  const tenant = over.tenant ?? null
  const plain = { keyId: 'k', profile: 'app', credential: 'key', user: null, trust: null } as const
  return { ...plain, account: tenant ?? 'key:k', tenant, ...over }
}
const amounts = ({ limits }: Standing): number[] => limits.map(({ amount }) => amount)

test('a caller is judged by its own trust, else by its tenant, else by its reputation', () => {
  const standings = new Standings(config)
  assert.equal(standings.judgeReputation, true)
  assert.deepEqual(amounts(standings.of(who(), 50)), [100, 100, 100])
  assert.equal(standings.of(who(), 50).trust, null)
  assert.equal(standings.of(who(), 40).trust?.name, 'new')
  assert.equal(standings.of(who(), 10).trust?.name, 'bad', 'the strictest that fits')
  assert.equal(standings.of(who({ tenant: 'acme' }), 0).trust?.name, 'verified')
  assert.equal(standings.of(who({ tenant: 'acme', trust: 'new' }), 50).trust?.name, 'new')
  assert.equal(standings.of(who({ trust: 'verified' }), 0).priority, 8)
})

test('whatever single keys of a tenant are trusted with, they agree on what their tenant has', () => {
  const standings = new Standings(config)
  assert.deepEqual(amounts(standings.of(who({ tenant: 'acme', trust: 'new' }), 50)), [50, 200, 100])
  assert.deepEqual(amounts(standings.of(who({ tenant: 'acme' }), 50)), [200, 200, 100])
  assert.deepEqual(amounts(standings.of(who({ tenant: 'big' }), 5)), [10, 777, 100])
  assert.deepEqual(amounts(standings.of(who({ tenant: 'unlisted', trust: 'verified' }), 50)), [200, 100, 100])
  assert.deepEqual(amounts(standings.of(who({ trust: 'verified' }), 50)), [200, 200, 100], 'alone it is its tenant')
})

test('standings are made once for each profile and tenant, however many callers there are', () => {
  const standings = new Standings(config)
  const seen = new Set<Standing>()
  fc.assert(
    fc.property(
      fc.option(fc.oneof(fc.constantFrom('acme', 'big'), fc.string()), { nil: null }),
      fc.constantFrom(null, 'verified', 'new', 'bad'),
      fc.integer({ min: 0, max: 100 }),
      (tenant, trust, reputation) => void seen.add(standings.of(who({ tenant, trust }), reputation)),
    ),
    { numRuns: 2000 },
  )
  assert.ok(seen.size <= 16, `${seen.size} standings`)
})

test('a route is the first whose pattern fits, and none where that one does not speak the dialect', () => {
  const target = (name: string): ModelTarget => ({ upstream: { name } }) as ModelTarget
  const one = target('one')
  const two = target('two')
  const routes = new Routes(
    [
      { pattern: 'gpt-4o*', targets: new Map([['openai', one]]) },
      { pattern: '*', targets: new Map([['anthropic', two] as const, ['openai', two] as const]) },
    ],
    null,
    one,
  )
  assert.equal(routes.find('gpt-4o-mini', 'openai'), one)
  assert.equal(routes.find('gpt-4o-mini', 'anthropic'), null)
  assert.equal(routes.find('claude', 'anthropic'), two)
  assert.equal(routes.find('claude', 'gemini'), null)
})

test("a model's own price goes before the book's, and none is none", () => {
  const price = { input: 1 } as Price
  const pricing = { book: null, onUnpriced: 'estimate', estimate: price } as const
  const target = (price: Price | null): ModelTarget => ({ price }) as ModelTarget
  assert.deepEqual(priceTag(target(price), 'gpt-4o', pricing), { price, book: 'config' })
  assert.equal(priceTag(target(null), 'gpt-4o', pricing), null)
})

const exemption = (over: Partial<Exemption> = {}): Exemption => ({
  reason: 'load test',
  expiresAtMs: NOW + 1,
  match: [{ dimension: 'tenant', globs: ['acme'] }],
  from: ['key-rpm'],
  ...over,
})
const acme = { ...noFacts, tenant: 'acme' }

test('an exemption ends to the millisecond, and holds for nobody but whom it names', () => {
  assert.deepEqual(exemptFrom([exemption()], acme, NOW), { from: new Set(['key-rpm']), reasons: ['load test'] })
  assert.equal(exemptFrom([exemption()], acme, NOW + 1).from.size, 0)
  assert.equal(exemptFrom([exemption({ expiresAtMs: Number.NaN })], acme, NOW).from.size, 0)
  assert.equal(exemptFrom([exemption()], { ...noFacts, tenant: 'acme2' }, NOW).from.size, 0)
  assert.equal(exemptFrom([exemption()], { ...noFacts, key: 'acme' }, NOW).from.size, 0)
})

test('several exemptions add up, those that have ended left out', () => {
  const found = exemptFrom(
    [exemption(), exemption({ reason: 'old', expiresAtMs: NOW, from: ['terms'] }), exemption({ from: ['screening'] })],
    acme,
    NOW,
  )
  assert.deepEqual([...found.from], ['key-rpm', 'screening'])
  assert.equal(found.reasons.length, 2)
  assert.equal(exemptFrom([], acme, NOW).from.size, 0, 'what one caller was given is not left behind for the next')
})

test('a denied field is found wherever it stands among others and however it is spelt', () => {
  const config = {
    ...emptyConfig,
    trustProfiles: new Map([profile('strict', { denyFields: ['top_logprobs', 'generationConfig.responseLogprobs'] })]),
  }
  const standing = new Standings(config).of(who({ trust: 'strict' }), 50)
  const filler = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`field_${i}`, i]))
  assert.equal(deniedField(standing, { ...filler, top_logprobs: null }), 'top_logprobs')
  for (const name of ['Top_Logprobs', 'topLogprobs', 'TOPLOGPROBS', 'top_logprobſ']) {
    assert.equal(deniedField(standing, { [name]: 5 }), 'top_logprobs', name)
  }
  for (const body of [
    { generationConfig: { responseLogprobs: true } },
    { generation_config: { a: 1, response_logprobs: true } },
  ]) {
    assert.equal(deniedField(standing, body), 'generationConfig.responseLogprobs')
  }
  for (const body of [
    {},
    { messages: [{ top_logprobs: 1 }] },
    { metadata: { top_logprobs: 1 } },
    { generationConfig: 'responseLogprobs' },
    { generationConfig: [{ responseLogprobs: true }] },
    { responseLogprobs: true },
    { [`top_logprobs${'_'.repeat(200)}`]: 1 },
  ]) {
    assert.equal(deniedField(standing, body), null, JSON.stringify(body))
  }
})

test('who has no profile may send every field', () => {
  assert.equal(deniedField(new Standings(config).of(who(), 50), { logprobs: true }), null)
})

const emptyConfig = { quotas: [], trustProfiles: new Map(), tenants: new Map() } as unknown as Config

test('facts of a key name its account in whatever belongs to the account', () => {
  const facts = keyFacts(who({ tenant: 'acme', trust: 'verified' }))
  assert.deepEqual([facts.key, facts.tenant, facts.user, facts.session], ['k', 'acme', '-', '-'])
  assert.deepEqual([facts.trust, facts.profile, facts.credential, facts.ip], ['verified', 'app', 'key', '-'])
  assert.equal(keyFacts(who()).tenant, 'key:k')
})
