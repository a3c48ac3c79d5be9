import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { ThoughtText, withoutThought } from './thought-text.ts'

test('reasoning between the tags of many models goes, and the blank lines after it', () => {
  for (const [text, left] of [
    ['<think>Let me see.</think>\n\nIt is 7.', 'It is 7.'],
    ['\n<THINK>\nhm\n</Think>It is 7.', '\nIt is 7.'],
    ['<thinking>a < b</thinking>x', 'x'],
    ['<thought></thought>x', 'x'],
    ['<seed:think>a</seed:think>x', 'x'],
    ['[THINK]a]b[/THINK]x', 'x'],
    ['◁think▷a◁/think▷x', 'x'],
    ['<|START_THINKING|>a<|END_THINKING|>x', 'x'],
    ['<|begin_of_thought|>a<|end_of_thought|>x', 'x'],
    ['One. <think>a</think> Two. <think>b</think>\nThree.', 'One. Two. Three.'],
    ['a<think>b</think> c', 'a c'],
    ['<think>a</thinking></think>x', 'x'],
  ] as const) {
    assert.equal(withoutThought(text), left, text)
  }
})

test('reasoning that was cut off before its end goes too', () => {
  assert.equal(withoutThought('It is <think>7, because'), 'It is ')
  assert.equal(withoutThought('It is <think>7</thin'), 'It is ')
})

test('text that only looks like a tag stays', () => {
  for (const text of [
    'a < b',
    'a <thin',
    '<thinker>x</thinker>',
    '[thinking]',
    'x</think>',
    '<',
    '',
    'if (a<think) {}',
  ]) {
    assert.equal(withoutThought(text), text)
  }
})

test('what stands around reasoning does not become a tag', () => {
  assert.equal(withoutThought('<th<think>x</think>ink>y</think>'), '<th ink>y</think>')
  assert.equal(withoutThought('<<think>x</think><think>y</think>think>z'), '< think>z')
})

const piece = fc.constantFrom(
  '<think>',
  '</think>',
  '<thinking>',
  '</thinking>',
  '[THINK]',
  '[/THINK]',
  '<th',
  'ink>',
  '<',
  '◁',
  'think▷',
  '|',
  ' ',
  '\n',
  'a',
  'Word',
  '<|end_of_',
  'thought|>',
  '<|begin_of_',
)
const texts = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(''))

test('however the text comes in pieces, the same is left', () => {
  fc.assert(
    fc.property(texts, fc.array(fc.nat(200), { maxLength: 20 }), (text, cuts) => {
      const thought = new ThoughtText()
      const at = [0, ...cuts.map((cut) => cut % (text.length + 1)).sort((a, b) => a - b), text.length]
      let left = ''
      for (let i = 1; i < at.length; i++) left += thought.push(text.slice(at[i - 1], at[i]))
      assert.equal(left + thought.end(), withoutThought(text))
    }),
    { numRuns: 2000 },
  )
})

test('what is left has no reasoning in it any more', () => {
  fc.assert(
    fc.property(texts, (text) => {
      const left = withoutThought(text)
      assert.equal(withoutThought(left), left)
      assert.doesNotMatch(left, /<think>|<thinking>|\[think\]|◁think▷|<\|begin_of_thought\|>/i)
    }),
    { numRuns: 2000 },
  )
})

test('what waits for its next piece is no longer than a tag', () => {
  const thought = new ThoughtText()
  const out = thought.push('<'.repeat(100_000))
  assert.ok(out.length > 100_000 - 20)
})
