import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readCosts } from './costs.ts'
import type { Exchange } from './ledger.ts'
import { plotSvg, plotText, type Curve } from './plot.ts'
import { createRandom } from './random.ts'
import { createSecretFunction } from './secret-function.ts'
import { agreement, examOf, study } from './student.ts'
import { priced } from './student-run.ts'
import { jobsOf } from './text/harvests.ts'

test('a student agrees far more after a thousand true labels than after twenty, and not at all with false ones', () => {
  const secret = createSecretFunction('school')
  const jobs = jobsOf('one frame')
  const random = createRandom('lessons')
  const lessons = Array.from({ length: 1000 }, () => {
    const { sample } = jobs(random)
    return { text: sample, label: secret.label(sample).category }
  })
  const exam = examOf('school', 400, createRandom('exam'), new Set(lessons.map(({ text }) => text)))
  assert.ok(exam.texts.every((text) => !lessons.some((lesson) => lesson.text === text)))
  const few = agreement(study(lessons.slice(0, 20), 's'), exam)
  const many = agreement(study(lessons, 's'), exam)
  const other = createSecretFunction('another school')
  const lied = agreement(
    study(
      lessons.map(({ text }) => ({ text, label: other.label(text).category })),
      's',
    ),
    exam,
  )
  assert.ok(many > few + 0.2, `${few} after 20, ${many} after 1,000`)
  assert.ok(lied < exam.chance + 0.12, `${lied} with another school's labels, chance is ${exam.chance}`)
})

test('every exchange is paid for, a new account more, and only what came back labelled teaches', () => {
  const costs = readCosts()
  const exchange = (account: string, label: string | null): Exchange =>
    ({ account, atMs: 0, costNanoUsd: 0, wireBytes: 0, sample: 'a text', label }) as unknown as Exchange
  const taken = priced([exchange('a', 'x'), exchange('a', null), exchange('b', 'y')], costs, 0)
  const each = costs.accountUsd + costs.cardUsd
  assert.deepEqual(
    taken.map(({ dollars, lesson }) => [dollars, lesson?.label ?? null]),
    [
      [each, 'x'],
      [each, null],
      [2 * each, 'y'],
    ],
  )
})

const curves: readonly Curve[] = (['unprotected', 'limits', 'protected'] as const).map((arm, i) => ({
  arm,
  points: [10, 100, 1000].map((dollars) => ({
    dollars,
    lessons: dollars,
    agreement: 0.2 + (0.2 * (3 - i) * dollars) / 1000,
  })),
}))

test('the plot is one well-formed picture with a line for each arm', () => {
  const svg = plotSvg(curves, 0.2)
  assert.equal(svg.match(/<polyline /g)?.length, 3)
  assert.equal(svg.match(/<circle /g)?.length, 9)
  assert.ok(!/NaN|undefined|Infinity/.test(svg))
  const opened = svg.match(/<[a-z]+[^>]*[^/]>/g)!.length
  assert.equal(opened, svg.match(/<\/[a-z]+>/g)!.length)
})

test('the plot for a terminal has a column for each budget and shows chance', () => {
  const text = plotText(curves, 0.2)
  assert.ok(text.includes('u unprotected, l limits, P protected, . chance'))
  assert.ok(text.split('\n').every((line) => line.length < 100))
})
