import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'
import type { ActionSpec } from '../core/action.ts'
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
    const policy = ['detection', 'playbooks', 'quotas', 'request', 'screening', 'trust_profiles', 'truth']
    const fitting = new Set(['tarpit', 'decoys', 'loops'])
    const found = Object.keys(written).filter((key) => !fitting.has(key))
    assert.deepEqual(found.toSorted(), policy)
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

  test(`${name} says of each playbook, level, action and setting of response why it is so, numbers with numbers`, () => {
    const lines = text.split('\n')
    const top = lines.map((_, i) =>
      lines
        .slice(0, i + 1)
        .findLast((line) => /^\w/.test(line))
        ?.replace(/:.*/, ''),
    )
    const isEntry: Readonly<Record<string, RegExp>> = {
      playbooks: /^ {2}- |^ {4}(?:cooldown|hysteresis|probation|longest):|^ {6}\w+:(?! \*)|^ {10}- /,
      tarpit: /^ {2}\w/,
      decoys: /^ {4}- |^ {2}\w+: \{/,
      truth: /^ {2}\w/,
      loops: /^ {2}\w/,
    }
    let entries = 0
    for (const [i, line] of lines.entries()) {
      if (isEntry[top[i] ?? '']?.test(line) !== true) continue
      entries++
      assert.match(lines[i - 1]!, /^ +# .{10,}/, line)
      const isNumber = /\d/.test(line.replace(/\w+: "?[a-z/].*|\/v1/g, '')) || /\d+[smhd]\b/.test(line)
      const words = /\d|[Nn]one|[Hh]alf|[Tt]wo|[Oo]ne|[Dd]ay|week|[Tt]en|[Hh]our/
      if (isNumber) assert.match(lines[i - 1]!, words, `no number behind ${line}`)
    }
    assert.ok(entries > 15)
  })

  test(`${name}: playbooks are for everybody, their ladder ends by itself, and no network more than a step-up`, () => {
    const { playbooks, truth } = config().response
    // Requests without a user are nobody's in a chat: `nobody-rpm` holds them, and there is nobody to act on.
    assert.equal(playbooks.at(-1)!.name, name === 'consumer-chat' ? 'people' : 'default')
    assert.equal(playbooks.at(-1)!.when === null && playbooks.at(-1)!.match.length === 0, name !== 'consumer-chat')
    for (const { levels, longestMs, cooldownMs, mode } of playbooks) {
      assert.equal(mode, 'enforce')
      assert.ok(longestMs <= 30 * DAY_MS && cooldownMs < longestMs)
      assert.equal(levels[0]!.level, 'step_up')
      // Whoever is asked has a way to answer before anything firmer, and longer than one request.
      const asked = levels[0]!.actions.map(({ spec }) => spec)
      assert.ok(asked.length === 1 && asked[0]!.action === 'step_up' && asked[0]!.grace > 0)
      assert.ok(asked[0]!.means.some((means) => means !== 'attestation'))
      assert.ok(levels.every(({ evidence }) => evidence === null))
      for (const { actions } of levels) for (const { on } of actions) assert.ok(on !== 'ip_prefix' && on !== 'asn')
    }
    assert.ok(truth.heldBack > 0 && truth.maxWrong !== null)
    assert.equal(config().detection.mode, 'shadow')
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

test('what the packs say about response is so', () => {
  const pack = (name: PackName): ReturnType<typeof configOf> => configOf(packed(name))
  const specs = (name: PackName): readonly ActionSpec[] =>
    pack(name).response.playbooks.flatMap(({ levels }) =>
      levels.flatMap(({ actions }) => actions.map(({ spec }) => spec)),
    )
  const of = <Name extends ActionSpec['action']>(pack: PackName, name: Name): Extract<ActionSpec, { action: Name }> =>
    specs(pack).find((spec) => spec.action === name) as Extract<ActionSpec, { action: Name }>
  const days = 52_000 / of('public-llm-api', 'throttle').requestsPerMinute / 60 / 24
  assert.equal(Math.round(days), 6)
  assert.equal(Math.round(16_000_000 / of('public-llm-api', 'squeeze').requestsPerDay! / 365), 877)
  const { perChunkMs } = of('public-llm-api', 'tarpit')
  assert.equal(Math.round(60_000 / ((perChunkMs[0] + perChunkMs[1]) / 2)), 267)
  const [, , paid] = pack('public-llm-api').response.playbooks
  const step = paid!.levels[0]!.actions[0]!.spec
  assert.ok(step.action === 'step_up' && Math.round((100 * step.grace) / 667) === 3)
  const { endpoints, models } = pack('public-llm-api').response.decoys
  const { ladder } = pack('public-llm-api').detection
  const both = endpoints.reduce((product, { weight }) => product * weight, 1)
  assert.ok(both >= ladder.notice && both < ladder.stepUp)
  const touched = models[0]!.weight * ladder.stepUp
  assert.ok(models[0]!.fromLevel === 'step_up' && touched > ladder.tarpit && touched < ladder.squeeze)
  // Actions of the packs in which one key serves many fall on a person, and on a key where nobody is named.
  for (const name of ['b2b-copilot', 'internal-assistant', 'consumer-chat'] as const) {
    for (const { levels } of pack(name).response.playbooks) {
      for (const { on, mode } of levels.flatMap(({ actions }) => actions)) {
        assert.ok(on === 'user' || on === 'key' || mode === 'shadow', name)
      }
    }
  }
})

test('the shares of wrong reviews that packs bear are told from chance by as many reviews as they ask for', () => {
  const choose = (n: number, k: number): number => (k === 0 ? 1 : (choose(n - 1, k - 1) * n) / k)
  const atLeast = (wrong: number, n: number, rate: number): number =>
    Array.from({ length: n - wrong + 1 }, (_, i) => i + wrong).reduce(
      (sum, k) => sum + choose(n, k) * rate ** k * (1 - rate) ** (n - k),
      0,
    )
  const said: Readonly<Record<PackName, readonly [wrong: number, percent: number]>> = {
    'public-llm-api': [5, 4],
    'b2b-copilot': [4, 2],
    'internal-assistant': [8, 3],
    'consumer-chat': [5, 4],
  }
  for (const name of packNames) {
    const { maxWrong, leastReviewed } = configOf(packed(name)).response.truth
    const [wrong, percent] = said[name]
    assert.equal(Math.round(100 * atLeast(wrong, leastReviewed, maxWrong!)), percent, name)
    const text = readFileSync(packFile(name), 'utf8')
    assert.ok(text.includes(`Of ${leastReviewed} reviews ${wrong} wrong ones`) && text.includes(`(${percent} in 100)`))
  }
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
