import { categories, cueFor, drawRules, greatest, weigh, type Category, type Rules } from './secret-rules.ts'
import { readText } from './text-features.ts'

/**
 * The thing worth stealing: a labelling of texts by rules of its own, drawn from a seed and told to nobody. Whoever asks
 * often enough can train a copy that agrees with it, so that what an account has carried away becomes a number. It
 * claims nothing about language: a category means only what the seed made of it.
 *
 * Common features are cues, and mostly one cue decides: a simple student has the few heavy ones after hundreds of
 * answers, the many light ones after thousands, and the exceptions hardly ever.
 */
export interface SecretFunction {
  label(text: string): Labelling
}

export interface Labelling {
  readonly category: Category
  /** In (0, 1]: the winner's share of everything that was found. */
  readonly confidence: number
  /** What spoke for the category, strongest first; up to three. */
  readonly evidence: readonly string[]
}

export function createSecretFunction(seed: string | number): SecretFunction {
  // Drawing takes a while, and most of those who might ask never do.
  let drawn: Rules | null = null
  return {
    label: (text) => {
      const rules = (drawn ??= drawRules(seed))
      const features = readText(text)
      const sums = weigh(rules, features)
      const winner = greatest(sums)
      const exception = rules.exceptions.find(
        (e) => e.from === winner && features.has(e.first) && features.has(e.second),
      )
      if (exception !== undefined)
        return { category: categories[exception.to]!, confidence: 0.5, evidence: [exception.first, exception.second] }
      const evidence = [...features]
        .filter((feature) => cueFor(rules, feature).category === winner)
        .sort((a, b) => cueFor(rules, b).weight - cueFor(rules, a).weight)
        .slice(0, 3)
      const total = sums.reduce((a, b) => a + b, 0)
      return {
        category: categories[winner]!,
        confidence: total > 0 ? sums[winner]! / total : 1 / categories.length,
        evidence,
      }
    },
  }
}
