import type { Random } from '../../../src/lab/random.ts'
import type { Data } from '../data.ts'
import { templatesOf } from '../harvest.ts'
import { modelAnswers } from '../answers.ts'
import type { Phrase } from '../../../src/lab/text/phrase.ts'

/** Real prose for the slots of templates, some sentences in a row: for harvests from the sweep's data sets. */
export const harvestDocuments = (data: Data): Documents =>
  documentsOf([...templatesOf(data, 'sweep').values()].flatMap((texts) => texts.slice(0, 40)))

/** For honest accounts, from answers of a model. */
export const honestDocuments = (data: Data): Documents => documentsOf(modelAnswers(data))

export interface Documents {
  readonly sentence: Phrase
  /** Two to six sentences. */
  readonly passage: Phrase
}

function documentsOf(texts: readonly string[]): Documents {
  const all = texts
    .map((text) => text.split(/(?<=[.!?])\s+/).filter(({ length }) => length >= 30 && length <= 300))
    .filter(({ length }) => length >= 2)
  return {
    sentence: (random) => random.pick(random.pick(all)),
    passage: (random) => some(random, random.pick(all)),
  }
}

function some(random: Random, sentences: readonly string[]): string {
  const count = Math.min(sentences.length, 2 + random.below(5))
  const from = random.below(sentences.length - count + 1)
  return sentences.slice(from, from + count).join(' ')
}
