import { firmness, type ActionSubject, type AppliedAction, type InForceName } from '../core/action.ts'
import type { ActionName } from '../core/decision.ts'
import type { Refusal } from '../core/refusal.ts'
import { partOf } from './index.ts'
import type { Part, Restrict, Squeeze, Tarpit, Throttle } from './part.ts'
import { reachOf } from './reach.ts'
import { lowTrust } from './restrict.ts'

/**
 * All actions that meet a request, made into one: the firmest refusal, the slowest of what slows, the strictest of what
 * bounds. It does not matter in which order they are found. Actions in shadow mode are noted and change nothing.
 */
export interface Effect {
  readonly refusal: Refusal | null
  /** The slowest of each subject: that an account is slowed does not let it out of what its campaign shares. */
  readonly throttles: readonly Throttle[]
  readonly tarpit: Tarpit | null
  readonly restrict: Restrict | null
  /** The tightest of each subject. */
  readonly squeezes: readonly Squeeze[]
  readonly decoy: string | null
  /** Ids of those who ask for a step-up. What they give of grace is taken last, and each request takes it once. */
  readonly stepUp: readonly string[]
  /** The firmest that is met, and all of them, apart from those that ask for a step-up. */
  readonly action: ActionName
  readonly actions: readonly string[]
  readonly shadowActions: readonly string[]
}

const none: readonly never[] = []

export const noEffect: Effect = {
  refusal: null,
  throttles: none,
  tarpit: null,
  restrict: null,
  squeezes: none,
  decoy: null,
  stepUp: none,
  action: 'allow',
  actions: none,
  shadowActions: none,
}

export function effectOf(found: readonly AppliedAction[], nowMs: number): Effect {
  if (found.length === 0) return noEffect
  const effect: Changing = { ...noEffect }
  const [actions, shadowActions, stepUp]: [string[], string[], string[]] = [[], [], []]
  // Where one of several has to be chosen it is the latest, by whatever order they come.
  for (const action of found.toSorted((a, b) => a.atMs - b.atMs || (a.id < b.id ? -1 : 1))) {
    if (action.mode === 'shadow' || action.heldBack) {
      shadowActions.push(action.id)
      continue
    }
    const spec = reachOf(action)
    const part = partOf(spec, action, nowMs)
    add(effect, part)
    if (part.stepUp !== undefined) stepUp.push(part.stepUp)
    else {
      effect.action = firmer(effect.action, spec.action)
      actions.push(action.id)
    }
  }
  // Whoever may be answered by grace is answered as a caller of low trust.
  const restrict = stepUp.length === 0 ? effect.restrict : stricter(effect.restrict, lowTrust)
  return { ...effect, restrict, stepUp, actions, shadowActions }
}

type Changing = { -readonly [field in keyof Effect]: Effect[field] }

function add(effect: Changing, { refusal, throttle, tarpit, restrict, squeeze, decoy }: Part): void {
  if (refusal !== undefined) effect.refusal = firmerRefusal(effect.refusal, refusal)
  if (throttle !== undefined) effect.throttles = withThrottle(effect.throttles, throttle)
  if (tarpit !== undefined) effect.tarpit = slower(effect.tarpit, tarpit)
  if (restrict !== undefined) effect.restrict = stricter(effect.restrict, restrict)
  if (squeeze !== undefined) effect.squeezes = withSqueeze(effect.squeezes, squeeze)
  if (decoy !== undefined) effect.decoy = decoy
}

/** `allow` is milder than all of them. */
const rank = (name: ActionName): number => firmness.indexOf(name as InForceName)
export const firmer = (a: ActionName, b: ActionName): ActionName => (rank(b) > rank(a) ? b : a)

/** What is about the caller goes before what is not, because no wait helps against it. */
const order = ['switched_off', 'cooling_down', 'quarantined', 'blocked'] as const
const refusalRank = ({ kind }: Refusal): number => (order as readonly string[]).indexOf(kind)

function firmerRefusal(a: Refusal | null, b: Refusal): Refusal {
  if (a === null) return b
  if (a.kind === 'cooling_down' && b.kind === 'cooling_down') return b.retryAfterMs > a.retryAfterMs ? b : a
  return refusalRank(b) > refusalRank(a) ? b : a
}

const same = (a: ActionSubject, b: ActionSubject): boolean => a.kind === b.kind && a.value === b.value

function withThrottle(all: readonly Throttle[], one: Throttle): readonly Throttle[] {
  const known = all.find(({ subject }) => same(subject, one.subject))
  if (known === undefined) return [...all, one]
  const requestsPerMinute = Math.min(known.requestsPerMinute, one.requestsPerMinute)
  const merged = { subject: one.subject, requestsPerMinute, tell: one.tell ?? known.tell }
  return all.map((each) => (each === known ? merged : each))
}

function withSqueeze(all: readonly Squeeze[], one: Squeeze): readonly Squeeze[] {
  const known = all.find(({ subject }) => same(subject, one.subject))
  if (known === undefined) return [...all, one]
  const factor = Math.min(known.factor, one.factor)
  const merged = { subject: one.subject, factor, requestsPerDay: lower(known.requestsPerDay, one.requestsPerDay) }
  return all.map((each) => (each === known ? merged : each))
}

function slower(a: Tarpit | null, b: Tarpit): Tarpit {
  if (a === null) return b
  const both = ([x, y]: Tarpit['firstByteMs'], [z, w]: Tarpit['firstByteMs']): Tarpit['firstByteMs'] => [
    Math.max(x, z),
    Math.max(y, w),
  ]
  return { firstByteMs: both(a.firstByteMs, b.firstByteMs), perChunkMs: both(a.perChunkMs, b.perChunkMs) }
}

const stricter = (a: Restrict | null, b: Restrict): Restrict =>
  a === null ? b : { maxTokens: lower(a.maxTokens, b.maxTokens), model: b.model ?? a.model }

const lower = (a: number | null, b: number | null): number | null => (a === null ? b : b === null ? a : Math.min(a, b))
