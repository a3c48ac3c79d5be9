import assert from 'node:assert/strict'
import { Writable } from 'node:stream'
import { test } from 'node:test'
import { allowed } from '../../test/support/scripted-judge.ts'
import { DecisionWriter } from './decisions.ts'

class Memory extends Writable {
  text = ''
  constructor(highWaterMark = 16_384) {
    super({ decodeStrings: false, highWaterMark })
  }
  override _write(chunk: string, _: string, done: (error?: Error) => void): void {
    this.text += chunk
    setImmediate(done)
  }
}

test("a decision is the contract's line, and a skipped line has one too", async () => {
  const out = new Memory()
  const writer = new DecisionWriter(out)
  writer.judged(0, 5, 'k', allowed)
  writer.judged(1, 6, 'k', { action: 'step_up', level: 'step_up', campaign: 'c-1', evidence: 512.25 })
  writer.skipped(2, { why: 'no key', timeMs: 7, key: null })
  writer.skipped(3, { why: 'not JSON', timeMs: null, key: null })
  await writer.end()
  assert.equal(
    out.text,
    `{"i":0,"time":5,"key":"k","action":"allow","level":"normal","campaign":null,"evidence":1}
{"i":1,"time":6,"key":"k","action":"step_up","level":"step_up","campaign":"c-1","evidence":512.25}
{"i":2,"time":7,"key":null,"action":"skipped","level":"normal","campaign":null,"evidence":1}
{"i":3,"time":null,"key":null,"action":"skipped","level":"normal","campaign":null,"evidence":1}
`,
  )
})

test('whatever a key or an e-value is, the line is JSON', async () => {
  const out = new Memory()
  const writer = new DecisionWriter(out)
  const keys = ['"', '\\', '\n', '\u0000', '\u2028', '\ud800', '語', '"}\n{"i":9']
  for (const [i, key] of keys.entries()) {
    writer.judged(i, 1, key, { ...allowed, campaign: key, evidence: i % 2 === 0 ? Number.POSITIVE_INFINITY : 1e300 })
  }
  await writer.end()
  const lines = out.text.trimEnd().split('\n')
  assert.equal(lines.length, keys.length)
  for (const [i, line] of lines.entries()) {
    const { key, campaign, evidence } = JSON.parse(line) as { key: string; campaign: string; evidence: number }
    assert.deepEqual([key, campaign], [keys[i], keys[i]])
    assert.ok(evidence >= 1e300)
  }
})

test('a slow disk is waited for, and what is written arrives in order', async () => {
  const out = new Memory(10)
  const writer = new DecisionWriter(out)
  for (let i = 0; i < 5000; i++) {
    writer.judged(i, 1, `k${i}`, allowed)
    if (i % 100 === 0) {
      await writer.drained()
      assert.ok(!out.writableNeedDrain)
    }
  }
  await writer.end()
  const order = out.text
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { i: number }).i)
  assert.deepEqual(
    order,
    Array.from({ length: 5000 }, (_, i) => i),
  )
})

test('a disk that fails is told, at the next wait and at the end', async () => {
  const out = new Writable({ highWaterMark: 1, write: (_, __, done) => done(new Error('full')) })
  const writer = new DecisionWriter(out)
  for (let i = 0; i < 2000; i++) writer.judged(i, 1, 'k', allowed)
  await assert.rejects(writer.drained(), /full/)
  await assert.rejects(writer.end(), /full/)
  assert.match(String(writer.failure), /full/)
})
