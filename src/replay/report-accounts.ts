import { levels } from '../core/decision.ts'
import { columns, count, counted, minute, rarity, shown } from './layout.ts'
import type { AccountPart } from './report.ts'

const MAX_ACCOUNTS = 25
const MAX_WHY_CHARS = 80

/** Told to an operator, or more. */
export const standsOut = ({ level }: AccountPart): boolean => levels.indexOf(level) > levels.indexOf('watch')

/** Accounts that stand out by themselves. Those that are only watched are counted, and not named. */
export function accountsText(accounts: readonly AccountPart[]): readonly string[] {
  const named = accounts.filter(standsOut)
  const watched = accounts.length - named.length
  const rows = named
    .slice(0, MAX_ACCOUNTS)
    .map((account) => [
      shown(account.account, 32),
      account.level,
      account.actions.at(-1)?.action ?? 'nothing',
      minute(account.first),
      count(account.output_tokens),
      rarity(account.evidence),
      why(account),
    ])
  const head = ['account', 'standing', 'met at last', 'first seen', '>tokens out', 'by chance', 'why']
  return [
    'Accounts on their own',
    ...(rows.length === 0 ? [] : columns(head, rows).map((line) => `  ${line}`)),
    ...(named.length > MAX_ACCOUNTS ? [`  and ${count(named.length - MAX_ACCOUNTS)} more`] : []),
    ...(watched === 0
      ? []
      : [`  ${counted(watched, 'account')} watched more closely, to whom nothing would have been done.`]),
  ]
}

function why({ findings }: AccountPart): string {
  const [first] = findings.toSorted((a, b) => b.evidence - a.evidence)
  return first === undefined ? '' : shown(first.says, MAX_WHY_CHARS)
}
