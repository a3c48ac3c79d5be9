import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { type PromptClass, promptClasses } from '../core/prompt-class.ts'
import { classifyPrompt, scorePrompt } from './prompt-class.ts'
import { WINDOW } from './prompt-scan.ts'

const scoreOf = (text: string, name: PromptClass): number => scorePrompt(text)[promptClasses.indexOf(name)]!

const examples: Readonly<Record<PromptClass, readonly string[]>> = {
  code: [
    'Write a Python function that parses a CSV file.',
    '为什么我的函数返回 null？',
    'Warum wirft meine Java-Klasse das?',
  ],
  translation: ['Translate this to German: good luck', '請把這句話翻譯成日文', 'Переведи это на английский: пора'],
  summarization: ['Summarize the article below.', 'この記事を要約して', 'لخص هذا النص'],
  classification: [
    'Is this review positive or negative? "Fine."',
    '이 글을 분류해 줘',
    'Classe cet avis : positif ou négatif ?',
  ],
  extraction: ['Extract all names from the text.', 'Estrai tutti i nomi dal testo.', 'इस पाठ से सभी नाम निकालो'],
  reasoning: [
    'Tom has 3 apples and buys 5 more. How many apples has he?',
    '解方程 2x + 3 = 9',
    'Ile to jest 3 razy 4? Oblicz.',
  ],
  chat: ['hi, how are you today?', 'Olá, tudo bem?', 'Selam, nasılsın?'],
  other: ['Write a poem about the sea.', 'Schreibe ein Gedicht über das Meer.', 'Recomiéndame una receta de paella.'],
}

for (const [name, texts] of Object.entries(examples)) {
  test(`plain words for ${name} are understood in several languages`, () => {
    for (const text of texts) assert.equal(classifyPrompt(text), name, text)
  })
}

test('where nothing speaks the class is other', () => {
  for (const text of ['', ' ', '\n\n', '.', '\u0000', 'qwrtz', '\u{1F600}', 'ᚠᚢᚦᚨᚱᚲ', '='.repeat(2000)])
    assert.equal(classifyPrompt(text), 'other', JSON.stringify(text))
})

test('a program without a word of explanation is code', () => {
  const program = 'for (let i = 0; i < n; i++) {\n  total += items[i].price();\n}\n'
  assert.equal(classifyPrompt(program), 'code')
  assert.equal(classifyPrompt(`\`\`\`\n${program}\`\`\``), 'code')
  assert.equal(classifyPrompt('<div class="card"><span>{name}</span></div>'), 'code')
})

test('capitals do not matter', () => {
  for (const text of Object.values(examples).flat()) {
    // The capital of the Turkish dotless i is that of an i.
    if (text.includes('ı')) continue
    const upper = text.toUpperCase()
    if (scoreOf(text, 'code') < 2) assert.equal(classifyPrompt(upper), classifyPrompt(text), upper)
  }
})

test('c++ and c# are words of their own', () => {
  assert.ok(scoreOf('sort it in c++ now', 'code') > scoreOf('sort it in c now', 'code'))
  assert.ok(scoreOf('sort it in C# now', 'code') > scoreOf('sort it in C now', 'code'))
})

test('an instruction is seen before and after a long text', () => {
  const body = 'The harbour was quiet and grey that morning, as it had been for weeks. '.repeat(200)
  assert.equal(classifyPrompt(`Summarize the following text.\n${body}`), 'summarization')
  assert.equal(classifyPrompt(`${body}\nTranslate this into French.`), 'translation')
})

test('what stands in the middle of a long text is not read at all', () => {
  const head = 'Summarize this: '.padEnd(WINDOW, 'a b ')
  const tail = ' in two sentences.'.padStart(WINDOW, 'c d ')
  const dull = scorePrompt(head + 'x '.repeat(1000) + tail)
  const loud = scorePrompt(head + 'translate python {} '.repeat(100) + tail)
  assert.deepEqual(loud, dull)
})

test('a cue counts once, however often it is written', () => {
  const once = scoreOf('the lake, translate the lake', 'translation')
  assert.ok(once > 0)
  assert.equal(scoreOf('the lake, translate translate translate the lake', 'translation'), once)
})

test('a word is not taken for a cue that it only contains', () => {
  assert.equal(scoreOf('the phpantom javanese sqlish', 'code'), 0)
  assert.equal(scoreOf('untranslate', 'translation'), 0)
})

test('no text breaks it, and none leaves a trace in the next', () => {
  const hostile = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 3000 }),
    // Lone halves of surrogate pairs too.
    fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 3000 }).map((units) => String.fromCharCode(...units)),
    fc.constantFrom(...Object.values(examples).flat()),
  )
  const probe = examples.reasoning[0]!
  const expected = scorePrompt(probe)
  fc.assert(
    fc.property(hostile, (text) => {
      const scores = scorePrompt(text)
      assert.ok(scores.every((score) => Number.isFinite(score) && score >= 0))
      assert.ok(promptClasses.includes(classifyPrompt(text)))
      assert.deepEqual(scorePrompt(text), scores)
      assert.deepEqual(scorePrompt(probe), expected)
    }),
  )
})

test('a window that cuts a surrogate pair reads like one that does not', () => {
  const faces = '\u{1F600}'.repeat(2 * WINDOW)
  assert.deepEqual(
    scorePrompt(`${faces} translate`),
    scorePrompt(`a${faces} translate`).with(promptClasses.indexOf('chat'), scoreOf(`${faces} translate`, 'chat')),
  )
})
