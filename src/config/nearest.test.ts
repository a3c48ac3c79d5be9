import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nearest } from './nearest.ts'

const known = ['listen', 'control', 'data_dir', 'upstreams', 'models', 'quotas']

test('a slip of the finger finds the word that was meant', () => {
  assert.equal(nearest('contorl', known), 'control')
  assert.equal(nearest('upstream', known), 'upstreams')
  assert.equal(nearest('data-dir', known), 'data_dir')
  assert.equal(nearest('Models', known), 'models')
})

test('a word that is far from all others finds nothing', () => {
  assert.equal(nearest('plugins', known), null)
  assert.equal(nearest('', known), null)
  assert.equal(nearest('x'.repeat(1000), known), null)
})
