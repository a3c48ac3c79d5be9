import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { test } from 'node:test'
import { levels } from '../core/decision.ts'
import { Decoys, KEY_WEIGHT } from './decoys.ts'

const SECRET = 'sk-left-in-a-repository-0123456789'
const decoys = new Decoys({
  endpoints: [{ path: '/v1/internal/export', weight: 30 }],
  models: [
    { name: 'acme-next', weight: 8, fromLevel: 'step_up' },
    { name: 'acme-raw', weight: 9, fromLevel: 'squeeze' },
  ],
  keys: [{ id: 'repo-1', secretSha256: hash('sha256', SECRET, 'hex') }],
  aliases: null,
})

test('a path is touched as it is written, whatever its query, and no other path is', () => {
  const touch = { kind: 'endpoint', name: '/v1/internal/export', weight: 30, owner: null }
  for (const target of ['/v1/internal/export', '/v1/internal/export?x=1', '/v1/internal/export?']) {
    assert.deepEqual(decoys.endpoint(target), touch)
  }
  for (const target of ['/v1/internal', '/v1/internal/export/', '/v1/chat/completions?/v1/internal/export', '', '?']) {
    assert.equal(decoys.endpoint(target), null)
  }
})

test('a honey model is touched by its whole name', () => {
  assert.deepEqual(decoys.model('acme-raw'), { kind: 'model', name: 'acme-raw', weight: 9, owner: null })
  for (const name of ['', 'acme', 'acme-rawer', 'ACME-RAW', 'constructor', '__proto__']) {
    assert.equal(decoys.model(name), null)
  }
})

test('below a step-up nobody is offered a honey model', () => {
  const offers = levels.map((level) => [level, decoys.offered(level)])
  assert.deepEqual(offers, [
    ['normal', []],
    ['watch', []],
    ['notice', []],
    ['step_up', ['acme-next']],
    ['tarpit', ['acme-next']],
    ['squeeze', ['acme-next', 'acme-raw']],
    ['block', ['acme-next', 'acme-raw']],
  ])
})

test('a honey key is known by its hash alone, and no other secret is one', () => {
  assert.deepEqual(decoys.key(SECRET), { kind: 'key', name: 'repo-1', weight: KEY_WEIGHT, owner: null })
  for (const secret of ['', SECRET.slice(1), `${SECRET} `, SECRET.toUpperCase(), 'x'.repeat(5000)]) {
    assert.equal(decoys.key(secret), null)
  }
  assert.equal(JSON.stringify(decoys).includes('sk-left'), false)
})

test('an alias is the prefix, a hyphen and a code, also where the prefix was written with its hyphen', () => {
  for (const prefix of ['acme-large', 'acme-large-']) {
    const some = new Decoys({ endpoints: [], models: [], keys: [], aliases: { model: 'acme-1', prefix, weight: 50 } })
    assert.equal(some.aliased, 'acme-1')
    assert.equal(some.aliasName('k7q2'), 'acme-large-k7q2')
    assert.deepEqual(some.alias('acme-large-k7q2'), { code: 'k7q2', model: 'acme-1', weight: 50 })
    for (const name of ['acme-large', 'acme-larger-k7q2', 'acme-1', '']) assert.equal(some.alias(name), null)
  }
  assert.equal(decoys.alias('acme-large-k7q2'), null)
})

test('where nothing is configured nothing is touched', () => {
  const none = new Decoys({ endpoints: [], models: [], keys: [], aliases: null })
  assert.deepEqual([none.endpoint('/'), none.model('a'), none.key('a'), none.hasKeys], [null, null, null, false])
  assert.deepEqual(none.offered('block'), [])
})
