import { join } from '../sketch/hash.ts'
import { asks } from './classes.ts'
import type { Scan } from './scan.ts'

/**
 * The form of a prompt in coarse cells: how long, how many sentences and figures, how it begins and ends. One cell says
 * little of one prompt. People's prompts fall into many cells and each person's into others; prompts of one making fall
 * into few. The cells know no language, and their numbers are the same everywhere, so that a calibration can ship.
 */
export const cellNames = ['outline', 'figures', 'words', 'marks', 'whole'] as const
export const CELLS: number = cellNames.length
/**
 * Which of them mean the same in every language. How long words are, how many of them are short and how many are capitalised is
 * a language's: among people whom the calibration has nobody like, half came to be suspects by that alone (docs/detection.md).
 */
export const ANY_LANGUAGE: readonly boolean[] = cellNames.map((name) => name !== 'words' && name !== 'marks')

/**
 * Prompts with less text than this have no form of their own: there are few ways to be short, so whoever is terse in another
 * way than the calibration's people would share a habit with everybody who is terse in the same one.
 */
const MIN_CHARS = 54

const LENGTH_STEP = 0.5

const cuts = {
  lines: [1, 2, 5, 12],
  sentences: [1, 2, 3, 5, 9],
  figures: [1, 3, 6, 12],
  wordLength: [3.8, 4.3, 4.8, 5.4, 6.2],
  grammar: [0.3, 0.4, 0.5, 0.6],
  capitals: [0.001, 0.03, 0.08, 0.3],
  marks: [0.005, 0.015, 0.03, 0.06],
} as const

export function writeCells(scan: Scan, cells: Uint32Array): void {
  cells.fill(0)
  // A character of a script without spaces says as much as two or three letters.
  const chars = scan.chars + 1.5 * scan.wide
  if (chars < MIN_CHARS) return
  // What ships as a calibration knows only scripts with capitals; of others it could not say what is rare.
  if (!scan.firstUpper && !scan.firstLower && scan.letters > 0 && scan.upper === 0) return
  const { kept, masked } = scan
  const words = Math.max(1, kept + masked)
  const length = Math.floor(Math.log(1 + chars) / LENGTH_STEP)
  const last = asks(scan.lastMark) ? 1 : stops(scan.lastMark) ? 2 : scan.lastMark === 0 ? 0 : 3
  const first = scan.firstUpper ? 1 : scan.firstLower ? 2 : 0
  const lines = bin(scan.lines, cuts.lines)
  const sentences = bin(scan.sentences, cuts.sentences)
  const figures = bin(scan.digits, cuts.figures)
  const wordLength = bin(scan.letters / words, cuts.wordLength)
  const grammar = bin(kept / words, cuts.grammar)
  const capitals = bin(scan.upper / Math.max(1, scan.letters), cuts.capitals)
  const marks = bin(scan.marks / Math.max(1, scan.read), cuts.marks)
  cells[0] = cell(0, length, last, first, lines)
  cells[1] = cell(1, length, last, sentences, figures)
  cells[2] = cell(2, length, last, wordLength, grammar)
  cells[3] = cell(3, length, sentences, capitals, marks)
  cells[4] = cell(4, length, last, sentences * 8 + lines, figures * 8 + marks)
}

/** Small numbers as one; its kind stands in the last three bits. */
const cell = (kind: number, a: number, b: number, c: number, d: number): number =>
  ((join(join(kind * 64 + a, b), c * 256 + d) & ~7) | kind) >>> 0 || 8

const stops = (c: number): boolean => c === 46 || c === 0x3002 || c === 0x964 || c === 0x6d4

function bin(value: number, cuts: readonly number[]): number {
  let i = 0
  while (i < cuts.length && value >= cuts[i]!) i++
  return i
}
