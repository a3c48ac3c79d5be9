/**
 * Most chunks of a stream are the one before with other text. What such a chunk means is known without parsing it, which is
 * most of what metering costs: one chunk is taken as the model, and a later one that is the same up to the text of its
 * delta, and after it, differs in that text and in nothing else.
 */
interface Model {
  /** Before and after the text, quotes included. */
  readonly before: string
  readonly after: string
}

/** Streams whose chunks differ in more are parsed chunk by chunk; this is how often it is tried. */
const MAX_TRIES = 4

/** A model is kept as long as its stream. */
const MAX_CHARS = 4096

const NAME = '"content":"'
/** Such as no chunk holds by chance. */
const PROBE = 'weir-probe-5f0c1d7e'

export class LikeChunks {
  #model: Model | null = null
  #tries = 0

  /** The text of a chunk that is like the model; null: it may be anything, and has to be parsed. */
  textOf(data: string): string | null {
    const model = this.#model
    if (model === null) return null
    const { before, after } = model
    const end = data.length - after.length
    // Equality compares words of memory; the methods that ask the same go letter by letter.
    if (end < before.length || data.slice(0, before.length) !== before || data.slice(end) !== after) return null
    const text = data.slice(before.length, end)
    return isPlain(text) ? text : null
  }

  /** Takes a chunk as the model, where what stands in it as `textIn` finds it can be told from everything else. */
  take(data: string, textIn: (chunk: unknown) => unknown): void {
    if (this.#tries >= MAX_TRIES || data.length > MAX_CHARS) return
    this.#tries++
    this.#model = null
    const start = data.indexOf(NAME) + NAME.length
    const end = data.indexOf('"', start)
    if (start < NAME.length || end < 0 || !isPlain(data.slice(start, end))) return
    const model = { before: owned(data.slice(0, start)), after: owned(data.slice(end)) }
    // What is called so elsewhere in it, or twice in one object, does not change the text.
    if (textIn(JSON.parse(`${model.before}${PROBE}${model.after}`)) === PROBE) this.#model = model
  }
}

/** A text of its own: part of another one keeps all of that, and is slower to compare. */
const owned = (text: string): string => Buffer.from(text).toString()

/** Whether a text stands in JSON as it is: no quote ends it, and nothing in it is written otherwise. */
function isPlain(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x20 || unit === 0x22 || unit === 0x5c) return false
  }
  return true
}
