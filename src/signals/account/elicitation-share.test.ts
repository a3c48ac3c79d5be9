import assert from 'node:assert/strict'
import { test } from 'node:test'
import { signs } from '../../core/observation.ts'
import { observed, prompt, readingOf } from '../testing.ts'

const asking = (everyNth: number, role: 'human' | 'tool' = 'human') =>
  Array.from({ length: 100 }, (_, i) =>
    observed({ observation: prompt({ text: i, role, signs: i % everyNth === 0 ? signs.elicits : 0 }) }),
  )

test('asking for reasoning every time is seen, asking now and then is not', () => {
  assert.equal(readingOf('elicitation', asking(1))!.value, 1)
  assert.equal(readingOf('elicitation', asking(15))!.value, 0)
})

test('tool results are not asked for anything', () => assert.equal(readingOf('elicitation', asking(1, 'tool')), null))
