import type { Finding } from '../core/decision.ts'
import { columns, count, counted, minute, percent, rarity, shown, span, usd, wrapped } from './layout.ts'
import type { CampaignPart } from './report.ts'
import { actionMeans, familyMeans, levelMeans } from './words.ts'

const MAX_MEMBERS = 12
const MAX_FINDINGS = 6
const WIDTH = 96

export function campaignText(campaign: CampaignPart, number: number, of: number): readonly string[] {
  const { id, members, first, detected, last, level, evidence, families, cost_usd } = campaign
  const cost = cost_usd === null ? '' : `, about ${usd(cost_usd)}`
  return [
    `Campaign ${number} of ${of}: ${shown(id)}, ${counted(members.length, 'account')}`,
    `  First seen   ${minute(first)}`,
    `  Found        ${minute(detected)}, ${span(Date.parse(detected) - Date.parse(first))} later`,
    `  Last seen    ${minute(last)}`,
    `  Taken        ${counted(campaign.exchanges, 'exchange')}: ${count(campaign.input_tokens)} tokens in, ` +
      `${count(campaign.output_tokens)} out${cost}`,
    `  Standing     ${level}: ${levelMeans[level]}`,
    `  By chance    ${rarity(evidence)} honest accounts would come this far`,
    ...(families.length === 0 ? [] : [`  Seen by      ${families.map((family) => familyMeans[family]).join('; ')}`]),
    ...section('Had Weir been in line', actionsText(campaign)),
    ...section('Why', findingsText(campaign.findings)),
    ...section('What they send, with … for what differs', templatesText(campaign)),
    ...section('Members', membersText(members)),
  ]
}

const section = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : ['', `  ${title}`, ...lines.map((line) => `    ${line}`)]

function actionsText({ actions, answered_in_full }: CampaignPart): readonly string[] {
  const rows = actions.map(({ action, first, accounts }) => [
    minute(first),
    action,
    count(accounts),
    actionMeans[action],
  ])
  const share =
    answered_in_full === null
      ? []
      : [`${percent(answered_in_full)} of all that these accounts asked for would have been answered in full.`]
  if (rows.length === 0) return ['Nothing would have been done to any member.', ...share]
  return [...columns(['in force from', 'action', '>accounts', 'meaning'], rows), ...share]
}

function findingsText(findings: readonly Finding[]): readonly string[] {
  const sorted = findings.toSorted((a, b) => b.evidence - a.evidence)
  const lines = sorted.slice(0, MAX_FINDINGS).flatMap(({ says, family, evidence }) => {
    const text = `${shown(says, 400)} (${familyMeans[family]}; ${rarity(evidence)})`
    return wrapped(text, WIDTH - 6).map((line, i) => (i === 0 ? `- ${line}` : `  ${line}`))
  })
  return sorted.length > MAX_FINDINGS ? [...lines, `and ${count(sorted.length - MAX_FINDINGS)} more`] : lines
}

const templatesText = ({ templates }: CampaignPart): readonly string[] =>
  templates.flatMap(({ text, exchanges }) => [
    `in about ${counted(exchanges, 'exchange')}:`,
    ...wrapped(shown(text, 600), WIDTH - 8).map((line) => `  ${line}`),
  ])

function membersText(members: readonly string[]): readonly string[] {
  const named = members.slice(0, MAX_MEMBERS).map((member) => shown(member, 40))
  const more = members.length > MAX_MEMBERS ? `, and ${count(members.length - MAX_MEMBERS)} more` : ''
  return wrapped(`${named.join(', ')}${more}`, WIDTH - 4)
}
