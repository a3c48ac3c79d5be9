import assert from 'node:assert/strict'
import { test } from 'node:test'
import { canRepeat, formatPath, formatProblems } from './problem.ts'

test('a path reads like the file', () => {
  assert.equal(formatPath(['quotas', 2, 'window']), 'quotas[2].window')
  assert.equal(formatPath(['models', 'gpt-4o*', 'upstream']), 'models["gpt-4o*"].upstream')
  assert.equal(formatPath([]), '')
  assert.ok(formatPath(['x'.repeat(1000)]).length < 80)
})

test('each problem is a block that an editor can jump from', () => {
  const problem = { file: 'weir.yaml', line: 12, column: 5, message: 'not a duration', hint: 'write 30s' }
  assert.equal(
    formatProblems([
      { ...problem, path: 'quotas[2].window' },
      { ...problem, path: '' },
    ]),
    'weir.yaml:12:5: quotas[2].window: not a duration\n    hint: write 30s\n' +
      'weir.yaml:12:5: not a duration\n    hint: write 30s',
  )
})

test('an unknown key that could be a secret is not repeated', () => {
  for (const key of ['first_byte_timeouts', 'x-1', 'Listen']) assert.ok(canRepeat(key), key)
  for (const key of ['wr_acme1_0123456789abcdef', 'token hunter2hunter2', '0123456789abcdef', '']) {
    assert.ok(!canRepeat(key), key)
  }
})
