import assert from 'node:assert/strict'
import { test } from 'node:test'
import { honestLog } from '../test/support/honest-logs.ts'
import { joinedPanels, PanelBuilder, ScoreBuilder } from './calibrating.ts'
import type { FormPanel } from './core/calibration.ts'
import type { Observed } from './core/observed.ts'
import { RecordObserver } from './observing.ts'
import { Notes } from './replay/notes.ts'
import { readOwn } from './replay/own.ts'

const observer = new RecordObserver(Uint8Array.of(1, 2, 3, 4))
const seen = (log: string): readonly Observed[] =>
  log
    .trim()
    .split('\n')
    .map((line) => {
      const read = readOwn(JSON.parse(line) as Record<string, unknown>, new Notes())
      assert.ok(read.ok)
      return observer.observe(read.value)
    })

const SLOTS = 1 << 16
const none: FormPanel = { accounts: [] }

test('a panel is a form for each account that has sent enough to show one, and no more than a window of it', () => {
  const builder = new PanelBuilder()
  for (const one of seen(honestLog({ people: 20, prompts: 90 }))) builder.see(one)
  for (const one of seen(honestLog({ seed: 'few', people: 20, prompts: 15 }))) builder.see(one)
  const { accounts } = builder.build()
  assert.equal(accounts.length, 20)
  for (const { cells, counts } of accounts) {
    assert.equal(cells.length, counts.length)
    // Five kinds of cells in forty prompts.
    assert.ok(counts.reduce((sum, count) => sum + count, 0) <= 200)
  }
})

test('who is left out of a panel leaves the others as they are', () => {
  const all = seen(honestLog({ people: 12, prompts: 30 }))
  const builder = new PanelBuilder()
  for (const one of all) builder.see(one)
  const out = new Set([all[0]!.account])
  const others = new PanelBuilder()
  for (const one of all.filter(({ account }) => !out.has(account))) others.see(one)
  assert.deepEqual(builder.build(out), others.build())
})

test('panels that are joined are thinned evenly, whatever their number', () => {
  const forms = (count: number, cell: number): FormPanel => ({
    accounts: Array.from({ length: count }, () => ({ cells: Uint32Array.of(cell), counts: Uint8Array.of(3) })),
  })
  assert.equal(joinedPanels(forms(1000, 1), forms(500, 2)).accounts.length, 1500)
  const many = joinedPanels(forms(8000, 1), forms(4000, 2)).accounts
  assert.ok(many.length <= 2500 && many.length > 1200)
  const share = many.filter(({ cells }) => cells[0] === 2).length / many.length
  assert.ok(Math.abs(share - 1 / 3) < 0.01)
  assert.deepEqual(joinedPanels(), none)
})

test('every account is in the pooled segment and at most in one more; the last profile it has shown counts', () => {
  const builder = new ScoreBuilder(none, 7, SLOTS)
  for (const one of seen(honestLog({ people: 30, profileOf: (n) => (n < 10 ? 'app' : n < 15 ? 'batch' : undefined) })))
    builder.see(one)
  for (const one of seen(honestLog({ seed: 'silent', people: 5, prompts: 7 }))) builder.see(one)
  const sizes = Object.fromEntries([...builder.build()].map(([name, { scores }]) => [name, scores.length]))
  // Whoever has sent less than eight prompts has shown nothing.
  assert.deepEqual(sizes, { pooled: 30, app: 10, batch: 5 })
})

test('scores are the highest of each life: more of it never makes them smaller', () => {
  const all = seen(honestLog({ people: 15, prompts: 20, copiers: 5 }))
  const short = new ScoreBuilder(none, 7, SLOTS)
  const long = new ScoreBuilder(none, 7, SLOTS)
  for (const one of all.slice(0, 300)) short.see(one)
  for (const one of all) long.see(one)
  const top = new Map(long.all().map(({ account, score }) => [account, score]))
  assert.ok(short.all().length > 0)
  for (const { account, score } of short.all()) assert.ok(top.get(account)! >= score && score >= 0)
})
