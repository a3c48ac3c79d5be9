import { LEAST_ACCOUNTS } from '../honest-logs.ts'
import { columns, count, counted, minute, rarity, shown, span, wrapped } from '../replay/layout.ts'
import { leftOut } from '../replay/report-text.ts'
import type { CalibrateReport, SegmentPart, SuspectPart } from './calibrate-report.ts'

const WIDTH = 100
const MAX_SUSPECTS = 20
const DAY_MS = 86_400_000
/** A shorter log shows too little of anybody's life. */
const FEW_DAYS = 7

/** The report as a page: what the calibration rests on, what it can support, and what it cannot. */
export function calibrateText(report: CalibrateReport): string {
  const { segments, suspects } = report
  const left = leftOut(report)
  const sections = [
    ['WEIR CALIBRATION', ...wrapped(summary(report), WIDTH)],
    ['What was read', ...readText(report).map((line) => `  ${line}`)],
    ...(suspects.accounts.length === 0 ? [] : [suspectsText(report)]),
    ...(report.read.measured === 0 ? [] : [['Segments', ...segmentsText(segments)]]),
    ['What to do next', ...nextSteps(report).flatMap(bullet)],
    ...(left.length === 0 ? [] : [['What was left out', ...left.flatMap(bullet)]]),
  ]
  return sections.map((lines) => lines.join('\n')).join('\n\n')
}

const bullet = (text: string): readonly string[] =>
  wrapped(text, WIDTH - 4).map((line, i) => (i === 0 ? `  - ${line}` : `    ${line}`))

function summary({ written, out, read }: CalibrateReport): string {
  if (written) return `${counted(read.measured, 'account')} measured; the calibration is in ${shown(out)}.`
  return read.measured === 0
    ? 'No account could be measured, so nothing was written.'
    : `${counted(read.measured, 'account')} measured, which are too few to judge by: nothing was written.`
}

function readText({ read }: CalibrateReport): readonly string[] {
  const { files, exchanges, accounts, measured, first, last, lines, exchanges_with_text } = read
  const named = files.slice(0, 3).map((name) => shown(name))
  return [
    `Files       ${named.join(', ')}${files.length > 3 ? `, and ${count(files.length - 3)} more` : ''}`,
    `Exchanges   ${count(exchanges)} in ${counted(lines, 'line')}, ${count(exchanges_with_text)} of them with text`,
    ...(first === null || last === null
      ? []
      : [`Time        ${minute(first)} to ${minute(last)} (${span(Date.parse(last) - Date.parse(first))})`]),
    `Accounts    ${count(accounts)}, of which ${count(measured)} are measured`,
  ]
}

function suspectsText({ suspects, read }: CalibrateReport): readonly string[] {
  const { accounts, left_out } = suspects
  const one = accounts.length === 1
  const warning =
    `THESE LOGS DO NOT LOOK HONEST: ${counted(accounts.length, 'account')} would be asked to show who ` +
    `${one ? 'it is' : 'they are'}, or worse, by the calibration that ships. ` +
    (left_out
      ? `${one ? 'It was' : 'They were'} left out: whoever is measured as honest is no longer suspected. Every honest one ` +
        `among them makes the stated errors too small.`
      : `${one ? 'It is' : 'They are'} KEPT, as asked for: what ${one ? 'it does' : 'they do'} counts as honest from now on.`)
  const rows = accounts
    .slice(0, MAX_SUSPECTS)
    .map((suspect) => [shown(suspect.account, 40), rarity(suspect.evidence), count(suspect.prompts), whyOf(suspect)])
  const more = accounts.length - rows.length
  return [
    ...wrapped(warning, WIDTH),
    ...columns(['account', 'by chance', '>prompts', 'what speaks against it'], rows).map((line) => `  ${line}`),
    ...(more > 0 ? [`  ${count(more)} more: --json has all of them.`] : []),
    ...(accounts.length > MANY * read.accounts ? wrapped(manyMeans, WIDTH) : []),
  ]
}

/** No campaign that is still to be found is so large a part of a customer base that its owner calls honest. */
const MANY = 0.1
const manyMeans =
  'So many are rather people unlike those of the calibration that ships: other languages, other tasks, batch customers ' +
  'without a profile. Look at some of them; if they are your customers, calibrate again with --keep-suspects.'

const partMeans: Readonly<Record<keyof SuspectPart['parts'], string>> = {
  content: 'templates that others use too',
  form: 'the form of one work list',
  infrastructure: 'programs and networks of suspects',
  person: 'nobody at a keyboard',
  volume: 'much of one template',
}

/** The heaviest first. */
const whyOf = ({ parts }: SuspectPart): string =>
  (Object.keys(partMeans) as (keyof SuspectPart['parts'])[])
    .filter((name) => parts[name] >= 1)
    .sort((a, b) => parts[b] - parts[a])
    .map((name) => `${partMeans[name]} ${parts[name].toFixed(1)}`)
    .join(', ')

function segmentsText(segments: readonly SegmentPart[]): readonly string[] {
  const rows = segments.map(({ segment, accounts, added, one_in, most_evidence, highest_scores }) => [
    segment,
    count(accounts),
    count(added),
    `1 in ${count(one_in)}`,
    count(Math.floor(most_evidence)),
    highest_scores.map((score) => score.toFixed(1)).join(' '),
  ])
  const head = ['segment', '>accounts', '>of these logs', '>error at best', '>evidence at most', 'highest scores']
  return [...columns(head, rows).map((line) => `  ${line}`), ...segments.map(supportText).flatMap(bullet)]
}

function supportText({ segment, accounts, enough, one_in, most_evidence, levels }: SegmentPart): string {
  if (!enough) {
    return (
      `${segment}: ${counted(accounts, 'account')}, and ${LEAST_ACCOUNTS} are needed. Fewer do not lower what the pooled segment ` +
      `says, and nobody of this segment is met with more than step_up by them.`
    )
  }
  const named = levels.map(({ level, evidence, from_score }) => ({
    text: `${level} (${count(evidence)}${from_score === null ? '' : `, from a score of ${from_score.toFixed(1)}`})`,
    reached: from_score !== null,
  }))
  const reached = named.filter(({ reached: is }) => is).map(({ text }) => text)
  const missed = named.filter(({ reached: is }) => !is).map(({ text }) => text)
  const held =
    most_evidence < 0.9 * one_in ? `; its highest scores hold evidence to ${count(Math.floor(most_evidence))}` : ''
  const can = reached.length === 0 ? 'No level can be reached' : `Reached can be ${reached.join(', ')}`
  const cannot = missed.length === 0 ? '' : `; not ${missed.join(', ')}`
  return `${segment}: ${counted(accounts, 'account')} support an error of 1 in ${count(one_in)}${held}. ${can}${cannot}.`
}

function nextSteps(report: CalibrateReport): readonly string[] {
  const { written, config, read, suspects, segments } = report
  const steps: string[] = []
  if (written) steps.push(`Put this line into weir.yaml: ${config}`)
  if (suspects.accounts.length > 0) {
    steps.push(
      suspects.left_out
        ? 'Look at the accounts that were left out: `weir replay` on the same logs shows more of them. Those that you know to be honest belong in: give their keys a profile, or calibrate again with --keep-suspects once none of the others is in the logs.'
        : 'Be sure that you know every account that was kept: a campaign among them is not found any more.',
    )
  }
  if (read.exchanges === 0) steps.push('Check the format: --from own, litellm or openai.')
  else if (read.exchanges_with_text === 0)
    steps.push('Log prompts, if you may: without them there is nothing to measure.')
  else if (read.measured < read.accounts / 2) {
    steps.push(
      'Take a longer stretch of the logs: an account with fewer than eight prompts shows nothing, and is not counted.',
    )
  }
  if (read.first !== null && read.last !== null && Date.parse(read.last) - Date.parse(read.first) < FEW_DAYS * DAY_MS) {
    steps.push(
      'Take at least a week, better a month: scores only rise, and accounts that are judged for longer than the measured ones were will stand out for that alone.',
    )
  }
  const pooled = segments.find(({ segment }) => segment === 'pooled')
  const next = pooled?.levels.find(({ from_score }) => from_score === null)
  if (read.measured > 0 && pooled?.enough === false) {
    steps.push(`Find more honest accounts: ${LEAST_ACCOUNTS} are the least that anybody can be judged by.`)
  } else if (read.measured > 0 && next !== undefined) {
    steps.push(
      `For ${next.level} more honest accounts are needed: at least ${count(next.evidence)} in all. --merge adds those of another log; nobody may be in both.`,
    )
  }
  return steps.length === 0 ? ['Nothing: this is all there is to know.'] : steps
}
