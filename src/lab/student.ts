import { createRandom, hash32, type Random } from './random.ts'
import { categories, type Category } from './secret-rules.ts'
import { createSecretFunction } from './secret-function.ts'
import { sampleText } from './text/harvests.ts'

/** What a thief has: a text, and the label that came back for it. */
export interface Lesson {
  readonly text: string
  readonly label: string
}

/** A label for a text, by somebody who has only seen others labelled. */
export type Student = (text: string) => Category

const K = categories.length
const BITS = 15
const EPOCHS = 6
const RATE = 0.1

/**
 * Multinomial logistic regression over words, marks and character trigrams, by stochastic gradient with steps of their own
 * for each weight. It trains on what it was given and cannot tell a true label from another.
 */
export function study(lessons: readonly Lesson[], seed: string): Student {
  const known = lessons.flatMap(({ text, label }) => {
    const answer = (categories as readonly string[]).indexOf(label)
    return answer < 0 ? [] : [{ features: featuresOf(text), answer }]
  })
  const weights = new Float64Array(K << BITS)
  const squares = new Float64Array(K << BITS).fill(0.01)
  const random = createRandom(seed)
  for (let step = 0; step < known.length * EPOCHS; step++) {
    const { features, answer } = random.pick(known)
    const odds = oddsOf(weights, features)
    for (let k = 0; k < K; k++) {
      const gradient = odds[k]! - (k === answer ? 1 : 0)
      for (const feature of features) {
        const at = feature * K + k
        squares[at]! += gradient * gradient
        weights[at]! -= (RATE * gradient) / Math.sqrt(squares[at]!)
      }
    }
  }
  return (text) => {
    const odds = oddsOf(weights, featuresOf(text))
    return categories[odds.indexOf(Math.max(...odds))]!
  }
}

function oddsOf(weights: Float64Array, features: readonly number[]): number[] {
  const scores = Array.from({ length: K }, (_, k) =>
    features.reduce((sum, feature) => sum + weights[feature * K + k]!, 0),
  )
  const top = Math.max(...scores)
  const odds = scores.map((score) => Math.exp(score - top))
  const total = odds.reduce((a, b) => a + b, 0)
  return odds.map((odd) => odd / total)
}

function featuresOf(text: string): number[] {
  const lower = text.toLowerCase()
  const found = lower.match(/[\p{L}\p{N}]+|[^\s\p{L}\p{N}]|\n/gu) ?? []
  const trigrams = Array.from({ length: Math.max(0, lower.length - 2) }, (_, i) => `#${lower.slice(i, i + 3)}`)
  return [...new Set([...found, ...trigrams].map((feature) => hash32(feature, 99) >>> (32 - BITS)))]
}

export interface Exam {
  readonly texts: readonly string[]
  readonly answers: readonly Category[]
  /** Part that is right by always giving the commonest answer: what a student has without any lesson. */
  readonly chance: number
}

/** Texts that nobody was taught, of the kind that a thief asks about. */
export function examOf(modelSeed: string, size: number, random: Random, taught: ReadonlySet<string>): Exam {
  const secret = createSecretFunction(modelSeed)
  const texts = new Set<string>()
  while (texts.size < size) {
    const text = sampleText(random)
    if (text.length >= 8 && !taught.has(text)) texts.add(text)
  }
  const answers = [...texts].map((text) => secret.label(text).category)
  const counts = Map.groupBy(answers, (answer) => answer)
  return { texts: [...texts], answers, chance: Math.max(...[...counts.values()].map(({ length }) => length)) / size }
}

export const agreement = (student: Student, { texts, answers }: Exam): number =>
  texts.filter((text, i) => student(text) === answers[i]).length / texts.length
