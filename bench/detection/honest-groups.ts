import type { Random } from '../../src/lab/random.ts'
import { DAY_MS, drawFace, type Face } from '../../src/lab/traffic/face.ts'
import { between, chance, shuffled } from '../../src/lab/chance.ts'
import { createAccount, type Step } from './script.ts'
import { assignment } from '../../src/lab/text/assignments.ts'
import { honestDocuments } from './text/documents.ts'
import { personSteps, speakerOf } from '../../src/lab/text/language.ts'
import { english } from '../../src/lab/text/languages/english.ts'
import { phrase, type Phrase } from '../../src/lab/text/phrase.ts'
import type { Account } from './traffic.ts'
import { beginning, seatSize, type World } from './world.ts'

// Honest accounts that share text, and must not be blamed for it.

/** What a framework writes around every question of its users. */
const wrappers: readonly (readonly [string, string])[] = [
  [
    "Use the following pieces of context to answer the question at the end. If you don't know the answer, just say that you don't know, don't try to make up an answer.\n\n",
    '\nHelpful Answer:',
  ],
  [
    'Answer the following questions as best you can. You have access to the following tools:\n\nSearch: useful for current events\nCalculator: useful for sums\n\nUse the following format:\n\nQuestion: the input question\nThought: what to do next\nAction: one of [Search, Calculator]\nObservation: the result\nFinal Answer: the answer\n\nBegin!\n\n',
    '\nThought:',
  ],
  [
    'Given the following conversation and a follow up question, rephrase the follow up question to be a standalone question, in its original language.\n\nChat History:\n',
    '\nStandalone question:',
  ],
]

export function frameworkUsers(world: World, random: Random): readonly Account[] {
  const [before, after] = random.fork('wrapper').pick(wrappers)
  const { passage } = honestDocuments(world.data)
  const { ask } = speakerOf(english)
  const program = { userAgent: 'chainkit/0.9.4 (python 3.12)', fingerprint: 'fp-chainkit' }
  const wrapped: Phrase = (inner) =>
    `${before}${chance(inner, 0.7) ? `${passage(inner)}\n\n` : ''}Question: ${ask(inner)}${after}`
  return Array.from({ length: 60 }, (_, i) => {
    const own = random.fork(`${i}`)
    const startMs = beginning(world, own, 5)
    return createAccount(
      {
        kind: 'honest',
        class: 'framework user',
        face: drawFace(own.fork('face'), startMs, { program }),
        startMs,
        count: seatSize(own.fork('size')),
        clock: (chance(own, 0.5) ? world.clocks.service : world.clocks.human)(between(own, 1, 5)),
        steps: (inner) => endless(inner, wrapped),
      },
      own,
    )
  })
}

export function* endless(random: Random, text: Phrase): Generator<Step> {
  for (;;) yield { turns: [{ role: 'user', text: text(random) }], harvest: false }
}

/** One address, a week of lessons, the same twenty assignments, most of them pasted as they stand. */
export function classroom(world: World, random: Random): readonly Account[] {
  const { follow, tiny } = speakerOf(english)
  const tasks = Array.from({ length: 20 }, (_, i) => assignment(random.fork(`task/${i}`)))
  const [network] = drawFace(random.fork('school'), world.startMs).networks
  const startMs = beginning(world, random.fork('start'), 5)
  const signedUpMs = startMs - 2 * DAY_MS
  const handIn = phrase('{||||help me with this: |our task: |hw: |can you do this? }')
  function* pupil(inner: Random): Generator<Step> {
    for (const task of shuffled(inner, tasks).slice(0, 8 + inner.below(12))) {
      let turns: Step['turns'] = [
        { role: 'user', text: handIn(inner) + (chance(inner, 0.3) ? reworded(inner, task) : task) },
      ]
      yield { turns, harvest: false }
      while (chance(inner, 0.5)) {
        const text = chance(inner, 0.3) ? tiny(inner) : follow(inner)
        turns = turns.concat({ role: 'assistant', text: inner.pick(world.answers) }, { role: 'user', text })
        yield { turns, harvest: false }
      }
    }
  }
  return Array.from({ length: 45 }, (_, i) => {
    const own = random.fork(`pupil/${i}`)
    const face: Face = drawFace(own.fork('face'), startMs, { networks: [network!], signedUpMs })
    return createAccount(
      {
        kind: 'honest',
        class: 'classroom',
        face,
        startMs: Math.round(startMs + own.next() * 3_600_000),
        count: 60,
        clock: world.clocks.human(between(own, 2, 5)),
        steps: pupil,
      },
      own,
    )
  })
}

/** As a pupil retypes it: some words lost, the rest in small letters. */
function reworded(random: Random, text: string): string {
  const kept = text.split(' ').filter((_, i) => i < 2 || !chance(random, 0.12))
  return chance(random, 0.5) ? kept.join(' ').toLowerCase() : kept.join(' ')
}

/** Desks of five people with the desk's own saved snippets around what a customer wrote. */
export function supportDesks(world: World, random: Random): readonly Account[] {
  const { sentence } = honestDocuments(world.data)
  const { ask } = speakerOf(english)
  return Array.from({ length: 20 }, (_, i) => {
    const desk = random.fork(`desk/${Math.floor(i / 5)}`)
    const snippets = Array.from({ length: 8 }, () => `${sentence(desk)} ${sentence(desk)}`)
    const frame = desk.pick([
      ['Reply to this customer, friendly and short: ', '\nUse this: '],
      ['customer says: ', '\nour policy: '],
      ['Ticket:\n', '\n---\nSnippet:\n'],
      ['make this answer fit: ', ' >> '],
    ])
    const own = random.fork(`seat/${i}`)
    const startMs = beginning(world, own, 6)
    const text: Phrase = (inner) =>
      chance(inner, 0.25)
        ? speakerOf(english).follow(inner)
        : `${frame[0]!}${ask(inner)}${frame[1]!}${inner.pick(snippets)}`
    return createAccount(
      {
        kind: 'honest',
        class: 'support desk',
        face: drawFace(own.fork('face'), startMs),
        startMs,
        count: seatSize(own.fork('size')),
        clock: world.clocks.human(between(own, 2, 6)),
        steps: (inner) => endless(inner, text),
      },
      own,
    )
  })
}

/** People who write in other languages than English, or in a plain English of their own. */
export function speakers(
  world: World,
  random: Random,
  all: readonly Parameters<typeof personSteps>[1][],
): readonly Account[] {
  return all.flatMap((language) =>
    Array.from({ length: Math.max(1, Math.round(10 * world.scale)) }, (_, i) => {
      const own = random.fork(`${language.name}/${i}`)
      const startMs = beginning(world, own, 6)
      return createAccount(
        {
          kind: 'honest',
          class: `${language.name} speaker`,
          face: drawFace(own.fork('face'), startMs),
          startMs,
          count: seatSize(own.fork('size')),
          clock: world.clocks.human(between(own, 1.5, 6)),
          steps: (inner) => personSteps(inner, language, (from) => from.pick(world.answers)),
        },
        own,
      )
    }),
  )
}
