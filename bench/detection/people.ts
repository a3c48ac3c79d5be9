import type { RecordedTurn } from '../../src/core/recorded.ts'
import { hash32, type Random } from '../../src/lab/random.ts'
import type { Conversation, Data, Utterance } from './data.ts'
import { geometric } from '../../src/lab/chance.ts'
import type { Step } from './script.ts'
import type { World } from './world.ts'

// What people write, by where it comes from. A person of IRC or a conversation of ShareGPT is either honest or chaff,
// by the hash of its name and whatever the seed, so that no fleet ever borrows the words of an honest account.

export type Side = 'honest' | 'chaff'

/** One half of the IRC nicks is honest, the other chaff. */
const sideOfNick = (nick: string): Side => (hash32(nick, 7) % 2 === 0 ? 'honest' : 'chaff')

/** There are few conversations, and honest seats need them more. */
const sideOfConversation = (id: string): Side => (hash32(id, 7) % 4 === 0 ? 'chaff' : 'honest')

/** What one nick wrote, in order. */
export interface Person {
  readonly nick: string
  readonly said: readonly string[]
}

export function people(data: Data, side: Side): readonly Person[] {
  const own = data.irc().filter(({ account, text }: Utterance) => sideOfNick(account) === side && text.trim() !== '')
  return [...Map.groupBy(own, ({ account }) => account)].map(([nick, all]) => ({
    nick,
    said: all.map(({ text }) => text),
  }))
}

/** Of the honest, a fifth talk to somebody's app and the others have an account of their own. */
export function honestPeople({ data, has }: World, place: 'seat' | 'app'): readonly Person[] {
  return people(data, 'honest').filter(({ nick }) => (hash32(nick, 8) % 5 === 0) === (place === 'app') && has(nick))
}

export const conversations = (data: Data, side: Side): readonly Conversation[] =>
  data.conversations().filter(({ id }) => sideOfConversation(id) === side)

/** Each user turn of a real conversation with what came before it. */
export function* conversationSteps({ turns }: Conversation): Generator<Step> {
  for (const [i, { role }] of turns.entries())
    if (role === 'user') yield { turns: turns.slice(Math.max(0, i - MAX_HISTORY), i + 1), harvest: false }
}

/** Utterances as the turns of conversations of one to a few turns, with others' words as the answers between them. */
export function* utteranceSteps(random: Random, said: Iterable<string>, answers: readonly string[]): Generator<Step> {
  let left = 0
  let turns: readonly RecordedTurn[] = []
  for (const text of said) {
    if (left === 0) {
      left = geometric(random, 3)
      turns = []
    }
    left--
    turns = [...turns.slice(-MAX_HISTORY), { role: 'user', text }]
    yield { turns, harvest: false }
    turns = [...turns, { role: 'assistant', text: random.pick(answers) }]
  }
}

/** Clients cut what they send, too. */
const MAX_HISTORY = 12
