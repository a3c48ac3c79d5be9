import type { Random } from '../random.ts'
import { chance, geometric, shuffled } from '../chance.ts'
import type { RecordedTurn } from '../../core/recorded.ts'
import { type Phrase, phrases, type Words } from './phrase.ts'

/** What people write to a model in one language, and what a maker of training data writes in it. */
export interface Language {
  readonly name: string
  readonly words: Words
  /** How people ask, with the reason or the mess around it. */
  readonly asks: readonly string[]
  /** What they say next: it, this, the other one. */
  readonly follows: readonly string[]
  readonly tiny: readonly string[]
  /** Whole and polished instructions. */
  readonly orders: readonly string[]
  /** What may stand before and after an instruction. */
  readonly heads: readonly string[]
  readonly tails: readonly string[]
}

export interface Speaker {
  readonly ask: Phrase
  readonly follow: Phrase
  readonly tiny: Phrase
  readonly order: Phrase
}

export function speakerOf({ words, asks, follows, tiny, orders, heads, tails }: Language): Speaker {
  const head = phrases(heads, words)
  const order = phrases(orders, words)
  const tail = phrases(tails, words)
  return {
    ask: phrases(asks, words),
    follow: phrases(follows, words),
    tiny: phrases(tiny, words),
    order: (random) => {
      let text = order(random)
      if (chance(random, 0.4)) text = `${head(random)} ${text}`
      while (chance(random, 0.45)) text += ` ${tail(random)}`
      return text
    },
  }
}

/** What a person sends: the talk so far, with what is said now at its end. */
export interface PersonStep {
  readonly turns: readonly RecordedTurn[]
  readonly harvest: false
}

/** One person's talks: a question or two, then some words to get it right; typos, repeats and habits of their own. */
export function* personSteps(random: Random, language: Language, answers: Phrase): Generator<PersonStep> {
  // Nobody asks in all the ways there are, or two people would have more in common than two people have.
  const speaker = speakerOf({
    ...language,
    asks: shuffled(random, language.asks).slice(0, 3),
    follows: shuffled(random, language.follows).slice(0, 4),
  })
  const habit = {
    lower: chance(random, 0.4),
    open: chance(random, 0.5),
    typos: random.next() ** 2 * 0.5,
    lost: random.next() * 0.15,
    long: random.next() ** 2,
    turns: 1.5 + 4 * random.next(),
  }
  for (;;) {
    let turns: PersonStep['turns'] = []
    let said = ''
    for (let left = geometric(random, habit.turns), first = true; left > 0; left--, first = false) {
      const fresh = first ? opening(random, speaker, habit.long) : next(random, speaker, said)
      said = fresh === said ? said : worn(random, fresh, habit)
      turns = [...turns.slice(-12), { role: 'user', text: said }]
      yield { turns, harvest: false }
      turns = [...turns, { role: 'assistant', text: answers(random) }]
    }
  }
}

function opening(random: Random, { ask, follow }: Speaker, long: number): string {
  let text = ask(random)
  while (chance(random, long * 0.6)) text += ` ${chance(random, 0.6) ? ask(random) : follow(random)}`
  return text
}

function next(random: Random, { ask, follow, tiny }: Speaker, said: string): string {
  const draw = random.next()
  if (draw < 0.04) return said
  if (draw < 0.3) return tiny(random)
  if (draw < 0.75) return follow(random)
  return `${follow(random)} ${ask(random)}`
}

interface Habit {
  readonly lower: boolean
  readonly open: boolean
  readonly typos: number
  /** Of the words of a longer turn, how many the person leaves out or says elsewhere. */
  readonly lost: number
}

function worn(random: Random, text: string, { lower, open, typos, lost }: Habit): string {
  let out = lower ? text.toLowerCase() : text
  const spaced = out.includes(' ')
  const parts = out.split(spaced ? ' ' : '')
  if (parts.length > 4) {
    const kept = parts.filter(() => !chance(random, lost))
    if (chance(random, lost)) kept.unshift(kept.splice(random.below(kept.length), 1)[0]!)
    if (kept.length > 2) out = kept.join(spaced ? ' ' : '')
  }
  if (open) out = out.replace(/[.。!?？]$/u, '')
  if (chance(random, typos)) out = slip(random, out)
  return out
}

/** Two letters in the wrong order, or one lost. */
function slip(random: Random, text: string): string {
  const at = random.below(Math.max(1, text.length - 2))
  return chance(random, 0.5)
    ? text.slice(0, at) + text.slice(at + 1)
    : text.slice(0, at) + (text[at + 1] ?? '') + (text[at] ?? '') + text.slice(at + 2)
}
