import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Decision } from './core/decision.ts'
import { finishDraft, startDraft } from './core/draft.ts'
import type { RequestEvent } from './core/event.ts'
import { createVirtualClock, type VirtualClock } from './lab/virtual-clock.ts'
import { startLoop, type EventSink, type Loop, type LoopOptions } from './loop.ts'

const event = (id: number): RequestEvent => finishDraft(startDraft(String(id), 0, 'hash', 'POST /', null), 0)

interface Setup {
  readonly loop: Loop
  readonly clock: VirtualClock
  /** Ids that the first sink got, in order. */
  readonly seen: number[]
  readonly said: { readonly what: string; readonly detail: string }[]
}

function setup(
  maxQueued = 1000,
  more: readonly EventSink[] = [],
  judge: LoopOptions['judge'] = () => null,
  act: LoopOptions['act'] = () => {},
): Setup {
  const clock = createVirtualClock(0)
  const seen: number[] = []
  const said: { what: string; detail: string }[] = []
  const loop = startLoop({
    clock,
    maxQueued,
    judge,
    act,
    sinks: [...more, ({ id }) => void seen.push(Number(id))],
    say: (what, detail) => void said.push({ what, detail }),
  })
  return { loop, clock, seen, said }
}

const upTo = (count: number, from = 0): number[] => Array.from({ length: count }, (_, i) => from + i)

test('emitting does nothing yet: the request path is not held up by what sinks do', async () => {
  const { loop, clock, seen } = setup()
  loop.emit(event(0))
  assert.deepEqual(seen, [])
  assert.equal(loop.stats.queued, 1)
  await clock.run()
  assert.deepEqual(seen, [0])
  assert.deepEqual(
    { ...loop.stats },
    { queued: 0, recorded: 1, lost: 0, judgeFailures: 0, actFailures: 0, sinkFailures: 0 },
  )
})

test('every sink gets every event, in the order of emission, over many batches', async () => {
  const second: number[] = []
  const { loop, clock, seen } = setup(10_000, [({ id }) => void second.push(Number(id))])
  for (const id of upTo(3000)) loop.emit(event(id))
  await clock.run()
  assert.deepEqual(seen, upTo(3000))
  assert.deepEqual(second, upTo(3000))
  assert.equal(clock.pending, 0, 'no timer is left behind')
})

test('long queues are worked off in parts, so that other work gets its turn', async () => {
  const { loop, clock, seen } = setup(10_000)
  for (const id of upTo(1000)) loop.emit(event(id))
  const progress: number[] = []
  for (let i = 0; i < 4; i++) clock.after(0, () => progress.push(seen.length))
  await clock.advance(0)
  assert.ok(progress[0]! > 0 && progress[0]! < 1000, 'the first part was over before the others')
  assert.deepEqual(seen, upTo(1000))
})

test('a full queue loses the newest events, counts each and keeps the others in order', async () => {
  const { loop, clock, seen } = setup(10)
  for (const id of upTo(25)) loop.emit(event(id))
  assert.deepEqual({ queued: loop.stats.queued, lost: loop.stats.lost }, { queued: 10, lost: 15 })
  await clock.run()
  assert.deepEqual(seen, upTo(10))
  loop.emit(event(99))
  await clock.run()
  assert.deepEqual(seen, [...upTo(10), 99], 'and takes events again')
  assert.equal(loop.stats.recorded + loop.stats.lost, 26)
})

test('a loss is said at once, and then once in ten seconds with the count so far', async () => {
  const { loop, clock, said } = setup(0)
  loop.emit(event(0))
  assert.equal(said.length, 1)
  assert.equal(said[0]!.what, 'event_lost')
  for (let ms = 100; ms < 10_000; ms += 100) {
    await clock.advance(100)
    loop.emit(event(ms))
  }
  assert.equal(said.length, 1)
  await clock.advance(100)
  loop.emit(event(1))
  assert.equal(said.length, 2)
  assert.match(said[1]!.detail, /101 lost/)
})

test('a sink that throws loses its own event and nobody else’s', async () => {
  const failing: EventSink = ({ id }) => {
    if (Number(id) % 2 === 0) throw new Error(`cannot write ${id}`)
  }
  const { loop, clock, seen, said } = setup(1000, [failing])
  for (const id of upTo(600)) loop.emit(event(id))
  await clock.run()
  assert.deepEqual(seen, upTo(600))
  assert.deepEqual(
    { ...loop.stats },
    { queued: 0, recorded: 600, lost: 0, judgeFailures: 0, actFailures: 0, sinkFailures: 300 },
  )
  assert.deepEqual(said, [{ what: 'sink_failed', detail: 'cannot write 0' }])
})

test('what is thrown and is no error is said too', async () => {
  const failing: EventSink = () => {
    // oxlint-disable-next-line typescript/only-throw-error
    throw 'a word'
  }
  const { loop, said } = setup(1000, [failing])
  loop.emit(event(0))
  loop.flush()
  assert.deepEqual(said, [{ what: 'sink_failed', detail: 'a word' }])
})

test('losses and failing sinks do not keep each other from being said', async () => {
  const failing: EventSink = () => {
    throw new Error('no')
  }
  const { loop, said } = setup(1, [failing])
  loop.emit(event(0))
  loop.emit(event(1))
  loop.flush()
  assert.deepEqual(said.map(({ what }) => what).toSorted(), ['event_lost', 'sink_failed'])
})

test('a flush works off everything now, and leaves no timer', () => {
  const { loop, clock, seen } = setup()
  for (const id of upTo(700)) loop.emit(event(id))
  loop.flush()
  assert.deepEqual(seen, upTo(700))
  assert.equal(clock.pending, 0)
  loop.flush()
  loop.emit(event(700))
  loop.flush()
  assert.deepEqual(seen, upTo(701))
})

test('events that a sink emits come after those that were there', async () => {
  let loop: Loop | null = null
  const echo: EventSink = ({ id }) => {
    if (Number(id) < 3) loop!.emit(event(Number(id) + 100))
  }
  const made = setup(1000, [echo])
  loop = made.loop
  for (const id of upTo(3)) loop.emit(event(id))
  await made.clock.run()
  assert.deepEqual(made.seen, [0, 1, 2, 100, 101, 102])
})

const allowed: Decision = { action: 'allow', level: 'normal', campaign: null, evidence: 1 }

test('every sink gets what the judge said of the event', async () => {
  const got: [string, Decision | null][] = []
  const sink: EventSink = ({ id }, decision) => void got.push([id, decision])
  const { loop, clock } = setup(1000, [sink], ({ id }) => (id === '1' ? null : { ...allowed, evidence: Number(id) }))
  for (const id of upTo(3)) loop.emit(event(id))
  await clock.run()
  assert.deepEqual(got, [
    ['0', { ...allowed, evidence: 0 }],
    ['1', null],
    ['2', { ...allowed, evidence: 2 }],
  ])
})

test('a judge that throws loses nobody an event: it is counted, said, and the event is on record without a decision', async () => {
  const decisions: (Decision | null)[] = []
  const failing = ({ id }: RequestEvent): Decision => {
    if (Number(id) % 2 === 0) throw new Error(`cannot judge ${id}`)
    return allowed
  }
  const { loop, clock, seen, said } = setup(1000, [(_event, decision) => void decisions.push(decision)], failing)
  for (const id of upTo(4)) loop.emit(event(id))
  await clock.run()
  assert.deepEqual(seen, upTo(4))
  assert.deepEqual(decisions, [null, allowed, null, allowed])
  assert.deepEqual(
    { ...loop.stats },
    { queued: 0, recorded: 4, lost: 0, judgeFailures: 2, actFailures: 0, sinkFailures: 0 },
  )
  assert.deepEqual(said, [{ what: 'judge_failed', detail: 'cannot judge 0' }])
})

test('what fails to act loses nobody the event, and is said', async () => {
  const { loop, clock, seen, said } = setup(
    1000,
    [],
    () => null,
    ({ id }) => {
      if (id === '1') throw new Error('no room')
    },
  )
  for (const id of upTo(3)) loop.emit(event(id))
  await clock.run()
  assert.deepEqual(seen, [0, 1, 2])
  assert.equal(loop.stats.actFailures, 1)
  assert.deepEqual(said, [{ what: 'act_failed', detail: 'no room' }])
})
