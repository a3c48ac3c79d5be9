import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import * as fc from 'fast-check'
import { createRandom, hash32, type Random } from './random.ts'
import { createSecretFunction } from './secret-function.ts'
import { categories, type Category } from './secret-rules.ts'

test('the same seed labels alike, another seed does not', () => {
  const texts = sentences(createRandom('texts'), 300)
  const [a, again, b] = ['a', 'a', 'b'].map((seed) => createSecretFunction(seed))
  assert.deepEqual(
    texts.map((text) => a!.label(text)),
    texts.map((text) => again!.label(text)),
  )
  const alike = texts.filter((text) => a!.label(text).category === b!.label(text).category).length
  assert.ok(alike < 120, `${alike} of 300 labels are the same`)
})

test('any text gets a category, a confidence and up to three pieces of evidence', () => {
  const secret = createSecretFunction('any')
  const check = (text: string): void => {
    const { category, confidence, evidence } = secret.label(text)
    assert.ok(categories.includes(category))
    assert.ok(confidence > 0 && confidence <= 1, `${confidence}`)
    assert.ok(evidence.length <= 3 && new Set(evidence).size === evidence.length)
  }
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), check))
  for (const text of ['', ' ', '\ud83d', '我有三个鸡蛋。', 'ما هو الفرق؟', 'Что это?', '🙂🙂', 'x'.repeat(1e6)])
    check(text)
})

test('a tiny student agrees far more after 2,000 answers than after 50', () => {
  const secret = createSecretFunction('school')
  const lessons = sentences(createRandom('school'), 2600).map((text) => ({
    features: studentFeatures(text),
    answer: categories.indexOf(secret.label(text).category),
  }))
  const exam = lessons.slice(2000)
  const agreement = (samples: number): number => {
    const guess = study(lessons.slice(0, samples))
    return (exam.filter(({ features, answer }) => guess(features) === answer).length * 100) / exam.length
  }
  const [few, many] = [agreement(50), agreement(2000)]
  assert.ok(many >= few + 25, `${few.toFixed(1)} % after 50, ${many.toFixed(1)} % after 2,000`)
  assert.ok(few < 65 && many > 75, `${few.toFixed(1)} % after 50, ${many.toFixed(1)} % after 2,000`)
})

const data = join(import.meta.dirname, '../../../shared/data')

test('on real prompts no category is above 30 % or below 4 %', (t) => {
  if (!existsSync(data)) return t.skip('shared data not present')
  const texts = globSync(['attack/*.jsonl.gz', 'benign/*.jsonl.gz'], { cwd: data }).flatMap((name) => {
    const lines = gunzipSync(readFileSync(join(data, name)))
      .toString()
      .trimEnd()
      .split('\n')
    const step = Math.max(1, Math.floor(lines.length / 1000))
    return lines.filter((_, i) => i % step === 0).flatMap((line) => promptsOf(basename(name), JSON.parse(line) as Row))
  })
  assert.ok(texts.length > 3000, `${texts.length} prompts`)
  for (const seed of ['weir-demo', 'weir', 'tests']) {
    const secret = createSecretFunction(seed)
    const counts = new Map<Category, number>()
    for (const text of texts) {
      const { category } = secret.label(text)
      counts.set(category, (counts.get(category) ?? 0) + 1)
    }
    for (const category of categories) {
      const share = ((counts.get(category) ?? 0) * 100) / texts.length
      assert.ok(share >= 4 && share <= 30, `${category} has ${share.toFixed(1)} % under seed ${seed}`)
    }
  }
})

interface Row {
  readonly text?: string
  readonly turns?: readonly { readonly r: string; readonly text: string }[]
}

const promptsOf = (name: string, row: Row): string[] =>
  name.startsWith('sharegpt')
    ? (row.turns ?? []).filter(({ r }) => r === 'u').map(({ text }) => text)
    : row.text === undefined
      ? []
      : [row.text]

/** Made-up prompts with the common words in their places. */
function sentences(random: Random, count: number): string[] {
  const lists: Readonly<Record<string, readonly string[]>> = {
    ask: [
      'What is',
      'How do I',
      'Why does',
      'Write',
      'Give me',
      'Can you',
      'Tell me about',
      'Is it',
      'Do',
      'Please make',
    ],
    noun: ['a river', 'the old mill', 'my letter', 'this code', 'two boats', 'an answer', 'his plan', 'all the keys'],
    link: ['for', 'with', 'that was on', 'by', 'as if it were', 'when you have', 'or', 'but not', 'from', 'which has'],
    tail: ['first', 'twice', 'at noon', 'in 3 days', 'if they can', 'there', 'and she knows', 'to be sure', 'for me'],
    end: ['?', '.', '!', '', ':', '?\n\nThanks.'],
  }
  const one = (name: string): string => random.pick(lists[name]!)
  return Array.from({ length: count }, () => {
    const links = Array.from({ length: random.below(3) }, () => ` ${one('link')} ${one('noun')}`)
    return `${one('ask')} ${one('noun')}${links.join('')} ${random.below(2) === 0 ? one('tail') : one('noun')}${one('end')}`
  })
}

const BITS = 14

function studentFeatures(text: string): number[] {
  const lower = text.toLowerCase()
  const found = lower.match(/[a-z0-9]+|[^\s\w]|\n/g) ?? []
  const trigrams = Array.from({ length: Math.max(0, lower.length - 2) }, (_, i) => `#${lower.slice(i, i + 3)}`)
  return [...new Set([...found, ...trigrams].map((feature) => hash32(feature, 99) >>> (32 - BITS)))]
}

interface Lesson {
  readonly features: readonly number[]
  readonly answer: number
}

/** Multinomial logistic regression by stochastic gradient with steps of its own for each weight. */
function study(lessons: readonly Lesson[]): (features: readonly number[]) => number {
  const K = categories.length
  const weights = new Float64Array(K << BITS)
  const squares = new Float64Array(K << BITS).fill(0.01)
  const scores = (features: readonly number[]): number[] =>
    categories.map((_, k) => features.reduce((sum, feature) => sum + weights[feature * K + k]!, 0))
  const order = createRandom('study')
  for (let step = 0; step < lessons.length * 6; step++) {
    const { features, answer } = lessons[order.below(lessons.length)]!
    const raw = scores(features)
    const top = Math.max(...raw)
    const odds = raw.map((score) => Math.exp(score - top))
    const total = odds.reduce((a, b) => a + b, 0)
    for (let k = 0; k < K; k++) {
      const gradient = odds[k]! / total - (k === answer ? 1 : 0)
      for (const feature of features) {
        const at = feature * K + k
        squares[at]! += gradient * gradient
        weights[at]! -= (0.1 * gradient) / Math.sqrt(squares[at]!)
      }
    }
  }
  return (features) => {
    const found = scores(features)
    return found.indexOf(Math.max(...found))
  }
}
