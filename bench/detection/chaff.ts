import type { RecordedTurn } from '../../src/core/recorded.ts'
import type { Random } from '../../src/lab/random.ts'
import type { Conversation, Data } from './data.ts'
import { modelAnswers } from './answers.ts'
import { conversationSteps, conversations, people, utteranceSteps } from './people.ts'
import { shuffled } from '../../src/lab/chance.ts'
import { recombination } from './recombine.ts'
import type { Step } from './script.ts'
import { inTongue, type Tongue } from './text/tongue.ts'

/** Ordinary traffic for mixing attackers: each piece is handed out once in a run, whoever asks. */
export interface Chaff {
  /** `count` or more pieces for one account; a conversation stays in one account. */
  readonly take: (count: number) => (random: Random) => Iterator<Step>
}

export function createChaff(data: Data, random: Random): Chaff {
  const answers = modelAnswers(data)
  const isNew = novelty()
  const talks = shuffled(random, conversations(data, 'chaff')).filter(unrepeated(isNew))
  const utterances = shuffled(random, people(data, 'chaff'))
    .flatMap(({ said }) => said)
    .filter(isNew)
  const longer = recombination(utterances)
  let talk = 0
  let next = 0
  let made = 0
  const nextUtterance = (): string => {
    if (next < utterances.length) return utterances[next++]!
    for (;;) {
      const text = longer(made++)
      if (isNew(text)) return text
    }
  }
  return {
    take: (count) => {
      // A conversation or two for whoever comes first, then what one person or a few wrote.
      const own = count >= 10 ? talks.slice(talk, talk + 2) : []
      talk += own.length
      const said = Array.from({ length: count }, nextUtterance)
      return function* (inner) {
        for (const one of own) yield* conversationSteps(one)
        yield* utteranceSteps(inner, said, answers)
      }
    },
  }
}

/** Of a conversation nothing can be left out. */
const unrepeated =
  (isNew: (text: string) => boolean) =>
  ({ turns }: Conversation): boolean =>
    turns.filter(({ role }) => role === 'user').every(({ text }) => isNew(text))

/** What is longer than a `yes` or `thanks` comes once; those come as often as people say them. */
function novelty(): (text: string) => boolean {
  const seen = new Set<string>()
  return (text) => {
    if (text.length < TINY) return true
    const before = seen.size
    return seen.add(text).size > before
  }
}

const TINY = 25

/** The same in another language. */
export const abroad = (tongue: Tongue, chaff: Chaff): Chaff => ({
  take: (count) => {
    const pieces = chaff.take(count)
    return function* (random) {
      for (const step of stepsOf(pieces(random))) yield { ...step, turns: turnsIn(tongue, step.turns) }
    }
  },
})

export const turnsIn = (tongue: Tongue, turns: readonly RecordedTurn[]): readonly RecordedTurn[] =>
  turns.map((turn) => ({ ...turn, text: inTongue(tongue, turn.text) }))

/** Chaff that comes again: every account takes its pieces from the same pool, in an order of its own. */
export function recycled(chaff: Chaff, pool: number): Chaff {
  const pieces = chaff.take(pool)
  let taken = 0
  return {
    take: (count) => {
      const from = taken
      taken += count
      return function* (random) {
        const all = [...stepsOf(pieces(random.fork('pool')))]
        for (let i = 0; i < count; i++) yield all[(from + i * 7) % all.length]!
      }
    },
  }
}

function* stepsOf(steps: Iterator<Step>): Generator<Step> {
  for (let step = steps.next(); step.done !== true; step = steps.next()) yield step.value
}
