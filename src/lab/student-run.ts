import { err, ok, type Result } from '../core/result.ts'
import { arms, type Arm } from './arms.ts'
import type { Costs } from './costs.ts'
import type { Exchange } from './ledger.ts'
import { attackersOf, playArm } from './play.ts'
import { plotSvg, plotText, type Curve } from './plot.ts'
import { createRandom } from './random.ts'
import { table } from './report.ts'
import { HOUR_MS, MODEL_SEED } from './run.ts'
import { scenarios, type Size } from './scenarios.ts'
import { agreement, examOf, study, type Exam, type Lesson } from './student.ts'

/**
 * What ends the argument: a copy of the demo model's private labelling is trained on what a thief has carried away, after
 * every so many dollars, and is asked about texts that it has never seen.
 */
export interface Students {
  readonly curves: readonly Curve[]
  readonly chance: number
  readonly text: string
  readonly svg: string
}

export interface StudentOptions {
  readonly size: Size
  readonly seed: string
  readonly costs: Costs
  readonly progress?: (arm: Arm, partDone: number) => void
}

/** The thief whose harvest is studied. */
const HARVEST = 'prompt-sweep'
const EXAM = 800
/** Answers after which the unprotected student is asked; then what the dearest arm spent, in steps of its logarithm. */
const MILESTONES = [20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000]
const STEPS_BEYOND = 4

export async function runStudents({ size, seed, costs, progress }: StudentOptions): Promise<Result<Students, string>> {
  const scenario = scenarios.find(({ name }) => name === HARVEST)!
  const harvests: { readonly arm: Arm; readonly taken: readonly Taken[] }[] = []
  for (const arm of arms) {
    const ran = await playArm(scenario, arm, { size, seed, ...(progress === undefined ? {} : { progress }) })
    if (!ran.ok) return err(`${HARVEST}, ${arm}: ${ran.error}`)
    harvests.push({ arm, taken: priced(attackersOf(ran.value.exchanges), costs, ran.value.startMs) })
  }
  const taught = new Set(harvests.flatMap(({ taken }) => taken.flatMap(({ lesson }) => lesson?.text ?? [])))
  const exam = examOf(MODEL_SEED, EXAM, createRandom(`${seed}/exam`), taught)
  const budgets = budgetsOf(harvests.map(({ taken }) => taken))
  const curves = harvests.map(({ arm, taken }) => curveOf(arm, taken, budgets, exam, seed))
  return ok({ curves, chance: exam.chance, text: textOf(curves, exam), svg: plotSvg(curves, exam.chance) })
}

/** Every arm is asked after the same dollars. The first harvest is the unprotected one. */
function budgetsOf(harvests: readonly (readonly Taken[])[]): readonly number[] {
  const taught = harvests[0]!.filter(({ lesson }) => lesson !== null)
  const plain = [...MILESTONES.filter((count) => count < taught.length), taught.length].map(
    (count) => taught[count - 1]?.dollars ?? 0,
  )
  const end = plain.at(-1)!
  const most = Math.max(...harvests.map((taken) => taken.at(-1)?.dollars ?? 0))
  if (most <= end * 1.05) return plain
  const beyond = Array.from({ length: STEPS_BEYOND }, (_, i) => end * (most / end) ** ((i + 1) / STEPS_BEYOND))
  return [...plain, ...beyond]
}

/** An exchange of the thief's, and what everything until then has cost. */
interface Taken {
  readonly dollars: number
  readonly lesson: Lesson | null
}

/** Answers as they came: restricted and false ones teach as well as they can. */
export function priced(exchanges: readonly Exchange[], costs: Costs, startMs: number): readonly Taken[] {
  const seen = new Set<string>()
  let dollars = 0
  return exchanges.map(({ account, atMs, costNanoUsd, wireBytes, sample, label }) => {
    if (!seen.has(account)) dollars += costs.accountUsd + costs.cardUsd
    seen.add(account)
    dollars += costNanoUsd / 1e9 + wireBytes * costs.proxyUsdPerByte
    const labour = ((atMs - startMs) / HOUR_MS) * costs.personHourUsd
    return { dollars: dollars + labour, lesson: sample === null || label === null ? null : { text: sample, label } }
  })
}

function curveOf(arm: Arm, taken: readonly Taken[], budgets: readonly number[], exam: Exam, seed: string): Curve {
  let before: Curve['points'][number] | null = null
  const points = budgets.map((budget) => {
    const lessons = taken.flatMap(({ dollars, lesson }) => (dollars <= budget && lesson !== null ? [lesson] : []))
    if (before !== null && before.lessons === lessons.length) return { ...before, dollars: budget }
    const agrees = lessons.length === 0 ? exam.chance : agreement(study(lessons, `${seed}/student`), exam)
    before = { dollars: budget, lessons: lessons.length, agreement: agrees }
    return before
  })
  return { arm, points }
}

function textOf(curves: readonly Curve[], { chance }: Exam): string {
  const plain = curves.find(({ arm }) => arm === 'unprotected')!
  const guarded = curves.find(({ arm }) => arm === 'protected')!
  const rows = plain.points.map(({ dollars }, i) => [
    `$${dollars.toFixed(0)}`,
    ...curves.flatMap(({ points }) => [
      points[i]!.lessons.toLocaleString('en-US'),
      `${(points[i]!.agreement * 100).toFixed(1)} %`,
    ]),
  ])
  // The dollars that the unprotected harvest took are where both are compared.
  const end = plain.points.findIndex(({ lessons }) => lessons === plain.points.at(-1)!.lessons)
  const gained = plain.points[end]!.agreement - chance
  const kept = guarded.points[end]!.agreement - chance
  const fall = 1 - Math.max(0, kept) / gained
  return [
    `student: held-out agreement with the private labelling, by what the harvest cost (chance ${(chance * 100).toFixed(1)} %)`,
    table(['dollars', ...curves.flatMap(({ arm }) => [`${arm}: answers`, 'agreement'])], rows),
    plotText(curves, chance),
    `at $${plain.points[end]!.dollars.toFixed(0)} the student loses ${(fall * 100).toFixed(0)} % of what it gains over chance without Weir; the target is 50 %: ${fall >= 0.5 ? 'held' : 'MISSED'}`,
  ].join('\n\n')
}
