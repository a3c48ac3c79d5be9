import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chatOf, get, post, recordingSink, sendTo, type Recorded } from '../../test/support/recording-sink.ts'
import type { Upstream } from '../core/upstream.ts'
import { createDemoModel } from './demo-model.ts'
import { createVirtualClock, type VirtualClock } from './virtual-clock.ts'

interface Set {
  readonly clock: VirtualClock
  readonly model: Upstream
}
const start = (over: object = {}): Set => {
  const clock = createVirtualClock(1_000_000)
  return { clock, model: createDemoModel({ clock, seed: 'seed', ...over }) }
}
async function ask(directive: string, over: object = {}): Promise<Recorded> {
  const { clock, model } = start()
  const { sink } = sendTo(model, post(chatOf(directive, over)))
  await clock.run()
  assert.equal(clock.pending, 0)
  return sink
}
const streamed = { stream: true }
/** Visible tokens in a stream of one choice. */
const deltas = (sink: Recorded): number => sink.events.filter((event) => /"content":"[^"]/.test(event)).length

test('nothing is said before send has returned, and then head, data and one end', async () => {
  const { clock, model } = start()
  const { sink } = sendTo(model, post(chatOf()))
  assert.deepEqual(sink.calls, [])
  await clock.run()
  assert.equal(sink.calls[0], 'head')
  assert.equal(sink.calls.at(-1), 'end')
  assert.equal(sink.calls.filter((call) => call !== 'data').length, 2)
  assert.equal(sink.status, 200)
})

test('the same seed and order of requests give the same bytes, another seed others', async () => {
  const bytesOf = async (seed: string): Promise<string> => {
    const { clock, model } = start({ seed })
    const sinks = ['', 'tokens=9'].map((directive) => sendTo(model, post(chatOf(directive, streamed))).sink)
    await clock.run()
    return sinks.map(({ text }) => text).join('|')
  }
  assert.equal(await bytesOf('a'), await bytesOf('a'))
  assert.notEqual(await bytesOf('a'), await bytesOf('b'))
})

test('tokens: an answer has so many, streamed or not', async () => {
  assert.equal(deltas(await ask('tokens=17', streamed)), 17)
  assert.match((await ask('tokens=17')).text, /"completion_tokens":17/)
})

test('status: an error in the shape of the vendor, with a wait for 429', async () => {
  for (const status of [400, 401, 429, 500, 503]) {
    const sink = await ask(`status=${status}`, streamed)
    assert.equal(sink.status, status)
    assert.equal(sink.headers['retry-after'], status === 429 ? '2' : undefined)
    const { error } = JSON.parse(sink.text) as { error: { type: string } }
    assert.equal(error.type, status >= 500 ? 'server_error' : 'invalid_request_error')
    assert.equal(sink.calls.at(-1), 'end')
  }
})

test('delay_ms and pace_tps: the first byte and the tokens come when they are due', async () => {
  const { clock, model } = start()
  const { sink } = sendTo(model, post(chatOf('delay_ms=500 pace_tps=10 tokens=20', streamed)))
  await clock.advance(499)
  assert.deepEqual(sink.calls, [])
  await clock.advance(1)
  assert.equal(sink.calls[0], 'head')
  await clock.advance(1000)
  const soon = deltas(sink)
  assert.ok(soon >= 9 && soon <= 11, `${soon} tokens after a second`)
  await clock.run()
  assert.equal(deltas(sink), 20)
  assert.ok(clock.now() >= 1_000_000 + 500 + 1900)
})

test('pace_tps: an answer in one piece takes as long as its tokens would', async () => {
  const { clock, model } = start()
  const { sink } = sendTo(model, post(chatOf('pace_tps=10 tokens=20')))
  await clock.advance(1999)
  assert.deepEqual(sink.calls, [])
  await clock.advance(1)
  assert.equal(sink.calls.at(-1), 'end')
})

test('options pace an answer as directives do, and more than a token a millisecond come together', async () => {
  const { clock, model } = start({ firstByteMs: 50, tokensPerSecond: 5000 })
  const { sink } = sendTo(model, post(chatOf('tokens=500', streamed)))
  await clock.advance(49)
  assert.deepEqual(sink.calls, [])
  await clock.run()
  assert.equal(deltas(sink), 500)
  const tookMs = clock.now() - 1_000_050
  assert.ok(tookMs >= 90 && tookMs <= 130, `${tookMs} ms`)
})

test('drop_after: so many tokens, then a broken connection; half the body of an answer in one piece', async () => {
  const stream = await ask('drop_after=5', streamed)
  assert.equal(deltas(stream), 5)
  assert.equal(stream.fault?.kind, 'dropped')
  assert.equal(stream.calls.includes('end'), false)
  const whole = await ask('drop_after=5')
  assert.deepEqual(whole.calls, ['head', 'data', 'fault'])
  assert.throws(() => JSON.parse(whole.text) as unknown)
  for (const over of [{}, streamed]) {
    assert.equal((await ask('tokens=20 drop_after=20', over)).calls.at(-1), 'end', 'nothing is left to drop')
  }
})

test('stall_after: so many tokens, then silence without end and without a timer', async () => {
  const stream = await ask('stall_after=5', streamed)
  assert.equal(deltas(stream), 5)
  assert.equal(stream.calls.at(-1), 'data')
  assert.deepEqual((await ask('stall_after=5')).calls, ['head', 'data'])
})

test('no_usage and zero_usage say nothing and zero', async () => {
  assert.doesNotMatch((await ask('no_usage')).text, /usage/)
  assert.match((await ask('zero_usage')).text, /"prompt_tokens":0,"completion_tokens":0,"total_tokens":0/)
})

test('bad_json: neither the answer nor one event of the stream can be read', async () => {
  const { text } = await ask('bad_json')
  assert.throws(() => JSON.parse(text) as unknown)
  const { events } = await ask('bad_json', streamed)
  const unreadable = events.filter((event) => {
    try {
      return event !== '[DONE]' && JSON.parse(event) === undefined
    } catch {
      return true
    }
  })
  assert.equal(unreadable.length, 1)
})

test('crlf, no_done and error_event change the stream as they say', async () => {
  const crlf = await ask('crlf tokens=3', streamed)
  assert.match(crlf.text, /\r\n\r\n/)
  assert.doesNotMatch(crlf.text, /[^\r]\n/)
  assert.equal(crlf.events.at(-1), '[DONE]')
  assert.doesNotMatch((await ask('crlf no_done', streamed)).text, /DONE/)
  const { events } = await ask('error_event', streamed)
  assert.equal(events.filter((event) => event.startsWith('{"error"')).length, 1)
})

test('after abort nothing is called and no timer is left, whenever it comes', async () => {
  for (const atMs of [0, 100, 1000]) {
    const { clock, model } = start()
    const { sink, call } = sendTo(model, post(chatOf('delay_ms=100 pace_tps=10', streamed)))
    await clock.advance(atMs)
    const before = sink.calls.length
    call.abort()
    call.abort()
    assert.equal(clock.pending, 0)
    await clock.run()
    assert.equal(sink.calls.length, before)
  }
})

test('abort from within a sink call ends it there', async () => {
  const { clock, model } = start()
  const sink = recordingSink(() => call.abort())
  const call = model.send(post(chatOf('', streamed)), sink)
  await clock.run()
  assert.deepEqual(sink.calls, ['head', 'data'])
})

test('a paused answer stands still and goes on where it was', async () => {
  const { clock, model } = start()
  const { sink, call } = sendTo(model, post(chatOf('pace_tps=10 tokens=20', streamed)))
  await clock.advance(500)
  call.pause()
  const before = deltas(sink)
  await clock.advance(60_000)
  assert.equal(deltas(sink), before)
  assert.equal(clock.pending, 0)
  call.resume()
  call.pause()
  call.resume()
  await clock.run()
  assert.equal(deltas(sink), 20)
  assert.equal(sink.calls.at(-1), 'end')
})

test('pausing on each piece and resuming later loses nothing', async () => {
  const { clock, model } = start()
  const sink = recordingSink(() => {
    call.pause()
    void clock.after(10, () => call.resume())
  })
  const call = model.send(post(chatOf('tokens=50', streamed)), sink)
  await clock.run()
  assert.equal(deltas(sink), 50)
})

test('models are listed and looked up; anything else is 404, never an exception', async () => {
  const answer = async (path: string): Promise<Recorded> => {
    const { clock, model } = start()
    const { sink } = sendTo(model, get(path))
    await clock.run()
    return sink
  }
  assert.match((await answer('/models')).text, /weir-demo-small.*weir-demo-large/)
  assert.equal((await answer('/models/weir-demo-large')).status, 200)
  for (const path of ['/models/none', '/models/%', '/models/%zz', '/', '/other']) {
    assert.equal((await answer(path)).status, 404, path)
  }
  const { clock, model } = start()
  const { sink } = sendTo(model, post(chatOf(), '/embeddings'))
  await clock.run()
  assert.equal(sink.status, 404)
})

test('a malformed body is answered with 400', async () => {
  for (const body of ['', '{', 'null', '{"model":"demo-a","messages":[{"content":[null]}]}']) {
    const { clock, model } = start()
    const { sink } = sendTo(model, post(body))
    await clock.run()
    assert.equal(sink.status, 400, body)
  }
})
