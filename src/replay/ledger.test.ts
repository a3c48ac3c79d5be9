import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Ledger } from './ledger.ts'
import { Notes } from './notes.ts'
import { readOwn } from './own.ts'

test('beyond the cap newcomers are counted in the total only', () => {
  const ledger = new Ledger(100)
  const read = readOwn({ time: Date.UTC(2026, 0, 1), key: 'k', output_tokens: 2 }, new Notes())
  assert.ok(read.ok)
  for (let i = 0; i < 5000; i++) ledger.add(`account ${i % 1000}`, read.value, 'allow', null)
  assert.deepEqual([ledger.accounts, ledger.uncounted, ledger.total.exchanges], [100, 4500, 5000])
  assert.equal(ledger.account('account 99')!.outputTokens, 10)
  assert.equal(ledger.account('account 100'), null)
})

test('skipped lines are counted by reason, and the first ones are named', () => {
  const ledger = new Ledger()
  for (let line = 1; line <= 1000; line++) ledger.skip(line % 2 === 0 ? 'not JSON' : 'blank', line)
  assert.deepEqual(
    ledger.skips().map(({ why, count, lines }) => [why, count, lines.length, lines[1]]),
    [
      ['blank', 500, 10, 3],
      ['not JSON', 500, 10, 4],
    ],
  )
})
