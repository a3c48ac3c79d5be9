import type { Data } from './data.ts'
import type { Scenario } from './scenario.ts'
import { type ClassScore, createScorer, type Scorer } from './score.ts'
import type { Subject } from './subject.ts'

export interface Outcome {
  readonly scenario: string
  readonly subject: string
  readonly seed: number
  readonly exchanges: number
  readonly seconds: number
  readonly scores: readonly ClassScore[]
}

/** All subjects see the same traffic, in one pass. */
export function run(
  data: Data,
  { name, countFrom, stream }: Scenario,
  seed: number,
  subjects: ReadonlyMap<string, () => Subject>,
): readonly Outcome[] {
  const judged = [...subjects].map(([subject, create]): Judged => ({
    subject,
    judge: create().judge,
    scorer: createScorer(countFrom),
  }))
  const began = performance.now()
  let exchanges = 0
  for (const sample of stream(data, seed)) {
    exchanges++
    for (const { judge, scorer } of judged) scorer.add(sample, judge(sample.exchange))
  }
  const seconds = (performance.now() - began) / 1000
  return judged.map(({ subject, scorer }) => ({
    scenario: name,
    subject,
    seed,
    exchanges,
    seconds,
    scores: scorer.scores(),
  }))
}

interface Judged {
  readonly subject: string
  readonly judge: Subject['judge']
  readonly scorer: Scorer
}
