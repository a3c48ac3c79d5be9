import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { SseFramer } from './sse-framer.ts'
import { Tap, type TappedReader, type TapState } from './tap.ts'

/** Data is a command: text to count, or what the reader is to make of the event. */
class FakeReader implements TappedReader {
  textBytes = 0
  deltas = 0
  parsed: unknown

  read(data: string): ReturnType<TappedReader['read']> {
    this.parsed = { data }
    if (data === 'hide' || data === 'done' || data === 'error' || data === 'unreadable') return data
    if (data !== 'empty') {
      this.textBytes += Buffer.byteLength(data)
      this.deltas++
    }
    return 'pass'
  }
}

interface Run {
  readonly out: string
  readonly state: TapState
  readonly textBytes: number
  readonly deltas: number
  /** What `hold` was asked for, in order. */
  readonly asked: [number, number][]
}

function run(chunks: readonly string[], room = Infinity, over = { passUnreadable: false, maxEventBytes: 1000 }): Run {
  const asked: [number, number][] = []
  const hold = (textBytes: number, deltas: number): boolean => {
    asked.push([textBytes, deltas])
    return textBytes <= room
  }
  const tap = new Tap(new SseFramer(over.maxEventBytes), new FakeReader(), {
    hold,
    passUnreadable: over.passUnreadable,
    rewrite: null,
  })
  const out = [...chunks.map((chunk) => tap.push(Buffer.from(chunk))), tap.end()].filter((bytes) => bytes !== null)
  const { state, textBytes, deltas } = tap
  return { out: Buffer.concat(out).toString(), state, textBytes, deltas, asked }
}

const events = (...data: string[]): string => data.map((text) => `data: ${text}\n\n`).join('')

const tapWith = (hold: () => boolean = () => true): Tap =>
  new Tap(new SseFramer(1000), new FakeReader(), { hold, passUnreadable: false, rewrite: null })

test('while everything passes, the very buffer that came is handed on', () => {
  const tap = tapWith()
  for (const text of [
    events('a'),
    events('a', 'empty', 'b'),
    ': ping\n\n',
    `${events('a')}: ping\r\n\r\n${events('done')}`,
  ]) {
    const chunk = Buffer.from(text)
    assert.equal(tap.push(chunk), chunk, 'the same object, not a copy of it')
  }
  assert.equal(tap.state, 'done')
})

test('an event that came in pieces is passed on whole, once it is whole', () => {
  const tap = tapWith()
  assert.equal(tap.push(Buffer.from('da')), null)
  assert.equal(tap.push(Buffer.from('ta: abc\n')), null)
  assert.equal(tap.textBytes, 0)
  assert.equal(tap.push(Buffer.from('\ndata: d'))?.toString(), events('abc'))
  assert.equal(tap.push(Buffer.from('ef\n\ndata: x\n\n'))?.toString(), events('def', 'x'))
  assert.deepEqual([tap.textBytes, tap.deltas], [7, 3])
})

test('the event that finds no room is the first one withheld, and nothing after it passes', () => {
  const result = run([events('abc', 'empty', 'de', 'f', 'done')], 5)
  assert.deepEqual(result, {
    out: events('abc', 'empty', 'de'),
    state: 'cut',
    textBytes: 5,
    deltas: 2,
    asked: [
      [3, 1],
      [5, 2],
      [6, 3],
    ],
  })
})

test('room is asked for before an event passes, and only for events with text', () => {
  assert.deepEqual(run([events('empty', 'hide', 'empty'), ': x\n\n', events('done')], -1).asked, [])
  const result = run([events('empty', 'a')], -1)
  assert.deepEqual([result.out, result.state, result.textBytes], [events('empty'), 'cut', 0])
})

test('where a stream is cut does not depend on how it came in', () => {
  const data = fc.array(fc.constantFrom('a', 'bcd', 'é', 'empty', 'hide'), { minLength: 1, maxLength: 12 })
  fc.assert(
    fc.property(data, fc.nat(12), fc.array(fc.nat(300), { maxLength: 6 }), fc.boolean(), (list, room, cuts, crlf) => {
      const text = events(...list, 'done').replaceAll('\n', crlf ? '\r\n' : '\n')
      const at = [0, ...cuts.map((cut) => cut % text.length).toSorted((a, b) => a - b), text.length]
      const whole = run([text], room)
      // Split between characters: the framer's own tests split inside of them.
      const split = run(
        at.slice(1).map((end, i) => text.slice(at[i], end)),
        room,
      )
      const bytewise = run(Array.from(text), room)
      for (const { out, ...counts } of [split, bytewise]) {
        // Once a stream is done its last LF no longer matters: the CR before it has ended the line.
        assert.equal(crlf && whole.state === 'done' && !out.endsWith('\n') ? `${out}\n` : out, whole.out)
        assert.deepEqual({ ...counts, out: '' }, { ...whole, out: '' })
      }
      assert.ok(whole.textBytes <= room, 'whatever passed was paid for')
    }),
  )
})

test('a hidden event is taken out and its neighbours pass as they came', () => {
  assert.equal(run([`: x\r\n\r\n${events('a', 'hide', 'b', 'done')}`]).out, `: x\r\n\r\n${events('a', 'b', 'done')}`)
  assert.equal(run([events('a'), events('hide'), events('b')]).out, events('a', 'b'))
  assert.equal(tapWith().push(Buffer.from(events('hide'))), null)
})

test('nothing passes after the stream has been closed properly or has failed', () => {
  for (const last of ['done', 'error'] as const) {
    const result = run([events('a', last, 'b'), events('c')])
    assert.equal(result.out, events('a', last))
    assert.equal(result.state, last)
    assert.equal(result.deltas, 1)
  }
})

test('an event that cannot be counted breaks the stream, unless metering may fail open', () => {
  const closed = run([events('a', 'unreadable', 'b')])
  assert.deepEqual([closed.out, closed.state], [events('a'), 'broken'])
  const open = run([events('a', 'unreadable', 'b', 'done')], Infinity, { passUnreadable: true, maxEventBytes: 1000 })
  assert.deepEqual([open.out, open.state], [events('a', 'unreadable', 'b', 'done'), 'done'])
})

test('an event beyond the bound breaks the stream after what came before it, in one read or in many', () => {
  const text = `${events('a')}data: ${'x'.repeat(100)}\n\n${events('b')}`
  for (const chunks of [[text], Array.from(text)]) {
    const result = run(chunks, Infinity, { passUnreadable: true, maxEventBytes: 50 })
    assert.deepEqual([result.out, result.state], [events('a'), 'broken'])
  }
})

test('a cut that came before an oversized event stays a cut', () => {
  const text = `${events('a', 'b')}${'x'.repeat(100)}`
  assert.equal(run([text], 1, { passUnreadable: false, maxEventBytes: 50 }).state, 'cut')
})

test('an event that the upstream left without its blank line passes at the end, and is metered', () => {
  assert.deepEqual(run(['data: a\n\ndata: bc']).out, 'data: a\n\ndata: bc')
  assert.deepEqual(run(['data: a\n\ndata: done\n']).state, 'done')
  const cut = run(['data: a\n\ndata: bc'], 2)
  assert.deepEqual([cut.out, cut.state, cut.textBytes], ['data: a\n\n', 'cut', 1])
  assert.deepEqual(run(['data: a\n\ndata: hide']).out, 'data: a\n\n')
  assert.deepEqual(run(['data: a\n\n: half a comm']).out, 'data: a\n\n')
})

test('the end of a stream that is over already adds nothing', () => {
  for (const last of ['done', 'error', 'unreadable']) {
    assert.equal(run([`${events(last)}data: more`]).out, last === 'unreadable' ? '' : events(last))
  }
  assert.equal(tapWith().end(), null)
})
