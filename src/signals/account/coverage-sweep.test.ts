import assert from 'node:assert/strict'
import { test } from 'node:test'
import { observed, prompt, readingOf } from '../testing.ts'

const asking = (topics: number, prompts: number) =>
  Array.from({ length: prompts }, (_, i) =>
    observed({ timeMs: i * 1000, observation: prompt({ text: i, content: i % topics }) }),
  )

test('ever new topics are a sweep, the same few are none', () => {
  assert.ok(readingOf('coverage_sweep', asking(10_000, 200))!.value > 0.9)
  assert.equal(readingOf('coverage_sweep', asking(20, 200))!.value, 0)
})

test('what was found over the first prompts stays when the map is full', () => {
  const [early, late] = [400, 5000].map((prompts) => readingOf('coverage_sweep', asking(10_000, prompts))!.value)
  assert.ok(Math.abs(early! - late!) < 0.1, `${early} ${late}`)
})

test('a few prompts, or tool results, say nothing', () => {
  assert.equal(readingOf('coverage_sweep', asking(10, 20)), null)
  const tools = Array.from({ length: 100 }, (_, i) => observed({ observation: prompt({ role: 'tool', text: i }) }))
  assert.equal(readingOf('coverage_sweep', tools), null)
})
