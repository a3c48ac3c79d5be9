import * as z from 'zod'
import type { ActionSpec, AppliedAction } from './core/action.ts'
import type { Clock } from './core/clock.ts'
import type { NextId } from './core/ids.ts'
import type { Records } from './core/records.ts'
import { err, ok, type Result } from './core/result.ts'
import type { UpstreamConfig } from './config/config.ts'
import type { ActionRegister } from './actions/register.ts'
import { Shelf } from './actions/shelf.ts'
import { killSwitch, readMatch, readTarget, type Target } from './subjects.ts'

/**
 * CONTAINMENT: what an operator does in an incident, in one go and with one way back. A procedure is a group of actions in force, or
 * an upstream that another one stands in for. Each has a reason, somebody's name, and an end.
 */
export const procedures = ['isolate-model', 'isolate-route', 'quarantine-keys', 'switch-off', 'reroute'] as const
export type Procedure = (typeof procedures)[number]

export interface Containment {
  readonly group: string
  readonly procedure: Procedure
  /** As they were written. */
  readonly args: readonly string[]
  /** null: it is a group of actions. */
  readonly reroute: { readonly from: string; readonly to: string } | null
  readonly by: string
  readonly reason: string
  readonly atMs: number
  readonly untilMs: number
}

export type Order = Omit<Containment, 'group' | 'reroute'>

/** What the request path reads of containment. */
export interface Rerouting {
  /** The upstream that stands in for this one now; null: itself. */
  rerouted(upstream: string): string | null
}

export interface RolledBack {
  readonly containment: Containment
  readonly by: string
  readonly reason: string
  /** How many of its actions were still in force. */
  readonly ended: number
}

export interface ContainmentOptions {
  readonly register: ActionRegister
  readonly records: Records
  readonly clock: Clock
  readonly nextId: NextId
  upstreams(): ReadonlyMap<string, Pick<UpstreamConfig, 'dialects'>>
  readonly say: (level: 'warn' | 'error', what: string, details: Readonly<Record<string, unknown>>) => void
}

/** Whoever contains more than this at a time has another problem. */
const MAX_CONTAINMENTS = 1000
const MAX_ARGS = 100

export class ContainmentDesk implements Rerouting {
  readonly #options: ContainmentOptions
  readonly #shelf: Shelf<Containment>
  readonly #known = new Map<string, Containment>()
  readonly #reroutes = new Map<string, Containment>()
  readonly #onContained: ((containment: Containment, actions: readonly AppliedAction[]) => void)[] = []
  readonly #onRolledBack: ((done: RolledBack) => void)[] = []

  constructor(options: ContainmentOptions) {
    this.#options = options
    const { records, clock, say } = options
    this.#shelf = new Shelf<Containment>({
      kind: 'containment',
      records,
      clock,
      write: (containment) => JSON.stringify(containment),
      failed: (problem) => say('error', 'containments_not_saved', { problem }),
    })
    let unreadable = 0
    for (const { value } of records.all('containment')) {
      const containment = readStored(value)
      if (containment === null) unreadable++
      else this.#keep(containment)
    }
    if (unreadable > 0) say('warn', 'containments_unreadable', { records: unreadable })
  }

  /** All of it or nothing. The error is for the operator. */
  contain(order: Order): Result<Containment, string> {
    this.#forgetOver(order.atMs)
    if (this.#known.size >= MAX_CONTAINMENTS) return err(`there are ${MAX_CONTAINMENTS} already; roll one back first`)
    if (order.args.length > MAX_ARGS) return err(`a procedure takes ${MAX_ARGS} arguments at most`)
    const plan = planOf(order)
    if (!plan.ok) return plan
    const reroute = plan.value.reroute
    const problem = reroute === null ? null : this.#problemOfReroute(reroute, order.atMs)
    if (problem !== null) return err(problem)
    const group = this.#options.nextId()
    const applied = this.#apply(order, group, plan.value.targets)
    if (!applied.ok) return applied
    const containment: Containment = { ...order, group, reroute }
    this.#keep(containment)
    this.#shelf.put(group, containment)
    for (const fn of this.#onContained) fn(containment, applied.value)
    return ok(containment)
  }

  /** null: there is no such group any more. */
  rollback(group: string, by: string, reason: string, nowMs: number): RolledBack | null {
    const containment = this.#known.get(group)
    if (containment === undefined || containment.untilMs <= nowMs) return null
    this.#forget(containment)
    const ended = this.#options.register.endGroup(group, 'rolled back', by, nowMs, reason).length
    const done = { containment, by, reason, ended }
    for (const fn of this.#onRolledBack) fn(done)
    return done
  }

  /** Those in force, the newest first. */
  list(nowMs: number): readonly Containment[] {
    return [...this.#known.values()].filter(({ untilMs }) => untilMs > nowMs).toReversed()
  }

  rerouted(upstream: string): string | null {
    if (this.#reroutes.size === 0) return null
    const nowMs = this.#options.clock.now()
    const upstreams = this.#options.upstreams()
    let at = upstream
    // None leads to itself, so that this ends.
    for (let reroute = this.#reroutes.get(at); reroute !== undefined; reroute = this.#reroutes.get(at)) {
      const to = reroute.reroute!.to
      // A reload may have taken it away.
      if (reroute.untilMs <= nowMs || !upstreams.has(to)) break
      at = to
    }
    return at === upstream ? null : at
  }

  /** Told of each procedure once it is in force. */
  contained(fn: (containment: Containment, actions: readonly AppliedAction[]) => void): void {
    this.#onContained.push(fn)
  }

  rolledBack(fn: (done: RolledBack) => void): void {
    this.#onRolledBack.push(fn)
  }

  /** Everything is on the disk when it returns null, its actions too; else it says why it is not. */
  flush(): string | null {
    return this.#options.register.flush() ?? this.#shelf.flush()
  }

  close(): void {
    const problem = this.#shelf.flush()
    if (problem !== null) this.#options.say('error', 'containments_not_saved', { problem })
  }

  #apply(order: Order, group: string, targets: readonly Planned[]): Result<readonly AppliedAction[], string> {
    const { register } = this.#options
    const { procedure, by, reason, atMs, untilMs } = order
    const applied: AppliedAction[] = []
    for (const { spec, subject, scope } of targets) {
      const done = register.apply({
        spec,
        subject,
        scope,
        mode: 'enforce',
        heldBack: false,
        // With its group: two procedures that meet in one subject are rolled back apart.
        by: { kind: 'containment', name: `${by}, ${procedure} ${group}` },
        reason,
        level: null,
        evidence: null,
        findings: [],
        campaign: subject.kind === 'campaign' ? subject.value : null,
        group,
        atMs,
        untilMs,
      })
      if (!done.ok) {
        register.endGroup(group, 'rolled back', by, atMs, 'it could not be done as a whole')
        return done
      }
      applied.push(done.value)
    }
    return ok(applied)
  }

  #problemOfReroute({ from, to }: NonNullable<Containment['reroute']>, nowMs: number): string | null {
    const upstreams = this.#options.upstreams()
    for (const name of [from, to]) {
      if (!upstreams.has(name)) return `there is no upstream "${name}"; there is ${[...upstreams.keys()].join(', ')}`
    }
    const existing = this.#reroutes.get(from)
    if (existing !== undefined && existing.untilMs > nowMs) {
      return `${from} is rerouted to ${existing.reroute!.to} already; roll back ${existing.group} first`
    }
    for (let at: string | undefined = to; at !== undefined; at = this.#reroutes.get(at)?.reroute?.to) {
      if (at === from) return from === to ? `${from} is itself` : `${to} leads back to ${from}`
    }
    const spoken = new Set(upstreams.get(to)!.dialects)
    const missing = upstreams.get(from)!.dialects.find((dialect) => !spoken.has(dialect))
    return missing === undefined ? null : `${from} speaks ${missing}, and ${to} does not`
  }

  #keep(containment: Containment): void {
    this.#known.set(containment.group, containment)
    if (containment.reroute !== null) this.#reroutes.set(containment.reroute.from, containment)
  }

  #forget(containment: Containment): void {
    const { group, reroute } = containment
    this.#known.delete(group)
    this.#shelf.put(group, null)
    if (reroute !== null && this.#reroutes.get(reroute.from) === containment) this.#reroutes.delete(reroute.from)
  }

  #forgetOver(nowMs: number): void {
    for (const containment of this.#known.values()) {
      if (containment.untilMs <= nowMs) this.#forget(containment)
    }
  }
}

type Planned = Target & { readonly spec: ActionSpec }
interface Plan {
  readonly targets: readonly Planned[]
  readonly reroute: Containment['reroute']
}

/** Actions that a procedure is made of. */
function planOf({ procedure, args }: Order): Result<Plan, string> {
  switch (procedure) {
    case 'isolate-model':
      return off(args, 'one glob of models, such as gpt-4o*', 'model')
    case 'isolate-route':
      // An endpoint has a name, a route a method and a path.
      return off(args, 'one glob of endpoints, such as chat.*', args[0]?.includes('/') === true ? 'route' : 'endpoint')
    case 'switch-off': {
      if (args.length !== 1) return err('switch-off takes what it switches off, such as model=gpt-4o*,country=XX')
      const scope = readMatch(args[0]!)
      return scope.ok ? planned([killSwitch(scope.value)], { action: 'block' }) : scope
    }
    case 'quarantine-keys': {
      if (args.length === 0) return err('quarantine-keys takes ids of keys, or campaign:<id>')
      const targets: Target[] = []
      for (const arg of args) {
        const target = readTarget(arg.startsWith('campaign:') ? arg : `key:${arg}`)
        if (!target.ok) return target
        targets.push(target.value)
      }
      return planned(targets, { action: 'quarantine' })
    }
    case 'reroute': {
      const [from, to] = args
      if (from === undefined || to === undefined || args.length > 2) {
        return err('reroute takes two upstreams: the one in question, and the one that stands in for it')
      }
      return ok({ targets: [], reroute: { from, to } })
    }
  }
}

function off(args: readonly string[], takes: string, dimension: 'model' | 'route' | 'endpoint'): Result<Plan, string> {
  const [glob] = args
  if (glob === undefined || glob === '' || args.length > 1) return err(`it takes ${takes}`)
  return planned([killSwitch([{ dimension, globs: [glob] }])], { action: 'block' })
}

const planned = (targets: readonly Target[], spec: ActionSpec): Result<Plan, string> =>
  ok({ targets: targets.map((target) => ({ ...target, spec })), reroute: null })

const stored = z.strictObject({
  group: z.string(),
  procedure: z.enum(procedures),
  args: z.array(z.string()),
  reroute: z.strictObject({ from: z.string(), to: z.string() }).nullable(),
  by: z.string(),
  reason: z.string(),
  atMs: z.number(),
  untilMs: z.number(),
})

function readStored(text: string): Containment | null {
  try {
    return stored.parse(JSON.parse(text))
  } catch {
    return null
  }
}
