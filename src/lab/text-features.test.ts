import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { isOfShape, readText } from './text-features.ts'

const has = (text: string, ...features: string[]): void => {
  const found = readText(text)
  for (const feature of features) assert.ok(found.has(feature), `${feature} in ${[...found].join(' | ')}`)
}

test('words, marks, digits and lines are features, and case is none', () => {
  has('What is 12 + 30?', 'the word "what"', 'the word "is"', 'digits', 'the mark +', 'the mark ?', 'brevity')
  has('one\ntwo', 'several lines')
  assert.deepEqual(readText('rivers run deep'), readText('rivers run deep'.normalize('NFD')))
  has('Do RIVERS run deep', 'the word "rivers"')
  has('A B C D E F', 'many capitals')
})

test('scripts without spaces are read by the character, others by the word', () => {
  has('这个程序', 'the word "这"', 'the word "程"')
  has('파일을 열 때', 'the word "파일을"')
  has('ما هو الفرق؟', 'the word "الفرق"', 'the mark ؟')
  has('क्या अंतर है', 'the word "क्या"')
})

test('any text can be read, and never without bound', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      for (const feature of readText(text)) assert.ok(feature.length <= 40, feature)
    }),
  )
  assert.ok(readText('x'.repeat(1e6)).size < 10)
  assert.ok(readText(Array.from({ length: 1e5 }, (_, i) => `w${i}`).join(' ')).size < 3000)
  assert.equal([...readText('')].every(isOfShape), true)
})
