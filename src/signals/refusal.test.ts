import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { OPENING_UNITS, Refusals } from './refusal.ts'

const refusals = new Refusals(Uint8Array.of(1, 2, 3, 4))
const isRefusal = (opening: string): boolean => refusals.isRefusal(opening, 'stop')

test('an answer that declines is a refusal, in many languages and with any apostrophe', () => {
  for (const opening of [
    "I'm sorry, but I can't help with that.",
    'I’m sorry, but I can’t assist with this request.',
    'I cannot provide instructions for that. If you are curious about chemistry, ...',
    'Unfortunately, **I cannot** help with hacking.',
    'I AM UNABLE TO do this.',
    'Das ist heikel. Dabei kann ich nicht helfen.',
    'Je suis désolé, mais je ne peux pas vous aider.',
    'Lo siento, pero no puedo ayudarte con eso.',
    'Desculpe, mas não posso ajudar com isso.',
    'Mi dispiace, ma non posso aiutarti.',
    'Извините, но я не могу помочь с этим.',
    '很抱歉，我无法提供这方面的帮助。',
    '申し訳ありませんが、そのご依頼にはお応えできません。',
    '죄송하지만 그 요청은 도와드릴 수 없습니다.',
    'عذرًا، لا يمكنني مساعدتك في ذلك.',
    'क्षमा करें, मैं इसमें मदद नहीं कर सकता।',
    'ขออภัย ฉันไม่สามารถช่วยเรื่องนี้ได้',
    'Maaf, saya tidak dapat membantu dengan itu.',
  ]) {
    assert.ok(isRefusal(opening), opening)
  }
})

test('an apology, a condition, or a story about somebody who cannot is none', () => {
  for (const opening of [
    '',
    "I'm sorry for the confusion! Here is the corrected code:",
    'Sure! I can help with that.',
    'You cannot divide by zero, so the function must check for it.',
    'He said: "I can\'t swim", and walked away.',
    'If the file cannot be opened, an error is written.',
    'Ich kann das gern erklären.',
    '我不能肯定，但答案大概是四。',
    'Es tut mir leid, das war falsch. Richtig ist:',
  ]) {
    assert.ok(!isRefusal(opening), opening)
  }
})

test('what the API says counts, with and without text', () => {
  for (const finishReason of ['refusal', 'content_filter']) {
    assert.ok(refusals.isRefusal(null, finishReason))
    assert.ok(refusals.isRefusal('Sure!', finishReason))
  }
  assert.ok(!refusals.isRefusal(null, 'stop'))
  assert.ok(!refusals.isRefusal(null, null))
})

test('only the beginning counts: an answer may talk about refusals later', () => {
  const opening = 'Here is a list of what a model may say. '.repeat(5)
  assert.equal(opening.length, OPENING_UNITS)
  assert.ok(!isRefusal(`${opening} I cannot help with that.`))
  assert.ok(!isRefusal(`${opening.slice(0, -8)} I cannot help`), 'cut within the phrase')
})

test('any text has an answer, and 1 MB has one at once', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => typeof isRefusal(text) === 'boolean'))
  for (const unit of ['I ', 'I cannot ', '\ud800', '我', ' '])
    assert.equal(isRefusal(unit.repeat(1 << 19)), false, unit)
})
