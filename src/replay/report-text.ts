import { actions } from '../core/decision.ts'
import { count, counted, minute, percent, shown, span, usd, wrapped } from './layout.ts'
import { accountsText, standsOut } from './report-accounts.ts'
import { campaignText } from './report-campaign.ts'
import type { ReadPart, Report, Taken } from './report.ts'

const WIDTH = 100
/** The worst come first. */
const MAX_CAMPAIGNS = 20

/** The report as a page: what was read, what was found, and what to do about it. */
export function reportText(report: Report): string {
  const { read, campaigns, accounts } = report
  const sections = [
    ['WEIR REPLAY REPORT', ...wrapped(summary(report), WIDTH)],
    ['What was read', ...indented(readText(read, report))],
    ...campaigns.slice(0, MAX_CAMPAIGNS).map((campaign, i) => campaignText(campaign, i + 1, campaigns.length)),
    ...(campaigns.length > MAX_CAMPAIGNS
      ? [[`${count(campaigns.length - MAX_CAMPAIGNS)} more campaigns: --json has all of them.`]]
      : []),
    ...(accounts.length === 0 ? [] : [accountsText(accounts)]),
    ['What to do next', ...nextSteps(report).flatMap(bullet)],
    ...(leftOut(report).length === 0 ? [] : [['What was left out', ...leftOut(report).flatMap(bullet)]]),
  ]
  return sections.map((lines) => `${lines.join('\n')}\n`).join('\n')
}

const indented = (lines: readonly string[]): readonly string[] => lines.map((line) => `  ${line}`)

const bullet = (text: string): readonly string[] =>
  wrapped(text, WIDTH - 4).map((line, i) => (i === 0 ? `  - ${line}` : `    ${line}`))

function summary({ read, campaigns, accounts }: Report): string {
  if (read.exchanges === 0) return 'No exchange could be read, so nothing was judged.'
  const alone = accounts.filter(standsOut).length
  const others =
    alone === 0 ? '' : ` ${counted(alone, 'more account')} stood out on ${alone === 1 ? 'its' : 'their'} own.`
  if (campaigns.length === 0) return `No campaign was found: no accounts that take answers together.${others}`
  const members = new Set(campaigns.flatMap(({ members }) => members)).size
  const taken = campaigns.reduce((sum, { output_tokens }) => sum + output_tokens, 0)
  const costs = campaigns.map(({ cost_usd }) => cost_usd).filter((cost) => cost !== null)
  const cost = costs.length === 0 ? '' : `, worth about ${usd(costs.reduce((sum, one) => sum + one, 0))}`
  return (
    `${counted(campaigns.length, 'campaign')} found. A campaign is a set of accounts that take answers together: here ` +
    `${count(members)} of ${counted(read.accounts, 'account')}, which took ${count(taken)} tokens of output${cost}.${others}`
  )
}

function readText(read: ReadPart, { skipped }: Report): readonly string[] {
  const unread = skipped.reduce((sum, { lines }) => sum + lines, 0)
  const more = read.uncounted_exchanges > 0 ? 'more than ' : ''
  return [
    ...(read.files.length === 0 ? [] : [`Files       ${filesText(read.files)}`]),
    `Judged by   ${shown(read.policy)}`,
    `Exchanges   ${count(read.exchanges)} by ${more}${counted(read.accounts, 'account')}`,
    ...(read.first === null || read.last === null
      ? []
      : [
          `Time        ${minute(read.first)} to ${minute(read.last)} (${span(Date.parse(read.last) - Date.parse(read.first))})`,
        ]),
    `Tokens      ${tokensText(read)}`,
    `Cost        ${read.cost_usd === null ? 'not known: see What to do next' : costText(read, read.cost_usd)}`,
    `Text        ${textText(read)}`,
    ...(read.exchanges === 0 ? [] : [`Answers     ${answersText(read)}`]),
    `Lines       ${count(read.lines)}, of which ${count(unread)} could not be read`,
  ]
}

const MAX_FILES = 3

function filesText(files: readonly string[]): string {
  const named = files.slice(0, MAX_FILES).map((name) => shown(name))
  return `${named.join(', ')}${files.length > MAX_FILES ? `, and ${count(files.length - MAX_FILES)} more` : ''}`
}

/** What all of the exchanges together would have met. */
function answersText({ exchanges, met }: ReadPart): string {
  const shares = actions.flatMap((action) => {
    const times = met[action] ?? 0
    return times === 0 ? [] : [`${action} ${percent(times / exchanges)}`]
  })
  return `Weir in line would have said: ${shares.join(', ')}`
}

const tokensText = ({ input_tokens, output_tokens }: Taken): string =>
  `${count(input_tokens)} in, ${count(output_tokens)} out`

const costText = (read: ReadPart, cost: number): string =>
  read.exchanges_with_cost === read.exchanges
    ? usd(cost)
    : `${usd(cost)} for the ${percent(read.exchanges_with_cost / read.exchanges)} of the exchanges whose cost is known`

function textText({ exchanges, exchanges_with_text }: ReadPart): string {
  if (exchanges_with_text === 0) return 'none: this log holds no prompts'
  return `prompts in ${percent(exchanges_with_text / exchanges)} of the exchanges`
}

function nextSteps({ read, campaigns, accounts, notes, broken_files }: Report): readonly string[] {
  const steps: string[] = []
  if (campaigns.length > 0) {
    steps.push(
      'Look through the members of each campaign for accounts that you know. One that you know to be honest is worth more than any number here: name it as such before anything is put in force.',
      'Put Weir in line with detection in shadow first: it then records what it would do and touches nobody.',
    )
  } else if (accounts.length > 0) {
    steps.push('Look at the accounts above: what they do together with others was not enough to call it a campaign.')
  }
  if (campaigns.length + accounts.length === 0 && read.exchanges > 0) {
    steps.push('Nothing needs doing. A longer stretch of the log shows more: evidence adds up with every exchange.')
  }
  if (read.exchanges > 0 && read.exchanges_with_text === 0) {
    steps.push(
      'Log prompts, if you may: without them Weir judges by time, place and size alone, and shows no templates.',
    )
  }
  if (read.exchanges > 0 && read.cost_usd === null) {
    steps.push('To see cost, give a configuration with prices: --config FILE, with `pricing.book` or prices of models.')
  }
  if (broken_files.length > 0) steps.push('Some files broke off: mend them and run this again.')
  const backwards = notes.find(({ note }) => note.startsWith('the clock ran backwards'))
  if (backwards !== undefined && backwards.count > read.exchanges / 100) {
    steps.push('Sort the log by time: lines that come late are judged as if they had happened when they are read.')
  }
  return steps.length === 0 ? ['Check the format: --from own, litellm or openai.'] : steps
}

type LeftOut = Pick<Report, 'skipped' | 'notes' | 'broken_files'>

/** Nothing of a line is repeated here, only where it stands. */
export function leftOut({ skipped, notes, broken_files }: LeftOut): readonly string[] {
  return [
    ...skipped.map(({ why, lines, first_lines }) => {
      const named = first_lines.join(', ')
      return `${counted(lines, 'line')} skipped: ${why}: line ${named}${lines > first_lines.length ? ', ...' : ''}`
    }),
    ...notes.map(({ note, count: times, first_line }) => `${note}: ${count(times)} times, first in line ${first_line}`),
    ...broken_files.map(({ name, why }) => `${shown(name)} could not be read to its end: ${shown(why)}`),
  ]
}
