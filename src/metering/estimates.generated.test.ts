import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tokens } from '../core/usage.ts'
import { Estimates } from './estimates.ts'

const prompt = { bytes: 100, extraTokens: 0 }

/** Teaches one streamed answer, or with 0 deltas a whole one. */
function teach(
  estimates: Estimates,
  outputTokens: number,
  textBytes: number,
  deltas: number,
  reasoningTokens = 0,
): void {
  const usage = { ...tokens(25, outputTokens), reasoningTokens }
  estimates.of('a', 'm').learn(prompt, usage, { textBytes: textBytes, deltas: deltas, choices: 1 })
}

const generated = (estimates: Estimates, textBytes: number, deltas: number): number =>
  estimates.of('a', 'm').count(textBytes, deltas)

test('no text is no token, and any text is at least one', () => {
  const estimates = new Estimates(10)
  assert.equal(generated(estimates, 0, 0), 0)
  assert.equal(generated(estimates, 1, 0), 1)
  assert.equal(generated(estimates, 1, 1), 1)
})

test('before anything was learned an event is a token', () => {
  assert.equal(generated(new Estimates(10), 400, 100), 100)
  assert.equal(generated(new Estimates(10), 700, 100), 100)
  assert.equal(generated(new Estimates(10), 100, 100), 100)
})

test('before anything was learned, events too large for one token are counted by their bytes', () => {
  assert.equal(generated(new Estimates(10), 8000, 100), 2000)
  assert.equal(generated(new Estimates(10), 8000, 1), 2000)
  assert.equal(generated(new Estimates(10), 8000, 0), 2000, 'an answer that was not streamed')
})

test('where events hold one token each, events are the guide, whatever the text', () => {
  const estimates = new Estimates(10)
  for (let i = 0; i < 60; i++) teach(estimates, 100, i % 2 === 0 ? 200 : 600, 100)
  assert.equal(generated(estimates, 600, 50), 50)
})

test('text without events is counted by its bytes, even where events are the better guide', () => {
  const estimates = new Estimates(10)
  for (let i = 0; i < 60; i++) teach(estimates, 100, i % 2 === 0 ? 300 : 500, 100)
  const tokens = generated(estimates, 4000, 0)
  assert.ok(tokens > 900 && tokens < 1200, `${tokens}`)
})

test('where a server batches at random, bytes are the guide', () => {
  const estimates = new Estimates(10)
  for (let i = 0; i < 60; i++) teach(estimates, 100, 400, i % 2 === 0 ? 5 : 50)
  assert.equal(generated(estimates, 400, 3), 100)
  assert.equal(generated(estimates, 400, 70), 100)
})

test('whole answers teach bytes and say nothing of events', () => {
  const estimates = new Estimates(10)
  for (let i = 0; i < 60; i++) teach(estimates, 200, 400, 0)
  assert.equal(generated(estimates, 400, 0), 200)
  assert.equal(generated(estimates, 4000, 10), 2000)
  for (let i = 0; i < 60; i++) teach(estimates, 100, i % 2 === 0 ? 200 : 600, 50)
  assert.equal(generated(estimates, 400, 50), 100, 'streams teach that')
})

test('hidden reasoning does not teach what visible text costs', () => {
  const estimates = new Estimates(10)
  for (let i = 0; i < 60; i++) teach(estimates, 1100, 400, 100, 1000)
  assert.equal(generated(estimates, 400, 100), 100)
  for (let i = 0; i < 60; i++) teach(estimates, 5, 400, 100, 900)
  assert.equal(generated(estimates, 400, 100), 100, 'nor does a report that makes no sense')
})

test('the count never goes down while a stream goes on', () => {
  const estimates = new Estimates(10)
  for (let round = 0; round < 5; round++) {
    let before = 0
    for (let events = 1; events < 200; events++) {
      const now = generated(estimates, events * 5, events)
      assert.ok(now >= before)
      before = now
    }
    teach(estimates, 100, 450, 100)
  }
})

test('what is remembered is bounded, and the callers that were seen last are kept', () => {
  const estimates = new Estimates(100)
  for (let i = 0; i < 1000; i++) {
    const usage = tokens(60, 1)
    for (let j = 0; j < 3; j++)
      estimates.of(`account ${i}`, 'm').learn(prompt, usage, { textBytes: 0, deltas: 0, choices: 1 })
  }
  assert.equal(estimates.size, 100)
  const models = new Estimates(100)
  for (let i = 0; i < 5000; i++) teachModel(models, `model ${i}`)
  assert.equal(models.size, 100)
  assert.equal(models.of('stranger', 'model 4999').input(prompt).expected, 60)
  assert.equal(
    models.of('stranger', 'model 0').input(prompt).expected,
    25,
    'forgotten: back to what is assumed of any model',
  )
})

function teachModel(estimates: Estimates, model: string): void {
  const usage = tokens(60, 1)
  for (let j = 0; j < 3; j++) estimates.of('a', model).learn(prompt, usage, { textBytes: 0, deltas: 0, choices: 1 })
}

test('one account learns nothing from another, and cannot pass for another by a name of a model', () => {
  const estimates = new Estimates(100)
  const usage = tokens(100, 1)
  for (let i = 0; i < 10; i++)
    estimates.of('mallory', 'm\nalice').learn(prompt, usage, { textBytes: 0, deltas: 0, choices: 1 })
  assert.equal(estimates.of('alice', 'm').input(prompt).expected, 25)
})
