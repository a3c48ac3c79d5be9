import assert from 'node:assert/strict'
import { test } from 'node:test'
import { signs } from '../../core/observation.ts'
import type { Profile } from '../../core/principal.ts'
import { observed, prompt, readingOf } from '../testing.ts'

const asking = (count: number, of: (i: number) => Parameters<typeof prompt>[0], profile: Profile = 'unknown') =>
  Array.from({ length: count }, (_, i) => observed({ profile, observation: prompt({ text: i, ...of(i) }) }))

const polishedLines = (i: number) => ({ chars: 150 + ((i * 37) % 100), signs: signs.polished })

test('polished prompts of one length about ever new things have one objective', () => {
  const found = readingOf('one_objective', asking(100, polishedLines))!
  assert.ok(found.value > 0.9, found.says)
})

test('people write long and short, come back to a topic, or start without a capital', () => {
  for (const [who, of] of Object.entries({
    'long and short': (i: number) => ({ chars: 8 << ((i * 5) % 8), signs: signs.polished }),
    'one topic': (i: number) => ({ ...polishedLines(i), content: i >> 3 }),
    'no capitals': (i: number) => ({ ...polishedLines(i), signs: i % 2 === 0 ? signs.lowerStart : 0 }),
  })) {
    const found = readingOf('one_objective', asking(100, of))!
    assert.ok(found.value < 0.1, `${who}: ${found.says}`)
  }
})

test('a script without capitals cannot show a person, and counts for half', () => {
  const found = readingOf(
    'one_objective',
    asking(100, (i) => ({ ...polishedLines(i), signs: signs.uncased })),
  )!
  assert.ok(found.value > 0.4 && found.value <= 0.5, found.says)
})

test('it is evidence among people only: many batch pipelines look like that, whatever they say they are', () => {
  assert.equal(readingOf('one_objective', asking(100, polishedLines, 'batch'))!.weight, 'context')
  assert.equal(readingOf('one_objective', asking(100, polishedLines))!.weight, 'context')
  assert.equal(readingOf('one_objective', asking(100, polishedLines, 'human_seat'))!.weight, 'evidence')
})
