import type { SecretFunction } from './secret-function.ts'
import { createRandom, type Random } from './random.ts'
import { tokenize } from './demo-request.ts'

/**
 * What the demo model says: templates, filled by chance from the prompt and a seed. Where it is asked to judge a text it
 * answers with the private labelling function, which is what there is to steal here.
 */
export function demoTokens(
  secret: SecretFunction,
  seed: string,
  prompt: string,
  choice: number,
  tokens: number,
): string[] {
  const random = createRandom(`${seed}/${prompt}/${choice}`)
  const words: string[] = []
  for (const sentence of sentences(secret, prompt, random)) {
    words.push(...tokenize(words.length === 0 ? sentence : ` ${sentence}`))
    if (words.length >= tokens) break
  }
  return words.slice(0, tokens)
}

const ASKS_FOR_LABEL = /classif|label|categor|tone|intent|sort this|einordn|clasific|分类|分類/i
const ASKS_WHO = /(who|what) are you|wer bist du|qui es-tu/i

function* sentences(secret: SecretFunction, prompt: string, random: Random): Generator<string> {
  if (ASKS_WHO.test(prompt)) {
    yield "I am Weir's built-in demo model: templates and a small private labelling function, not a language model."
    yield 'I am here so that a gateway has something to guard and a test has something to count.'
  } else if (ASKS_FOR_LABEL.test(prompt)) {
    yield* judgement(secret, subjectOf(prompt), random)
  }
  const topic = topicOf(prompt)
  yield random.pick(openings).replace('{}', topic)
  for (;;) yield random.pick(middles).replaceAll('{}', topic)
}

function* judgement(secret: SecretFunction, text: string, random: Random): Generator<string> {
  const { category, confidence, evidence } = secret.label(text)
  yield `Label: ${category}.`
  yield `${random.pick(['I am', 'That makes me', 'I would say I am'])} ${Math.round(confidence * 100)} percent sure.`
  const reasons = evidence.map((feature) => `"${feature}"`)
  if (reasons.length > 0)
    yield `${random.pick(['What speaks for it is', 'The strongest sign is', 'I go by'])} ${reasons.join(', then ')}.`
}

/** What stands behind the last colon or in quotes is the text to judge; else the whole prompt. */
function subjectOf(prompt: string): string {
  const quoted = /["“«]([^"”»]{3,})["”»]/.exec(prompt)?.[1]
  if (quoted !== undefined) return quoted
  const colon = prompt.indexOf(':')
  return colon >= 0 && prompt.length - colon > 4 ? prompt.slice(colon + 1).trim() : prompt
}

/** The longest word of a prompt is as good a guess as any. */
function topicOf(prompt: string): string {
  const words = (prompt.match(/\p{L}{4,}/gu) ?? []).toSorted((a, b) => b.length - a.length)
  return (words[0] ?? 'this').toLowerCase()
}

const openings = [
  'There is more to {} than one answer can hold, so here is the part that matters most.',
  'Let us start with {} as most people meet it.',
  'A good way into {} is to ask what would be missing without it.',
  'Short answer first: {} rewards patience. Now the longer one.',
]

const middles = [
  'Whoever works with {} for a while learns to look at the edges before the middle.',
  'A common mistake is to treat {} as a single thing, when it is several that happen to share a name.',
  'For example, two people can describe {} in the same words and mean nearly opposite things.',
  'It helps to write down what you expect of {} before you look closer.',
  'In practice {} changes slowly, and then all at once.',
  'If you want to go further, compare {} with something that seems to have nothing to do with it.',
  'The details of {} differ from place to place, but the shape stays the same.',
  'None of this is settled, which is what makes {} worth the time.',
]
