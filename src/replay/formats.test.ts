import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { RecordedExchange } from '../core/recorded.ts'
import { formatNames, readers } from './formats.ts'
import { Notes } from './notes.ts'

/** Names that any of the formats looks at, at any depth. */
const names = [
  'time startTime timestamp key api_key metadata user_api_key_hash tenant user ip asn account_created model stream messages',
  'role content type text parts prompt input contents system output request response body headers authorization choices',
  'message delta usage prompt_tokens completion_tokens input_tokens output_tokens cached_tokens cost_usd spend status',
  'status_code latency_ms error candidates usageMetadata proxy_server_request functionResponse tool_result __proto__ toString',
]
  .join(' ')
  .split(' ')

const leaf = fc.oneof(
  fc.constantFrom<unknown>(null, true, '', 'user', 'tool_result', '{"a":1}', '[', 0, -1, 1e300, 0.5, 2 ** 53),
  fc.constantFrom<unknown>(Date.UTC(2026, 5, 1), '2026-06-01T00:00:00Z', 1_780_272_000, 'k', 'sk-secret'),
  fc.string({ maxLength: 8 }),
)
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    leaf,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...names), tie('value'), { maxKeys: 5 }),
  ),
}))
const sound = { time: Date.UTC(2026, 5, 1), startTime: 1_780_272_000, key: 'k', api_key: 'k' }
const line = fc
  .tuple(fc.constantFrom({}, sound), fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 12 }))
  .map(([base, some]) => Object.assign({}, base, some))

const counts = ['inputTokens', 'outputTokens', 'cachedTokens', 'reasoningTokens', 'costNanoUsd', 'latencyMs'] as const

function check(exchange: RecordedExchange): void {
  assert.ok(exchange.timeMs >= Date.UTC(2000, 0, 1) && exchange.timeMs < Date.UTC(2100, 0, 1))
  assert.ok(exchange.key.length > 0 && exchange.key.length <= 512)
  for (const name of counts) {
    const count = exchange[name]
    assert.ok(count === null || (Number.isSafeInteger(count) && count >= 0), `${name}: ${count}`)
  }
  for (const { role, text } of exchange.turns) {
    assert.ok(['system', 'user', 'assistant', 'tool'].includes(role))
    assert.equal(typeof text, 'string')
  }
}

for (const name of formatNames) {
  test(`whatever a line holds, --from ${name} makes a sound exchange of it or says why not`, () => {
    fc.assert(
      fc.property(line, (some) => {
        const read = readers[name](JSON.parse(JSON.stringify(some)) as Record<string, unknown>, new Notes())
        if (read.ok) check(read.value)
        else assert.ok(read.error.why.length > 0)
      }),
      { numRuns: 2000 },
    )
  })
}
