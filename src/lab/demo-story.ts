import type { AppliedAction, InForceName } from '../core/action.ts'
import { firmness } from '../core/action.ts'
import { createCounts, type Counts } from './demo-counts.ts'
import type { Scene } from './run.ts'

/** What happens in a run, told to somebody who knows nothing of Weir: few lines, each of which can be understood alone. */
export interface StoryLine {
  readonly atMs: number
  /** A thief's name, or the kind of honest customer. */
  readonly who: string
  readonly isHonest: boolean
  readonly what: string
  /** The evidence, in numbers and in the detector's words; empty: it needs none. */
  readonly because: string
}

/** Accounts of one thief or kind of customer, by the firmest that was done about them. */
export interface Met {
  readonly asked: ReadonlySet<string>
  readonly slowed: ReadonlySet<string>
  readonly shut: ReadonlySet<string>
}

export interface Story {
  metBy(who: string): Met
  readonly counts: Counts
  /** To be called now and then: tells who has got what it wanted. */
  look(): void
}

/** What one reads of each thief: how it begins, and how it goes on. */
const TOLD_AT: ReadonlySet<number> = new Set([1, 2, 10, 100, 300])

const words: Readonly<Record<InForceName, string>> = {
  throttle: 'slowed down',
  tarpit: 'slowed down',
  restrict: 'given shorter answers',
  squeeze: 'put on one small daily budget',
  step_up: 'asked to prove itself',
  decoy: 'answered by a decoy',
  cooldown: 'told to pause',
  quarantine: 'quarantined',
  block: 'blocked',
}

const slowing: ReadonlySet<InForceName> = new Set(['throttle', 'tarpit', 'squeeze'])
const shutting: ReadonlySet<InForceName> = new Set(['cooldown', 'quarantine', 'block'])

export function tellStory(scene: Scene, answers: number, tell: (line: StoryLine) => void): Story {
  const met = new Map<string, Record<keyof Met, Set<string>>>()
  const seen = new Map<string, Set<string>>()
  const rungs = new Set<string>()
  const done = new Set<string>()
  const counts = createCounts()
  let group: AppliedAction[] = []
  let hasToldOfSparing = false

  const metBy = (who: string): Record<keyof Met, Set<string>> =>
    at(met, who, () => ({ asked: new Set(), slowed: new Set(), shut: new Set() }))

  /** What was put in force about one account at one moment is one line. */
  const flush = (): void => {
    const [first] = group
    const actions = group.map(({ spec }) => spec.action)
    group = []
    if (first === undefined) return
    const { subject, evidence, findings, heldBack, atMs } = first
    // Whom a campaign is made of nobody knows for sure, so that it is told of by its own name.
    const person = scene.whoIs(subject.value) ?? { class: `campaign ${subject.value}`, isHonest: false }
    const { class: who, isHonest } = person
    const name = nameOf(subject.value)
    const odds = evidence === null ? '' : `1 in ${count(evidence)}: `
    const because = `${odds}${(findings[0] ?? '').replaceAll('key:', '')}`
    if (heldBack) {
      const what = `${name} is spared for now: one in a hundred is, to measure how often Weir is right`
      if (!hasToldOfSparing) tell({ atMs, who, isHonest, what, because })
      hasToldOfSparing = true
      return
    }
    const known = at(seen, who, () => new Set<string>())
    const isNew = !known.has(name)
    known.add(name)
    const kinds = metBy(who)
    for (const action of actions) {
      if (action === 'step_up') kinds.asked.add(name)
      if (slowing.has(action)) kinds.slowed.add(name)
      if (shutting.has(action)) kinds.shut.add(name)
    }
    const rung = actions.some((action) => !rungs.has(`${who} ${action}`))
    for (const action of actions) rungs.add(`${who} ${action}`)
    if (!isHonest && !rung && !(isNew && TOLD_AT.has(known.size))) return
    const which = !isHonest && isNew && known.size > 2 ? `${name}, its ${count(known.size)}th account,` : name
    const firmestFirst = actions.toSorted((a, b) => firmness.indexOf(b) - firmness.indexOf(a))
    const what = [...new Set(firmestFirst.map((action) => words[action]))]
    tell({ atMs, who, isHonest, what: `${which} is ${listed(what)}`, because })
  }

  scene.acted((action) => {
    if (action.mode !== 'enforce') return
    const [first] = group
    if (first !== undefined && (first.subject.value !== action.subject.value || first.heldBack !== action.heldBack))
      flush()
    if (group.length === 0) queueMicrotask(flush)
    group.push(action)
  })
  scene.ended(({ subject, spec, untilMs }, why) => {
    const person = scene.whoIs(subject.value)
    if (person === null || why !== 'passed' || spec.action !== 'step_up') return
    const atMs = Math.min(scene.now(), untilMs)
    const what = `${nameOf(subject.value)} has proved itself and goes on as before`
    tell({ atMs, who: person.class, isHonest: person.isHonest, what, because: '' })
  })

  return {
    metBy,
    counts,
    look() {
      counts.read(scene.exchanges)
      for (const [who, { got, accounts, lastMs }] of counts.thieves) {
        if (got < answers || done.has(who)) continue
        done.add(who)
        const what = `has its ${count(answers)} answers, with ${counted(accounts.size, 'account')}`
        tell({ atMs: lastMs, who, isHonest: false, what, because: '' })
      }
    },
  }
}

const nameOf = (account: string): string => account.replace(/^key:/, '')

export const count = (value: number): string => Math.round(value).toLocaleString('en-US')

export const counted = (value: number, noun: string): string => `${count(value)} ${noun}${value === 1 ? '' : 's'}`

const listed = (parts: readonly string[]): string =>
  parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`

function at<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const found = map.get(key)
  if (found !== undefined) return found
  const made = make()
  map.set(key, made)
  return made
}

/** Monday 00:00 is where the lab's clock begins. */
export function clockText(ms: number): string {
  const day = new Date(ms).toLocaleDateString('en-US', { weekday: 'short', timeZone: 'UTC' })
  return `${day} ${new Date(ms).toISOString().slice(11, 16)}`
}
