import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KeyExamples } from './examples.ts'
import { templatesOf } from './templates.ts'

const key = (texts: readonly string[], exchanges = 10): KeyExamples => ({
  exchanges,
  examples: texts.map((text, i) => ({ text, account: `account ${i}` })),
})

const one = (...texts: readonly string[]): string | undefined => templatesOf([key(texts)])[0]?.text

test('what texts have in common is shown, and what differs is left out', () => {
  for (const [texts, template] of [
    [
      [
        'Solve this step by step: Natalia sold clips to 48 friends. Show your reasoning.',
        'Solve this step by step: John eats 5 apples a day for a week. Show your reasoning.',
        'Solve this step by step: what is the area of a circle? Show your reasoning.',
      ],
      'Solve this step by step: … Show your reasoning.',
    ],
    [
      ['Rate answer 1 from 1 to 10.', 'Rate answer 22 from 1 to 10.', 'Rate answer 3 from 1 to 5.'],
      'Rate answer <number> from <number> to <number>.',
    ],
    [['Same words here', 'Same words here', 'Same words here'], 'Same words here'],
    [
      [
        '请一步一步地解决以下问题：小明有五个苹果。',
        '请一步一步地解决以下问题：火车每小时行驶。',
        '请一步一步地解决以下问题：今天天气很好。',
      ],
      '请一步一步地解决以下问题： …。',
    ],
    [['แปลเป็นภาษาอังกฤษ: ฉันรักแมว', 'แปลเป็นภาษาอังกฤษ: วันนี้ฝนตก', 'แปลเป็นภาษาอังกฤษ: เขากินข้าว'], 'แปลเป็นภาษาอังกฤษ: …'],
  ] as const) {
    assert.equal(one(...texts), template)
  }
})

test('what few accounts wrote is not shown, even where they agree', () => {
  assert.equal(one('my secret plan', 'my secret plan'), undefined)
  const examples = Array.from({ length: 8 }, () => ({ text: 'my secret plan', account: 'a' }))
  assert.deepEqual(templatesOf([{ exchanges: 9, examples }]), [])
  const lone = one('Fix this: alpha bravo', 'Fix this: charlie delta', 'Fix this: alpha bravo', 'Fix this: golf hotel')
  assert.equal(lone, 'Fix this: …')
})

test('links, addresses and long ids are never shown', () => {
  const text = 'Send it to bob@example.com via https://example.com/x with key sk-0123456789abcdef0123 now'
  assert.equal(one(text, text, text), 'Send it to <address> via <link> with key <id> now')
})

test('texts that have nothing in common make no template', () => {
  assert.equal(one('alpha bravo', 'charlie delta', 'echo foxtrot'), undefined)
  assert.equal(one('', ' ', '\n'), undefined)
  assert.equal(one('... one', '... two', '... three'), undefined)
  assert.deepEqual(templatesOf([]), [])
})

test('keys with the same examples make one template, the most frequent first', () => {
  const texts = ['Name the river: Rhine', 'Name the river: Elbe', 'Name the river: Loire']
  const a = key(texts, 50)
  const same = { exchanges: 40, examples: a.examples }
  const other = key(['Write a poem about rain', 'Write a poem about snow', 'Write a poem about wind'], 90)
  assert.deepEqual(templatesOf([same, a, other]), [
    { text: 'Write a poem about …', exchanges: 90 },
    { text: 'Name the river: …', exchanges: 50 },
  ])
})

test('long and hostile texts make short templates', () => {
  for (const piece of ['a', 'a ', '語', '\u0301', '🙂', '@', '. ', '<id> ']) {
    const found = one(...Array.from({ length: 8 }, (_, i) => `${i} ${piece.repeat(300)}`))
    assert.ok((found ?? '').length <= 700, piece)
  }
})
