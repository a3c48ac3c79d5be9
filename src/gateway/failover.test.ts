import assert from 'node:assert/strict'
import { test } from 'node:test'
import { recordingSink, type Recorded } from '../../test/support/recording-sink.ts'
import { scriptedUpstream, type ScriptedUpstream, type Step } from '../../test/support/scripted-upstream.ts'
import type { Upstream, UpstreamCall, UpstreamFault, UpstreamRequest } from '../core/upstream.ts'
import { createVirtualClock, type VirtualClock } from '../lab/virtual-clock.ts'
import { Breaker } from './breaker.ts'
import { createFailover } from './failover.ts'

const request: UpstreamRequest = {
  method: 'POST',
  path: '/chat/completions',
  headers: {},
  credential: null,
  keyStyle: 'bearer',
  body: null,
}
const answer = (status = 200, words = 'hello'): Step[] => [
  { afterMs: 10, head: status, headers: { kind: words } },
  { afterMs: 10, data: words },
  { afterMs: 10, end: true },
]
const fault = (over: Partial<UpstreamFault> = {}): Step[] => [
  { afterMs: 10, fault: { kind: 'unreachable', detail: 'refused', sent: false, ...over } },
]
const dropped = fault({ kind: 'dropped', detail: 'reset', sent: true })

interface Run {
  readonly clock: VirtualClock
  readonly upstreams: readonly ScriptedUpstream[]
  readonly breakers: readonly Breaker[]
  readonly failover: Upstream
  /** What each target was asked, in order. */
  readonly asked: string
  send(over?: Partial<UpstreamRequest>): {
    readonly sink: Recorded & { by: string | undefined }
    readonly call: UpstreamCall
  }
}

/** One script per target; a script that is a function gives the steps of each attempt. */
function start(...scripts: readonly (readonly Step[] | ((n: number) => readonly Step[]))[]): Run {
  const clock = createVirtualClock(0)
  let asked = ''
  const upstreams = scripts.map((script, at): ScriptedUpstream => {
    const name = 'abc'[at]!
    const scripted = scriptedUpstream(clock, (_request, n) => {
      asked += name
      return typeof script === 'function' ? script(n) : script
    })
    return Object.create(scripted, { name: { value: name } }) as ScriptedUpstream
  })
  const breakers = upstreams.map(() => new Breaker({ failures: 2, windowMs: 60_000, openMs: 1000 }, clock))
  const targets = upstreams.map((upstream, at) => ({ upstream, breaker: breakers[at]! }))
  const failover = createFailover({ name: 'route', targets })
  return {
    clock,
    upstreams,
    breakers,
    failover,
    get asked() {
      return asked
    },
    send(over = {}) {
      const recorded = recordingSink()
      const sink = Object.assign(recorded, { by: undefined as string | undefined })
      const { onHead } = recorded
      sink.onHead = (status, headers, by) => {
        sink.by = by
        onHead(status, headers)
      }
      return { sink, call: failover.send({ ...request, ...over }, sink) }
    },
  }
}

/** Sends one request and lets everything happen. */
async function once(run: Run): Promise<Recorded & { by: string | undefined }> {
  const { sink } = run.send()
  assert.deepEqual(sink.calls, [], 'nothing is told before send has returned')
  await run.clock.run()
  for (const upstream of run.upstreams) assert.equal(upstream.open, 0, `${upstream.name} has no request left`)
  return sink
}

test('the first target answers, and its name is known', async () => {
  const run = start(answer(), answer(200, 'other'))
  const sink = await once(run)
  assert.deepEqual([sink.calls, sink.text, sink.by, run.asked], [['head', 'data', 'end'], 'hello', 'a', 'a'])
})

test('a request that was certainly not sent goes to the next target', async () => {
  for (const kind of ['unreachable', 'timeout', 'dropped'] as const) {
    const run = start(fault({ kind }), answer(200, 'second'))
    const sink = await once(run)
    assert.deepEqual([sink.status, sink.text, sink.by, run.asked], [200, 'second', 'b', 'ab'], kind)
  }
})

test('a status that says that nothing was carried out goes to the next target, with nothing of its body passed on', async () => {
  for (const status of [429, 502, 503, 529]) {
    const run = start(answer(status, 'busy'), answer(200, 'second'))
    const sink = await once(run)
    assert.deepEqual([sink.calls, sink.text, sink.by], [['head', 'data', 'end'], 'second', 'b'], String(status))
    assert.equal(run.upstreams[0]!.aborted, 1)
  }
})

test('no second attempt is made once a model may be generating', async () => {
  const cases: readonly (readonly Step[])[] = [
    dropped,
    fault({ kind: 'timeout', sent: true }),
    fault({ kind: 'protocol', sent: true }),
    [{ afterMs: 10, head: 200 }, ...dropped],
    // Whatever a fault says of itself: an answer was on its way to the client.
    [{ afterMs: 10, head: 200 }, ...fault()],
    [{ afterMs: 10, end: true }],
  ]
  for (const steps of cases) {
    const run = start(steps, answer())
    await once(run)
    assert.equal(run.asked, 'a', JSON.stringify(steps))
  }
})

test('no other status is tried elsewhere: the answer is given as it is', async () => {
  for (const status of [200, 302, 400, 401, 403, 404, 408, 500, 501, 504]) {
    const run = start(answer(status, 'words'), answer())
    const sink = await once(run)
    assert.deepEqual([sink.status, sink.text, sink.headers['kind'], run.asked], [status, 'words', 'words', 'a'])
  }
})

test('the last answer is given as it is, whatever it says', async () => {
  const run = start(answer(429, 'one'), answer(503, 'two'))
  const sink = await once(run)
  assert.deepEqual([sink.status, sink.text, sink.by, run.asked], [503, 'two', 'b', 'ab'])
  const alone = start(answer(429, 'one'))
  assert.deepEqual([(await once(alone)).text, alone.asked], ['one', 'a'])
})

test('if nobody can be reached the fault tells the operator of each attempt', async () => {
  const run = start(fault(), fault({ detail: 'no such host' }))
  const sink = await once(run)
  assert.deepEqual(sink.fault, { kind: 'unreachable', detail: 'a: refused; b: no such host', sent: false })
  assert.deepEqual([sink.calls, run.asked], [['fault'], 'ab'])
  const seen = start(answer(503), fault())
  assert.deepEqual((await once(seen)).fault, { kind: 'unreachable', detail: 'a: status 503; b: refused', sent: true })
})

test('a target that stands alone is asked once more, and only where nothing was sent', async () => {
  const again = start((n) => (n === 1 ? fault() : answer()))
  assert.deepEqual([(await once(again)).text, again.asked], ['hello', 'aa'])
  const never = start(fault())
  assert.deepEqual([(await once(never)).calls, never.asked], [['fault'], 'aa'])
  const sent = start(dropped)
  assert.deepEqual([(await once(sent)).fault?.kind, sent.asked], ['dropped', 'a'])
  const busy = start(answer(503))
  assert.deepEqual([(await once(busy)).status, busy.asked], [503, 'a'])
})

test("a client's own key is shown to the first target and to no other", async () => {
  for (const steps of [fault(), answer(503), answer(429)]) {
    const run = start(steps, answer())
    run.send({ credential: 'theirs' })
    await run.clock.run()
    assert.ok(!run.asked.includes('b'), run.asked)
  }
  const closed = start(answer(), answer())
  for (let i = 0; i < 2; i++) closed.breakers[0]!.failure()
  const { sink } = closed.send({ credential: '' })
  await closed.clock.run()
  assert.deepEqual([sink.fault?.kind, closed.asked], ['unreachable', ''])
})

test('an open breaker is passed over, and a target behind one is no reason to throw an answer away', async () => {
  const run = start(dropped, answer(503, 'busy'), answer(200, 'third'))
  for (let i = 0; i < 2; i++) assert.equal((await once(run)).fault?.kind, 'dropped')
  assert.equal(run.breakers[0]!.state, 'open')
  const third = await once(run)
  assert.deepEqual([third.text, run.asked], ['third', 'aabc'])

  const last = start(answer(503, 'busy'), dropped)
  last.breakers[1]!.failure()
  last.breakers[1]!.failure()
  assert.deepEqual([(await once(last)).text, last.asked], ['busy', 'a'])
})

test('if every breaker is open the fault says that nothing was sent, and nobody is asked', async () => {
  const run = start(answer(), answer())
  for (const breaker of run.breakers) for (let i = 0; i < 2; i++) breaker.failure()
  const sink = await once(run)
  assert.deepEqual([sink.calls, run.asked], [['fault'], ''])
  assert.deepEqual([sink.fault?.kind, sink.fault?.sent], ['unreachable', false])
  assert.match(sink.fault!.detail, /route/)
  const { sink: left, call } = run.send()
  call.abort()
  call.pause()
  call.resume()
  await run.clock.run()
  assert.deepEqual(left.calls, [])
})

test('faults and broken servers are failures; refusals, limits and what a client breaks off are not', async () => {
  const opens = async (steps: readonly Step[]): Promise<boolean> => {
    const run = start(steps)
    for (let i = 0; i < 2; i++) await once(run)
    return run.breakers[0]!.state === 'open'
  }
  for (const status of [500, 502, 503, 504, 529]) assert.equal(await opens(answer(status)), true, String(status))
  for (const status of [200, 302, 400, 401, 404, 429]) assert.equal(await opens(answer(status)), false, String(status))
  assert.equal(await opens(dropped), true)
  assert.equal(await opens([{ afterMs: 10, head: 200 }, ...dropped]), true, 'a stream that breaks')
  assert.equal(await opens([{ afterMs: 10, end: true }]), true, 'an answer without a head')
  assert.equal(await opens(fault({ kind: 'protocol', sent: false })), false, 'a request that cannot be sent to anybody')
  const left = start([{ afterMs: 5000, head: 200 }])
  for (let i = 0; i < 5; i++) left.send().call.abort()
  assert.equal(left.breakers[0]!.state, 'closed')
})

test('a request that cannot be sent to anybody is not tried anywhere else', async () => {
  const run = start(fault({ kind: 'protocol', sent: false }), answer())
  assert.deepEqual([(await once(run)).fault?.kind, run.asked], ['protocol', 'a'])
})

test('a target that lets us wait too long has failed, before its head and after it', async () => {
  for (const steps of [[], [{ afterMs: 10, head: 200 } as const]]) {
    const run = start(steps, answer())
    for (let i = 0; i < 2; i++) {
      const { call } = run.send()
      await run.clock.advance(20)
      call.abort('timeout')
      call.abort('timeout')
    }
    assert.deepEqual([run.breakers[0]!.state, run.asked, run.upstreams[0]!.open], ['open', 'aa', 0])
  }
})

test('a trial that its client breaks off does not keep the target out for ever', async () => {
  const run = start((n) => (n === 1 ? [] : answer()))
  for (let i = 0; i < 2; i++) run.breakers[0]!.failure()
  await run.clock.advance(1000)
  const { call } = run.send()
  const meanwhile = run.send().sink
  await run.clock.advance(1)
  assert.equal(meanwhile.fault?.kind, 'unreachable', 'one trial at a time')
  call.abort()
  assert.equal((await once(run)).status, 200)
  assert.equal(run.breakers[0]!.state, 'closed')
})

test('an abort ends the attempt that is under way and starts no other', async () => {
  for (const atMs of [0, 5, 15]) {
    const run = start(fault(), [{ afterMs: 1000, head: 200 }])
    const { sink, call } = run.send()
    await run.clock.advance(atMs)
    call.abort()
    call.abort()
    await run.clock.run()
    assert.deepEqual([sink.calls, run.asked], [[], atMs < 10 ? 'a' : 'ab'])
    assert.deepEqual([run.upstreams[0]!.open, run.upstreams[1]!.open], [0, 0])
    assert.equal(run.upstreams[atMs < 10 ? 0 : 1]!.aborted, 1)
  }
})

test('pausing and resuming reach the attempt that is under way', async () => {
  const run = start(fault(), answer())
  const { sink, call } = run.send()
  call.pause()
  await run.clock.run()
  assert.deepEqual(sink.calls, ['head'], 'the second attempt begins as paused as the first one was')
  call.resume()
  await run.clock.run()
  assert.deepEqual(sink.calls, ['head', 'data', 'end'])
})

test('an upstream that throws is heard of, and its breaker still gives the next request a trial', async () => {
  const clock = createVirtualClock(0)
  const bug = (): never => {
    throw new Error('a bug')
  }
  const broken: Upstream = { name: 'broken', send: bug, close: () => Promise.resolve() }
  const breaker = new Breaker({ failures: 1, windowMs: 1000, openMs: 1000 }, clock)
  breaker.failure()
  await clock.advance(1000)
  const alone = createFailover({ name: 'route', targets: [{ upstream: broken, breaker }] })
  for (let i = 0; i < 2; i++) assert.throws(() => alone.send(request, recordingSink()), /a bug/)

  const first = start(fault())
  const second = createFailover({
    name: 'route',
    targets: [
      { upstream: first.upstreams[0]!, breaker: first.breakers[0]! },
      { upstream: broken, breaker },
    ],
  })
  const sink = recordingSink()
  second.send(request, sink)
  await first.clock.run()
  assert.deepEqual([sink.calls, sink.fault?.detail], [['fault'], 'a: refused; broken: Error: a bug'])
})

test('a failover within a failover names the target that answered', async () => {
  const inner = start(fault(), answer())
  const breaker = new Breaker({ failures: 2, windowMs: 1000, openMs: 1000 }, inner.clock)
  const outer = createFailover({ name: 'outer', targets: [{ upstream: inner.failover, breaker }] })
  let by: string | undefined
  const sink = recordingSink()
  sink.onHead = (_status, _headers, name) => void (by = name)
  outer.send(request, sink)
  await inner.clock.run()
  assert.equal(by, 'b')
  await outer.close()
})

test('a failover within a failover hears that its target let us wait too long', async () => {
  const inner = start([])
  const breaker = new Breaker({ failures: 2, windowMs: 1000, openMs: 1000 }, inner.clock)
  const outer = createFailover({ name: 'outer', targets: [{ upstream: inner.failover, breaker }] })
  for (let i = 0; i < 2; i++) outer.send(request, recordingSink()).abort('timeout')
  assert.deepEqual([breaker.state, inner.breakers[0]!.state], ['open', 'open'])
})
