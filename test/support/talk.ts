import { nothingRecorded, type RecordedExchange } from '../../src/core/recorded.ts'
import { createRandom, type Random } from '../../src/lab/random.ts'

/** People who chat, and a work list dealt out to accounts that chat as well: made up, small, and the same every time. */
const nouns =
  'river lamp garden engine violin kettle border harvest signal blanket mirror market bridge candle saddle anchor ladder pencil window desert'.split(
    ' ',
  )
const verbs =
  'broke moved keeps makes needs turned holds stops opened lost shows eats cleans paints finds sold fixes'.split(' ')
const joins = 'the a my this of in on to for with and but so if when it is was are can do not you we'.split(' ')

/** Everybody has a length, marks and small words of their own. */
function person(random: Random): (i: number) => string {
  const usual = 3 + random.next() * 14
  const marks = random.pick(['', '', '.', '?', '...', '!'])
  const starts = random.next() < 0.3
  return (i) => {
    if (i % 4 === 0) return random.pick(['ok', 'thanks', 'and the other one?', 'why', 'again please', 'no, the first'])
    const words = Array.from({ length: 2 + Math.floor(usual * (0.3 + random.next() * 2)) }, () =>
      random.next() < 0.5 ? random.pick(joins) : random.pick(random.next() < 0.5 ? nouns : verbs),
    )
    const text = words.join(' ') + (random.next() < 0.6 ? marks : '')
    return starts ? text.charAt(0).toUpperCase() + text.slice(1) : text
  }
}

/** What fills a slot: of several words, and another one each time. */
const thing = (random: Random, n: number): string =>
  `${random.pick(verbs)}${letters(n)} ${random.pick(nouns)}${letters(n * 7)} ${random.pick(nouns)}${letters(n * 13)}`
const letters = (n: number): string =>
  Array.from(n.toString(26), (digit) => String.fromCharCode(97 + Number.parseInt(digit, 26))).join('')

const frames: readonly ((a: string, b: string, c: string) => string)[] = [
  (a, b, c) =>
    `You are given a product note about the ${a} and the ${b}. Decide whether the writer liked the ${c}, and answer with one word only.\nNote: the ${a} ${c} was near the ${b}.\nAnswer:`,
  (a, b, c) =>
    `Write a formal letter to the maker of the ${a} in which a ${b} is returned because its ${c} came apart. Close with a question about the refund.\nLetter:`,
  (a, b, c) =>
    `Extract every object from the sentence below as a list in the order in which they stand there.\nSentence: A ${a} stood between the ${b} and a ${c} all night.\nObjects:`,
  (a, b, c) =>
    `Is the second statement true if the first one is? Explain in two sentences and then say yes or no.\nFirst: each ${a} holds a ${b}.\nSecond: some ${c} holds a ${b}.\nVerdict:`,
]

export interface Talk {
  readonly exchange: RecordedExchange
  readonly harvest: boolean
}

export interface TalkPlan {
  readonly people: number
  readonly fleet: number
  /** Exchanges of each account. */
  readonly each: number
  /** Part of a fleet account's exchanges that is harvest. */
  readonly share: number
  readonly seed?: string
}

/** In the order of time, one minute apart. */
export function talk({ people, fleet, each, share, seed = 'talk' }: TalkPlan): readonly Talk[] {
  const random = createRandom(seed)
  const accounts = Array.from({ length: people + fleet }, (_, i) => {
    const own = random.fork(`${i}`)
    return { key: i < people ? `p${i}` : `f${i - people}`, inFleet: i >= people, own, says: person(own) }
  })
  const out: Talk[] = []
  let item = 0
  for (let turn = 0; turn < each; turn++) {
    for (const { key, inFleet, own, says } of accounts) {
      const harvest = inFleet && own.next() < share
      const n = item++
      const text = harvest
        ? frames[n % frames.length]!(thing(random, n), thing(random, n + 1), thing(random, n + 2))
        : says(turn)
      out.push({
        harvest,
        exchange: recorded({ key, timeMs: START_MS + out.length * 60_000, turns: [{ role: 'user', text }] }),
      })
    }
  }
  return out
}

export const START_MS: number = Date.UTC(2026, 2, 2)

/** An exchange of which no more is known than what is given. */
export const recorded = (given: Partial<RecordedExchange>): RecordedExchange => ({
  ...nothingRecorded,
  timeMs: START_MS,
  key: 'k',
  ...given,
})
