import { styleText } from 'node:util'
import { billOf, multiplesOf, type Bill, type Multiples } from './economics.ts'
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
      [who, 'without', ...cellsOf(plain, null, size)],
      ['', 'with', ...cellsOf(met, multiplesOf(met, plain), size)],
    ]
  })
  const head = ['thief', 'Weir', 'answers', 'before Weir acted', 'accounts', 'hours', 'dollars', 'accounts x hours']
  return `${[
    `${styleText('bold', '3. The bill')} for ${count(size.answers)} answers, without Weir and with it`,
    coloured(table(head, rows)),
    styleText(
      'dim',
      [
        '">=": the set was not complete when time was up; what is missing comes on top.',
        'dollars: accounts and cards, tokens, rented addresses and a person who runs it; each price and its source: src/lab/costs.yaml',
        `Not counted: ${restricted(thieves, guarded)} in restricted form, the last that an account gets before it has to prove itself.`,
        'Larger sets, other thieves, and a copy trained on what they got: bin/weir lab --list',
      ].join('\n'),
    ),
    honestText(guarded),
  ].join('\n\n')}\n`
}

function cellsOf(bill: Bill, times: Multiples | null, { answers }: DemoSize): string[] {
  const { harvested, beforeContainment, accounts, hours, dollars } = bill
  const bound = (value: number): string =>
    `${times?.atLeast === true ? '>= ' : ''}${value < 10 ? value.toFixed(1) : count(value)}x`
  const by = (of: 'accounts' | 'hours' | 'dollars'): string => (times === null ? '' : ` (${bound(times[of])})`)
  return [
    bill.isComplete ? count(harvested) : `${count(harvested)} of ${count(answers)}`,
    times === null ? '' : count(beforeContainment),
    `${count(accounts)}${by('accounts')}`,
    `${hours.toFixed(1)}${by('hours')}`,
    `$${dollars.total < 100 ? dollars.total.toFixed(2) : count(dollars.total)}${by('dollars')}`,
    times === null ? '' : bound(times.accountHours),
  ]
}

/** The rows with Weir stand out. */
const coloured = (text: string): string =>
  text
    .split('\n')
    .map((line, i) => (i === 0 ? styleText('bold', line) : / with /.test(line) ? styleText('green', line) : line))
    .join('\n')

const restricted = (thieves: readonly string[], guarded: readonly Exchange[]): string =>
  counted(
    guarded.filter((one) => thieves.includes(one.class) && one.label !== null && one.action === 'restrict').length,
    'answer',
  )

function honestText(guarded: readonly Exchange[]): string {
  // What was under way when the curtain fell was neither answered nor refused.
  const own = guarded.filter(({ isHonest, status }) => isHonest && status !== 0)
  const answered = own.filter(({ status }) => status === 200)
  const accountsOf = (exchanges: readonly Exchange[]): number => new Set(exchanges.map(({ account }) => account)).size
  const blocked = accountsOf(own.filter(({ action }) => action === 'block' || action === 'quarantine'))
  const touched = own.filter(({ action }) => action !== 'allow')
  const limited = own.filter(({ refusal }) => refusal === 'over_quota')
  const waited = answered.map(({ waitedMs }) => waitedMs).filter((ms) => ms > 0)
  const kinds = feltBy(own).map((felt) => `${felt.class} ${felt.accounts}`)
  const lines = [
    `${styleText('bold', 'And the honest?')} ${counted(accountsOf(own), 'account')} (${kinds.join(', ')}): ${count(answered.length)} of ${counted(own.length, 'request')} answered.`,
    `blocked: ${blocked === 0 ? styleText('green', 'nobody') : styleText('red', counted(blocked, 'account'))}`,
    `asked to prove itself, slowed, or restricted: ${touched.length === 0 ? 'nobody' : `${counted(accountsOf(touched), 'account')}, in ${counted(touched.length, 'request')}, of which ${count(touched.filter(({ status }) => status === 200).length)} were answered`}`,
    `refused by a limit: ${limited.length === 0 ? 'nothing' : counted(limited.length, 'request')}`,
    `made to wait by Weir: ${waited.length === 0 ? 'nobody' : `${counted(waited.length, 'answer')}, at most ${(Math.max(...waited) / 1000).toFixed(1)} s`}`,
  ]
  if (touched.length > 0)
    lines.push(
      styleText(
        'dim',
        'People of the lab are made from grammars and have more in common than people in life, so that this is rather too much: docs/lab.md',
      ),
    )
  return lines.join('\n')
}
