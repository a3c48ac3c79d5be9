/** What the lab's private labelling sees of a text: named features, in any script. Their names are its evidence. */
export function readText(text: string): ReadonlySet<string> {
  const head = text.slice(0, MAX_CHARS).normalize('NFKC')
  const features = new Set<string>()
  let words = 0
  let capitals = 0
  for (const [part] of head.matchAll(parts)) {
    if (part === '\n') features.add('several lines')
    else if (mark.test(part)) features.add(`the mark ${part}`)
    else {
      words++
      const word = part.toLowerCase()
      if (part.charCodeAt(0) !== word.charCodeAt(0)) capitals++
      features.add(digit.test(word) ? 'digits' : `the word "${word.slice(0, MAX_WORD)}"`)
    }
  }
  if (words <= 5) features.add('brevity')
  if (words > 40) features.add('length')
  if (words > 120) features.add('great length')
  if (capitals * 5 > words) features.add('many capitals')
  if (head.length > words * 7) features.add('long words')
  return features
}

/** Features that describe the whole text: a student who counts words sees them only dimly. */
export const isOfShape = (feature: string): boolean => !feature.startsWith('the ') && feature !== 'several lines'

const MAX_CHARS = 4000
const MAX_WORD = 24
/** Scripts that put no spaces between words count by the character. */
const parts =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]|[\p{L}\p{M}\p{N}]+|[\p{P}\p{S}]|\n/gu
const mark = /^[\p{P}\p{S}]/u
const digit = /\p{N}/u
