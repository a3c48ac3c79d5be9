import assert from 'node:assert/strict'
import { test } from 'node:test'
import { observed, prompt, readingOf } from '../testing.ts'

const asking = (openings: number) =>
  Array.from({ length: 100 }, (_, i) => observed({ observation: prompt({ text: i, opening: (i * 7) % openings }) }))

test('one template is seen, and so are three in turn; a hundred openings are not', () => {
  assert.ok(readingOf('template', asking(1))!.value > 0.9)
  assert.ok(readingOf('template', asking(3))!.value > 0.9)
  assert.equal(readingOf('template', asking(100))!.value, 0)
})

test('prompts too short to have an opening are not counted', () => {
  const short = Array.from({ length: 100 }, () => ({ ...prompt({}), keys: new Uint32Array(10) }))
  assert.equal(
    readingOf(
      'template',
      short.map((observation) => observed({ observation })),
    ),
    null,
  )
})
