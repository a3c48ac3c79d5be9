import type { ActionsInForce, AppliedAction } from './core/action.ts'
import type { Facts } from './core/dimensions.ts'
import type { ActionRegister } from './actions/register.ts'
import type { Asked } from './stepup/step-ups.ts'

/**
 * Who is asked, and who has answered. What stands against an account is asked of that account; what stands against a
 * network, a program or a campaign is asked of each account behind it, and whoever has answered is let through.
 */
export interface AsksOptions {
  readonly register: ActionRegister
  /** Counts one of the requests that a declared purpose opens. */
  takeRequest(account: string, nowMs: number): boolean
  /** Whether a grant to distil lets an account use a model as it likes. */
  hasGrant(account: string, model: string, nowMs: number): boolean
  now(): number
}

/** An account that has answered for itself is not asked for its neighbours again so soon. */
const ANSWER_LASTS_MS = 86_400_000
const MAX_ACCOUNTS = 50_000

export class Asks implements ActionsInForce {
  readonly #options: AsksOptions
  /** By account: the shared action that it was asked for last. */
  readonly #shared = new Map<string, string>()
  readonly #answered = new Map<string, number>()
  /** Requests of grace that an account has taken of a shared action. */
  readonly #taken = new Map<string, number>()

  constructor(options: AsksOptions) {
    this.#options = options
  }

  campaignOf(account: string): string | null {
    return this.#options.register.campaignOf(account)
  }

  find(facts: Facts, nowMs: number): readonly AppliedAction[] {
    const found = this.#options.register.find(facts, nowMs)
    if (found.length === 0) return found
    const account = facts.tenant
    // What is switched off is off for everybody.
    if (this.#options.hasGrant(account, facts.model, nowMs))
      return found.filter(({ subject }) => subject.kind === 'descriptor')
    if (!found.some(isSharedAsk)) return found
    if ((this.#answered.get(account) ?? 0) > nowMs) return found.filter((action) => !isSharedAsk(action))
    remember(this.#shared, account, found.find(isSharedAsk)!.id)
    return found
  }

  takeGrace(id: string, account: string): boolean {
    const { register, now, takeRequest } = this.#options
    const action = register.get(id)
    if (action === null) return false
    // One of many behind a network must not use up what is the others'.
    const isLeft = isSharedAsk(action) ? this.#takeOwn(action, account) : register.takeGrace(id)
    return isLeft || takeRequest(account, now())
  }

  #takeOwn({ id, spec }: AppliedAction, account: string): boolean {
    const name = `${id}\n${account}`
    const taken = this.#taken.get(name) ?? 0
    if (spec.action !== 'step_up' || taken >= spec.grace) return false
    remember(this.#taken, name, taken + 1)
    return true
  }

  /** What is asked of an account; null: nothing, or it has answered. */
  askedOf(account: string, nowMs: number): Asked | null {
    const { register } = this.#options
    const own = register.of({ kind: 'account', value: account })
    const shared = (this.#answered.get(account) ?? 0) > nowMs ? undefined : this.#shared.get(account)
    const others = shared === undefined ? null : register.get(shared)
    for (const action of others === null ? own : [...own, others]) {
      const { spec, mode, heldBack, atMs, untilMs, id } = action
      if (spec.action !== 'step_up' || mode !== 'enforce' || heldBack || untilMs <= nowMs) continue
      return { means: spec.means, graceLeft: register.graceLeft(id), sinceMs: atMs }
    }
    return null
  }

  /** An account has answered for itself. */
  answered(account: string, nowMs: number): void {
    this.#shared.delete(account)
    remember(this.#answered, account, nowMs + ANSWER_LASTS_MS)
  }
}

const isSharedAsk = ({ spec, subject }: AppliedAction): boolean =>
  spec.action === 'step_up' && subject.kind !== 'account' && subject.kind !== 'key' && subject.kind !== 'user'

/** Whoever was not heard of for longest is forgotten first. */
function remember<T>(map: Map<string, T>, account: string, value: T): void {
  map.delete(account)
  if (map.size >= MAX_ACCOUNTS) map.delete(map.keys().next().value!)
  map.set(account, value)
}
