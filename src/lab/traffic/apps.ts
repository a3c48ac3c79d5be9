import { between } from '../chance.ts'
import type { Actor } from '../run.ts'
import { personSteps, type PersonStep } from '../text/language.ts'
import { phrases } from '../text/phrase.ts'
import { words } from '../text/words.ts'
import { askPolitely, echoes, said } from './honest.ts'
import { steady } from './rhythm.ts'
import { tongue } from './seats.ts'

const system = phrases(
  [
    'You are {Milo|Tess|Nova|the assistant} of a {shop|bank|clinic|travel agency|school} in <place>. {Be brief|Be friendly|Never give legal advice}.',
    'You help <audience> with <topic>. {Answer in the language of the question.|If unsure, say so.|No lists.}',
    '{Act as|You are} a <job> who answers questions about <topic>{ and <topic>|}. {Keep it under <big> words.|Stay polite.}',
  ],
  words,
)

/** Products with a few dozen people behind one key, each named to the API, all of them under one system prompt. */
export const apps = (count: number): readonly Actor[] =>
  Array.from({ length: count }, (_, i) => ({
    name: `app/${i}`,
    enter(random, roster, startMs) {
      const account = roster.add(random, startMs, {
        class: 'apps',
        isHonest: true,
        trust: 'verified',
        // A product with a contract has said what it is.
        profile: 'app',
        tenant: `app-${i}`,
      })
      return async (stage) => {
        const own = stage.random
        const client = stage.client(account)
        const prompt = system(own)
        const users = Array.from({ length: 20 + own.below(40) }, (_, u) => {
          return { name: `u${u}`, steps: personSteps(own.fork(`user/${u}`), tongue(own), echoes) }
        })
        const due = steady(stage, own, between(own, 60_000, 300_000), 1)
        while (await due()) {
          const { name, steps } = own.pick(users)
          const { turns } = steps.next().value as PersonStep
          await askPolitely(stage, client, {
            messages: [{ role: 'system', content: prompt }, ...said(turns)],
            user: name,
          })
        }
      }
    },
  }))
