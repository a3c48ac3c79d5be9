/**
 * What each UTF-16 unit is for the screens: one table, so that a scan decides with one look per unit that there is
 * nothing to do. Sources: Unicode's DerivedCoreProperties (Default_Ignorable_Code_Point), UAX 9, UTS 51, UTS 39.
 */

/** Kinds below ACTIVE need nothing but to be known as neighbours. */
export const PLAIN = 0
/** Scripts in which joiners shape letters: Indic, Mongolian and others. */
export const JOINING = 1
/** Scripts that may mark their word breaks with U+200B: Thai, Lao, Tibetan, Myanmar, Khmer. */
export const UNSPACED = 2
export const IDEOGRAPH = 3
/** Signs of the basic plane that can be emoji or part of one, with digits, # and * of keycaps. */
export const SYMBOL = 4

export const ACTIVE = 7
/** May belong to a token of `glitch.ts`. */
export const TOKEN = 7
export const RIGHT_TO_LEFT = 8
export const HIGH = 9
/** The second half of a pair; met by itself, it is alone. */
export const LOW = 10
/** Private use and noncharacters. */
export const PRIVATE = 11

/** From here on a unit shows nothing by itself. */
export const HIDDEN = 12
/** U+200B, U+2060, invisible operators, Hangul fillers and others without a place in most text. */
export const ZERO_WIDTH = 12
export const SPACE_BREAK = 13
export const JOINER = 14
export const NON_JOINER = 15
export const BYTE_ORDER_MARK = 16
export const SOFT_HYPHEN = 17
export const SELECTOR = 18
/** U+200E, U+200F, U+061C. */
export const BIDI_MARK = 19
/** Left-to-right embedding and isolate, first-strong isolate. */
export const BIDI_OPEN = 20
/** Right-to-left embedding and isolate, both overrides. */
export const BIDI_TURN = 21
export const BIDI_CLOSE = 22

type Range = readonly [from: number, to: number, kind: number]

/** Later rows win over earlier ones. */
const ranges: readonly Range[] = [
  [0x23, 0x23, SYMBOL],
  [0x2a, 0x2a, SYMBOL],
  [0x30, 0x39, SYMBOL],
  [0xa9, 0xa9, SYMBOL],
  [0xad, 0xad, SOFT_HYPHEN],
  [0xae, 0xae, SYMBOL],
  [0x34f, 0x34f, ZERO_WIDTH],
  [0x590, 0x8ff, RIGHT_TO_LEFT],
  [0x61c, 0x61c, BIDI_MARK],
  [0x900, 0xdff, JOINING],
  [0xe00, 0x109f, UNSPACED],
  [0x115f, 0x1160, ZERO_WIDTH],
  [0x1780, 0x17ff, UNSPACED],
  [0x17b4, 0x17b5, ZERO_WIDTH],
  [0x1800, 0x18af, JOINING],
  [0x180b, 0x180d, SELECTOR],
  [0x180e, 0x180e, ZERO_WIDTH],
  [0x180f, 0x180f, SELECTOR],
  [0x1900, 0x1aaf, UNSPACED],
  [0x1b00, 0x1c4f, JOINING],
  [0x200b, 0x200b, SPACE_BREAK],
  [0x200c, 0x200c, NON_JOINER],
  [0x200d, 0x200d, JOINER],
  [0x200e, 0x200f, BIDI_MARK],
  [0x202a, 0x202a, BIDI_OPEN],
  [0x202b, 0x202b, BIDI_TURN],
  [0x202c, 0x202c, BIDI_CLOSE],
  [0x202d, 0x202e, BIDI_TURN],
  [0x203c, 0x203c, SYMBOL],
  [0x2049, 0x2049, SYMBOL],
  [0x2060, 0x206f, ZERO_WIDTH],
  [0x2066, 0x2066, BIDI_OPEN],
  [0x2067, 0x2067, BIDI_TURN],
  [0x2068, 0x2068, BIDI_OPEN],
  [0x2069, 0x2069, BIDI_CLOSE],
  [0x2100, 0x2bff, SYMBOL],
  [0x2e80, 0x2fff, IDEOGRAPH],
  [0x3000, 0x303f, SYMBOL],
  [0x3164, 0x3164, ZERO_WIDTH],
  [0x3297, 0x3299, SYMBOL],
  [0x3400, 0x9fff, IDEOGRAPH],
  [0xa8e0, 0xa8ff, JOINING],
  [0xa980, 0xaa7f, UNSPACED],
  [0xabc0, 0xabff, JOINING],
  [0xd800, 0xdbff, HIGH],
  [0xdc00, 0xdfff, LOW],
  [0xe000, 0xf8ff, PRIVATE],
  [0xf900, 0xfaff, IDEOGRAPH],
  [0xfb1d, 0xfdff, RIGHT_TO_LEFT],
  [0xfdd0, 0xfdef, PRIVATE],
  [0xfe00, 0xfe0f, SELECTOR],
  [0xfe70, 0xfefc, RIGHT_TO_LEFT],
  [0xfeff, 0xfeff, BYTE_ORDER_MARK],
  [0xffa0, 0xffa0, ZERO_WIDTH],
  [0xfff0, 0xfffb, ZERO_WIDTH],
  [0xfffe, 0xffff, PRIVATE],
]

/** The kind of each unit, with TOKEN for the given ones. */
export function kindsWith(tokenUnits: Iterable<number>): Uint8Array {
  const kinds = new Uint8Array(0x10000)
  for (const [from, to, kind] of ranges) kinds.fill(kind, from, to + 1)
  for (const unit of tokenUnits) kinds[unit] = TOKEN
  return kinds
}
