import assert from 'node:assert/strict'
import { test } from 'node:test'
import { behindOpening, isClientEvent } from './client-made.ts'
import { type Asked, Extractor } from './extract.ts'

test('what a coding agent writes in its user’s name is nobody’s prompt', () => {
  for (const text of [
    '[Request interrupted by user]',
    '[Request interrupted by user for tool use]',
    '<command-name>/exit</command-name>\n            <command-message>exit</command-message>\n            <command-args></command-args>',
    '<command-message>workflows:review</command-message>\n<command-name>/workflows:review</command-name>\n<command-args>https://github.com/acme/cli/pull/2</command-args>',
    '<local-command-stdout>Bye!</local-command-stdout>',
  ])
    assert.ok(isClientEvent(text), text)
})

test('an event has no room for a question', () => {
  const question = 'Natalia sold clips to 48 of her friends in April, and half as many in May. How many were that?'
  for (const text of [
    `<local-command-stdout>${question}</local-command-stdout>`,
    `<command-name>/ask</command-name><command-args>${question}</command-args>`,
    `[Request interrupted by user] ${question}`,
    `${question} [Request interrupted by user]`,
    `<command-args>x</command-args>`.repeat(4),
  ])
    assert.ok(!isClientEvent(text), text)
})

test('an event is seen as a tool’s turn, and what stands behind an opening as if it stood alone', () => {
  const extractor = new Extractor(Buffer.from('a secret of this test'))
  const human = (text: string): Asked => ({ text, role: 'human', turns: 1, params: [], system: null })
  assert.equal(extractor.observe(human('[Request interrupted by user]'), null).role, 'tool')
  const plan = '# Sessions end twice\n\n## Context\n\nA session that was closed by hand is closed again by the hook.'
  assert.equal(behindOpening(`Implement the following plan:\n\n${plan}`), plan)
  const behind = extractor.observe(human(`Implement the following plan:\n\n${plan}`), null)
  assert.deepEqual(behind, extractor.observe(human(plan), null))
})
