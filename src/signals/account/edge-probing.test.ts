import assert from 'node:assert/strict'
import { test } from 'node:test'
import { observed, prompt, readingOf } from '../testing.ts'

type Seen = Parameters<typeof observed>[0]
const calling = (of: (i: number) => Seen) => Array.from({ length: 60 }, (_, i) => observed(of(i)))

test('many refusals, many invalid requests, or ever new parameters are probing', () => {
  for (const [what, of] of Object.entries({
    refusals: (i: number): Seen => ({ observation: prompt({ text: i, refused: i % 2 === 0 }) }),
    filter: (i: number): Seen => ({ finishReason: i % 2 === 0 ? 'content_filter' : 'stop' }),
    invalid: (i: number): Seen => (i % 2 === 0 ? { outcome: 'failed', status: 400 } : {}),
    parameters: (i: number): Seen => ({ observation: prompt({ text: i, params: i + 1 }) }),
  })) {
    const found = readingOf('edge_probing', calling(of))!
    assert.ok(found.value > 0.8, `${what}: ${found.says}`)
  }
})

test('a refusal now and then, two sets of parameters and cut answers are not', () => {
  const found = readingOf(
    'edge_probing',
    calling((i) => ({
      finishReason: 'length',
      observation: prompt({ text: i, refused: i % 40 === 0, params: 1 + (i % 2) }),
    })),
  )!
  assert.equal(found.value, 0, found.says)
})
