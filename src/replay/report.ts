import type { AccountCase, ActionName, CampaignCase, Family, Finding, Level } from '../core/decision.ts'
import { levels } from '../core/decision.ts'
import { sumOf, type Tally } from './ledger.ts'
import type { SkipReason } from './line.ts'
import type { Note } from './notes.ts'
import type { Replayed } from './replay.ts'
import { type Template, templatesOf } from './templates.ts'

/** What a replay has found, as `--json` prints it. Times are RFC 3339, money is dollars; the text is made of this alone. */
export interface Report {
  readonly read: ReadPart
  readonly campaigns: readonly CampaignPart[]
  /** Accounts that reached `watch` or more and belong to no campaign, worst first. */
  readonly accounts: readonly AccountPart[]
  readonly skipped: readonly {
    readonly why: SkipReason
    readonly lines: number
    readonly first_lines: readonly number[]
  }[]
  readonly notes: readonly { readonly note: Note; readonly count: number; readonly first_line: number }[]
  readonly broken_files: readonly { readonly name: string; readonly why: string }[]
}

export interface ReadPart extends Taken {
  readonly files: readonly string[]
  /** Which configuration has judged. */
  readonly policy: string
  readonly lines: number
  readonly accounts: number
  /** Of accounts beyond what is counted one by one. */
  readonly uncounted_exchanges: number
  readonly exchanges_with_text: number
  readonly exchanges_with_cost: number
  readonly first: string | null
  readonly last: string | null
  readonly met: Readonly<Partial<Record<ActionName, number>>>
}

export interface Taken {
  readonly exchanges: number
  readonly input_tokens: number
  readonly output_tokens: number
  /** null: the log holds no cost, and there is no price. */
  readonly cost_usd: number | null
}

export interface CampaignPart extends Taken {
  readonly id: string
  readonly level: Level
  readonly evidence: number
  readonly families: readonly Family[]
  readonly members: readonly string[]
  readonly first: string
  readonly detected: string
  readonly last: string
  /** Of everything that its members asked for; null where none of it was counted. */
  readonly answered_in_full: number | null
  readonly actions: readonly ActionPart[]
  readonly findings: readonly Finding[]
  readonly templates: readonly Template[]
}

/** Since when an action would have been in force, and on how many members in the end. */
export interface ActionPart {
  readonly action: ActionName
  readonly first: string
  readonly accounts: number
}

export interface AccountPart extends Taken {
  readonly account: string
  readonly keys: readonly string[]
  readonly level: Level
  readonly evidence: number
  readonly first: string
  readonly last: string
  readonly actions: readonly ActionPart[]
  readonly findings: readonly Finding[]
}

export function reportOf(
  policy: string,
  replayed: Replayed,
  accounts: readonly AccountCase[],
  campaigns: readonly CampaignCase[],
): Report {
  const { ledger, notes, broken } = replayed
  const cases = new Map(accounts.map((one) => [one.account, one]))
  const alone = accounts.filter(({ campaign }) => campaign === null)
  return {
    read: readPart(policy, replayed),
    campaigns: campaigns.map((one) => campaignPart(one, cases, replayed)).sort(worstFirst),
    accounts: alone.map((one) => accountPart(one, ledger.account(one.account))).sort(worstFirst),
    skipped: ledger.skips().map(({ why, count, lines }) => ({ why, lines: count, first_lines: lines })),
    notes: notes.list().map(({ note, count, firstLine }) => ({ note, count, first_line: firstLine })),
    broken_files: broken,
  }
}

const worstFirst = (a: Judged, b: Judged): number =>
  levels.indexOf(b.level) - levels.indexOf(a.level) || b.output_tokens - a.output_tokens || b.evidence - a.evidence

type Judged = Pick<CampaignPart, 'level' | 'output_tokens' | 'evidence'>

function readPart(policy: string, { files, lines, ledger }: Replayed): ReadPart {
  const { total, firstMs, lastMs } = ledger
  return {
    files,
    policy,
    lines,
    accounts: ledger.accounts,
    uncounted_exchanges: ledger.uncounted,
    exchanges: total.exchanges,
    exchanges_with_text: ledger.exchangesWithText,
    exchanges_with_cost: total.priced,
    input_tokens: total.inputTokens,
    output_tokens: total.outputTokens,
    cost_usd: costOf(total),
    first: firstMs === null ? null : moment(firstMs),
    last: lastMs === null ? null : moment(lastMs),
    met: Object.fromEntries(ledger.met),
  }
}

function campaignPart(campaign: CampaignCase, cases: Cases, { ledger, examples }: Replayed): CampaignPart {
  const tallies = campaign.members.map((member) => ledger.account(member)).filter((tally) => tally !== null)
  const members = sumOf(tallies)
  const found = campaign.keys.map((key) => examples.of(key)).filter((kept) => kept !== null)
  return {
    id: campaign.id,
    level: campaign.level,
    evidence: finite(campaign.evidence),
    families: campaign.families,
    members: campaign.members,
    first: moment(campaign.firstMs),
    detected: moment(campaign.detectedMs),
    last: moment(campaign.lastMs),
    exchanges: campaign.exchanges,
    input_tokens: campaign.inputTokens,
    output_tokens: campaign.outputTokens,
    cost_usd: shareOfCost(members, campaign),
    answered_in_full: members.exchanges === 0 ? null : members.answeredInFull / members.exchanges,
    actions: actionsOf(campaign.members.flatMap((member) => cases.get(member) ?? [])),
    findings: campaign.findings.map(finiteFinding),
    templates: templatesOf(found),
  }
}

type Cases = ReadonlyMap<string, AccountCase>

function accountPart(one: AccountCase, tally: Readonly<Tally> | null): AccountPart {
  return {
    account: one.account,
    keys: one.keys,
    level: one.level,
    evidence: finite(one.evidence),
    first: moment(one.firstMs),
    last: moment(one.lastMs),
    exchanges: one.exchanges,
    input_tokens: one.inputTokens,
    output_tokens: one.outputTokens,
    cost_usd: tally === null ? null : costOf(tally),
    actions: actionsOf([one]),
    findings: one.findings.map(finiteFinding),
  }
}

/** What members did beside the campaign is not part of it: they are charged what they paid for a token, on average. */
function shareOfCost(members: Tally, campaign: CampaignCase): number | null {
  const cost = costOf(members)
  if (cost === null) return null
  const all = members.inputTokens + members.outputTokens
  const share = all > 0 ? (campaign.inputTokens + campaign.outputTokens) / all : campaign.exchanges / members.exchanges
  return cost * Math.min(1, share)
}

/** The actions that accounts reached, in the order of time; each account counts once for an action. */
function actionsOf(cases: readonly AccountCase[]): readonly ActionPart[] {
  const found = new Map<ActionName, { atMs: number; accounts: number }>()
  for (const { steps } of cases) {
    const own = new Map<ActionName, number>()
    for (const { action, atMs } of steps) {
      if (action !== 'allow') own.set(action, Math.min(atMs, own.get(action) ?? atMs))
    }
    for (const [action, atMs] of own) {
      const part = found.get(action)
      if (part === undefined) found.set(action, { atMs, accounts: 1 })
      else {
        part.accounts++
        part.atMs = Math.min(part.atMs, atMs)
      }
    }
  }
  return [...found]
    .sort(([, a], [, b]) => a.atMs - b.atMs)
    .map(([action, { atMs, accounts }]) => ({ action, first: moment(atMs), accounts }))
}

/** JSON has no infinity. */
const finite = (evidence: number): number => Math.min(evidence, Number.MAX_VALUE)
const finiteFinding = (finding: Finding): Finding => ({ ...finding, evidence: finite(finding.evidence) })

const costOf = ({ priced, costNanoUsd }: Tally): number | null => (priced === 0 ? null : costNanoUsd / 1e9)
const moment = (ms: number): string => new Date(ms).toISOString()
