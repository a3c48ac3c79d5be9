import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { scriptedUpstream, type ScriptedUpstream, type Step } from '../../test/support/scripted-upstream.ts'
import { createVirtualClock, type VirtualClock } from '../lab/virtual-clock.ts'
import { Drip } from './drip.ts'
import { memoryExchange, type MemoryExchange } from './memory-exchange.ts'
import { relay, type RelayEnd, type RelayTimes, type StreamPlan } from './relay.ts'
import { TarpitGate } from './tarpit.ts'

const event = (text: string): string => `data: ${text}\n\n`

interface Dripping {
  readonly clock: VirtualClock
  readonly gate: TarpitGate
  readonly drip: Drip
  /** What left, and when. */
  readonly sent: [atMs: number, text: string][]
}

function dripping(waitMs: number, maxHeldBytes = 1e6, reads = (): boolean => true): Dripping {
  const clock = createVirtualClock(0)
  const gate = new TarpitGate({ maxHeld: 1, maxHeldBytes })
  const sent: [number, string][] = []
  const drip: Drip = new Drip({ place: gate.enter(0)!, nextMs: () => waitMs }, clock, {
    write(piece) {
      sent.push([clock.now(), piece.toString()])
      return reads()
    },
    due: () => drip.go(),
  })
  return { clock, gate, drip, sent }
}

test('events leave one by one, the first at once, with one timer for all of them', async () => {
  const { clock, drip, sent } = dripping(100)
  drip.push(Buffer.from(event('a') + event('b')))
  drip.push(Buffer.from('data: c\r\n\r\n'))
  assert.equal(clock.pending, 1)
  await clock.run()
  assert.deepEqual(sent, [
    [0, event('a')],
    [100, event('b')],
    [200, 'data: c\r\n\r\n'],
  ])
  drip.push(Buffer.from(event('d')))
  assert.equal(sent.length, 3, 'nor does one that comes later leave sooner')
  await clock.advance(1000)
  drip.push(Buffer.from(event('e')))
  assert.deepEqual(sent.slice(3), [
    [300, event('d')],
    [1200, event('e')],
  ])
})

test('what has no room in the tarpit leaves as it comes, after what waited', () => {
  const { gate, drip, sent } = dripping(100, 40)
  drip.push(Buffer.from(event('a') + event('b')))
  drip.push(Buffer.from(event('x'.repeat(50))))
  assert.deepEqual(
    sent.map(([at]) => at),
    [0, 0, 0],
  )
  assert.equal(sent.map(([, text]) => text).join(''), event('a') + event('b') + event('x'.repeat(50)))
  assert.equal(gate.heldBytes, 0)
})

test('where no upstream may be paused any more, an answer that is too long leaves as it comes', () => {
  const { gate, drip, sent } = dripping(100, 1600)
  while (gate.pause(1));
  drip.push(Buffer.from(event('a').repeat(20)))
  assert.deepEqual([drip.full, drip.bytes, gate.heldBytes], [false, 0, 0])
  assert.equal(sent.map(([, text]) => text).join(''), event('a').repeat(20))
})

test('nothing leaves to a client that does not read, and what waits is dropped with it', async () => {
  let reads = false
  const { clock, gate, drip, sent } = dripping(10, 1e6, () => reads)
  drip.push(Buffer.from(event('a') + event('b') + event('c')))
  await clock.run()
  assert.deepEqual([sent.length, clock.pending], [1, 0])
  reads = true
  drip.unblock()
  await clock.advance(15)
  assert.equal(sent.length, 2)
  assert.equal(gate.heldBytes, event('c').length)
  drip.stop()
  assert.deepEqual([gate.heldBytes, drip.bytes, clock.pending], [0, 0, 0])
})

test('however the bytes come and however they are framed, the same bytes leave in their order', async () => {
  const ends = fc.constantFrom('\n\n', '\r\n\r\n', '\r\r', '\n', '')
  const pieces = fc.array(fc.tuple(fc.string({ maxLength: 8 }), ends, fc.nat(30)), { maxLength: 20 })
  await fc.assert(
    fc.asyncProperty(pieces, async (parts) => {
      const { clock, gate, drip, sent } = dripping(20)
      for (const [text, end, ms] of parts) {
        drip.push(Buffer.from(text + end))
        await clock.advance(ms)
      }
      await clock.run()
      assert.equal(sent.map(([, text]) => text).join(''), parts.map(([text, end]) => text + end).join(''))
      assert.deepEqual([gate.heldBytes, drip.bytes], [0, 0])
    }),
    { numRuns: 50 },
  )
})

const times: RelayTimes = { firstByteMs: 100, idleMs: 50, stallMs: 200, maxDurationMs: 10_000, maxAnswerBytes: 1000 }
const request = {
  method: 'POST',
  path: '/chat/completions',
  headers: {},
  credential: null,
  keyStyle: 'bearer',
  body: null,
} as const

interface Run {
  readonly clock: VirtualClock
  readonly gate: TarpitGate
  readonly exchange: MemoryExchange
  readonly upstream: ScriptedUpstream
  readonly ends: RelayEnd[]
}

interface Start {
  readonly steps: readonly Step[]
  readonly waitMs: number
  readonly maxHeldBytes?: number
  readonly over?: Partial<RelayTimes>
  readonly exchange?: MemoryExchange
  /** The plan's word after each read. */
  readonly verdict?: StreamPlan['over']
}

function start({ steps, waitMs, maxHeldBytes = 1e6, over = {}, verdict = 'no', exchange }: Start): Run {
  const clock = createVirtualClock(0)
  const gate = new TarpitGate({ maxHeld: 1, maxHeldBytes })
  const upstream = scriptedUpstream(clock, () => steps)
  const client = exchange ?? memoryExchange({ id: 'x', receivedAtMs: 0 })
  const ends: RelayEnd[] = []
  const stream: StreamPlan = {
    status: 200,
    headers: {},
    pace: { place: gate.enter(0)!, nextMs: () => waitMs },
    push: (chunk) => chunk,
    over: verdict,
    close: (why) => ({ bytes: Buffer.from(`<${typeof why === 'string' ? why : why.kind}>`), destroy: false }),
  }
  const plan = {
    stream: () => stream,
    whole: () => assert.fail('a stream'),
    fault: () => assert.fail('a stream'),
  }
  void relay(client, upstream, request, plan, { ...times, ...over }, clock).then((end) => ends.push(end))
  return { clock, gate, exchange: client, upstream, ends }
}

async function ended(run: Run): Promise<RelayEnd> {
  await run.clock.run()
  assert.deepEqual([run.ends.length, run.clock.pending, run.upstream.open, run.gate.heldBytes], [1, 0, 0, 0])
  return run.ends[0]!
}

const head: Step = { afterMs: 10, head: 200 }
const end: Step = { afterMs: 0, end: true }
const words = (count: number): string[] => Array.from({ length: count }, (_, i) => event(`word${i}`))

test('the upstream is done with long before the last event has dripped out', async () => {
  const all = words(5).join('')
  const run = start({ steps: [head, { afterMs: 0, data: all }, end], waitMs: 300 })
  await run.clock.advance(20)
  assert.equal(run.upstream.open, 0)
  assert.equal(run.exchange.received.toString(), event('word0'))
  await run.clock.advance(300)
  assert.equal(run.exchange.received.toString(), event('word0') + event('word1'))
  const { client, unsentBytes, bytes } = await ended(run)
  assert.deepEqual([client, unsentBytes, bytes], ['sent', 0, Buffer.byteLength(`${all}<ended>`)])
  assert.equal(run.exchange.received.toString(), `${all}<ended>`)
  assert.equal(run.clock.now(), 10 + 4 * 300)
})

test('with little room the upstream is paused, longer than its own silence or a stall may last', async () => {
  // A sixteenth of 1600 bytes may wait: a few events.
  const each = words(30).map((data): Step => ({ afterMs: 1, data }))
  const run = start({ steps: [head, ...each, end], waitMs: 250, maxHeldBytes: 1600 })
  let most = 0
  while (run.ends.length === 0) {
    await run.clock.advance(100)
    most = Math.max(most, run.gate.heldBytes)
  }
  assert.ok(most > 50 && most < 130, `${most} bytes waited`)
  assert.equal((await ended(run)).fault, null)
  assert.equal(run.exchange.received.toString(), `${words(30).join('')}<ended>`)
})

test('an upstream that falls silent while nothing waits is timed out as ever, and what it said drips out before', async () => {
  const run = start({ steps: [head, { afterMs: 0, data: words(3).join('') }], waitMs: 20 })
  const { fault } = await ended(run)
  assert.equal(fault?.kind, 'timeout')
  assert.equal(run.exchange.received.toString(), `${words(3).join('')}<timeout>`)
})

test('a client that leaves in mid-drip is noticed at once, and what it has not had is told', async () => {
  const run = start({ steps: [head, { afterMs: 0, data: words(10).join('') }, end], waitMs: 100 })
  await run.clock.advance(120)
  run.exchange.leave()
  await run.clock.advance(0)
  const { client, unsentBytes } = await ended(run)
  assert.equal(client, 'gone')
  assert.equal(unsentBytes, words(10).slice(2).join('').length + '<ended>'.length)
  assert.equal(run.clock.now(), 120)
})

test('a client that also reads slowly is ended as any stall is', async () => {
  const exchange = memoryExchange({ id: 'x', receivedAtMs: 0 })
  exchange.write = () => false
  const run = start({ steps: [head, { afterMs: 0, data: words(5).join('') }, end], waitMs: 30, exchange })
  const { client, unsentBytes } = await ended(run)
  assert.deepEqual([client, run.exchange.ending, run.clock.now()], ['gone', 'broken', 10 + times.stallMs])
  assert.ok(unsentBytes > 0)
})

test('one that catches up in time gets everything', async () => {
  const exchange = memoryExchange({ id: 'x', receivedAtMs: 0 })
  const { write } = exchange
  let drained = (): void => {}
  exchange.onDrain = (fn) => void (drained = fn)
  exchange.write = (bytes) => {
    write.call(exchange, bytes)
    return false
  }
  const run = start({ steps: [head, { afterMs: 0, data: words(5).join('') }, end], waitMs: 30, exchange })
  for (let i = 0; i < 10 && run.ends.length === 0; i++) {
    await run.clock.advance(150)
    drained()
  }
  assert.equal((await ended(run)).client, 'sent')
  assert.equal(exchange.received.toString(), `${words(5).join('')}<ended>`)
})

test('at the duration bound the rest leaves at once', async () => {
  const done = start({
    steps: [head, { afterMs: 0, data: words(9).join('') }, end],
    waitMs: 500,
    over: { maxDurationMs: 1000 },
  })
  assert.deepEqual([(await ended(done)).fault, done.clock.now()], [null, 1000])
  assert.equal(done.exchange.received.toString(), `${words(9).join('')}<ended>`)
  const steps = [head, ...words(9).map((data): Step => ({ afterMs: 1, data })), { afterMs: 5000, data: event('late') }]
  const open = start({ steps, waitMs: 500, over: { maxDurationMs: 1000, idleMs: 9000 } })
  assert.deepEqual([(await ended(open)).fault?.kind, open.clock.now()], ['timeout', 1000])
  assert.equal(open.exchange.received.toString(), `${words(9).join('')}<timeout>`)
})

test('an upstream that has said its last word is let end by itself, paused or not', async () => {
  for (const maxHeldBytes of [1e6, 400]) {
    const run = start({
      steps: [head, { afterMs: 0, data: words(5).join('') }, { afterMs: 5, data: ': more\n\n' }, end],
      waitMs: 50,
      maxHeldBytes,
      verdict: 'finished',
    })
    assert.equal((await ended(run)).client, 'sent')
    assert.equal(run.exchange.received.toString(), `${words(5).join('')}<over>`)
    assert.equal(run.upstream.aborted, 0)
  }
})
