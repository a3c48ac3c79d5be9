import type { Random } from '../../src/lab/random.ts'
import { drawFace } from '../../src/lab/traffic/face.ts'
import { endless } from './honest-groups.ts'
import { between } from '../../src/lab/chance.ts'
import { createAccount, type Step } from './script.ts'
import { assignment } from '../../src/lab/text/assignments.ts'
import { type Documents, honestDocuments } from './text/documents.ts'
import type { Phrase } from '../../src/lab/text/phrase.ts'
import type { Account } from './traffic.ts'
import { beginning, seatSize, times, type World } from './world.ts'

// Honest accounts that do one thing, much or often.

const BULK = 50_000

/** One customer that has a whole archive summarised by one template. */
export function bulkCustomer(world: World, random: Random): readonly Account[] {
  const { passage } = honestDocuments(world.data)
  const startMs = beginning(world, random.fork('start'), 6)
  function* tickets(inner: Random): Generator<Step> {
    for (let ticket = 48_211; ; ticket++) {
      const text = `Summarize the support ticket in one sentence and pick a category (billing, delivery, defect, account, other).\n\nTicket #${ticket}\n${passage(inner)}\n\nSummary:`
      yield { turns: [{ role: 'user', text }], harvest: false }
    }
  }
  return [
    createAccount(
      {
        kind: 'honest',
        class: 'bulk customer',
        face: drawFace(random.fork('face'), startMs),
        startMs,
        count: times(world, BULK),
        clock: world.clocks.service(5),
        steps: tickets,
      },
      random,
    ),
  ]
}

/** A fixed set of prompts, over and over against models and settings. */
export function evaluations(world: World, random: Random): readonly Account[] {
  return Array.from({ length: 4 }, (_, i) => {
    const own = random.fork(`${i}`)
    const set = Array.from({ length: 30 }, () => assignment(own))
    const startMs = beginning(world, own, 4)
    function* runs(): Generator<Step> {
      for (const model of ['large-2', 'small-2', 'large-1', 'reasoning-1'])
        for (const temperature of [0, 0.7, 1])
          for (const text of set)
            yield { turns: [{ role: 'user', text }], model, params: { temperature }, harvest: false }
    }
    return createAccount(
      {
        kind: 'honest',
        class: 'evaluation',
        face: drawFace(own.fork('face'), startMs),
        startMs,
        count: 12 * set.length,
        clock: world.clocks.service(between(own, 0.5, 4)),
        steps: runs,
      },
      own,
    )
  })
}

const targets = ['German', 'Spanish', 'Polish', 'French', 'Japanese', 'Portuguese', 'Korean', 'Italian'] as const

/** One person each with texts to translate and a habit of asking for it. */
export function translators(world: World, random: Random): readonly Account[] {
  const { passage, sentence } = honestDocuments(world.data)
  return Array.from({ length: times(world, 16) }, (_, i) => {
    const own = random.fork(`${i}`)
    const startMs = beginning(world, own, 6)
    return createAccount(
      {
        kind: 'honest',
        class: 'translator',
        face: drawFace(own.fork('face'), startMs),
        startMs,
        count: seatSize(own.fork('size')),
        clock: world.clocks.human(between(own, 1.5, 6)),
        steps: (inner) => endless(inner, habitOf(own, { passage, sentence })),
      },
      own,
    )
  })
}

function habitOf(random: Random, { passage, sentence }: Documents): Phrase {
  const to = random.pick(targets)
  const frame = random.pick([
    (text: string): string => `translate to ${to}: ${text}`,
    (text: string): string => `${text}\n\nin ${to} please`,
    (text: string): string => `${to}: ${text}`,
    (text: string): string => `Please give me a natural ${to} version of this text, it is for a website.\n${text}`,
  ])
  return (inner) => {
    const draw = inner.next()
    if (draw < 0.12)
      return inner.pick([
        'more formal',
        'no, the second meaning',
        'shorter',
        'ok next',
        'is that how people say it?',
        'again',
      ])
    return frame(draw < 0.5 ? sentence(inner) : passage(inner))
  }
}
