import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'
import { noFacts, type Numbers } from '../core/dimensions.ts'
import type { LimitConfig } from './config.ts'
import { type PackName, packFile, packNames } from './packs.ts'
import { showConfig } from './show.ts'
import { configOf, minimal, outsideOf, problemsOf } from './testing.ts'

const DAY_MS = 86_400_000
const packed = (...names: readonly PackName[]): string => `${minimal}extends: [${names.join(', ')}]\n`
const quiet: Numbers = {
  input_tokens: 1,
  max_tokens: 0,
  choices: 1,
  messages: 1,
  body_bytes: 1,
  images: 0,
  tools: 0,
  stream: false,
  reputation: 50,
  hour: 12,
  weekday: 1,
}

test('every pack in the folder has its name in the list, and the other way round', () => {
  const files = readdirSync(join(import.meta.dirname, 'packs'))
  assert.deepEqual(files.toSorted(), packNames.map((name) => `${name}.yaml`).toSorted())
})

for (const name of packNames) {
  const text = readFileSync(packFile(name), 'utf8')
  const written = parse(text) as { quotas: readonly { name: string }[]; trust_profiles: object }
  const config = (): ReturnType<typeof configOf> => configOf(packed(name))

  test(`${name} loads under a few lines, and shows as what it is`, () => {
    assert.deepEqual(problemsOf(packed(name)), [])
    const shown = showConfig(config())
    assert.deepEqual(problemsOf(shown), [])
    assert.equal(configOf(shown).hash, config().hash)
    assert.deepEqual(configOf(shown), config())
  })

  test(`${name} holds policy and nothing else`, () => {
    assert.deepEqual(Object.keys(written).toSorted(), ['detection', 'quotas', 'request', 'screening', 'trust_profiles'])
    assert.ok(!text.includes('${') && !/secret|api_key/.test(text))
  })

  test(`${name} says of each limit, cap and profile why it is so`, () => {
    const lines = text.split('\n')
    const section = (key: string): readonly [string, number][] => {
      const start = lines.indexOf(`${key}:`)
      const end = lines.findIndex((line, i) => i > start && /^\w/.test(line))
      return lines.map((line, i) => [line, i] as [string, number]).slice(start + 1, end < 0 ? undefined : end)
    }
    const entry: Readonly<Record<string, RegExp>> = { quotas: /^ {2}- /, request: /^ {2}\w/, trust_profiles: /^ {2}\w/ }
    for (const [key, pattern] of Object.entries(entry)) {
      const entries = section(key).filter(([line]) => pattern.test(line))
      assert.ok(entries.length > 0)
      for (const [line, i] of entries) {
        const comment = lines[i - 1]!
        assert.match(comment, /^ {2}# .{20,}/, line)
        if (key === 'quotas') assert.match(comment, /\d|[Tt]wo|[Tt]hree|[Ff]our|[Tt]en/, `no number behind ${line}`)
      }
    }
  })

  test(`${name} names each limit once, and enforces it unless it says why not`, () => {
    const names = written.quotas.map((quota) => quota.name)
    assert.equal(new Set(names).size, names.length)
    for (const limit of config().quotas) {
      if (limit.mode === 'enforce') continue
      const line = text.split('\n').findIndex((line) => line.includes(`name: ${limit.name}`))
      assert.equal(limit.mode, 'shadow')
      assert.match(text.split('\n')[line - 1]!, /In shadow/, limit.name)
    }
  })

  test(`${name} limits bursts, days, money and calls at once, of callers and of all together`, () => {
    const { quotas } = config()
    const has = (what: Partial<LimitConfig>): boolean =>
      quotas.some((limit) => Object.entries(what).every(([key, value]) => limit[key as keyof LimitConfig] === value))
    assert.ok(
      has({ kind: 'bucket' }) && has({ kind: 'sliding' }) && has({ kind: 'calendar' }) && has({ kind: 'gauge' }),
    )
    assert.ok(has({ resource: 'cost_usd' }) && has({ resource: 'concurrent' }))
    assert.ok(quotas.some(({ windowMs }) => windowMs >= 3 * DAY_MS))
    const per = new Set(quotas.flatMap((limit) => limit.per))
    for (const one of ['key', 'tenant', 'user', 'ip_prefix', 'asn', 'fingerprint', 'global'] as const) {
      assert.ok(per.has(one), one)
    }
  })

  test(`${name}: of two limits on the same thing the longer one is the slower one, or one of them never acts`, () => {
    const { quotas } = config()
    const kindOf = ({ per, resource, match, when }: LimitConfig): string =>
      JSON.stringify([per, resource, match, when?.source])
    for (const short of quotas) {
      for (const long of quotas) {
        if (short === long || kindOf(short) !== kindOf(long) || short.windowMs >= long.windowMs) continue
        const message = `${short.name} and ${long.name}`
        assert.ok(long.amount > short.amount, message)
        assert.ok(long.amount / long.windowMs < short.amount / short.windowMs, message)
      }
    }
  })

  test(`${name} does not put everybody whose fact is unknown under one counter`, () => {
    const known = { ...noFacts, tenant: 'acme', key: 'k', ip_prefix: '192.0.2.0/24', ip: '192.0.2.1' }
    for (const { name, per, match, when } of config().quotas) {
      const unknown = per.filter((dimension) => dimension !== 'global' && known[dimension] === '-')
      const matches = match.every(({ dimension, globs }) => globs.includes(known[dimension]))
      if (unknown.length > 0 && matches) assert.equal(when?.holds(known, quiet), false, name)
    }
  })

  test(`${name} has the four profiles, from the least trusted to the most`, () => {
    const { trustProfiles } = config()
    assert.deepEqual([...trustProfiles.keys()], ['new', 'standard', 'verified', 'restricted'])
    const order = ['restricted', 'new', 'standard', 'verified'].map((profile) => trustProfiles.get(profile)!)
    for (const [i, profile] of order.slice(1).entries()) {
      assert.ok(profile.scale > order[i]!.scale && profile.priority > order[i]!.priority, profile.name)
      assert.ok(
        profile.denyFields.every((field) => order[i]!.denyFields.includes(field)),
        profile.name,
      )
    }
    assert.ok(order[0]!.whenReputationAtMost !== null && order[0]!.denyFields.includes('logprobs'))
    assert.ok(order.slice(1).every(({ whenReputationAtMost }) => whenReputationAtMost === null))
  })
}

test('all packs together load', () => {
  assert.deepEqual(problemsOf(packed(...packNames)), [])
})

/** Days until a caller has as many answers, at all of its bounds on requests. */
function daysFor(answers: number, limits: readonly LimitConfig[]): number {
  const taken: number[] = []
  const sum = (days: number): number => taken.slice(-days).reduce((all, one) => all + one, 0)
  for (let total = 0; total < answers; total += taken.at(-1)!) {
    const rooms = limits.map(({ amount, windowMs }) =>
      windowMs < DAY_MS ? (amount * DAY_MS) / windowMs : amount - (windowMs > DAY_MS ? sum(windowMs / DAY_MS - 1) : 0),
    )
    taken.push(Math.max(0, Math.min(answers - total, ...rooms)))
    if (taken.length > 1000) break
  }
  return taken.length
}

test('what the packs say about campaigns is so', () => {
  const requests = (name: PackName, dimension: string): readonly LimitConfig[] =>
    configOf(packed(name)).quotas.filter(({ per, resource }) => resource === 'requests' && per.at(-1) === dimension)
  assert.equal(daysFor(667, requests('consumer-chat', 'user')), 10)
  assert.ok(daysFor(52_000, requests('public-llm-api', 'key')) >= 6)
  const limit = (pack: PackName, name: string): number =>
    configOf(packed(pack)).quotas.find((one) => one.name === name)!.amount
  assert.equal((52_000 * 500) / limit('public-llm-api', 'key-day'), 52)
  assert.equal((150_000 * 1e7) / limit('public-llm-api', 'tenant-cost-day'), 10)
  assert.equal((16_000_000 * 1e7) / limit('public-llm-api', 'global-cost-day'), 32)
})

test('a problem inside a pack names the file of the pack', () => {
  const broken = `quotas:
  - { name: a, requests: 1, window: 1m }
trust_profiles: { new: { quotas: { a: 5, b: 1 }, scale: x } }
`
  const outside = outsideOf({ [packFile('consumer-chat')]: broken })
  assert.deepEqual(problemsOf(`${packed('consumer-chat')}listen: 1\n`, {}, outside), [
    '6:9 listen: expected text, found a number',
    'consumer-chat.yaml:3:42 trust_profiles.new.quotas.b: there is no limit "b"',
    'consumer-chat.yaml:3:57 trust_profiles.new.scale: expected a number, found text',
  ])
  // What the file made of the pack's limit does not fit the pack's profile.
  const changed = `${packed('consumer-chat')}quotas: [{ name: a, cost_usd: 1, window: 1m }, { name: b, tokens: 9, window: 1m }]\n`
  const whole = outsideOf({ [packFile('consumer-chat')]: broken.replace('a: 5', 'a: 2e6').replace('x }', '1 }') })
  assert.deepEqual(problemsOf(changed, {}, whole), [
    'consumer-chat.yaml:3:39 trust_profiles.new.quotas.a: must be at most 1000000',
  ])
  const torn = outsideOf({ [packFile('consumer-chat')]: 'quotas: [' })
  assert.deepEqual(problemsOf(packed('consumer-chat'), {}, torn), [
    'consumer-chat.yaml:1:10 : YAML: the indentation does not fit what is above',
  ])
})
