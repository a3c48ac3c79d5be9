import { mix32, type Random } from '../../src/lab/random.ts'

// More text than is on record, from what is.

/** The same sum with other numbers: a harvest of one text many times over would repeat itself, and this one does not. */
export const renumbered = (random: Random, text: string): string =>
  text.replaceAll(/\d+/g, (digits) => `${1 + random.below(Math.max(9, 3 * Number(digits.slice(0, 6))))}`)

/** The beginning of one text of a template and the end of another: its frame stands, its content is new. */
export function respliced(random: Random, texts: readonly string[]): string {
  const one = random.pick(texts)
  const other = random.pick(texts)
  return one.slice(0, middle(one)) + other.slice(middle(other))
}

/**
 * Pieces of ordinary talk beyond what people wrote: the beginning of one utterance and the end of another, each pair at
 * most once. Forms and words are those of people, but what is said makes less sense than in life.
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
  return at === -1 ? Math.max(0, text.lastIndexOf(' ')) : at
}
