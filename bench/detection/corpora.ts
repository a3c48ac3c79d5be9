import type { Data } from './data.ts'
import { type Corpus, corpusOf, templatesOf } from './harvest.ts'

export const corpusNames = ['gsm8k', 't0 sweep', 'self-instruct'] as const
export type CorpusName = (typeof corpusNames)[number]

const corpora: Readonly<Record<CorpusName, (data: Data) => Corpus>> = {
  gsm8k: (data) => corpusOf('gsm8k', false, data.gsm8k()),
  't0 sweep': (data) => corpusOf('t0 sweep', true, [...templatesOf(data, 'sweep').values()].flat()),
  'self-instruct': (data) => corpusOf('self-instruct', false, data.seeds()),
}

export const openCorpus = (data: Data, name: CorpusName): Corpus => corpora[name](data)
