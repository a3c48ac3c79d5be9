import type { Config } from './config/config.ts'
import type { NextId } from './core/ids.ts'
import { named } from './core/ids.ts'
import type { Records } from './core/records.ts'
import { ActionRegister } from './actions/register.ts'
import type { JwtChecker } from './identity/jwt.ts'
import type { ActingJudge } from './acting-port.ts'
import { recordActions, recordContainment } from './action-record.ts'
import { ContainmentDesk } from './containment.ts'
import { Response } from './response.ts'
import { openStepUp, type StepUp } from './step-up.ts'
import type { World } from './world.ts'

/** Everything that answers to evidence, opened together because each hears of the others. */
export interface OpenResponse {
  readonly actions: ActionRegister
  readonly containment: ContainmentDesk
  readonly response: Response
  readonly stepUp: StepUp
  reload(next: Config): void
  close(): void
}

export interface ResponseWorld {
  readonly world: World
  /** As they are kept, and with every change of theirs on record. */
  readonly kept: Records
  readonly records: Records
  readonly nextId: NextId
  readonly judge: ActingJudge
  readonly secret: Uint8Array
  config(): Config
  callers(): JwtChecker | null
}

export function openResponse(first: Config, options: ResponseWorld): OpenResponse {
  const { world, kept, records, nextId, judge, secret, config, callers } = options
  const { clock, log, random, post, host, say } = world
  const actions = new ActionRegister({ records: kept, clock, nextId: named('act', nextId), say })
  const containment = new ContainmentDesk({
    register: actions,
    records: kept,
    clock,
    nextId: named('cont', nextId),
    upstreams: () => config().upstreams,
    say,
  })
  if (log !== null) {
    recordActions(actions, log, 'control')
    recordContainment(containment, log, 'control')
  }
  const stepUp = openStepUp(first, {
    secret,
    records,
    asked: world.asked ?? ((account, nowMs) => response.asks.askedOf(account, nowMs)),
    ports: world,
    callers,
  })
  const openings = stepUp.stepUps
  const response = new Response(first, { clock, records, register: actions, judge, random, openings, post, host, say })
  // A declared purpose opens some requests and answers nothing yet.
  openings.passed((pass) => void (pass.requests === null && response.passed(pass)))
  // What has expired while nobody ran, now that somebody listens.
  actions.sweep(clock.now())
  return {
    actions,
    containment,
    response,
    stepUp,
    reload(next) {
      response.reload(next)
      stepUp.reload(next)
    },
    close() {
      containment.close()
      response.close()
      actions.close()
    },
  }
}
