import { chance } from '../chance.ts'
import type { Random } from '../random.ts'
import { everyday } from './everyday.ts'
import { speakerOf } from './language.ts'
import { english } from './languages/english.ts'
import { reworded } from './paraphrase.ts'
import { phrases, type Phrase } from './phrase.ts'

/** A prompt of a thief: what is sent, and the text in it whose label is wanted. */
export interface Job {
  readonly prompt: string
  readonly sample: string
}

/** Gives a job that no other has had. */
export type Jobs = (random: Random) => Job

const { order } = speakerOf(english)

/** A text to have labelled. The model takes what stands in quotes, so that it must not hold any. */
export const sampleText: Phrase = (random) =>
  (chance(random, 0.7) ? everyday('thief')(random) : order(random)).replaceAll(/["“”«»:]/g, ' ').trim()

const oneFrame = (text: string): string =>
  `You label messages for a training set. Classify the tone of the message and name the words that decide it. Answer with the label first.\n\nMessage: "${text}"`

const rubric = (text: string): string =>
  `### Rubric\n1. Read the input.\n2. Choose the category that fits best.\n3. Give a confidence and the evidence.\n\n### Input\n"${text}"\n\n### Label\n`

const documentFrame = (text: string): string =>
  `Below is a message that a customer has sent. Label it, and say which words speak for the label. Do not answer the message itself.\n"""\n"${text}"\n"""\nLabel:`

/** A dozen wordings by turns, as broad as a curriculum. */
const turns = [
  (t: string) => `What is the tone of "${t}"?`,
  (t: string) => `Label this text and give reasons: "${t}"`,
  (t: string) => `Which category would you put "${t}" in, and how sure are you?`,
  (t: string) => `A user wrote "${t}". What is the intent?`,
  (t: string) => `Classify: "${t}". Name three words that matter.`,
  (t: string) => `If you had to sort this into one of your categories, which one? "${t}"`,
  (t: string) => `Give the label and your confidence for "${t}".`,
  (t: string) => `Explain by which signs you categorize "${t}".`,
  (t: string) => `Tone check: "${t}"`,
  (t: string) => `How would you label "${t}" and what would change your mind?`,
  (t: string) => `"${t}" - what intent does this show? One label, then why.`,
  (t: string) => `Decide on a category for the next line.\n"${t}"`,
] as const

/** As many ways as somebody finds who writes a grammar for it. */
const openings = phrases([
  '{hey|hi|so|ok|hm|}{, |} {my {boss|sister|flatmate|teacher}|a {friend|customer}|someone} {sent|wrote|texted} me',
  '{got|found|read} this {today|in my inbox|on a {forum|wall|fridge}}',
  '{i am|we are} {arguing|wondering|not sure} about',
  '{for a {game|quiz|class|bet}|out of curiosity|help me out}{, |: }take',
  '{here is|this is} {a line|what i got|a note}',
  '{imagine|say|suppose} {a stranger|your neighbour} {says|writes}',
  '{what about|and|next one|now}',
  'i {wrote|want to send|typed}',
])
const closings = phrases([
  '{what|which} {tone|intent|category} {is that|would you say|does it have}{?| to you?}',
  '{how would you|can you|please} {label|classify|categorize} {it|that}{?|, roughly|, and why}',
  '{is there a|your} label for {it|that}{?|, please}',
  '{tone|category|intent|label}?',
  '{guess|tell me|name} the {tone|intent|category}{ and why| and how sure you are|}',
  'i {can never|cannot} {tell|read} the tone{ of such things|}',
  '{sort this|which category}, and {because of which words|what gives it away}?',
])

function manyWays(random: Random, text: string): string {
  const start = openings(random)
  const end = closings(random)
  const quoted = `"${text}"`
  return random.below(4) === 0
    ? `${quoted} ${end}`
    : `${start} ${quoted}${random.pick([', ', '. ', ' - ', '\n'])}${end}`
}

/** How a thief words what it asks, from the laziest to the most careful. */
export const wordingNames = ['one frame', 'rubric', 'documents', 'by turns', 'reworded', 'many ways'] as const
export type Wording = (typeof wordingNames)[number]

const wordings: Readonly<Record<Wording, (random: Random, text: string) => string>> = {
  'one frame': (_, text) => oneFrame(text),
  rubric: (_, text) => rubric(text),
  documents: (_, text) => documentFrame(text),
  'by turns': (random, text) => random.pick(turns)(text),
  reworded: (random, text) => frameReworded(random, text),
  'many ways': manyWays,
}

/** One frame whose words are changed each time, as a cheap model or a script does it; what is in quotes stays. */
function frameReworded(random: Random, text: string): string {
  const frame = random.pick(turns)('\u0000')
  return reworded(random, frame).replace('\u0000', text)
}

export function jobsOf(wording: Wording): Jobs {
  const seen = new Set<string>()
  return (random) => {
    let sample = sampleText(random)
    while (sample.length < 8 || seen.has(sample)) sample = sampleText(random)
    seen.add(sample)
    return { prompt: wordings[wording](random, sample), sample }
  }
}
