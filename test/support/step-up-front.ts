import { compose, type Weir } from '../../src/compose.ts'
import type { JwtConfig } from '../../src/config/config.ts'
import type { StepUpConfig } from '../../src/config/response-config.ts'
import { systemClock } from '../../src/core/clock.ts'
import type { RequestEvent } from '../../src/core/event.ts'
import type { Means } from '../../src/core/action.ts'
import type { Records } from '../../src/core/records.ts'
import { startServer } from '../../src/gateway/server.ts'
import { createDemoModel } from '../../src/lab/demo-model.ts'
import { createRandom } from '../../src/lab/random.ts'
import type { Pass } from '../../src/stepup/pass.ts'
import { configOf } from './harness.ts'

/** A composed Weir behind a socket, in which a test says who is asked for what. */
export interface StepUpFront {
  readonly url: string
  readonly weir: Weir
  readonly events: RequestEvent[]
  readonly passes: Pass[]
  readonly said: readonly string[]
  /** By account; a pass that opens for good takes its account away, as the action that asks is lifted. */
  readonly asked: Map<string, readonly Means[]>
  /** Waits until as many events are on record. */
  eventsUntil(count: number): Promise<readonly RequestEvent[]>
}

export interface StepUpFrontOptions {
  readonly jwt?: readonly JwtConfig[]
  readonly stepUp?: Partial<StepUpConfig>
  readonly records?: Records
  fetchJson?(url: string): Promise<unknown>
}

export async function withStepUps(
  options: StepUpFrontOptions,
  run: (front: StepUpFront) => Promise<void>,
): Promise<void> {
  const plain = configOf('')
  const { response, identity } = plain
  const jwt = options.jwt ?? []
  const config = {
    ...plain,
    identity: { ...identity, jwt },
    response: { ...response, stepUp: { ...response.stepUp, proofBits: 8, ...options.stepUp } },
  }
  const events: RequestEvent[] = []
  const passes: Pass[] = []
  const said: string[] = []
  const asked = new Map<string, readonly Means[]>()
  const random = createRandom('step-up')
  const composed = compose(config, {
    clock: systemClock,
    random: (below) => random.below(below),
    embedded: () => createDemoModel({ clock: systemClock, seed: 'step-up' }),
    sinks: [(event) => void events.push(event)],
    journal: null,
    leases: null,
    records: options.records ?? null,
    log: null,
    secrets: null,
    detection: null,
    asked(account) {
      const means = asked.get(account)
      return means === undefined ? null : { means, graceLeft: 12, sinceMs: Date.now() - 1000 }
    },
    post: () => Promise.reject(new Error('no network here')),
    host: 'gateway',
    fetchJson: options.fetchJson ?? (() => Promise.reject(new Error('no network here'))),
    say: (_level, what) => void said.push(what),
  })
  if (!composed.ok) throw new Error(composed.error)
  const weir = composed.value
  weir.stepUp.stepUps.passed((pass) => {
    passes.push(pass)
    if (pass.requests === null) asked.delete(pass.account)
  })
  const server = await startServer({
    host: '127.0.0.1',
    port: 0,
    clock: systemClock,
    nextId: weir.nextId,
    bodyTimeoutMs: 5000,
    tls: null,
    handle: weir.handle,
    unparsable: weir.unparsable,
  })
  try {
    await run({
      url: server.url,
      weir,
      events,
      passes,
      said,
      asked,
      async eventsUntil(count) {
        for (let i = 0; i < 400 && events.length < count; i++) await new Promise((resolve) => setTimeout(resolve, 10))
        if (events.length !== count) throw new Error(`${events.length} events where ${count} were expected`)
        return events
      },
    })
  } finally {
    await server.close(500)
    await weir.close()
  }
}
