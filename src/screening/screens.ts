/**
 * The screens: what does not belong into a prompt, found by looking at its characters and at nothing else.
 *
 * For operators. Each screen names a fact and no intent, which is why `flag` is the default of all four; people who work
 * with keys, scripts or models will set one off now and then. What sets them off:
 *
 * - `invisible_unicode`: tag characters outside a flag; eight hidden characters in a chain; hidden characters as 5 % of a
 *   text; a line that turns its direction without right-to-left letters; 16 of private use in a row. Emoji, joiners in
 *   the scripts that have them, a byte order mark and the marks of Hebrew and Arabic are fine.
 * - `encoded_payload`: 200 characters of base64, 256 of hexadecimal, 200 bits, 200 signs of Morse, 40 escaped letters.
 *   Keys in PEM, fonts and source maps count; data: URLs of bitmap images, JWTs and addresses do not.
 * - `glitch_tokens`: control tokens of chat templates written out, glitch tokens. Talk about them counts.
 * - `flood`: 2,000 characters of one repeated unit or 5,000 of blanks, 80 % of a text of 4,000 being one unit or word, half
 *   of one being a line that comes 200 times, half of any text being a word 40 times.
 *
 * `refuse` is sensible for `invisible_unicode`, and for `glitch_tokens` where the upstream is a server of your own that
 * reads control tokens in text. Texts are judged one by one, so what is split over many of them is not found; nor is what
 * falls between two windows of a prompt beyond `max_scan`, nor any encoding that is not listed here.
 */
import { Encoded } from './encoded.ts'
import { escapePairs, Escapes } from './escapes.ts'
import { Flood } from './flood.ts'
import { isToken, tokenPairs, tokenUnits } from './glitch.ts'
import { Hidden } from './invisible.ts'
import { Lines } from './lines.ts'
import { ACTIVE, HIDDEN, HIGH, kindsWith, LOW, PRIVATE, RIGHT_TO_LEFT, TOKEN } from './unit-kinds.ts'
import { piecesOf } from './windows.ts'

/** What a prompt can be found to have. */
export type Screen = 'invisible_unicode' | 'encoded_payload' | 'glitch_tokens' | 'flood'

/**
 * What does not belong into a prompt, each name once, in the order above. Looks at no more than `maxScanBytes` UTF-16
 * units of all texts together: of longer prompts at the start, the end and evenly spaced windows between.
 */
export function screenPrompt(texts: readonly string[], maxScanBytes: number): readonly Screen[] {
  const look = new Look()
  let last = -1
  for (const { index, text, from, to } of piecesOf(texts, maxScanBytes)) {
    if (index !== last) look.start(text)
    last = index
    look.read(from, to)
  }
  look.end()
  return look.screens()
}

const kinds = kindsWith(tokenUnits)

/** By two units of ASCII that stand together: what there is to do, for nearly all of them nothing. */
const NOTHING = 0
const ESCAPE = 1
const SPELLED = 2
const marks = new Uint8Array(128 * 128)
for (const pair of escapePairs) marks[pair] = ESCAPE
for (const pair of tokenPairs) marks[pair] = SPELLED

/** One look at a prompt, text by text and window by window. */
class Look {
  readonly #hidden = new Hidden(kinds)
  readonly #escapes = new Escapes()
  readonly #encoded = new Encoded()
  readonly #lines = new Lines()
  readonly #flood = new Flood()
  #text = ''
  #token = false

  start(text: string): void {
    this.end()
    this.#text = text
    this.#hidden.start(text)
    this.#encoded.start()
    this.#lines.start(text)
    this.#flood.start(text)
  }

  read(from: number, to: number): void {
    this.#escapes.start(from)
    this.#units(from, to)
    this.#lines.read(from, to)
    this.#hidden.endWindow(from, to)
    this.#encoded.read(this.#text, from, to)
    this.#flood.read(from, to)
  }

  /** The text is over. */
  end(): void {
    this.#hidden.endText()
    this.#lines.endText()
    this.#flood.endText()
  }

  screens(): readonly Screen[] {
    const found: Screen[] = []
    if (this.#hidden.found) found.push('invisible_unicode')
    if (this.#encoded.found || this.#escapes.found) found.push('encoded_payload')
    if (this.#token) found.push('glitch_tokens')
    if (this.#flood.found || this.#lines.found) found.push('flood')
    return found
  }

  #units(from: number, to: number): void {
    const text = this.#text
    let last = 0
    for (let i = from; i < to; i++) {
      const unit = text.charCodeAt(i)
      if (unit < 128) {
        const mark = marks[(last << 7) | unit]!
        last = unit
        if (mark !== NOTHING) this.#mark(i, mark)
      } else {
        last = 0
        const kind = kinds[unit]!
        if (kind >= ACTIVE) i = this.#unit(i, unit, kind, from, to)
      }
    }
  }

  #mark(at: number, mark: number): void {
    if (mark === ESCAPE) this.#escapes.read(this.#text, at - 1)
    else if (!this.#token) this.#token = isToken(this.#text, at)
  }

  /** Takes a unit beyond ASCII that may mean something; gives the last unit that went with it. */
  #unit(at: number, unit: number, kind: number, from: number, to: number): number {
    const text = this.#text
    if (kind === HIGH) {
      const low = at + 1 < text.length ? text.charCodeAt(at + 1) : 0
      if (kinds[low] !== LOW) this.#hidden.private(at, 1)
      // A window may end in the middle of a pair.
      else if (at + 1 < to) return this.#hidden.pair(at, unit, low, from, to) - 1
    } else if (kind === RIGHT_TO_LEFT) this.#hidden.rightToLeft()
    else if (kind >= HIDDEN) this.#hidden.unit(at, kind, from)
    else if (kind === TOKEN) this.#token ||= isToken(text, at)
    // A window may begin in the middle of a pair; elsewhere half of one is alone.
    else if (kind === PRIVATE || at > from) this.#hidden.private(at, 1)
    return at
  }
}
