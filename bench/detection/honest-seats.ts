import type { Random } from '../../src/lab/random.ts'
import type { Conversation } from './data.ts'
import { drawFace } from '../../src/lab/traffic/face.ts'
import { conversationSteps, conversations, honestPeople, people, type Side, utteranceSteps } from './people.ts'
import { between, shuffled } from '../../src/lab/chance.ts'
import { createAccount, type Step } from './script.ts'
import { inTongue, tongues } from './text/tongue.ts'
import type { Account } from './traffic.ts'
import { beginning, seatSize, times, type World } from './world.ts'

/** Real conversations with a model, bundled to accounts: the turns of one conversation are one person's, the account mixes a few. */
export function sharegptSeats(world: World, random: Random): readonly Account[] {
  const left = shuffled(
    random.fork('order'),
    conversations(world.data, 'honest').filter(({ id }) => world.has(id)),
  )
  const out: Account[] = []
  for (let i = 0; i < times(world, 40) && left.length > 0; i++) {
    const own = random.fork(`${i}`)
    const count = seatSize(own.fork('size'))
    const bundle: Conversation[] = []
    let turns = 0
    while (turns < count && left.length > 0) {
      const talk = left.pop()!
      bundle.push(talk)
      turns += talk.turns.filter(({ role }) => role === 'user').length
    }
    if (turns >= 10) out.push(seat(world, own, 'sharegpt seat', Math.min(count, turns), () => all(bundle)))
  }
  return out
}

function* all(bundle: readonly Conversation[]): Generator<Step> {
  for (const talk of bundle) yield* conversationSteps(talk)
}

/** What one person wrote over a day or years, as if to a model. */
export function ircSeats(world: World, random: Random): readonly Account[] {
  return shuffled(
    random.fork('order'),
    honestPeople(world, 'seat').filter(({ said }) => said.length >= 10),
  )
    .slice(0, times(world, 700))
    .map(({ said }, i) => {
      const own = random.fork(`${i}`)
      const count = Math.min(seatSize(own.fork('size')), said.length)
      return seat(world, own, 'irc seat', count, (inner) => utteranceSteps(inner, said.slice(0, count), world.answers))
    })
}

/**
 * The same people in languages that no calibration knows, some of them in each: their lives and turns, and none of their words.
 */
export function foreignSeats(world: World, random: Random): readonly Account[] {
  const each = times(world, FOREIGN)
  const writers = shuffled(
    random.fork('order'),
    honestPeople(world, 'seat').filter(({ said }) => said.length >= 10),
  )
  return writers.slice(0, each * tongues.length).map(({ said }, i) => {
    const tongue = tongues[Math.floor(i / each)]!
    const own = random.fork(`${i}`)
    const count = Math.min(seatSize(own.fork('size')), said.length)
    const texts = said.slice(0, count).map((text) => inTongue(tongue, text))
    return seat(world, own, `foreign seat, ${tongue.name}`, count, (inner) =>
      utteranceSteps(inner, texts, world.answers),
    )
  })
}

const FOREIGN = 40

/** Everybody of one side who wrote enough, as seats. */
export function seatsOf(world: World, side: Side, random: Random): readonly Account[] {
  return people(world.data, side)
    .filter(({ nick, said }) => world.has(nick) && said.length >= 10)
    .map(({ nick, said }) => {
      const own = random.fork(nick)
      const count = Math.min(seatSize(own.fork('size')), said.length)
      return seat(world, own, 'irc seat', count, (inner) => utteranceSteps(inner, said.slice(0, count), world.answers))
    })
}

/** An account of one person: sittings over some days, with a human's gaps. */
export function seat(
  world: World,
  random: Random,
  name: string,
  count: number,
  steps: (random: Random) => Iterator<Step>,
): Account {
  const days = between(random, 1.5, 7)
  const startMs = beginning(world, random, days)
  return createAccount(
    {
      kind: 'honest',
      class: name,
      face: drawFace(random.fork('face'), startMs),
      startMs,
      count,
      clock: world.clocks.human(days),
      steps,
    },
    random,
  )
}
