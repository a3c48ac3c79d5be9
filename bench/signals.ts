/*
 * How often honest accounts show each signal, and what signals cost. Folds every account of the evaluation data into its
 * signals and takes the highest value that each of them ever had. A signal that honest people or programs show often can explain, and
 * must not weigh: see docs/signals.md.
 *
 *   node bench/signals.ts
 */
import type { Observed } from '../src/core/observed.ts'
import { createSignals, STATE_BYTES } from '../src/signals/account-signals.ts'
import { Answers } from '../src/signals/answers.ts'
import { signals } from '../src/signals/index.ts'
import { machine, versions } from './environment.ts'
import { exchanges, type Group, readGroups } from './signals-data.ts'
import { measureTimes, type Time } from './signals-time.ts'
import { percentile } from './stats.ts'
import { type Table, toText } from './table.ts'
import { writeResults } from './write-results.ts'

/** Signals that rest on answers. */
const ofAnswers = new Set(['edge_probing', 'systematic_bypass', 'prompt_extraction'])

/** Exchanges from one reading to the next. */
const READ_EVERY = 10

/** From here on a signal is called strong. */
const STRONG = 0.5

interface Rate {
  readonly signal: string
  readonly group: string
  readonly kind: Group['kind']
  /** Accounts that the signal had something to say of. */
  readonly accounts: number
  readonly median: number
  readonly p95: number
  readonly strong: number
  /** Of the share of strong ones: where it is with 95 % confidence at most. */
  readonly atMost: number
}

interface EchoRate {
  readonly answers: number
  readonly p95: number
  readonly p99: number
  readonly half: number
}

function main(): void {
  const groups = readGroups()
  if (groups === null) {
    console.log('skipped: the evaluation data is not beside this project')
    return
  }
  const rates = groups.flatMap(ratesOf)
  const refused = refusalRate()
  const echo = echoRate()
  const times = measureTimes(
    groups,
    exchanges().map(({ asked, answer }) => `${asked}\n${answer}`),
  )
  const method = [
    `Each account is folded into its signals, which are read after every tenth exchange and the last; what counts is the highest value. Strong is ${STRONG} or more; the bound is Wilson's, one-sided, at 95 %.`,
    'chat nicks: everybody with 50 lines or more, the first 200. People talking to people, in shorter lines than to a model.',
    'shared chats and curated prompts: 50 prompts an account, of several people each; their times are not known.',
    'developers: what two people typed to coding agents, by 50 prompts and as a whole, with the calls of their agents between.',
    'one-template batch: one template of the sweep for each account, as an honest batch customer has it: the hard case.',
    'API clients: drawn from measured arrival processes of 145 production clients, 2,000 calls out of 14 days (thinned), and all calls of some ten-minute windows (dense). Every call counts as a prompt.',
    'Harvests: 100 prompts an account off one shuffled list, one every half hour give or take a fifth, day and night. Their times were made up.',
    'Not in the data: failures, countries, keys, ages, parameters, system prompts, tokens by text. What rests on them has no base rate here.',
    `Echo: how much of a text of at least 12 shingles the answer to it repeats, with prompts of people in the place of a system prompt; that is far more than answers repeat of their instructions, since people have texts rewritten.`,
    `State of all signals: ${STATE_BYTES} bytes an account.`,
  ]
  const results = {
    at: new Date().toISOString(),
    machine: machine(),
    versions: versions(),
    method,
    rates,
    refused,
    echo,
    times,
  }
  const tables = [...signals.map(({ name }) => rateTable(name, rates)), outputTable(refused, echo), timeTable(times)]
  console.log(toText(tables))
  writeResults('signals', 'Bench of the signals', results, tables)
}

function ratesOf(group: Group): readonly Rate[] {
  const readings = group.accounts.map(highestOf)
  return signals.flatMap(({ name, family }): readonly Rate[] => {
    const { hasText, hasTimes, hasAnswers = false } = group
    if (!(family === 'timing' ? hasTimes : ofAnswers.has(name) ? hasAnswers : hasText)) return []
    const values = readings.flatMap((own) => own.get(name) ?? [])
    if (values.length === 0) return []
    const strong = values.filter((value) => value >= STRONG).length
    return [
      {
        signal: name,
        group: group.name,
        kind: group.kind,
        accounts: values.length,
        median: percentile(values, 0.5),
        p95: percentile(values, 0.95),
        strong: strong / values.length,
        atMost: upperBound(strong, values.length),
      },
    ]
  })
}

/** The highest value that each signal ever had. */
function highestOf(account: readonly Observed[]): ReadonlyMap<string, number> {
  const own = createSignals()
  const highest = new Map<string, number>()
  for (const [i, seen] of account.entries()) {
    own.observe(seen)
    if (i % READ_EVERY !== 0 && i !== account.length - 1) continue
    for (const { name, value } of own.read(seen.timeMs)) highest.set(name, Math.max(value, highest.get(name) ?? 0))
  }
  return highest
}

function upperBound(hits: number, count: number): number {
  const z = 1.645
  const share = hits / count
  const middle = share + (z * z) / (2 * count)
  const spread = z * Math.sqrt((share * (1 - share)) / count + (z * z) / (4 * count * count))
  return Math.min(1, (middle + spread) / (1 + (z * z) / count))
}

/** Refusals among the answers of shared chats. */
function refusalRate(): { readonly answers: number; readonly refused: number } {
  const answers = new Answers(Uint8Array.of(1, 2, 3, 4))
  const all = exchanges()
  return {
    answers: all.length,
    refused: all.filter(({ answer }) => answers.hear(answer, 'stop', null, 0).refused).length,
  }
}

function echoRate(): EchoRate {
  const answers = new Answers(Uint8Array.of(1, 2, 3, 4))
  const echoes = exchanges().flatMap(
    ({ asked, answer }, i) => answers.hear(answer, 'stop', asked, i + 1).systemEcho ?? [],
  )
  return {
    answers: echoes.length,
    p95: percentile(echoes, 0.95),
    p99: percentile(echoes, 0.99),
    half: echoes.filter((echo) => echo >= 50).length / echoes.length,
  }
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`

function rateTable(name: string, rates: readonly Rate[]): Table {
  const own = rates.filter(({ signal }) => signal === name)
  const { weight, among } = signals.find((signal) => signal.name === name)!
  const says = weight === 'context' ? 'context' : `evidence${among === null ? '' : ` among ${among.join(', ')}`}`
  return {
    title: `${name}: ${says}`,
    head: ['accounts of', 'number', 'median', 'p95', 'strong', 'at most'],
    rows: own.map(({ group, accounts, median, p95, strong, atMost }) => [
      group,
      String(accounts),
      median.toFixed(2),
      p95.toFixed(2),
      percent(strong),
      percent(atMost),
    ]),
  }
}

const outputTable = ({ answers, refused }: ReturnType<typeof refusalRate>, echo: EchoRate): Table => ({
  title: 'honest answers',
  head: ['what', 'answers', 'share', 'p95', 'p99'],
  rows: [
    ['begin with a refusal', String(answers), percent(refused / answers), '', ''],
    [
      'repeat half of a text they were given',
      String(echo.answers),
      percent(echo.half),
      `${echo.p95} %`,
      `${echo.p99} %`,
    ],
  ],
})

const timeTable = (times: readonly Time[]): Table => ({
  title: 'time',
  head: ['what', 'us', 'min .. max', 'to parsing', 'budget'],
  rows: times.map(({ what, us, budgetUs, toPlain }) => [
    what,
    us.median.toFixed(2),
    `${us.min.toFixed(2)} .. ${us.max.toFixed(2)}`,
    toPlain.median.toFixed(2),
    budgetUs === null ? '' : `<= ${budgetUs} us ${us.min <= budgetUs ? 'pass' : 'MISS'}`,
  ]),
})

main()
