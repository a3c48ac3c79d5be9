import assert from 'node:assert/strict'
import { test } from 'node:test'
import { enforcedWorld } from '../test/support/enforced-world.ts'

test('requests for an affected upstream go to the one that an operator names, until the rollback', async () => {
  const h = enforcedWorld()
  const reached = async (): Promise<string> => {
    const { status } = await h.ask({ model: 'cheap-1' })
    assert.equal(status, 200)
    return h.sent.at(-1)!.upstream
  }
  assert.equal(await reached(), 'decoys')
  const { containment } = h.weir
  const atMs = h.clock.now()
  const order = { procedure: 'reroute', args: ['decoys', 'main'], by: 'anna', reason: 'it answers nonsense' } as const
  const done = containment.contain({ ...order, atMs, untilMs: atMs + 3_600_000 })
  assert.ok(done.ok, done.ok ? '' : done.error)
  assert.equal(await reached(), 'main')
  containment.rollback(done.value.group, 'anna', 'it is well again', h.clock.now())
  assert.equal(await reached(), 'decoys')
})
