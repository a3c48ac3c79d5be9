import assert from 'node:assert/strict'
import { test } from 'node:test'
import { demoConfigText } from './default.ts'
import { configOf } from './testing.ts'

test('the default serves the demo model, limits each key and knows nobody', () => {
  const config = configOf(demoConfigText())
  assert.equal(config.upstreams.get('demo')?.embedded, 'demo')
  assert.deepEqual(
    config.models.map(({ pattern, upstream, maxOutputTokens }) => [pattern, upstream, maxOutputTokens]),
    [['*', 'demo', 4096]],
  )
  assert.deepEqual(config.identity.keys, [])
  assert.deepEqual(
    config.quotas.map(({ resource, per, mode }) => [resource, per, mode]),
    [
      ['requests', ['key'], 'enforce'],
      ['tokens', ['key'], 'enforce'],
      ['concurrent', ['key'], 'enforce'],
    ],
  )
})

test('a caller can append keys to the default', () => {
  const text = `${demoConfigText()}identity: { keys: [{ id: demo, secret: "\${SECRET}" }] }\n`
  const config = configOf(text, { SECRET: 'wr_demo_0123456789abcdef0123456789abcdef' })
  assert.equal(config.identity.keys[0]?.id, 'demo')
})
