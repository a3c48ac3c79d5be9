import type { AccountCase, CampaignCase, Family, Finding, Level } from './core/decision.ts'
import { levels } from './core/decision.ts'
import { HOURS } from './campaigns/activity.ts'
import { familiesPast, clusterEvidence } from './campaigns/cluster/combine.ts'
import { coverageOf } from './campaigns/cluster/coverage.ts'
import type { ClusterView, MemberView, PopulationView } from './campaigns/cluster/view.ts'
import type { CampaignEngine } from './campaigns/engine.ts'
import { commonKeys } from './campaigns/common.ts'
import type { Gauge } from './risk/calibration.ts'
import type { Subject } from './subject.ts'
import { successions } from './succession.ts'

/** From what the judge holds to cases that a person reads: who, since when, how much, and the numbers behind it. */
const WATCH = levels.indexOf('watch')
/** Whoever has less against it is linked to a campaign and no member of it. */
const NOTICE = levels.indexOf('notice')
const LEAST_MEMBERS = 3
const SHOWN_KEYS = 24
/** Of a larger campaign a sample is tested. */
const MOST_TESTED = 400
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** From so much on a signal is told, and not more than so many. */
const SHOWN = 0.5
const MOST_SHOWN = 4
/** A family of a campaign counts from so much evidence on. */
const FAMILY_EVIDENCE = 20

export function accountCases(
  subjects: Iterable<Subject>,
  engine: CampaignEngine,
  gauge: Gauge,
): readonly AccountCase[] {
  return [...subjects]
    .filter(({ level }) => levels.indexOf(level) >= WATCH)
    .sort((a, b) => b.evidence - a.evidence || b.score - a.score)
    .map((subject) => ({
      account: subject.name,
      keys: subject.keys,
      level: subject.level,
      evidence: subject.evidence,
      campaign: engine.register.of(subject.member)?.id ?? null,
      firstMs: subject.firstMs,
      lastMs: subject.lastMs,
      exchanges: subject.exchanges,
      inputTokens: subject.inputTokens,
      outputTokens: subject.outputTokens,
      steps: subject.steps,
      findings: findingsOf(subject, gauge),
    }))
}

/** Each part of an account's evidence by itself, measured as the whole is. */
export function findingsOf(
  { parts, member, exchanges, volume, lastMs, firstMs, signals, heir }: Subject,
  gauge: Gauge,
): readonly Finding[] {
  const { trace, narrow } = member
  let matched = 0
  for (let i = 0; i < trace.held; i++) if (trace.strengthAt(i) >= 160 && !trace.isPlain(i)) matched++
  const hours = Math.max(1, (lastMs - firstMs) / HOUR_MS)
  const words: readonly (readonly [string, Family, number, string])[] = [
    [
      'shared templates',
      'content',
      parts.content,
      `${matched} of its last ${trace.held} prompts have the shape of prompts that other accounts send, with other words in them.`,
    ],
    [
      'form of a work list',
      'form',
      parts.form,
      'Its prompts fall into a few forms (length, sentences, figures) that many accounts share now and that hardly an honest account has.',
    ],
    [
      'shared infrastructure',
      'infrastructure',
      parts.infrastructure,
      'Its client, network or day of sign-up is far more usual among suspects than among all accounts.',
    ],
    [
      'nobody at a keyboard',
      'form',
      parts.person,
      `Its prompts show no short, small, pointing or continuing turn; ${Math.round(narrow * 100)} % of the latest are made alike.`,
    ],
    [
      'volume of one template',
      'timing',
      parts.volume,
      `${exchanges} exchanges in ${hoursOf(hours)} of one template${volume.retries > 1 ? ', many of them the same again right after a refusal' : ''}.`,
    ],
  ]
  const measured = words
    .filter(([, , part]) => part >= 1)
    .sort((a, b) => b[2] - a[2])
    .map(([detector, family, part, says]) => ({
      detector,
      family,
      evidence: gauge.evidence(part),
      segment: gauge.segment,
      calibrated: gauge.calibrated,
      says,
    }))
  const inherited: readonly Finding[] =
    heir === null
      ? []
      : [
          {
            detector: 'key rotation',
            family: 'timing',
            evidence: heir.evidence,
            segment: null,
            calibrated: null,
            says: `It goes on where ${heir.of} was stopped, with the same frame around its prompts, which hardly anybody else has.`,
          },
        ]
  // Named signals tell what the account looks like; honest accounts show each of them, so none is evidence by itself.
  const shown = (signals?.read(lastMs) ?? [])
    .filter(({ value }) => value >= SHOWN)
    .map(({ name, family, says }) => ({
      detector: name,
      family,
      evidence: 1,
      segment: null,
      calibrated: null,
      says,
    }))
  return [...inherited, ...measured, ...shown.slice(0, MOST_SHOWN)]
}

export function campaignCases(
  subjects: Iterable<Subject>,
  engine: CampaignEngine,
  gauge: Gauge,
): readonly CampaignCase[] {
  const all = [...subjects]
  const byId = new Map<string, Subject[]>()
  for (const subject of all) {
    const campaign = levels.indexOf(subject.level) >= NOTICE ? engine.register.of(subject.member) : null
    if (campaign === null) continue
    const members = byId.get(campaign.id)
    if (members === undefined) byId.set(campaign.id, [subject])
    else members.push(subject)
  }
  const population = populationOf(all)
  return [...byId]
    .filter(([, members]) => members.length >= LEAST_MEMBERS)
    .map(([id, members]) => caseOf(id, members, all, engine, gauge, population))
    .sort((a, b) => b.members.length - a.members.length)
}

function caseOf(
  id: string,
  members: readonly Subject[],
  all: readonly Subject[],
  engine: CampaignEngine,
  gauge: Gauge,
  population: PopulationView,
): CampaignCase {
  const firstMs = Math.min(...members.map((one) => one.firstMs))
  const lastMs = Math.max(...members.map((one) => one.lastMs))
  const tested = members.slice(0, MOST_TESTED)
  const view = clusterOf(tested, lastMs)
  const cluster = clusterEvidence(view, population)
  const damage = coverageOf(view.members)
  const half = (holds: (one: Subject) => boolean): boolean => members.filter(holds).length * 2 >= members.length
  const own: Family[] = []
  if (half(({ parts }) => parts.content >= 5)) own.push('content')
  if (half(({ parts }) => parts.form >= 3)) own.push('form')
  const sum = (of: (one: Subject) => number): number => members.reduce((total, one) => total + of(one), 0)
  const evidences = members.map(({ evidence }) => evidence)
  const mean = sum(({ evidence }) => evidence) / members.length
  return {
    id,
    members: members.toSorted((a, b) => b.suspect.exchanges - a.suspect.exchanges).map(({ name }) => name),
    firstMs,
    lastMs,
    detectedMs: engine.register.of(members[0]!.member)!.detectedMs,
    level: highest(members),
    evidence: mean,
    families: [...new Set([...own, ...familiesPast(cluster, FAMILY_EVIDENCE)])],
    exchanges: sum(({ suspect }) => suspect.exchanges),
    inputTokens: sum(({ suspect }) => suspect.inputTokens),
    outputTokens: sum(({ suspect }) => suspect.outputTokens),
    keys: commonKeys(
      members.map(({ member }) => member),
      SHOWN_KEYS,
    ),
    findings: [
      {
        detector: 'linked accounts',
        family: own[0] ?? 'content',
        evidence: mean,
        segment: gauge.segment,
        calibrated: gauge.calibrated,
        says: `${members.length} accounts were linked by what they send; on average each is ${Math.round(mean)} times likelier so than as an honest account, at least ${Math.round(Math.min(...evidences))} times.`,
      },
      ...successions(members, all, (kind, value) => population.count(kind, value) / all.length),
      ...cluster.findings.filter(({ evidence }) => evidence >= FAMILY_EVIDENCE),
      {
        detector: 'damage meter',
        family: 'content',
        evidence: 1,
        segment: null,
        calibrated: null,
        says: `Together they have been in ${damage.cells} of ${damage.of} cells of content, each in ${Math.round(damage.each)}, of which ${Math.round(damage.alone)} were new to the others.`,
      },
    ],
  }
}

const highest = (members: readonly Subject[]): Level =>
  members.reduce<Level>((top, { level }) => (levels.indexOf(level) > levels.indexOf(top) ? level : top), 'normal')

function clusterOf(members: readonly Subject[], nowMs: number): ClusterView {
  const fromHour = Math.floor(nowMs / HOUR_MS) - HOURS + 1
  const views = members
    .filter(({ activity }) => activity !== null)
    .toSorted((a, b) => a.member.number - b.member.number)
    .map((one): MemberView => {
      const { activity, member } = one
      const { fingerprint, userAgent, ipPrefix, asn } = member
      return {
        createdMs: one.createdMs,
        firstMs: one.firstMs,
        lastMs: one.lastMs,
        fingerprint,
        userAgent,
        ipPrefix,
        asn,
        params: 0,
        hourly: activity!.hoursFrom(fromHour),
        hourLimit: null,
        day24: activity!.day24,
        models: activity!.models,
        starts: activity!.starts,
        stops: activity!.stops,
        fills: [],
        coverage: coverageIn(one),
        answers: activity!.answers,
      }
    })
  return { nowMs, hourlyFromMs: fromHour * HOUR_MS, members: views, texts: null }
}

function coverageIn({ signals }: Subject): Uint8Array {
  const topics = signals?.topics() ?? null
  return topics === null ? noCoverage : new Uint8Array(topics.words.slice(topics.at, topics.at + topics.size).buffer)
}

const noCoverage = new Uint8Array(0)

function populationOf(all: readonly Subject[]): PopulationView {
  const counts = new Map<string, number>()
  const day24 = new Float64Array(24)
  const answers = new Float64Array(16)
  let shaped = 0
  const add = (name: string): void => void counts.set(name, (counts.get(name) ?? 0) + 1)
  for (const { member, createdMs, activity } of all) {
    for (const name of ['fingerprint', 'userAgent', 'ipPrefix', 'asn'] as const)
      if (member[name] !== 0) add(`${name}:${member[name]}`)
    if (createdMs !== null) add(`createdDay:${Math.floor(createdMs / DAY_MS)}`)
    if (activity === null) continue
    shaped++
    addShape(day24, activity.day24)
    addShape(answers, activity.answers)
  }
  for (const shape of [day24, answers]) for (let i = 0; i < shape.length; i++) shape[i]! /= Math.max(1, shaped)
  return {
    accounts: all.length,
    count: (trait, value) => counts.get(`${trait}:${value}`) ?? 0,
    day24,
    answers,
    releases: [],
    modelShare: () => 0,
  }
}

function addShape(sum: Float64Array, counts: Uint16Array): void {
  const total = counts.reduce((a, b) => a + b, 0)
  if (total > 0) for (let i = 0; i < counts.length; i++) sum[i]! += counts[i]! / total
}

function hoursOf(hours: number): string {
  const whole = Math.max(1, Math.round(hours))
  return whole === 1 ? 'an hour' : `${whole} hours`
}
