import type { Arm } from './arms.ts'
import type { Multiples } from './economics.ts'
import type { Felt } from './felt.ts'
import type { Played, PlayedArm } from './play.ts'

/** What the lab found, for a terminal. */
export function reportText(played: Played): string {
  const { scenario, describe, goal, arms } = played
  const head = `${scenario}: ${describe}`
  const bills = arms.filter(({ bill }) => bill !== null)
  const parts = [
    head,
    ...(bills.length === 0 ? [] : [billTable(bills, goal!), verdict(played)]),
    feltTable(arms),
    speed(arms),
  ]
  return `${parts.join('\n\n')}\n`
}

const armNames: Readonly<Record<Arm, string>> = {
  unprotected: 'unprotected',
  limits: 'limits only',
  protected: 'protected',
}

function billTable(arms: readonly PlayedArm[], goal: number): string {
  const rows = arms.map(({ arm, bill, multiples }) => {
    const { harvested, tokens, accounts, hours, dollars, beforeContainment, partly, isComplete } = bill!
    return [
      armNames[arm],
      `${count(harvested)} of ${count(goal)}${isComplete ? '' : ' (called off)'}`,
      count(tokens),
      count(beforeContainment),
      count(partly),
      `${count(accounts)}${times(multiples, 'accounts')}`,
      `${hours.toFixed(1)}${times(multiples, 'hours')}`,
      `$${dollars.total.toFixed(dollars.total < 100 ? 2 : 0)}${times(multiples, 'dollars')}`,
      multiples === null ? '1x' : bound(multiples, multiples.accountHours),
    ]
  })
  return table(
    [
      'arm',
      'harvested in full',
      'tokens',
      'before containment',
      'not in full',
      'accounts',
      'hours',
      'dollars',
      'accounts x hours',
    ],
    rows,
  )
}

const times = (multiples: Multiples | null, of: 'accounts' | 'hours' | 'dollars'): string =>
  multiples === null ? '' : ` (${bound(multiples, multiples[of])})`

const bound = ({ atLeast }: Multiples, value: number): string => `${atLeast ? '>= ' : ''}${short(value)}x`

function verdict({ arms, target }: Played): string {
  const found = arms.find(({ arm }) => arm === 'protected')?.multiples ?? null
  if (found === null || target === null) return ''
  const held = found.accountHours >= target
  const rest =
    found.atLeast && found.collected > 0
      ? ` It was called off with ${percent(found.collected)} of the set; at the rate until then the whole takes ${short(found.atThisRate)}x.`
      : found.atLeast
        ? ' It was called off with nothing of the set.'
        : ''
  return `the same set takes ${bound(found, found.accountHours)} the accounts x hours; the target is ${target}x: ${held ? 'held' : 'MISSED'}.${rest}`
}

/** In the arm that acts; the kinds that the scenario is about come last. */
function feltTable(arms: readonly PlayedArm[]): string {
  const rows = arms
    .at(-1)!
    .felt.map(({ class: name, accounts, exchanges, friction, firm, blocked, limited, waitedMs }) => [
      name,
      count(accounts),
      count(exchanges),
      percent(friction),
      percent(firm),
      percent(blocked),
      percent(limited),
      `${Math.round(waitedMs.p50)} / ${Math.round(waitedMs.p99)}`,
    ])
  return table(
    ['honest', 'accounts', 'exchanges', 'friction', 'firm', 'blocked', 'over a limit', 'waited ms p50 / p99'],
    rows,
  )
}

function speed(arms: readonly PlayedArm[]): string {
  const of = (felt: readonly Felt[], which: 'p50' | 'p99'): number =>
    Math.max(0, ...felt.filter(({ exchanges }) => exchanges >= 100).map(({ cpuMs }) => cpuMs[which]))
  const rows = arms.map(({ arm, felt, exchanges, cpuS }) => [
    armNames[arm],
    of(felt, 'p50').toFixed(2),
    of(felt, 'p99').toFixed(2),
    count(exchanges),
    cpuS.toFixed(1),
    ((cpuS * 1e6) / Math.max(1, exchanges)).toFixed(0),
  ])
  return table(
    ["Weir's own time", 'p50 ms', 'p99 ms', 'exchanges', 'processor s in all', 'us an exchange, all told'],
    rows,
  )
}

/** One line a scenario, at the end. */
export function summary(all: readonly Played[]): string {
  const rows = all.map(({ scenario, target, arms }) => {
    const { multiples, felt, bill } = arms.at(-1)!
    const worst = felt.reduce((most, one) => Math.max(most, one.friction), 0)
    const blocked = felt.some((one) => one.blocked > 0)
    return [
      scenario,
      multiples === null ? '-' : bound(multiples, multiples.accounts),
      multiples === null ? '-' : bound(multiples, multiples.hours),
      multiples === null ? '-' : bound(multiples, multiples.dollars),
      multiples === null ? '-' : bound(multiples, multiples.accountHours),
      target === null ? '-' : `${target}x`,
      multiples === null || target === null ? '-' : multiples.accountHours >= target ? 'held' : 'MISSED',
      bill === null ? '-' : percent(bill.harvested / Math.max(1, arms[0]!.bill!.harvested)),
      percent(worst),
      blocked ? 'YES' : 'none',
    ]
  })
  return table(
    [
      'scenario',
      'accounts',
      'hours',
      'dollars',
      'accounts x hours',
      'target',
      '',
      'of the set',
      'worst friction',
      'honest blocked',
    ],
    rows,
  )
}

const count = (value: number): string => Math.round(value).toLocaleString('en-US')
const percent = (part: number): string => `${(part * 100).toFixed(part > 0 && part < 0.1 ? 1 : 0)} %`
const short = (value: number): string =>
  value >= 100 ? count(value) : value >= 10 ? value.toFixed(0) : value.toFixed(1)

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((name, i) => Math.max(name.length, ...rows.map((row) => row[i]!.length)))
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join('  ')
      .trimEnd()
  return [line(head), ...rows.map(line)].join('\n')
}
