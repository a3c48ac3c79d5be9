import { styleText } from 'node:util'
import { billOf, multiplesOf, type Bill } from './economics.ts'
import type { Costs } from './costs.ts'
import { count, counted } from './demo-story.ts'
import type { DemoSize } from './demo-thieves.ts'
import { feltBy } from './felt.ts'
import type { Exchange } from './ledger.ts'
import { table } from './report.ts'

/** What each thief got for its money, and what the honest felt: the end of the demo. */
export interface BillInput {
  readonly thieves: readonly string[]
  readonly size: DemoSize
  readonly costs: Costs
  readonly startMs: number
  readonly unprotected: readonly Exchange[]
  readonly guarded: readonly Exchange[]
}

export function billText({ thieves, size, costs, startMs, unprotected, guarded }: BillInput): string {
  const billFor = (exchanges: readonly Exchange[], who: string): Bill =>
    billOf(
      exchanges.filter((one) => one.class === who),
      // None of the four words prompts anew or solves proofs of work.
      { costs, goal: size.answers, paraphrases: false, hashes: 0, startMs },
    )
  const rows = thieves.flatMap((who) => {
    const plain = billFor(unprotected, who)
    const met = billFor(guarded, who)
    return [
      [who, 'no', ...cellsOf(plain, size), '', '', '', ''],
      ['', 'yes', ...cellsOf(met, size), ...timesCells(met, plain)],
    ]
  })
  const head = ['thief', 'Weir', 'answers', 'at once', 'accounts', 'hours', 'dollars', 'accounts', 'hours', 'dollars', 'accounts x hours']
  return `${[
    styleText('bold', `The bill: ${count(size.answers)} answers for each thief, without Weir and with it`),
    coloured(table(head, rows)),
    styleText(
      'dim',
      [
        '"at once": answers taken before Weir first did anything. ">=": not complete when time was up, so that the rest comes on top.',
        'dollars: accounts and cards, tokens, rented addresses and a person who runs it; prices with their sources in src/lab/costs.yaml.',
        `Beside that, ${restricted(thieves, guarded)} came under restriction (no probabilities, at most 512 tokens): the last ones an account`,
        'gets before it has to prove something. They are not counted as complete.',
      ].join('\n'),
    ),
    honestText(guarded),
  ].join('\n\n')}\n`
}

const cellsOf = ({ harvested, beforeContainment, accounts, hours, dollars }: Bill, { answers }: DemoSize): string[] => [
  `${count(harvested)} of ${count(answers)}`,
  count(beforeContainment),
  count(accounts),
  hours.toFixed(1),
  `$${dollars.total.toFixed(dollars.total < 100 ? 2 : 0)}`,
]

function timesCells(met: Bill, plain: Bill): string[] {
  const times = multiplesOf(met, plain)
  const bound = times.atLeast ? '>= ' : ''
  return [times.accounts, times.hours, times.dollars, times.accountHours].map(
    (value) => `${bound}${value < 10 ? value.toFixed(1) : count(value)}x`,
  )
}

/** The rows with Weir stand out. */
const coloured = (text: string): string =>
  text
    .split('\n')
    .map((line, i) => (i === 0 ? styleText('bold', line) : / yes /.test(line) ? styleText('green', line) : line))
    .join('\n')

const restricted = (thieves: readonly string[], guarded: readonly Exchange[]): string =>
  counted(
    guarded.filter((one) => thieves.includes(one.class) && one.label !== null && one.action === 'restrict').length,
    'more answer',
  )

function honestText(guarded: readonly Exchange[]): string {
  const own = guarded.filter(({ isHonest }) => isHonest)
  const felt = feltBy(own)
  const accounts = felt.reduce((sum, one) => sum + one.accounts, 0)
  const part = (of: (one: (typeof felt)[number]) => number): number =>
    Math.round(felt.reduce((sum, one) => sum + of(one) * one.accounts, 0))
  const blocked = part((one) => one.blocked)
  const met = part((one) => one.friction)
  const touched = own.filter(({ action }) => action !== 'allow')
  const refused = own.filter(({ status }) => status !== 200)
  const limited = own.filter(({ refusal }) => refusal === 'over_quota')
  const worst = felt.reduce((most, { waitedMs }) => Math.max(most, waitedMs.p99), 0)
  const lines = [
    styleText('bold', 'The honest'),
    `${count(accounts)} accounts (${felt.map((one) => `${one.accounts} ${one.class}`).join(', ')}), ${count(own.length)} requests, ${count(own.length - refused.length)} answered.`,
    styleText(blocked === 0 ? 'green' : 'red', `Blocked: ${blocked === 0 ? 'nobody' : counted(blocked, 'account')}.`),
    met === 0
      ? 'Asked, slowed or restricted: nobody.'
      : `Asked, slowed or restricted: ${counted(met, 'account')}; that touched ${counted(touched.length, 'request')}, of which ${count(touched.filter(({ status }) => status === 200).length)} were answered.`,
    `Over a limit: ${counted(limited.length, 'request')}. Made to wait by Weir: 99 of 100 answers at most ${count(worst)} ms.`,
  ]
  return lines.join('\n')
}
