import { PhraseTable } from './phrase-table.ts'
import type { Scanner } from './scan.ts'

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

export function elicitationTable(scanner: Scanner): PhraseTable {
  return new PhraseTable(
    phrases.map((phrase) => {
      const { lexical, count } = scanner.read(phrase)
      return Array.from(lexical.subarray(0, count))
    }),
  )
}
