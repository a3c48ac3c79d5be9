/** What the secret function sees of a text: a set of named features. The names show up as evidence in answers. */
export function readText(text: string): ReadonlySet<string> {
  const head = text.slice(0, MAX_CHARS).normalize('NFKC')
  const features = new Set<string>()
  let words = 0
  let capitals = 0
  for (const [found] of head.matchAll(parts)) {
    const first = found[0]!
    if (first === '\n') features.add('several lines')
    else if (isMark(found)) features.add(`the mark ${found}`)
    else {
      words++
      if (first !== first.toLowerCase()) capitals++
      if (digit.test(found)) features.add('digits')
      else features.add(`the word "${found.toLowerCase().slice(0, 24)}"`)
    }
  }
  if (words <= 5) features.add('brevity')
  if (words > 40) features.add('length')
  if (words > 120) features.add('great length')
  if (capitals * 5 > words) features.add('many capitals')
  if (words > 0 && head.length / words > 7) features.add('long words')
  return features
}

const MAX_CHARS = 4000
/** Scripts that put no spaces between words count by the character. */
const parts =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]|[\p{L}\p{M}\p{N}]+|[^\s\p{L}\p{M}\p{N}]|\n/gu
const digit = /\p{N}/u
const isMark = (part: string): boolean => !/[\p{L}\p{M}\p{N}]/u.test(part)
