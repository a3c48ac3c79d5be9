import { createSignals } from '../src/signals/account-signals.ts'
import { Extractor } from '../src/signals/extract.ts'
import { Answers } from '../src/signals/answers.ts'
import type { Group } from './signals-data.ts'
import { ratio, type Spread, spreadOf } from './stats.ts'

/** Microseconds, by round, and the same work against a plain one in the same round. */
export interface Time {
  readonly what: string
  readonly us: Spread
  readonly budgetUs: number | null
  readonly toPlain: Spread
}

const ROUNDS = 9

/** `plain`: parsing a text of 1,000 characters from JSON and adding up its units. */
export function measureTimes(groups: readonly Group[], texts: readonly string[]): readonly Time[] {
  const pieces = parts(texts.join('\n'), 1000)
  const json = pieces.map((text) => JSON.stringify({ text }))
  const extractor = new Extractor(Uint8Array.of(1, 2, 3, 4))
  const answers = new Answers(Uint8Array.of(1, 2, 3, 4))
  const system = pieces.slice(0, 3).join(' ')
  const seen = groups.flatMap(({ accounts }) => accounts).slice(0, 300)
  const exchanges = seen.reduce((sum, { length }) => sum + length, 0)

  const plain = (): number => {
    let sum = 0
    for (const line of json) {
      const { text } = JSON.parse(line) as { text: string }
      for (let i = 0; i < text.length; i++) sum = (sum + text.charCodeAt(i)) | 0
    }
    return sum
  }
  const observe = (): number => {
    let sum = 0
    for (const text of pieces) {
      sum += extractor.observe({ text, role: 'human', turns: 1, params: ['model', 'stream'], system: null }, null).text
    }
    return sum
  }
  const hear = (): number => {
    let sum = 0
    for (const text of pieces) {
      const answer = answers.listen(system, 1)
      for (let i = 0; i < text.length; i += 20) answer.feed(text.slice(i, i + 20))
      sum += answer.end('stop').systemEcho ?? 0
    }
    return sum
  }
  const fold = (): number => {
    let sum = 0
    for (const account of seen) {
      const signals = createSignals()
      for (const one of account) signals.observe(one)
      sum += signals.calls
    }
    return sum
  }

  const rounds = Array.from({ length: ROUNDS + 2 }, () => ({
    plain: timeUs(plain) / json.length,
    observe: timeUs(observe) / pieces.length,
    hear: timeUs(hear) / pieces.length,
    fold: timeUs(fold) / exchanges,
    // The first rounds are for the compiler.
  })).slice(2)
  const by = (name: 'plain' | 'observe' | 'hear' | 'fold'): Spread => spreadOf(rounds.map((round) => round[name]))
  const toPlain = (name: 'plain' | 'observe' | 'hear' | 'fold'): Spread => ratio(by(name), by('plain'))
  return [
    { what: 'parse and add up 1,000 characters', us: by('plain'), budgetUs: null, toPlain: toPlain('plain') },
    {
      what: 'a prompt of 1,000 characters to its observation',
      us: by('observe'),
      budgetUs: 10,
      toPlain: toPlain('observe'),
    },
    {
      what: 'an answer of 1,000 characters in 50 pieces, heard',
      us: by('hear'),
      budgetUs: null,
      toPlain: toPlain('hear'),
    },
    { what: 'an exchange to all signals of its account', us: by('fold'), budgetUs: 1.5, toPlain: toPlain('fold') },
  ]
}

/** Parsed, so that they are strings like those of requests. */
function parts(text: string, size: number): readonly string[] {
  const count = Math.min(2000, Math.floor(text.length / size))
  return Array.from(
    { length: count },
    (_, i) => JSON.parse(JSON.stringify(text.slice(i * size, (i + 1) * size))) as string,
  )
}

/** What comes back is looked at, so that nothing can be left out. */
function timeUs(work: () => number): number {
  const start = performance.now()
  const sum = work()
  const us = (performance.now() - start) * 1000
  if (Number.isNaN(sum)) throw new Error('not a number')
  return us
}
