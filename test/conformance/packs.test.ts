import assert from 'node:assert/strict'
import { test } from 'node:test'
import { policyWorld, type PolicyWorld } from '../support/policy-world.ts'

/** What a pack does to requests, and not only what it says: who is refused first, and by which of its limits. */
const extending = (pack: string): PolicyWorld => policyWorld(`extends: [${pack}]`)

/** Asks within one minute until somebody says no, at most `most` times; gives how many were answered, and the limit. */
async function untilRefused(
  h: PolicyWorld,
  most: number,
  body: object = {},
): Promise<readonly [number, string | null]> {
  for (let i = 0; i < most; i++) {
    const { event } = await h.ask(body)
    if (event.refusal !== null)
      return [i, event.refusal.kind === 'over_quota' ? event.refusal.limit : event.refusal.kind]
  }
  return [most, null]
}

test('a key that names no users is held by its own limits, and never by those of one user', async () => {
  assert.deepEqual(await untilRefused(extending('public-llm-api'), 40), [40, null])
  const [count, limit] = await untilRefused(extending('b2b-copilot'), 60)
  assert.ok(count === 60 || limit !== 'user-rpm', `${limit} after ${count}`)
})

test('a user who is named has a pace of its own, and another user of the same key has another', async () => {
  for (const [pack, pace] of [
    ['public-llm-api', 20],
    ['b2b-copilot', 30],
    ['internal-assistant', 30],
    ['consumer-chat', 6],
  ] as const) {
    const h = extending(pack)
    const [count, limit] = await untilRefused(h, pace + 5, { user: 'ann' })
    assert.equal(limit, 'user-rpm', pack)
    assert.ok(count >= pace && count <= pace + 2, `${pack}: ${count}`)
    assert.equal((await h.ask({ user: 'bob' })).status, 200, pack)
  }
})

test('a consumer app that forgets to name its users hears of it soon', async () => {
  const [count, limit] = await untilRefused(extending('consumer-chat'), 20)
  assert.deepEqual([limit, count >= 10 && count <= 12], ['nobody-rpm', true], String(count))
})

test('a user can be matched by the name that the client gives it', async () => {
  const h = policyWorld(`
quotas:
  - { name: tester, per: [user], requests: 1, window: 1h, kind: calendar, match: { user: "test-*" } }`)
  assert.equal((await h.ask({ user: 'test-1' })).status, 200)
  assert.equal((await h.ask({ user: 'test-1' })).status, 429)
  assert.equal((await h.ask({ user: 'ann' })).status, 200)
})

test('a coding agent that brings its whole context with every call is not refused for that', async () => {
  for (const pack of ['public-llm-api', 'b2b-copilot', 'internal-assistant'] as const) {
    const h = extending(pack)
    // 100,000 tokens, as the median call of agents has them; 17 calls were their busiest minute.
    const body = { user: 'ann', messages: [{ role: 'user', content: 'const a = 1\n'.repeat(33_000) }] }
    assert.deepEqual(await untilRefused(h, 17, body), [17, null], pack)
  }
})
