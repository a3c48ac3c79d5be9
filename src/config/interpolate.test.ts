import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { interpolate } from './interpolate.ts'

const env = { NAME: 'value', OTHER: '${NAME}', EMPTY: '' }

test('variables are filled in once, and two dollars stand for themselves', () => {
  const cases = {
    '${NAME}': 'value',
    'a-${NAME}-b': 'a-value-b',
    '${NAME}${NAME}': 'valuevalue',
    '$${NAME}': '${NAME}',
    '${OTHER}': '${NAME}',
    'plain $NAME $ {x}': 'plain $NAME $ {x}',
  }
  for (const [text, expected] of Object.entries(cases)) {
    assert.deepEqual(interpolate(text, env), { text: expected, whole: /^\$\{\w+\}$/.test(text), complaints: [] })
  }
})

test('what cannot be filled in is named, one complaint for each', () => {
  const messages = (text: string): string[] => interpolate(text, env).complaints.map(({ message }) => message)
  assert.deepEqual(messages('${A}${EMPTY}'), [
    'the environment variable A is not set',
    'the environment variable EMPTY is empty',
  ])
  assert.deepEqual(messages('${constructor}'), ['the environment variable constructor is not set'])
  for (const text of ['${}', '${A:-b}', '${1}', '${a b}']) assert.match(messages(text).join(), /does not hold the name/)
  assert.deepEqual(messages('${NAME'), ['"${" without a closing brace'])
})

test('text without a dollar sign stays what it is', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const plain = text.replaceAll('$', '')
      return interpolate(plain, env).text === plain
    }),
  )
})
