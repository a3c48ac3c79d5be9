import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tokenize } from './demo-request.ts'
import { demoTokens } from './demo-text.ts'
import { createSecretFunction } from './secret-function.ts'

const secret = createSecretFunction('seed')
const text = (prompt: string, choice = 0, tokens = 200, seed = 'seed'): string =>
  demoTokens(secret, seed, prompt, choice, tokens).join('')

test('the text follows from seed, prompt and choice', () => {
  assert.equal(text('Tell me about rivers'), text('Tell me about rivers'))
  const others = [text('Tell me about rivers', 1), text('Tell me of rivers'), text('Tell me about rivers', 0, 200, 'b')]
  for (const other of others) assert.notEqual(other, text('Tell me about rivers'))
})

test('an answer has exactly as many tokens as were asked for, and a shorter one is the start of a longer', () => {
  for (const tokens of [0, 1, 7, 500]) {
    const made = demoTokens(secret, 'seed', 'rivers', 0, tokens)
    assert.equal(made.length, tokens)
    assert.ok(text('rivers', 0, 600).startsWith(made.join('')))
  }
})

test('asked what it is, it says that it is no language model', () => {
  for (const prompt of ['Who are you?', 'hey, what are you', 'Wer bist du?']) {
    assert.match(text(prompt), /^I am Weir's built-in demo model: .*not a language model\./)
  }
  assert.doesNotMatch(text('Tell me about rivers'), /demo model/)
})

test('asked to classify, it gives the label of the text that stands in quotes, behind a colon, or alone', () => {
  const subject = 'The parcel came late and the box was torn'
  const { category, confidence } = secret.label(subject)
  for (const prompt of [`Classify “${subject}”, please`, `Which label fits this: ${subject}`]) {
    const answer = text(prompt)
    assert.ok(answer.startsWith(`Label: ${category}.`), answer)
    assert.ok(answer.includes(`${Math.round(confidence * 100)} percent sure`))
  }
  const alone = 'what category would late parcels be'
  assert.ok(text(alone).startsWith(`Label: ${secret.label(alone).category}.`))
  assert.doesNotMatch(text('Tell me about rivers'), /^Label/)
})

test('labels differ from text to text', () => {
  const words = ['parcel', 'river', 'invoice', 'late', 'thanks', 'broken', 'music', 'winter', 'refund', 'garden']
  const subjects = words.flatMap((a) => words.map((b) => `${a} ${b}`))
  const labels = new Set(subjects.map((subject) => /^Label: (.*?)\./.exec(text(`Classify: ${subject}`))?.[1]))
  assert.ok(labels.size > 2, [...labels].join(', '))
})

test('the topic of a prompt shows in the answer, whatever is in the prompt', () => {
  assert.match(text('Tell me about waterfalls'), /waterfalls|about|tell/)
  for (const prompt of ['', '$& {} $1', '\uD800', '水'.repeat(10)]) {
    const made = demoTokens(secret, 'seed', prompt, 0, 50)
    assert.equal(made.length, 50)
    assert.deepEqual(tokenize(made.join('')).join(''), made.join(''))
  }
})
