/** A piece of a text: a word, a number, a sign, or something that names a person or a thing and is never shown. */
export interface Token {
  readonly text: string
  readonly isSpaced: boolean
}

/** Longer runs of letters and digits are somebody's ids and secrets. */
const MAX_MIXED_CHARS = 20
const MAX_TOKENS = 90

const segmenter = new Intl.Segmenter('und', { granularity: 'word' })

/** Cuts at words by the rules of every script, also of those that put no spaces between them. */
export function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = []
  let isSpaced = false
  for (const chunk of chunksOf(text)) {
    const hidden = hiddenKind(chunk)
    if (hidden !== null) tokens.push({ text: hidden, isSpaced })
    else {
      for (const { segment } of segmenter.segment(chunk)) {
        tokens.push({ text: /^\p{Nd}[\p{Nd}.,]*$/u.test(segment) ? '<number>' : segment, isSpaced })
        isSpaced = false
      }
    }
    isSpaced = true
    if (tokens.length >= MAX_TOKENS) break
  }
  return tokens.slice(0, MAX_TOKENS)
}

/** What stands between spaces. */
const chunksOf = (text: string): readonly string[] => text.split(/\s+/).filter((chunk) => chunk !== '')

function hiddenKind(chunk: string): string | null {
  if (chunk.includes('://') || chunk.startsWith('www.')) return '<link>'
  if (chunk.includes('@')) return '<address>'
  if (chunk.length >= MAX_MIXED_CHARS && /^[\w+/=.:-]+$/.test(chunk) && /\d/.test(chunk)) return '<id>'
  return null
}
