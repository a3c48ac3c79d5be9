import type { Random } from '../../src/lab/random.ts'
import type { Data } from './data.ts'
import { type GoalName, goalNames, openGoal, templatedGoals } from './goals.ts'
import { type Corpus, type Job, templatesOf } from './harvest.ts'
import { renumbered, respliced } from './recombine.ts'

export type CorpusName = 'gsm8k' | 't0 sweep' | 'self-instruct' | GoalName
export const corpusNames: readonly CorpusName[] = ['gsm8k', 't0 sweep', 'self-instruct', ...goalNames]

export const isTemplated = (name: CorpusName): boolean =>
  name === 't0 sweep' || (name !== 'gsm8k' && name !== 'self-instruct' && templatedGoals.has(name))

/** `size` prompts, no two of them equal: those on record first, then as many as it takes made from them. */
export function openCorpus(data: Data, name: CorpusName, size: number, random: Random): Corpus {
  const { recorded, made } = sourcesOf(data, name)
  const jobs: Job[] = []
  const seen = new Set<string>()
  const take = (job: Job): void => {
    const text = job.turns.map((turn) => turn.text).join('\n')
    if (seen.has(text)) return
    seen.add(text)
    jobs.push(job)
  }
  for (const text of recorded) take({ turns: [{ role: 'user', text }] })
  for (let tries = 0; jobs.length < size; tries++) {
    if (tries > 50 * size) throw new Error(`${name} has no ${size} different prompts`)
    take(made(random))
  }
  return { name, size: jobs.length, prompt: (index) => jobs[index]! }
}

interface Sources {
  readonly recorded: readonly string[]
  readonly made: (random: Random) => Job
}

function sourcesOf(data: Data, name: CorpusName): Sources {
  const job = (text: string): Job => ({ turns: [{ role: 'user', text }] })
  switch (name) {
    case 'gsm8k':
      return { recorded: data.gsm8k(), made: (random) => job(renumbered(random, random.pick(data.gsm8k()))) }
    case 't0 sweep': {
      const templates = [...templatesOf(data, 'sweep').values()]
      return { recorded: templates.flat(), made: (random) => job(respliced(random, random.pick(templates))) }
    }
    case 'self-instruct':
      return { recorded: data.seeds(), made: openGoal(data, 'instructions') }
    default:
      return { recorded: [], made: openGoal(data, name) }
  }
}
