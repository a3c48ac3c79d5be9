import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Campaign, createCampaign } from '../../bench/detection/campaign.ts'
import { createChaff } from '../../bench/detection/chaff.ts'
import { corpusNames, openCorpus } from '../../bench/detection/corpora.ts'
import { type Data, openData } from '../../bench/detection/data.ts'
import { createPopulation, honestClasses } from '../../bench/detection/population.ts'
import { createScale } from '../../bench/detection/scale.ts'
import { scenarios } from '../../bench/detection/scenario.ts'
import { merge, type Sample } from '../../bench/detection/traffic.ts'
import { createWorld, type World } from '../../bench/detection/world.ts'
import { createRandom } from '../../src/lab/random.ts'

const data = openData()
const needs = { skip: data === null ? 'needs ../shared/data, which is not on this machine' : false }

const campaign: Campaign = {
  name: 'a fleet',
  corpus: 'gsm8k',
  share: 0.25,
  accounts: 40,
  exchanges: 100,
  timing: 'human',
  giveaway: 'nothing',
}

const lastText = ({ exchange }: Sample): string => exchange.turns.at(-1)!.text

const isSpoken = ({ exchange }: Sample): boolean => exchange.turns.at(-1)!.role === 'user'

function fleetOf(world: World, changes: Partial<Campaign> = {}): readonly Sample[] {
  const random = createRandom('test')
  const chaff = createChaff(world.data, random.fork('chaff'))
  return [...merge(createCampaign(world, { ...campaign, ...changes }, chaff, random.fork('fleet')))]
}

test('a fleet has the accounts, exchanges and share that were asked for, in the order of time', needs, () => {
  for (const share of [1, 0.5, 0.25, 0.1, 0]) {
    const samples = fleetOf(createWorld(data!), { share })
    assert.equal(samples.length, 4000)
    assert.equal(samples.filter(({ harvest }) => harvest).length, share * 4000)
    assert.equal(new Set(samples.map(({ account }) => account.id)).size, 40)
    assert.ok(samples.every(({ exchange }, i) => i === 0 || samples[i - 1]!.exchange.timeMs <= exchange.timeMs))
    assert.ok(samples.every(({ account }) => account.kind === (share === 0 ? 'control' : 'harvest-fleet')))
    assert.ok(samples.every(({ exchange, account }) => account.id === (exchange.tenant ?? exchange.key)))
  }
})

test('no two prompts of any harvest are equal', needs, () => {
  for (const name of corpusNames) {
    const corpus = openCorpus(data!, name, 5000, createRandom(name))
    const texts = Array.from({ length: 5000 }, (_, i) =>
      corpus
        .prompt(i)
        .turns.map(({ text }) => text)
        .join('\n'),
    )
    assert.equal(new Set(texts).size, 5000, name)
  }
})

test('no sentence of an honest account is in a fleet, be it chaff or harvest', needs, () => {
  const world = createWorld(data!, { part: 'all', scale: 0.2 })
  const honest = [...merge(createPopulation(world, createRandom('honest'), honestClasses))]
  // People do say the same when they say little.
  const said = new Set(
    honest
      .filter(isSpoken)
      .map(lastText)
      .filter(({ length }) => length > 60),
  )
  for (const corpus of corpusNames) {
    const shared = fleetOf(world, { corpus, share: 0.5 }).filter(
      (sample) => isSpoken(sample) && said.has(lastText(sample)),
    )
    assert.deepEqual(
      shared.map(({ harvest }) => harvest),
      [],
      corpus,
    )
  }
})

test('chaff is used once in a run, also where it is more than people wrote', needs, () => {
  const world = createWorld(data!)
  const samples = fleetOf(world, { accounts: 1200, share: 0.1, corpus: 'reasoning' })
  const chaff = samples
    .filter(({ harvest }) => !harvest)
    .map(lastText)
    .filter(({ length }) => length >= 25)
  const long = chaff.filter((text) => text.length >= 20)
  assert.ok(long.length > chaff.length / 2, `${long.length} of ${chaff.length}`)
  assert.ok(new Set(long).size > 0.97 * long.length, `${new Set(long).size} of ${long.length}`)
})

test('what is not text is alike in fleets and honest accounts', needs, () => {
  const world = createWorld(data!, { part: 'all' })
  const firsts = (samples: Iterable<Sample>): readonly Sample[] => [
    ...new Map([...samples].map((one) => [one.account, one])).values(),
  ]
  const honest = firsts(merge(createPopulation(world, createRandom('honest'), ['irc seat', 'batch'])))
  const fleet = firsts(fleetOf(world, { accounts: 700, exchanges: 12 }))
  const facts: Readonly<Record<string, (sample: Sample) => boolean>> = {
    hosting: ({ exchange }) => exchange.asnType === 'hosting',
    streamed: ({ exchange }) => exchange.stream === true,
    'in a session': ({ exchange }) => exchange.session !== null,
    'of a tenant': ({ exchange }) => exchange.tenant !== null,
    'younger than a month': ({ exchange }) => exchange.timeMs - exchange.accountCreatedMs! < 30 * 86_400_000,
    'with one of the common programs': ({ exchange }) => exchange.userAgent!.startsWith('OpenAI/'),
    'with a system prompt': ({ exchange }) => exchange.turns[0]!.role === 'system',
    'with a long answer': ({ exchange }) => exchange.outputTokens! > 260,
  }
  for (const [name, holds] of Object.entries(facts)) {
    const [a, b] = [honest, fleet].map((all) => all.filter(holds).length / all.length) as [number, number]
    assert.ok(Math.abs(a - b) < 0.09, `${name}: ${a.toFixed(2)} of the honest, ${b.toFixed(2)} of the fleet`)
  }
})

test('a fleet that gives its program away has one that no honest account has', needs, () => {
  const world = createWorld(data!)
  const own = new Set(fleetOf(world, { giveaway: 'program' }).map(({ exchange }) => exchange.fingerprint))
  assert.equal(own.size, 1)
  const honest = [...merge(createPopulation(world, createRandom('honest')))]
  assert.ok(honest.every(({ exchange }) => !own.has(exchange.fingerprint)))
})

test('the same seed gives the same traffic, another seed another', needs, () => {
  const digest = (data: Data, seed: number): string => {
    const rotation = scenarios.find(({ name }) => name === 'key rotation')!
    const parts: string[] = []
    for (const sample of rotation.stream(data, seed)) {
      parts.push(JSON.stringify(sample.exchange))
      if (parts.length === 500) break
    }
    return parts.join('\n')
  }
  assert.equal(digest(data!, 1), digest(data!, 1))
  assert.notEqual(digest(data!, 1), digest(data!, 2))
})

test(
  'at full scale, too, no two prompts are equal, and chaff repeats itself only where people do: in a word or two',
  needs,
  () => {
    const size = { fleet: 60, exchanges: 667, share: 0.25, honest: 50, families: 300, days: 28 }
    // Accounts that speak like the same person are hundreds apart.
    const samples = [...merge(createScale(data!, createRandom('scale'), size))].filter(
      ({ account }) => account.kind !== 'honest',
    )
    const harvest = samples.filter((sample) => sample.harvest).map(lastText)
    const chaff = samples.filter((sample) => !sample.harvest).map(lastText)
    assert.equal(harvest.length, 60 * 167)
    assert.equal(new Set(harvest).size, harvest.length)
    const long = chaff.filter((text) => text.length >= 20)
    assert.ok(long.length > chaff.length / 2, `${long.length} of ${chaff.length}`)
    assert.ok(new Set(long).size > 0.97 * long.length, `${new Set(long).size} of ${long.length}`)
  },
)
