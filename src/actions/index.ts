import type { ActionSpec, AppliedAction, InForceName } from '../core/action.ts'
import { block } from './block.ts'
import { cooldown } from './cooldown.ts'
import { decoy } from './decoy.ts'
import type { Make, Part } from './part.ts'
import { quarantine } from './quarantine.ts'
import { restrict } from './restrict.ts'
import { squeeze } from './squeeze.ts'
import { stepUp } from './step-up.ts'
import { tarpit } from './tarpit.ts'
import { throttle } from './throttle.ts'

/** Every action that can be in force, by what it makes of a request. */
const makers: { readonly [Name in InForceName]: Make<Name> } = {
  throttle,
  tarpit,
  restrict,
  squeeze,
  step_up: stepUp,
  decoy,
  cooldown,
  quarantine,
  block,
}

export function partOf<Name extends InForceName>(
  spec: Extract<ActionSpec, { action: Name }>,
  action: AppliedAction,
  nowMs: number,
): Part {
  const make: Make<Name> = makers[spec.action]
  return make(spec, action, nowMs)
}
