import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { levels } from '../core/decision.ts'
import { actionAt, defaultLadder, levelOf, type Standing } from './ladder.ts'

const standing = fc.record({
  evidence: fc.double({ min: 0, max: 1e7, noNaN: true }),
  campaign: fc.constantFrom('none' as const, 'one family' as const, 'two families' as const),
  onlyAsks: fc.boolean(),
})
const rank = (one: Standing): number => levels.indexOf(levelOf(one, defaultLadder))

test('levels rise with evidence, and with what a campaign shows', () => {
  fc.assert(
    fc.property(standing, fc.double({ min: 1, max: 1e4, noNaN: true }), (one, times) => {
      assert.ok(rank({ ...one, evidence: one.evidence * times }) >= rank(one))
      assert.ok(rank({ ...one, campaign: 'one family' }) >= rank({ ...one, campaign: 'none' }))
      assert.ok(rank({ ...one, campaign: 'two families' }) >= rank({ ...one, campaign: 'one family' }))
      assert.ok(rank({ ...one, onlyAsks: true }) <= rank({ ...one, onlyAsks: false }))
    }),
  )
})

test('nothing but a campaign of two families blocks, and only an account that has evidence of its own', () => {
  fc.assert(
    fc.property(standing, (one) => {
      if (levelOf(one, defaultLadder) !== 'block') return
      assert.ok(one.campaign === 'two families' && one.evidence >= defaultLadder.block && !one.onlyAsks)
    }),
  )
  const blocked = { evidence: 1e7, campaign: 'one family', onlyAsks: false } as const
  assert.equal(levelOf(blocked, defaultLadder), 'squeeze')
})

test('a campaign alone is nothing: below step_up an account stands where its own evidence puts it', () => {
  fc.assert(
    fc.property(standing, (one) => {
      if (one.evidence >= defaultLadder.stepUp) return
      assert.equal(rank(one), rank({ ...one, campaign: 'none' }))
    }),
  )
})

test('whoever only asks much is asked, and never more', () => {
  fc.assert(fc.property(standing, (one) => assert.ok(rank({ ...one, onlyAsks: true }) <= levels.indexOf('step_up'))))
})

test('what a client feels begins at step_up', () => {
  assert.deepEqual(levels.map(actionAt), ['allow', 'allow', 'allow', 'step_up', 'step_up', 'squeeze', 'block'])
})
