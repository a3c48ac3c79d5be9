import type { Random } from '../random.ts'

/** One of many texts of a kind. */
export type Phrase = (random: Random) => string
export type Words = Readonly<Record<string, readonly string[] | Phrase>>

/** `{one|another|}` is a choice, which may hold others; `<name>` takes a word of that list. Anything else stands as it is. */
export function phrase(pattern: string, words: Words = {}): Phrase {
  const { parts, at } = sequence(pattern, 0, words)
  if (at !== pattern.length) throw new Error(`a bracket too many in: ${pattern}`)
  return parts
}

export function phrases(patterns: readonly string[], words: Words = {}): Phrase {
  const all = patterns.map((pattern) => phrase(pattern, words))
  return (random) => random.pick(all)(random)
}

interface Read {
  readonly parts: Phrase
  readonly at: number
}

function sequence(pattern: string, from: number, words: Words): Read {
  const parts: Phrase[] = []
  let at = from
  while (at < pattern.length && pattern[at] !== '|' && pattern[at] !== '}') {
    if (pattern[at] === '{') {
      const read = choice(pattern, at + 1, words)
      parts.push(read.parts)
      at = read.at
    } else if (pattern[at] === '<') {
      const end = pattern.indexOf('>', at)
      parts.push(word(pattern.slice(at + 1, end), words))
      at = end + 1
    } else {
      let end = at
      while (end < pattern.length && !'{|}<'.includes(pattern[end]!)) end++
      const text = pattern.slice(at, end)
      parts.push(() => text)
      at = end
    }
  }
  return { parts: joined(parts), at }
}

function choice(pattern: string, from: number, words: Words): Read {
  const options: Phrase[] = []
  let at = from
  for (;;) {
    const read = sequence(pattern, at, words)
    options.push(read.parts)
    at = read.at + 1
    if (pattern[read.at] === '}') return { parts: (random) => random.pick(options)(random), at }
    if (pattern[read.at] !== '|') throw new Error(`a choice without an end in: ${pattern}`)
  }
}

function word(name: string, words: Words): Phrase {
  const found = words[name]
  if (found === undefined) throw new Error(`no words for <${name}>`)
  return typeof found === 'function' ? found : (random) => random.pick(found)
}

const joined = (parts: readonly Phrase[]): Phrase => {
  if (parts.length === 1) return parts[0]!
  return (random) => {
    let text = ''
    for (const part of parts) text += part(random)
    return text
  }
}
