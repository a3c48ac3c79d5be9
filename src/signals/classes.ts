/**
 * Classes of UTF-16 units, coarse and complete: every unit has one, and no script is an error. A table of all 65,536 is
 * read once for each character of a prompt; asking range by range costs half of the scan in scripts beyond Latin.
 */
export const unit = {
  space: 0,
  line: 1,
  mark: 2,
  digit: 3,
  /** Characters that stand for themselves: Han, kana, Thai and their like. */
  wide: 4,
  /** From here on, what words are made of. */
  lower: 5,
  upper: 6,
  /** Letters of a script that writes spaces between words, without a case of their own. */
  letter: 7,
} as const

export const classes: Uint8Array = Uint8Array.from({ length: 0x10000 }, (_, c) => (c < 128 ? ofAscii(c) : ofOther(c)))

function ofAscii(c: number): number {
  if (c === 10 || c === 13) return unit.line
  if (c <= 32 || c === 127) return unit.space
  if (c >= 48 && c <= 57) return unit.digit
  if (c >= 97 && c <= 122) return unit.lower
  return c >= 65 && c <= 90 ? unit.upper : unit.mark
}

function ofOther(c: number): number {
  if (c < 0xc0) return c === 0xa0 ? unit.space : unit.mark
  if (c < 0x250) return c === 0xd7 || c === 0xf7 ? unit.mark : c < 0xdf ? unit.upper : unit.lower
  if (c < 0x370) return unit.letter
  if (c < 0x400) return c >= 0x391 && c <= 0x3a9 ? unit.upper : unit.lower
  if (c < 0x530) return c < 0x430 ? unit.upper : unit.lower
  if (c >= 0x660 && c <= 0x669) return unit.digit
  if (c === 0x60c || c === 0x61b || c === 0x61f || c === 0x6d4 || c === 0x964 || c === 0x965) return unit.mark
  if (c < 0xe00) return unit.letter
  if (c < 0x10a0) return unit.wide
  if (c < 0x2000) return c >= 0x1780 && c < 0x1800 ? unit.wide : unit.letter
  if (c < 0x2c00) return c === 0x2028 || c === 0x2029 ? unit.line : c <= 0x200a ? unit.space : unit.mark
  if (c < 0x2e80) return unit.letter
  if (c === 0x3000) return unit.space
  if (c < 0x3040) return unit.mark
  if (c < 0xa000) return unit.wide
  if (c < 0xd7b0) return unit.letter
  if (c >= 0xff10 && c <= 0xff19) return unit.digit
  if ((c >= 0xff01 && c <= 0xff0f) || (c >= 0xff1a && c <= 0xff20)) return unit.mark
  return c >= 0xf900 && c < 0xfb00 ? unit.wide : c >= 0xd800 && c < 0xe000 ? unit.mark : unit.letter
}

/** The small letter of a capital, as far as the table has capitals. */
export function fold(c: number): number {
  if (c < 128) return c | 32
  if (c < 0xdf) return c + 32
  if (c >= 0x391 && c <= 0x3a9) return c + 32
  return c >= 0x410 && c < 0x430 ? c + 32 : c
}

/** Units below this one have their small letters in a table. */
export const FOLDED = 0x600

const APOSTROPHE = 39

/** What stands for a unit within a word: its small letter, with the upper bit set for a capital; 0: no word goes on with it. */
export const folds: Uint16Array = Uint16Array.from({ length: FOLDED }, (_, c) => {
  if (classes[c]! < unit.lower && c !== APOSTROPHE) return 0
  return classes[c] === unit.upper ? fold(c) | 0x8000 : c
})

/** Full stops of the scripts we know, question marks among them. */
export const ends = (c: number): boolean =>
  c === 46 || c === 33 || c === 63 || c === 0x3002 || c === 0xff1f || c === 0xff01 || c === 0x61f || c === 0x964
export const asks = (c: number): boolean => c === 63 || c === 0xff1f || c === 0x61f
