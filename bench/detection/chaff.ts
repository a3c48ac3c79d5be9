import { mix32, type Random } from '../../src/lab/random.ts'
import type { Data } from './data.ts'
import { conversationSteps, conversations, modelAnswers, nicks, utteranceSteps } from './people.ts'
import { shuffled } from './random.ts'
import type { Step } from './script.ts'

/** Ordinary traffic for mixing attackers: each piece is handed out once in a run, whoever asks. */
export interface Chaff {
  /** `count` or more pieces for one account; a conversation stays in one account. */
  readonly take: (count: number) => (random: Random) => Iterator<Step>
  readonly taken: () => number
}

export function createChaff(data: Data, random: Random): Chaff {
  const answers = modelAnswers(data)
  const talks = shuffled(random, conversations(data, 'chaff'))
  const utterances = shuffled(random, nicks(data, 'chaff')).flat()
  const longer = recombination(utterances)
  let talk = 0
  let next = 0
  return {
    taken: () => next,
    take: (count) => {
      // A conversation or two for whoever comes first, then what one person or a few wrote.
      const own = count >= 10 ? talks.slice(talk, talk + 2) : []
      talk += own.length
      const from = next
      next += count
      return function* (inner) {
        for (const one of own) yield* conversationSteps(one)
        const said = Array.from({ length: count }, (_, i) => utterances[from + i] ?? longer(from + i))
        yield* utteranceSteps(inner, said, answers)
      }
    },
  }
}

/**
 * More pieces than people wrote: the beginning of one utterance and the end of another, each pair at most once. Forms and
 * words are those of people, but what is said makes less sense than in life.
 */
export function recombination(utterances: readonly string[]): (index: number) => string {
  const long = utterances.filter((text) => text.includes(' ', 8))
  const heads = [...new Set(long.map((text) => text.slice(0, middle(text))))]
  const tails = [...new Set(long.map((text) => text.slice(middle(text))))]
  return (index) => {
    const round = Math.floor(index / heads.length)
    const head = index % heads.length
    // Within a round each head comes once; over the rounds its tails differ, so that no pair comes twice.
    return heads[head]! + tails[(mix32(head) + round) % tails.length]!
  }
}

function middle(text: string): number {
  const at = text.indexOf(' ', text.length >> 1)
  return at === -1 ? text.lastIndexOf(' ') : at
}
