import assert from 'node:assert/strict'
import { test } from 'node:test'
import { configOf, hintsOf, minimal, problemsOf } from './testing.ts'

const packed = `${minimal}extends: [public-llm-api]\n`
const limits = (text: string): ReadonlyMap<string, object> =>
  new Map(configOf(text).quotas.map(({ name, amount, windowMs, mode }) => [name, { amount, windowMs, mode }]))

test('the file wins over its packs', () => {
  const config = configOf(`${packed}request: { max_choices: 3 }
trust_profiles:
  new: { scale: 0.5, request: { max_choices: 2 }, deny_fields: [seed] }
  mine: {}
`)
  assert.equal(config.request.caps.maxChoices, 3)
  assert.equal(config.request.caps.maxTokens, 16_384)
  const { scale, priority, request, denyFields } = config.trustProfiles.get('new')!
  assert.deepEqual([scale, priority, request.maxChoices, request.maxTokens], [0.5, 2, 2, 4096])
  // Lists are taken as a whole: a merged one could never be shortened.
  assert.deepEqual(denyFields, ['seed'])
  assert.deepEqual([...config.trustProfiles.keys()], ['new', 'standard', 'verified', 'restricted', 'mine'])
})

test('limits are merged by their names', () => {
  const before = limits(packed)
  const after = limits(`${packed}quotas:
  - { name: key-rpm, mode: shadow }
  - { name: key-tpm, tokens: 7, window: 1h }
  - { name: mine, requests: 1, window: 1m }
`)
  assert.deepEqual(after.get('key-rpm'), { ...before.get('key-rpm'), mode: 'shadow' })
  assert.deepEqual(after.get('key-tpm'), { amount: 7, windowMs: 3_600_000, mode: 'enforce' })
  assert.deepEqual([...after.keys()], [...before.keys(), 'mine'])
  assert.deepEqual(after.get('key-day'), before.get('key-day'))
})

test('an amount never meets a window that was written for another one', () => {
  const text = `${packed}quotas: [{ name: key-tpm, tokens: 7 }]\n`
  assert.deepEqual(problemsOf(text), ['6:10 quotas[0].window: is required'])
  const kind = `${packed}quotas: [{ name: key-day, requests: 5, window: 1m }]\n`
  assert.equal(configOf(kind).quotas.find(({ name }) => name === 'key-day')?.kind, 'bucket')
})

test('a limit that one file names twice is still a mistake', () => {
  const text = `${packed}quotas:\n  - { name: key-tpm, mode: shadow }\n  - { name: key-tpm, mode: "off" }\n`
  const problems = problemsOf(text)
  assert.ok(problems.includes('8:13 quotas[1].name: the same name as quotas[0]'), problems.join('\n'))
})

test('packs stand on each other in their order', () => {
  const text = (packs: string): string => `${minimal}extends: [${packs}]\n`
  const last = configOf(text('public-llm-api, consumer-chat'))
  assert.equal(last.request.caps.maxTokens, 2048)
  assert.equal(configOf(text('consumer-chat, public-llm-api')).request.caps.maxTokens, 16_384)
  assert.ok(
    last.quotas.some(({ name }) => name === 'key-answers') && last.quotas.some(({ name }) => name === 'user-week'),
  )
  assert.equal(configOf(text('public-llm-api, public-llm-api')).hash, configOf(text('public-llm-api')).hash)
})

test('what is wrong in the file keeps its place, and what is wrong in a pack names the pack', () => {
  const text = `${packed}trust_profiles: { new: { scale: x } }
tenants: { acme: { quotas: { tenant-cost: 0 } } }
quotas: [{ name: mine, requests: 1 }, { name: key-rpm, mod: shadow }]
`
  assert.deepEqual(problemsOf(text), [
    '6:33 trust_profiles.new.scale: expected a number, found text',
    '7:43 tenants.acme.quotas.tenant-cost: must be at least 0.000001',
    '8:10 quotas[0].window: is required',
    '8:56 quotas[1].mod: unknown key "mod"',
  ])
  assert.equal(hintsOf(text).at(-1), 'did you mean "mode"?')
})

test('an upstream that is missing is asked for in the file, not in the pack', () => {
  assert.deepEqual(problemsOf('extends: [public-llm-api]\n'), ['1:1 upstreams: is required', '1:1 models: is required'])
})

test('lists that are joined, and a section without a value', () => {
  const text = `${packed}exemptions: [{ reason: r, expires: 2027-01-01, match: { tenant: a }, from: [key-rpm, tenant-cost] }]
network: { reputation: [{ asn: 1, score: 1, reason: r }] }
`
  const config = configOf(text)
  assert.deepEqual([config.exemptions.length, config.network.reputation.length], [1, 1])
  assert.deepEqual(problemsOf(`${packed}quotas:\n`), ['6:1 quotas: has no value'])
  assert.deepEqual(problemsOf(`${packed}quotas: {}\n`), ['6:9 quotas: expected a list, found a map'])
  assert.deepEqual(problemsOf(`${packed}request: "\${NONE}"\n`), [
    '6:10 request: the environment variable NONE is not set',
  ])
})
