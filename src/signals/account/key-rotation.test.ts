import assert from 'node:assert/strict'
import { test } from 'node:test'
import { observed, readingOf } from '../testing.ts'

type Seen = Parameters<typeof observed>[0]
const calling = (of: (i: number) => Seen) =>
  Array.from({ length: 120 }, (_, i) =>
    observed({ timeMs: 1_760_000_000_000 + i * 10_000, fingerprint: 'program', ...of(i) }),
  )

test('the next key when a limit stops the last is a handoff', () => {
  const found = readingOf(
    'key_rotation',
    calling((i) => ({ key: `key-${Math.floor(i / 20)}`, status: i % 20 === 19 ? 429 : 200 })),
  )!
  assert.equal(found.value, 1, found.says)
})

test('one key after the other without limits counts for half', () => {
  const found = readingOf(
    'key_rotation',
    calling((i) => ({ key: `key-${Math.floor(i / 8)}` })),
  )!
  assert.ok(found.value > 0.3 && found.value <= 0.5, found.says)
})

test('a team with keys side by side, one rotation, and another program with a key of its own are not', () => {
  for (const [what, of] of Object.entries({
    team: (i: number): Seen => ({ key: `key-${(i * 7) % 5}` }),
    rotation: (i: number): Seen => ({ key: i < 60 ? 'old' : 'new' }),
    programs: (i: number): Seen => ({
      key: `key-${Math.floor(i / 20)}`,
      fingerprint: `program ${Math.floor(i / 20)}`,
      status: i % 20 === 19 ? 429 : 200,
    }),
  })) {
    assert.equal(readingOf('key_rotation', calling(of))!.value, 0, what)
  }
  assert.equal(
    readingOf(
      'key_rotation',
      calling(() => ({})),
    ),
    null,
  )
})
