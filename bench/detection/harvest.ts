import type { RecordedTurn } from '../../src/core/recorded.ts'
import type { Random } from '../../src/lab/random.ts'
import type { Data } from './data.ts'

/** Prompts of one harvest, by their number in its work queue: no two of them equal. */
export interface Corpus {
  readonly name: string
  readonly size: number
  readonly prompt: (index: number) => Job
}

export interface Job {
  readonly turns: readonly RecordedTurn[]
  readonly system?: string
}

/** The data sets behind the templates go in turn to sweeps and to honest batches, so that neither shares the other's. */
export type TemplateSide = 'sweep' | 'batch'

export function templatesOf(data: Data, side: TemplateSide): ReadonlyMap<string, readonly string[]> {
  const own = data.templates().filter(({ template }) => sideOfTemplate(template) === side)
  return new Map(
    [...Map.groupBy(own, ({ template }) => template)].map(([name, rows]) => [
      name,
      [...new Set(rows.map(({ text }) => text))],
    ]),
  )
}

const sources = [
  'amazon_polarity',
  'app_reviews',
  'cnn_dailymail',
  'common_gen',
  'commonsense_qa',
  'dbpedia_14',
  'dream',
  'gigaword',
  'kilt_tasks',
  'ropes',
  'sciq',
  'wiki_bio',
  'wiki_hop',
  'wiki_qa',
  'wiqa',
  'xsum',
] as const

function sideOfTemplate(template: string): TemplateSide {
  const at = sources.findIndex((source) => template.startsWith(source))
  if (at === -1) throw new Error(`the template ${template} is of no known source`)
  return at % 2 === 0 ? 'sweep' : 'batch'
}

/** Every step of a permutation of [0, n) without a table of it: a stride that shares no factor with n. */
export function permutation(random: Random, n: number): (index: number) => number {
  const start = random.below(n)
  let stride = n < 3 ? 1 : 1 + random.below(n - 1)
  while (gcd(stride, n) !== 1) stride++
  return (index) => (start + index * stride) % n
}

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b))
