import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRandom } from '../random.ts'
import { everyday, everydayEnglish } from './everyday.ts'
import { personSteps } from './language.ts'

const many = (side: 'honest' | 'thief', count: number): string[] => {
  const random = createRandom(`${side} says`)
  const say = everyday(side)
  return Array.from({ length: count }, () => say(random))
}

test('of two thousand everyday questions hardly two are alike', () => {
  for (const side of ['honest', 'thief'] as const) {
    const texts = many(side, 2000)
    assert.ok(new Set(texts).size > 1900, `${side}: ${new Set(texts).size}`)
  }
})

test('no frame of three words that the honest often use is often used by thieves', () => {
  const frames = (side: 'honest' | 'thief'): Map<string, number> => {
    const counts = new Map<string, number>()
    for (const text of many(side, 4000)) {
      const words = text.split(' ')
      for (let i = 0; i + 4 <= words.length; i++) {
        const frame = words.slice(i, i + 4).join(' ')
        counts.set(frame, (counts.get(frame) ?? 0) + 1)
      }
    }
    return counts
  }
  const thieves = frames('thief')
  const shared = [...frames('honest')].filter(([frame, count]) => count >= 20 && (thieves.get(frame) ?? 0) >= 20)
  assert.deepEqual(shared, [])
})

test('what people say has the marks of people: small starts, tiny turns, questions that go on', () => {
  const random = createRandom('people')
  const said = Array.from({ length: 40 }, (_, i) => {
    const steps = personSteps(random.fork(`${i}`), everydayEnglish('honest'), () => 'yes')
    return Array.from({ length: 25 }, () => steps.next().value!.turns.at(-1)!.text)
  }).flat()
  const part = (is: (text: string) => boolean): number => said.filter(is).length / said.length
  assert.ok(part((text) => /^\p{Ll}/u.test(text)) > 0.5)
  assert.ok(part((text) => text.length < 15) > 0.08)
  assert.ok(part((text) => text.length > 80) > 0.08)
})
