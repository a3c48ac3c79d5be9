import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { EqualServers, type EqualServer } from './equal-servers.ts'

const take = (servers: EqualServers<string>, nowMs = 0): EqualServer<string> => {
  const server = servers.pick(nowMs)
  server.enter()
  return server
}

/** A server that was asked and could not be connected to. */
const fail = (server: EqualServer<string>, nowMs: number): void => {
  server.failed(nowMs)
  server.left()
}

test('the fewest in flight come first, and equals take turns', () => {
  const servers = new EqualServers(['a', 'b', 'c'])
  const taken = Array.from({ length: 6 }, () => take(servers))
  assert.deepEqual(taken.map(({ value }) => value).join(''), 'abcabc')
  taken[1]!.left()
  taken[4]!.left()
  assert.deepEqual([take(servers).value, take(servers).value], ['b', 'b'])
  const idle = new EqualServers(['a', 'b'])
  const turns = Array.from({ length: 4 }, () => {
    const server = take(idle)
    server.left()
    return server.value
  })
  assert.equal(turns.join(''), 'abab')
})

test('a server that cannot be connected to is left out, each time for twice as long up to half a minute', () => {
  const servers = new EqualServers(['dead', 'well'])
  const [dead] = servers.all
  let nowMs = 0
  for (const outMs of [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]) {
    dead!.enter()
    fail(dead!, nowMs)
    assert.equal(dead!.available(nowMs + outMs - 1), false, `${outMs} ms`)
    nowMs += outMs
    assert.equal(dead!.available(nowMs), true, `${outMs} ms`)
  }
  dead!.enter()
  dead!.connected()
  fail(dead!, nowMs)
  assert.equal(dead!.available(nowMs + 1000), true, 'a connection makes it forget')
})

test('requests that fail together are one failure', () => {
  const servers = new EqualServers(['dead', 'well'])
  const [dead] = servers.all
  for (let i = 0; i < 5; i++) dead!.enter()
  for (let i = 0; i < 5; i++) fail(dead!, i)
  assert.equal(dead!.available(4 + 1000), true)
  assert.equal(dead!.inFlight, 0)
})

test('a server that comes back is tried by one request before the others follow', () => {
  const servers = new EqualServers(['a', 'b'])
  const [a] = servers.all
  const b = servers.all[1]!
  a!.enter()
  fail(a!, 0)
  for (let i = 0; i < 5; i++) assert.equal(take(servers, 10), b)
  assert.equal(take(servers, 1000), a)
  assert.equal(take(servers, 1000), b, 'the trial is not over')
  a!.connected()
  assert.equal(take(servers, 1000), a)
})

test('if all are out, the one whose failure is the longest ago is tried', () => {
  const servers = new EqualServers(['a', 'b', 'c'])
  const [a, b, c] = servers.all
  for (const [server, atMs] of [
    [b!, 10],
    [c!, 20],
    [a!, 30],
  ] as const) {
    server.enter()
    fail(server, atMs)
  }
  assert.equal(servers.pick(40), b)
  b!.enter()
  fail(b!, 40)
  assert.equal(servers.pick(50), c)
})

test('a clock that is set back keeps no server out', () => {
  const servers = new EqualServers(['a', 'b'])
  servers.all[0]!.enter()
  fail(servers.all[0]!, 1_000_000)
  assert.equal(servers.all[0]!.available(999_999), true)
})

test('an upstream without a server is a mistake, and one server is always taken', () => {
  assert.throws(() => new EqualServers([]), /needs a server/)
  const servers = new EqualServers(['only'])
  for (let i = 0; i < 3; i++) fail(take(servers, i), i)
  assert.equal(servers.pick(3).value, 'only')
})

test('whatever happens there is a server, and one that is in reach is never passed over for one that is not', () => {
  const step = fc.record({ server: fc.nat(2), what: fc.constantFrom('take', 'fail', 'connect'), waitMs: fc.nat(3000) })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const servers = new EqualServers(['a', 'b', 'c'])
      let nowMs = 0
      for (const { server, what, waitMs } of steps) {
        nowMs += waitMs
        const at = servers.all[server]!
        if (what === 'fail') at.failed(nowMs)
        else if (what === 'connect') at.connected()
        const reachable = servers.all.filter((one) => one.available(nowMs))
        const picked = servers.pick(nowMs)
        assert.ok(reachable.length === 0 || reachable.includes(picked))
        const fewest = Math.min(...reachable.map(({ inFlight }) => inFlight))
        if (reachable.length > 0) assert.equal(picked.inFlight, fewest)
        if (what === 'take') picked.enter()
      }
    }),
  )
})
