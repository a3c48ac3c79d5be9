/**
 * What each UTF-16 unit is for the word scan of `prompt-class.ts`, without a regular expression and without lower-casing
 * the text: a table for the scripts that have capitals, ranges for the others.
 */

/** Kinds of a unit. Units of a run are cues by themselves: scripts that do not tell their words apart by spaces. */
export const MARK = 0
export const SPACE = 1
export const WORD = 2
export const DIGIT = 3
export const RUN = 4

/** Latin, Greek, Cyrillic, Armenian; nothing above it has capitals that matter here. */
const FOLDED = 0x590

const KIND_BITS = 3

/** Small letter and kind of each unit, in one number. */
const folded = Uint16Array.from({ length: FOLDED }, (_, unit) => {
  const char = String.fromCharCode(unit)
  return (char.toLowerCase().charCodeAt(0) << KIND_BITS) | kindOfFolded(char)
})

function kindOfFolded(char: string): number {
  if (char <= ' ' || char === '\u00a0') return SPACE
  if (char >= '0' && char <= '9') return DIGIT
  // Combining accents stay within their word.
  return /[\p{L}\p{M}]/u.test(char) ? WORD : MARK
}

const small: ReadonlySet<number> = new Set(
  Array.from(folded, (entry) => entry >> KIND_BITS).filter((letter, unit) => letter !== unit),
)

/** The unit in lower case. */
export const fold = (unit: number): number => (unit < FOLDED ? folded[unit]! >> KIND_BITS : unit)

/** A small letter of a script that also has capitals. */
export const isSmall = (unit: number): boolean => small.has(unit)

/** One of the kinds above. */
export const kindOf = (unit: number): number =>
  unit < FOLDED ? folded[unit]! & ((1 << KIND_BITS) - 1) : kindOfCaseless(unit)

function kindOfCaseless(unit: number): number {
  // Hebrew to Indic scripts and beyond, with few marks of their own.
  if (unit < 0x2000) return isMark(unit) ? MARK : WORD
  if (unit < 0x3040) return unit <= 0x200a || unit === 0x2028 || unit === 0x2029 || unit === 0x3000 ? SPACE : MARK
  if (unit < 0xa000 || (unit >= 0xac00 && unit < 0xd7a4)) return RUN
  // Surrogates, private use, forms of width.
  return unit >= 0xd800 ? MARK : WORD
}

/** Arabic punctuation and digits; the danda, which is a full stop. */
const isMark = (unit: number): boolean =>
  (unit >= 0x600 && unit < 0x620) || (unit >= 0x660 && unit < 0x66e) || unit === 0x964 || unit === 0x965
