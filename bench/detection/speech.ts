import type { Random } from '../../src/lab/random.ts'
import type { Data } from './data.ts'
import { people, type Side } from './people.ts'
import { chance, normal } from '../../src/lab/chance.ts'

/**
 * More talk than is on record, whose beginnings and endings come back about as often as people's do: a model of words that
 * follow two words, or else one, or else any. How often it falls back is after Witten and Bell (1991): the more different
 * words have followed so far, the likelier is a new one. So what was said once is not said a hundred times, which is what
 * pieces of real text put together anew would do.
 *
 * An account has the lengths, the tiny turns and the favourite words of two people on record. Tiny turns stay as they are,
 * since people do repeat those.
 */
export interface Speech {
  /** The talk of a newcomer. */
  readonly begin: (random: Random) => () => string
}

/** Whoever wrote less has no habits. */
const LEAST_SAID = 20
/** Below so many characters a turn is said as it stands. */
const TINY_CHARS = 12
/** Share of words that come from the account's own two people, where they have used the last word. */
const OWN = 0.5
/** Words that are used less are known by their outlines alone. */
const COMMON = 20
/** People whom an account speaks to by name. */
const FRIENDS = 6
/** Standard deviation of ln length around that of something said: two of one length to the letter are no habit. */
const VARIED = 0.3
const TRIES = 6
const SPREAD = 1.25
const TOO_LONG = 2
/** Between utterances. */
const EDGE = 0

interface Style {
  /** Utterances as they stand. */
  readonly said: readonly string[]
  /** For each word, where this person has used it. */
  readonly places: ReadonlyMap<number, readonly number[]>
}

export function createSpeech(data: Data, side: Side): Speech {
  const talkers = people(data, side).filter(({ said }) => said.length >= LEAST_SAID)
  const lines = talkers.map(({ said }) => said.map(wordsOf))
  const common = commonWords(lines.flat(2))
  // Each word of all utterances in a row, by number, and what it is as a context.
  const words: string[] = ['']
  const text: number[] = [EDGE]
  const classes: number[] = [EDGE]
  const numbers = new Map<string, number>()
  const kinds = new Map<string, number>()
  const styles = talkers.map(({ said }, who): Style => {
    const places = new Map<number, number[]>()
    for (const line of lines[who]!) {
      for (const word of line) {
        note(places, classes.at(-1)!, text.length)
        text.push(numberOf(numbers, word, words))
        classes.push(numberOf(kinds, common.has(word) ? word : outlineOf(word)) + 1)
      }
      note(places, classes.at(-1)!, text.length)
      text.push(EDGE)
      classes.push(EDGE)
    }
    return { said, places }
  })
  const all = kinds.size + 1
  const addressed = lines.flat().flatMap(([first]) => (first !== undefined && isAddress(first, common) ? [first] : []))
  const pairs = new Followers(text, classes, (before, last) => before * all + last)
  const singles = new Followers(text, classes, (_, last) => last)

  return {
    begin: (random) => {
      const two = [random.pick(styles), random.pick(styles)]
      const friends = Array.from({ length: FRIENDS }, () => renamed(random, random.pick(addressed)))
      return () => {
        const { said } = random.pick(two)
        const like = random.pick(said)
        return like.length < TINY_CHARS
          ? like
          : utterance(random, two, friends, like.length * Math.exp(VARIED * normal(random)))
      }
    },
  }

  /** Of a few that come to their own ends, the first that is about as long as wanted, or else the last. */
  function utterance(random: Random, two: readonly Style[], friends: readonly string[], length: number): string {
    for (let tries = 1; ; tries++) {
      const out = saying(random, two, friends, length)
      if (tries === TRIES || (out.length >= length / SPREAD && out.length <= length * SPREAD)) return out
    }
  }

  function saying(random: Random, two: readonly Style[], friends: readonly string[], length: number): string {
    let out = ''
    let before = EDGE
    let last = EDGE
    while (out.length < length * TOO_LONG) {
      const place = following(random, random.pick(two), before, last)
      if (text[place] !== EDGE) {
        const word = words[text[place]!]!
        out += out !== '' ? ` ${word}` : isAddress(word, common) ? random.pick(friends) : word
        before = last
        last = classes[place]!
      } else if (out.length * SPREAD < length) {
        // Whoever has more to say begins another sentence.
        before = EDGE
        last = EDGE
      } else break
    }
    return out
  }

  /** A place of the text whose word may come next. */
  function following(random: Random, { places }: Style, before: number, last: number): number {
    if (chance(random, OWN)) {
      const own = places.get(last)
      if (own !== undefined) return random.pick(own)
    }
    const place = pairs.draw(random, before * all + last) ?? singles.draw(random, last)
    if (place !== null) return place
    for (;;) {
      const any = random.below(text.length)
      if (text[any] !== EDGE) return any
    }
  }
}

/** Whom an utterance speaks to. */
const isAddress = (word: string, common: ReadonlySet<string>): boolean => /[:,]$/.test(word) && !common.has(word)

/** A name of the same outline: in a large population people do not all know the same few. */
const renamed = (random: Random, name: string): string =>
  name.replaceAll(/[a-z]/g, () => String.fromCharCode(97 + random.below(26)))

const wordsOf = (text: string): readonly string[] => text.match(/\n|[^\s]+/g) ?? []

function commonWords(words: readonly string[]): ReadonlySet<string> {
  const counts = new Map<string, number>()
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1)
  return new Set([...counts].filter(([, count]) => count >= COMMON).map(([word]) => word))
}

/** What a rarer word looks like. */
const outlineOf = (word: string): string =>
  `${/:\/\//.test(word) ? 'url' : /^\p{Lu}/u.test(word) ? 'Word' : /\d/.test(word) ? '0' : 'word'} ${/[^\p{L}\d]$/u.exec(word)?.[0] ?? ''}`

function numberOf(numbers: Map<string, number>, name: string, names?: string[]): number {
  let number = numbers.get(name)
  if (number === undefined) {
    number = names?.length ?? numbers.size
    numbers.set(name, number)
    names?.push(name)
  }
  return number
}

function note(places: Map<number, number[]>, context: number, at: number): void {
  const known = places.get(context)
  if (known === undefined) places.set(context, [at])
  else known.push(at)
}

/** Where each context occurs, in one array sorted by context. */
class Followers {
  readonly #places: Uint32Array
  /** For each context where it begins, how often it occurs, and how many different words follow. */
  readonly #spans = new Map<number, { readonly from: number; count: number; different: number }>()

  constructor(
    text: readonly number[],
    classes: readonly number[],
    contextOf: (before: number, last: number) => number,
  ) {
    // What begins an utterance has the edge before it, twice.
    const contexts = Float64Array.from(classes, (_, at) =>
      at === 0 ? -1 : contextOf(classes[at - 1] === EDGE ? EDGE : classes[at - 2]!, classes[at - 1]!),
    )
    this.#places = Uint32Array.from(text.keys())
      .subarray(1)
      .sort((a, b) => contexts[a]! - contexts[b]! || text[a]! - text[b]!)
    let span = { from: 0, count: 0, different: 0 }
    for (const [i, place] of this.#places.entries()) {
      const before = i === 0 ? 0 : this.#places[i - 1]!
      if (contexts[before] !== contexts[place])
        this.#spans.set(contexts[place]!, (span = { from: i, count: 0, different: 0 }))
      if (span.count === 0 || text[before] !== text[place]) span.different++
      span.count++
    }
  }

  /** A place where this context occurs; null: something that never followed it. */
  draw(random: Random, context: number): number | null {
    const span = this.#spans.get(context)
    if (span === undefined) return null
    const { from, count, different } = span
    if (chance(random, different / (count + different))) return null
    return this.#places[from + random.below(count)]!
  }
}
