import type { Turn } from './dialect.ts'

/** The turn that a request adds to its conversation, of the texts that it is made of; null where there is no text in it. */
export function turnOf(
  role: Turn['role'],
  texts: readonly string[],
  turns: number,
  system: string | null,
): Turn | null {
  const text = joined(texts)
  return text === '' ? null : { role, text, turns, system }
}

export const systemOf = (texts: readonly string[]): string | null => joined(texts) || null

/** Detection reads less than this of any text. */
const MAX_JOINED_CHARS = 16_384

/** One text is given as it is. Of several that are longer together than is read, the start and the end. */
function joined(texts: readonly string[]): string {
  if (texts.length < 2) return texts[0] ?? ''
  const chars = texts.reduce((sum, text) => sum + text.length, 0)
  if (chars <= MAX_JOINED_CHARS) return texts.filter((text) => text !== '').join('\n')
  const start: string[] = []
  const end: string[] = []
  let left = MAX_JOINED_CHARS / 2
  for (let i = 0; left > 0; left -= texts[i++]!.length) start.push(texts[i]!.slice(0, left))
  left = MAX_JOINED_CHARS / 2
  for (let i = texts.length - 1; left > 0; left -= texts[i--]!.length) end.unshift(texts[i]!.slice(-left))
  return [...start, ...end].join('\n')
}
