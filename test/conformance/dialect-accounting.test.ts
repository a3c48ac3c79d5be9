import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RequestEvent } from '../../src/core/event.ts'
import { noUsage } from '../../src/core/usage.ts'
import { withFront, type Front } from '../support/front.ts'
import { plainScenario, type Scenario } from '../support/vendor-server.ts'
import { vendorEndpoints, type VendorEndpoint } from '../support/vendor-shapes.ts'
import { ask, dialectOf, laterRows, send, streamRequests } from './dialect-calls.ts'
import { scripts, type Streaming } from './dialect-scripts.ts'
import type { Row, Seen } from './matrix-clients.ts'

/** C2, C3, C4, C7, C9: what is charged is what was used, in every dialect, whole and streamed. */
const quotas = `  - { name: all, per: [key], tokens: 1000000, window: 1h, kind: sliding }`

const nameOf = ({ endpoint, streamed }: Row): string => `${endpoint}, ${streamed ? 'streamed' : 'not streamed'}`

async function asked(front: Front, row: Row, scenario: Scenario): Promise<{ seen: Seen; event: RequestEvent }> {
  const before = front.events.length
  const seen = await ask(front, row, scenario)
  if (seen.error !== null) throw seen.error
  return { seen, event: (await front.eventsUntil(before + 1)).at(-1)! }
}

const counted = (front: Front): { readonly used: number; readonly held: number; readonly debt: number } =>
  front.serving.weir.quotasOf('k1')![0]!

type Value = Readonly<Record<string, unknown>>

/** The value with `more` in each of its reports of usage, or without them. */
function withUsage(value: unknown, more: Value | null): unknown {
  if (Array.isArray(value)) return value.map((one) => withUsage(one, more))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).flatMap(([key, inner]): [string, unknown][] => {
    const isReport = (key === 'usage' || key === 'usageMetadata') && typeof inner === 'object' && inner !== null
    if (!isReport) return [[key, withUsage(inner, more)]]
    return more === null ? [] : [[key, { ...inner, ...more }]]
  })
  return Object.fromEntries(entries)
}

/** An event of a stream with `more` in its reports of usage; an event that is nothing else is left out with them. */
function eventWithUsage(event: string, more: Value | null): string {
  const found = /^((?:event: \S+\r?\n)?data: )(\{.*\})(\r?\n\r?\n)$/.exec(event)
  if (found === null) return event
  const data = withUsage(JSON.parse(found[2]!), more) as Value
  return Array.isArray(data['choices']) && data['choices'].length === 0 && more === null
    ? ''
    : `${found[1]}${JSON.stringify(data)}${found[3]}`
}

const paths: Readonly<Record<string, string>> = {
  responses: '/v1/responses',
  messages: '/v1/messages',
  generateContent: '/v1beta/models/gemini-model:generateContent',
  streamGenerateContent: '/v1beta/models/gemini-model:streamGenerateContent',
}

const vendorOf = (row: Row): VendorEndpoint => vendorEndpoints.find(({ path }) => path === paths[row.endpoint])!

/** A plain answer of twelve words that reports this. */
const reporting = (row: Row, usage: Value): Scenario => {
  const { whole, stream } = vendorOf(row)
  return row.streamed
    ? { ...plainScenario, writes: stream!(12, 20, true).map((event) => eventWithUsage(event, usage)) }
    : { ...plainScenario, whole: withUsage(whole(12, 20, true), usage) as object }
}

for (const row of laterRows) {
  test(`C2: ${nameOf(row)}: real usage is charged both ways, above what was held and below it`, async () => {
    await withFront({ quotas }, async (front) => {
      const { event: more } = await asked(front, row, { ...plainScenario, input: 5000, words: 60 })
      assert.deepEqual(more.charges, [{ limit: 'all', resource: 'tokens', units: 5060, debt: 0 }])
      assert.deepEqual([counted(front).used, counted(front).held], [5060, 0])
      const { event: less } = await asked(front, row, { ...plainScenario, input: 1, words: 1 })
      assert.deepEqual(less.charges, [{ limit: 'all', resource: 'tokens', units: 2, debt: 0 }])
      assert.deepEqual([counted(front).used, counted(front).held], [5062, 0])
    })
  })

  test(`C3, C4: ${nameOf(row)}: charged is what the vendor counts, and within 2 % of it where it does not say`, async () => {
    await withFront({ quotas }, async (front) => {
      let real = 0
      const run = async (words: number, usage: boolean): Promise<void> => {
        real += 20 + words
        const { event } = await asked(front, row, { ...plainScenario, words, usage })
        assert.equal(event.usageSource, usage ? 'provider' : 'estimate')
      }
      for (let i = 0; i < 6; i++) await run(10 + 4 * i, true)
      assert.equal(counted(front).used, real)
      const exact = real
      for (let i = 0; i < 6; i++) await run(12 + 3 * i, false)
      const off = Math.abs(counted(front).used - real) / (real - exact)
      assert.ok(off <= 0.02, `${(off * 100).toFixed(2)} % off without the vendor's count`)
      assert.deepEqual([counted(front).held, counted(front).debt], [0, 0])
    })
  })

  test(`C4: ${nameOf(row)}: the very first answer is not free where the vendor counts nothing`, async () => {
    await withFront({ quotas }, async (front) => {
      const { event } = await asked(front, row, { ...plainScenario, words: 40, usage: false })
      const { inputTokens, outputTokens } = event.usage
      assert.equal(event.usageSource, 'estimate')
      assert.ok(inputTokens >= 40 && inputTokens <= 80, `${inputTokens} tokens for 176 bytes`)
      assert.ok(outputTokens >= 36 && outputTokens <= 60, `${outputTokens} tokens for 40 words`)
      assert.equal(event.charges[0]!.units, inputTokens + outputTokens)
    })
  })

  test(`C9: ${nameOf(row)}: an explicit zero is a count`, async () => {
    await withFront({ quotas }, async (front) => {
      const zeros: Readonly<Record<string, Value>> = {
        responses: { input_tokens: 0, output_tokens: 0, total_tokens: 0 },
        messages: { input_tokens: 0, output_tokens: 0 },
        gemini: { promptTokenCount: 0, candidatesTokenCount: 0, totalTokenCount: 0 },
      }
      const { event } = await asked(front, row, reporting(row, zeros[row.endpoint] ?? zeros['gemini']!))
      assert.equal(event.usageSource, 'provider')
      assert.deepEqual([event.usage, event.charges, counted(front).used], [noUsage, [], 0])
    })
  })

  test(`C7: ${nameOf(row)}: cached, cache-writing and reasoning tokens are counted once, each at its price`, async () => {
    const model = ', price: { input: 1, cached_input: 0.1, cache_write: 1.25, output: 2, reasoning: 3 }'
    await withFront({ quotas, model }, async (front) => {
      const reports: Readonly<Record<string, Value>> = {
        responses: {
          input_tokens: 100,
          input_tokens_details: { cached_tokens: 30, cache_write_tokens: 10 },
          output_tokens: 50,
          output_tokens_details: { reasoning_tokens: 20 },
          total_tokens: 150,
        },
        messages: {
          input_tokens: 60,
          cache_creation_input_tokens: 10,
          cache_read_input_tokens: 30,
          output_tokens: 50,
          output_tokens_details: { thinking_tokens: 20 },
        },
        gemini: {
          promptTokenCount: 100,
          cachedContentTokenCount: 30,
          candidatesTokenCount: 30,
          thoughtsTokenCount: 20,
          totalTokenCount: 150,
        },
      }
      const { event } = await asked(front, row, reporting(row, reports[row.endpoint] ?? reports['gemini']!))
      // Google writes no caches in a call.
      const cacheWriteTokens = row.dialect === 'gemini' ? 0 : 10
      const parts = { inputTokens: 100, outputTokens: 50, cachedTokens: 30, cacheWriteTokens, reasoningTokens: 20 }
      assert.deepEqual(event.usage, { ...noUsage, ...parts })
      assert.equal(event.charges[0]!.units, 150)
      const inputNanoUsd = (70 - cacheWriteTokens) * 1000 + 30 * 100 + cacheWriteTokens * 1250
      const nanoUsd = inputNanoUsd + 30 * 2000 + 20 * 3000
      assert.deepEqual(event.cost, { nanoUsd, source: 'price', book: 'config' })
    })
  })
}

for (const streaming of Object.keys(scripts) as Streaming[]) {
  test(`C7: ${streaming}: without the vendor's count every choice, tool call and legacy text counts`, async () => {
    await withFront({ quotas }, async (front) => {
      const { events, generated } = scripts[streaming]
      const writes = events.map((event) => eventWithUsage(event, null)).filter((event) => event !== '')
      front.vendor.scenario = { ...plainScenario, writes }
      const text = await (await send(front, dialectOf[streaming], streamRequests[streaming])).text()
      assert.equal(text, writes.join(''))
      const [event] = await front.eventsUntil(1)
      const pieces = generated.filter(Boolean).length
      assert.deepEqual([event!.outcome, event!.usageSource], ['ok', 'estimate'])
      assert.equal(event!.usage.outputTokens, pieces)
      assert.equal(event!.answer!.chunks, pieces)
      assert.equal(event!.charges[0]!.units, event!.usage.inputTokens + pieces)
    })
  })
}
