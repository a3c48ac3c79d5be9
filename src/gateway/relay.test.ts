import assert from 'node:assert/strict'
import { test } from 'node:test'
import { scriptedUpstream, type ScriptedUpstream, type Step } from '../../test/support/scripted-upstream.ts'
import type { Upstream, UpstreamFault } from '../core/upstream.ts'
import { createVirtualClock, type VirtualClock } from '../lab/virtual-clock.ts'
import { memoryExchange, type MemoryExchange } from './memory-exchange.ts'
import { relay, type RelayEnd, type RelayPlan, type RelayTimes, type StreamPlan } from './relay.ts'

const times: RelayTimes = { firstByteMs: 100, idleMs: 50, stallMs: 200, maxDurationMs: 1000, maxAnswerBytes: 1000 }
const request = {
  method: 'POST',
  path: '/chat/completions',
  headers: {},
  credential: null,
  keyStyle: 'bearer',
  body: null,
} as const
const text = (words: string): Buffer => Buffer.from(words)

const passing: StreamPlan = {
  status: 200,
  headers: { kind: 'stream' },
  pace: null,
  push: (chunk) => chunk,
  over: 'no',
  close: (why) => ({ bytes: text(`<${typeof why === 'string' ? why : why.kind}>`), destroy: false }),
}
const planOf = (stream: Partial<StreamPlan> | null, over: Partial<RelayPlan> = {}): RelayPlan => ({
  // Getters stay getters, as those of a real plan are.
  stream: () =>
    stream === null ? null : (Object.create(passing, Object.getOwnPropertyDescriptors(stream)) as StreamPlan),
  whole: (status, _headers, body) => ({ status, headers: {}, body: text(`[${body.toString()}]`) }),
  fault: (fault) => ({ status: 502, headers: {}, body: text(fault.kind) }),
  ...over,
})

interface Run {
  readonly clock: VirtualClock
  readonly exchange: MemoryExchange
  readonly upstream: ScriptedUpstream
  /** How often the relay came to an end, and with what. */
  readonly ends: (RelayEnd | Error)[]
}

interface Start {
  readonly steps?: readonly Step[]
  readonly plan?: RelayPlan
  readonly over?: Partial<RelayTimes>
  readonly exchange?: MemoryExchange
  readonly upstream?: Upstream
}

function start({ steps = [], plan = planOf({}), over = {}, exchange = fresh(), upstream }: Start): Run {
  const clock = createVirtualClock(0)
  const scripted = scriptedUpstream(clock, () => steps)
  const ends: (RelayEnd | Error)[] = []
  relay(exchange, upstream ?? scripted, request, plan, { ...times, ...over }, clock).then(
    (end) => ends.push(end),
    (error: Error) => ends.push(error),
  )
  return { clock, exchange, upstream: scripted, ends }
}

function fresh(): MemoryExchange {
  return memoryExchange({ id: 'x', receivedAtMs: 0 })
}

/** Lets everything happen; then there is one end, no timer and no open upstream. */
async function ended(run: Run): Promise<RelayEnd> {
  await run.clock.run()
  assert.equal(run.ends.length, 1)
  assert.equal(run.clock.pending, 0)
  assert.equal(run.upstream.open, 0)
  const [end] = run.ends
  if (end instanceof Error) throw end
  assert.ok(end)
  return end
}

const head: Step = { afterMs: 10, head: 200 }
const data = (words: string, afterMs = 10): Step => ({ afterMs, data: words })
const end: Step = { afterMs: 10, end: true }

test('a stream is passed on as it comes and counted', async () => {
  const run = start({ steps: [head, data('one'), data('two'), end] })
  await run.clock.advance(20)
  assert.equal(run.exchange.received.toString(), 'one')
  const sent = await ended(run)
  assert.deepEqual(sent, {
    client: 'sent',
    fault: null,
    status: 200,
    by: null,
    bytes: 13,
    unsentBytes: 0,
    firstByteAtMs: 20,
  })
  assert.equal(run.exchange.received.toString(), 'onetwo<ended>')
  assert.deepEqual([run.exchange.ending, run.exchange.headers['kind']], ['end', 'stream'])
})

test('an answer that is read as a whole leaves only when it is complete', async () => {
  const run = start({ steps: [head, data('one'), data('two'), end], plan: planOf(null) })
  await run.clock.advance(35)
  assert.equal(run.exchange.started, false)
  const sent = await ended(run)
  assert.deepEqual(sent, {
    client: 'sent',
    fault: null,
    status: 200,
    by: null,
    bytes: 8,
    unsentBytes: 0,
    firstByteAtMs: 40,
  })
  assert.equal(run.exchange.received.toString(), '[onetwo]')
})

test('no first byte in time: the upstream is let go and the client hears of it', async () => {
  const run = start({ steps: [{ afterMs: 5000, head: 200 }] })
  const { fault, status } = await ended(run)
  assert.deepEqual([fault?.kind, status, run.exchange.status], ['timeout', 502, 502])
  assert.match(fault!.detail, /first byte/)
  assert.equal(run.clock.now(), 100)
  assert.equal(run.upstream.aborted, 1)
})

test('every byte starts the idle time-out over, and silence ends the stream', async () => {
  const run = start({ steps: [head, ...Array.from({ length: 5 }, () => data('x', 40)), data('late', 60)] })
  const { fault } = await ended(run)
  assert.match(fault!.detail, /next byte/)
  assert.equal(run.clock.now(), 10 + 5 * 40 + 50)
  assert.equal(run.exchange.received.toString(), 'xxxxx<timeout>')
  assert.equal(run.exchange.ending, 'end')
})

test('a stream that never ends is ended at the duration bound', async () => {
  const run = start({ steps: [head, ...Array.from({ length: 100 }, () => data('x', 30))] })
  const { fault } = await ended(run)
  assert.equal(fault?.kind, 'timeout')
  assert.equal(run.clock.now(), 1000)
  assert.equal(run.upstream.aborted, 1)
})

test('an upstream is told when it was too slow, and only then', async () => {
  const reasons = async (steps: readonly Step[], act: (run: Run) => void = () => {}): Promise<unknown[]> => {
    const told: unknown[] = []
    const clock = createVirtualClock(0)
    const scripted = scriptedUpstream(clock, () => steps)
    const exchange = fresh()
    const upstream: Upstream = {
      ...scripted,
      send(sent, sink) {
        const call = scripted.send(sent, sink)
        const abort: typeof call.abort = (reason) => {
          told.push(reason)
          call.abort(reason)
        }
        return { ...call, abort }
      },
    }
    const ends: (RelayEnd | Error)[] = []
    relay(exchange, upstream, request, planOf({}), times, clock).then(
      (end) => ends.push(end),
      (error: Error) => ends.push(error),
    )
    await clock.advance(15)
    act({ clock, exchange, upstream: scripted, ends })
    await clock.run()
    return told
  }
  assert.deepEqual(await reasons([{ afterMs: 5000, head: 200 }]), ['timeout'], 'no first byte')
  assert.deepEqual(await reasons([head, data('x'), data('late', 5000)]), ['timeout'], 'silence')
  const unending = [head, ...Array.from({ length: 100 }, () => data('x', 30))]
  assert.deepEqual(await reasons(unending), [undefined], 'an answer that is only too long')
  assert.deepEqual(
    await reasons([head, data('x'), end], ({ exchange }) => exchange.leave()),
    [undefined],
    'a client left',
  )
})

/** A client whose socket is full from the first write on. */
function slowClient(): { exchange: MemoryExchange; drain(): void } {
  let drained = (): void => {}
  const exchange = fresh()
  exchange.onDrain = (fn) => void (drained = fn)
  const { write } = exchange
  exchange.write = (bytes) => write(bytes) && false
  return { exchange, drain: () => drained() }
}

test('a client that stops reading pauses the upstream, and is let go when it does not come back', async () => {
  const { exchange } = slowClient()
  const run = start({ steps: [head, data('one'), data('two'), end], exchange })
  await run.clock.advance(150)
  assert.equal(exchange.received.toString(), 'one', 'nothing more is asked of the upstream, and it is not blamed')
  assert.deepEqual(run.ends, [])
  const { client, fault } = await ended(run)
  assert.deepEqual([client, fault, exchange.ending], ['gone', null, 'broken'])
  assert.equal(run.clock.now(), 20 + 200)
  assert.equal(run.upstream.aborted, 1)
})

test('a client that reads on gets the rest, and the idle time-out counts from then', async () => {
  const { exchange, drain } = slowClient()
  const run = start({ steps: [head, data('one'), data('two', 40), end], exchange })
  await run.clock.advance(100)
  drain()
  await run.clock.advance(45)
  drain()
  const { client, fault } = await ended(run)
  assert.deepEqual([client, fault], ['sent', null])
  assert.equal(exchange.received.toString(), 'onetwo<ended>')
})

test('a client that leaves ends the upstream in the same turn, before and after the head', async () => {
  for (const atMs of [0, 5, 15, 25]) {
    const run = start({ steps: [head, data('one'), end] })
    await run.clock.advance(atMs)
    run.exchange.leave()
    assert.equal(run.upstream.open, 0)
    const { client, fault, status } = await ended(run)
    assert.deepEqual([client, fault, status], ['gone', null, atMs < 10 ? 0 : 200])
    assert.equal(run.upstream.aborted, 1)
  }
})

test('a client that had left before leaves no open upstream', async () => {
  const exchange = fresh()
  exchange.leave()
  const run = start({ steps: [head, end], exchange })
  assert.equal((await ended(run)).client, 'gone')
  assert.equal(run.upstream.aborted, 1)
})

test('a fault before the head is an error answer, after it the end that the plan gives the stream', async () => {
  const fault: UpstreamFault = { kind: 'dropped', detail: 'test', sent: true }
  const before = start({ steps: [{ afterMs: 10, fault }] })
  assert.deepEqual(await ended(before), {
    client: 'sent',
    fault,
    status: 502,
    by: null,
    bytes: 7,
    unsentBytes: 0,
    firstByteAtMs: 10,
  })
  assert.equal(before.exchange.received.toString(), 'dropped')

  const after = start({ steps: [head, data('one'), { afterMs: 10, fault }] })
  assert.deepEqual((await ended(after)).fault, fault)
  assert.equal(after.exchange.received.toString(), 'one<dropped>')

  const whole = start({ steps: [head, data('one'), { afterMs: 10, fault }], plan: planOf(null) })
  assert.equal((await ended(whole)).status, 502)
  assert.equal(whole.exchange.received.toString(), 'dropped')
})

test('a plan that has nothing left to say breaks the connection, and counts no bytes for it', async () => {
  const plan = planOf({ close: () => ({ bytes: text('unsent'), destroy: true }) })
  const run = start({ steps: [head, data('one'), end], plan })
  assert.equal((await ended(run)).bytes, 3)
  assert.deepEqual([run.exchange.ending, run.exchange.received.toString()], ['broken', 'one'])
})

test('an answer larger than the bound is a fault and is not kept', async () => {
  const run = start({ steps: [head, data('x'.repeat(600)), data('x'.repeat(600)), end], plan: planOf(null) })
  const { fault, bytes } = await ended(run)
  assert.deepEqual([fault?.kind, bytes], ['protocol', 8])
  assert.equal(run.upstream.aborted, 1)
  const atBound = start({ steps: [head, data('x'.repeat(1000)), end], plan: planOf(null) })
  assert.equal((await ended(atBound)).fault, null)
})

test('an upstream that ends without a head is a fault', async () => {
  const { fault } = await ended(start({ steps: [end] }))
  assert.equal(fault?.kind, 'protocol')
})

test('a plan that is over aborts the upstream and closes the stream at once', async () => {
  let pushed = 0
  const plan = planOf({
    push: (chunk) => (++pushed === 2 ? null : chunk),
    get over() {
      return pushed >= 2 ? 'stop' : 'no'
    },
  })
  const run = start({ steps: [head, data('one'), data('two'), data('three'), end], plan })
  await ended(run)
  assert.deepEqual([run.exchange.received.toString(), run.clock.now(), run.upstream.aborted], ['one<over>', 30, 1])
})

test('an upstream that has said all it will may end by itself, but not for long', async () => {
  const plan = planOf({ over: 'finished' })
  const polite = start({ steps: [head, data('one'), end], plan })
  await polite.clock.advance(20)
  assert.deepEqual([polite.exchange.received.toString(), polite.exchange.ending], ['one<over>', 'end'])
  await ended(polite)
  assert.equal(polite.upstream.aborted, 0)
  const hanging = start({ steps: [head, data('one')], plan })
  await ended(hanging)
  assert.deepEqual([hanging.upstream.aborted, hanging.clock.now() <= 10_000], [1, true])
})

test('a stream whose closing bytes are its first has a first byte', async () => {
  const plan = planOf({ push: () => null, over: 'stop' })
  const { bytes, firstByteAtMs } = await ended(start({ steps: [head, data('one')], plan }))
  assert.deepEqual([bytes, firstByteAtMs], [6, 20])
})

const bug = (): never => {
  throw new Error('a bug in the plan')
}

test('an exception of the plan rejects, aborts the upstream and leaves no timer, wherever it is thrown', async () => {
  const unending: readonly Step[] = [head, data('one'), data('two', 1_000_000)]
  const cases: readonly (readonly [RelayPlan, readonly Step[]])[] = [
    [planOf({}, { stream: bug }), unending],
    [planOf({ push: bug }), unending],
    [planOf({ close: bug }), [head, data('one'), end]],
    [planOf(null, { whole: bug }), [head, data('one'), end]],
  ]
  for (const [plan, steps] of cases) {
    const run = start({ steps, plan })
    await run.clock.run()
    assert.deepEqual(run.ends.map(String), ['Error: a bug in the plan'])
    assert.deepEqual([run.clock.pending, run.upstream.open], [0, 0])
    assert.equal(run.upstream.aborted, steps === unending ? 1 : 0)
  }
  const late = start({ steps: [], plan: planOf(null, { fault: bug }) })
  await late.clock.run()
  assert.deepEqual(late.ends.map(String), ['Error: a bug in the plan'])
})

test('an upstream that throws when it is asked rejects, and nothing comes after', async () => {
  const run = start({ upstream: { name: 'broken', send: bug, close: () => Promise.resolve() } })
  await run.clock.run()
  assert.equal(run.ends.length, 1)
  assert.ok(run.ends[0] instanceof Error)
  assert.deepEqual([run.clock.now(), run.exchange.started], [0, false])
})
