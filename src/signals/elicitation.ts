import { HashSet } from './hash-set.ts'
import type { Scan, Scanner } from './scan.ts'

/**
 * Whether a prompt asks for the model's reasoning, or for marks, to be written out. That is what a student is trained on,
 * and what people now and then ask for too (homework, debugging): a share of prompts, never one of them, says something.
 * Dodged by asking in other words; the structure of such prompts is seen by their shape all the same.
 */
const phrases = [
  'step by step',
  'step-by-step',
  'chain of thought',
  'chain-of-thought',
  'show your work',
  'show your reasoning',
  'explain your reasoning',
  'your reasoning',
  'think aloud',
  'reasoning process',
  '<think',
  'rubric',
  'grade the following',
  'rate the following',
  'on a scale of',
  'score from',
  'schritt für schritt',
  'étape par étape',
  'paso a paso',
  'passo a passo',
  'шаг за шагом',
  '一步一步',
  '逐步',
  '思考过程',
  '推理过程',
  'ステップバイステップ',
  '段階的に',
  '단계별로',
  'خطوة بخطوة',
  'चरण दर चरण',
]

/** Finds the phrases by the hashes of their words; compares no text. */
export class Elicitation {
  readonly #first: HashSet
  readonly #phrases: readonly (readonly number[])[]

  constructor(scanner: Scanner) {
    this.#phrases = phrases.map((phrase) => {
      const { lexical, count } = scanner.read(phrase)
      return Array.from(lexical.subarray(0, count))
    })
    this.#first = new HashSet(this.#phrases.map((words) => words[0]!))
  }

  found(scan: Scan): boolean {
    const { lexical, count } = scan
    const first = this.#first
    for (let i = first.indexIn(lexical, 0, count); i >= 0; i = first.indexIn(lexical, i + 1, count)) {
      if (this.#phrases.some((words) => isAt(scan, i, words))) return true
    }
    return false
  }
}

/** The arrays of a scan go on behind its end with what an earlier text has left. */
const isAt = ({ lexical, count }: Scan, at: number, words: readonly number[]): boolean =>
  at + words.length <= count && words.every((word, k) => lexical[at + k] === word)
