import type { Random } from '../../src/lab/random.ts'
import { reworded } from '../../src/lab/text/paraphrase.ts'
import type { Job } from './harvest.ts'

/** What is asked for in other words; what stands before it in the conversation stays. */
export function paraphrased({ turns, ...rest }: Job, random: Random): Job {
  const last = turns.length - 1
  return {
    ...rest,
    turns: turns.map((turn, i) =>
      i === last && turn.role === 'user' ? { ...turn, text: reworded(random, turn.text) } : turn,
    ),
  }
}
