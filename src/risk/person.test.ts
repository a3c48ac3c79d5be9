import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { signs, type Observation } from '../core/observation.ts'
import { notePerson, personEvidence, showsNobody, startPerson, type PersonState } from './person.ts'

const prompt = (shown: number, chars = 120): Observation => ({
  role: 'human',
  turns: 1,
  chars,
  keys: new Uint32Array(10),
  cells: new Uint32Array(5),
  text: 1,
  content: new Uint32Array(4),
  signs: shown,
  params: 0,
  system: 0,
  systemEcho: null,
  refused: false,
})
const polished = prompt(signs.polished)

function after(
  count: number,
  seen: (i: number) => Observation,
  user: (i: number) => number = () => 0,
  narrow = 0,
): PersonState {
  const state = startPerson()
  for (let i = 0; i < count; i++) notePerson(state, seen(i), user(i), narrow)
  return state
}

test('a hundred prompts without a sign of anybody are evidence, and the first ten are none', () => {
  assert.equal(
    personEvidence(
      after(10, () => polished),
      0,
    ),
    0,
  )
  assert.ok(
    personEvidence(
      after(100, () => polished),
      0,
    ) > 10,
  )
})

test('one prompt in four as people write them keeps anybody clear for good', () => {
  for (const sign of [signs.tiny, signs.deictic, signs.lowerStart, signs.continues]) {
    const state = after(1000, (i) => (i % 4 === 3 ? prompt(sign) : polished))
    assert.equal(personEvidence(state, 0), 0)
  }
})

test('what is said after the first dozen points is said slowly: an app is given time, a coverage run comes to it', () => {
  const at = (count: number): number =>
    personEvidence(
      after(count, () => polished),
      0,
    )
  assert.ok(at(40) - at(30) < (at(20) - at(10)) / 2)
  assert.ok(at(80) > 20)
})

test('it stays within its bounds whatever is sent, and a sign never adds to it', () => {
  const seen = fc.record({
    shown: fc.nat(127),
    chars: fc.nat(100_000),
    user: fc.constantFrom(0, 1, 2),
    narrow: fc.double({ min: 0, max: 1, noNaN: true }),
  })
  fc.assert(
    fc.property(fc.array(seen, { maxLength: 200 }), (all) => {
      const state = startPerson()
      for (const { shown, chars, user, narrow } of all) {
        const before = state.sum
        notePerson(state, prompt(shown, chars), user, narrow)
        if ((shown & (signs.tiny | signs.deictic | signs.lowerStart | signs.continues)) !== 0)
          assert.ok(state.sum <= before)
        assert.ok(state.sum >= 0 && state.sum <= 30)
        assert.ok(personEvidence(state, narrow) >= 0)
      }
    }),
  )
})

test('documents, scripts without capitals and an app of many users are silent without saying much', () => {
  const evidence = (seen: Observation, user: (i: number) => number = () => 0): number =>
    personEvidence(
      after(20, () => seen, user),
      0,
    )
  const plain = evidence(polished)
  assert.ok(evidence(prompt(signs.polished, 3000)) < plain / 2)
  assert.ok(evidence(prompt(signs.uncased)) < plain / 2)
  assert.ok(evidence(polished, (i) => i + 1) < plain / 2)
  // One user of an app is one more person.
  assert.ok(evidence(polished, () => 1) > plain * 0.9)
})

test('several frames by turns are no documents, however long', () => {
  const long = (): Observation => prompt(signs.polished, 3000)
  assert.ok(after(40, long, undefined, 0.2).sum > 2 * after(40, long, undefined, 0).sum)
})

test('the more of it has one frame the less it says, and a batch is not judged by it', () => {
  const state = after(100, () => polished)
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }), (a, b) => {
      assert.ok(personEvidence(state, Math.max(a, b)) <= personEvidence(state, Math.min(a, b)))
    }),
  )
  assert.equal(personEvidence(state, 0.6), 0)
  assert.equal(showsNobody(state), true)
  assert.equal(showsNobody(startPerson()), false)
})
