/**
 * Takes reasoning out of text where a model server leaves it in, between the tags that models were trained to write. Text
 * comes in pieces that may end anywhere, inside a tag too: what could be the start of one waits for the next piece.
 */
const tags: readonly (readonly [open: string, close: string])[] = [
  ['<think>', '</think>'],
  ['<thinking>', '</thinking>'],
  ['<thought>', '</thought>'],
  ['<seed:think>', '</seed:think>'],
  ['[think]', '[/think]'],
  ['◁think▷', '◁/think▷'],
  ['<|start_thinking|>', '<|end_thinking|>'],
  ['<|begin_of_thought|>', '<|end_of_thought|>'],
]

const literal = (text: string): string => text.replaceAll(/[[\]|/]/g, '\\$&')
const OPEN = new RegExp(tags.map(([open]) => literal(open)).join('|'), 'i')
const opens = tags.map(([open]) => open)
const closers = new Map(
  tags.map(([open, close]) => [open, { close: [close], pattern: new RegExp(literal(close), 'i') }]),
)
const STARTS = /[<[◁]/

type Closer = typeof closers extends Map<string, infer C> ? C : never

export class ThoughtText {
  /** What could be the start of a tag. */
  #held = ''
  /** How the reasoning ends that the text is in. */
  #closer: Closer | null = null
  #afterThought = false
  /** The end of what was let through. */
  #tail = ''

  /** What may leave of the text so far. */
  push(piece: string): string {
    if (this.#held === '' && this.#closer === null && !this.#afterThought && !STARTS.test(piece)) {
      this.#note(piece)
      return piece
    }
    let rest = this.#held + piece
    let out = ''
    this.#held = ''
    for (;;) {
      if (this.#closer === null) {
        const found = OPEN.exec(rest)
        if (found === null) {
          const sure = rest.length - startOf(rest, opens)
          this.#held = rest.slice(sure)
          return out + this.#pass(rest.slice(0, sure))
        }
        out += this.#pass(rest.slice(0, found.index))
        this.#closer = closers.get(found[0].toLowerCase())!
        rest = rest.slice(found.index + found[0].length)
      } else {
        const found = this.#closer.pattern.exec(rest)
        if (found === null) {
          this.#held = rest.slice(rest.length - startOf(rest, this.#closer.close))
          return out
        }
        this.#closer = null
        this.#afterThought = true
        rest = rest.slice(found.index + found[0].length)
      }
    }
  }

  /** No more text comes: what waited and is no tag. */
  end(): string {
    const held = this.#held
    this.#held = ''
    return this.#closer === null ? this.#pass(held) : ''
  }

  #pass(piece: string): string {
    let passed = piece
    if (this.#afterThought) {
      // The blank lines that set an answer off from the reasoning before it.
      if (this.#tail === '' || /\s$/.test(this.#tail)) passed = passed.trimStart()
      if (passed === '') return ''
      this.#afterThought = false
      // What stood on both sides of the reasoning must not become a tag of its own.
      if (startOf(this.#tail, opens) > 0) passed = ` ${passed}`
    }
    this.#note(passed)
    return passed
  }

  #note(passed: string): void {
    if (passed !== '') this.#tail = (this.#tail + passed.slice(-LONGEST)).slice(-LONGEST)
  }
}

const LONGEST = Math.max(...opens.map(({ length }) => length))

/** How many characters at the end of a text begin one of the tags, and are not all of it. */
function startOf(text: string, tags: readonly string[]): number {
  for (let at = Math.max(0, text.length - LONGEST); at < text.length; at++) {
    if (!STARTS.test(text[at]!)) continue
    const end = text.slice(at).toLowerCase()
    if (tags.some((tag) => tag.length > end.length && tag.startsWith(end))) return text.length - at
  }
  return 0
}

/** A whole text without its reasoning. */
export function withoutThought(text: string): string {
  if (!OPEN.test(text)) return text
  const thought = new ThoughtText()
  return thought.push(text) + thought.end()
}
