import { between, chance, exponential, shuffled } from '../chance.ts'
import { createRandom, type Random } from '../random.ts'
import type { Actor } from '../run.ts'
import { assignment } from '../text/assignments.ts'
import { everyday, everydayEnglish, spoken } from '../text/everyday.ts'
import { speakerOf, type Speaker } from '../text/language.ts'
import { anyKind, instruction, passage } from '../text/passages.ts'
import { phrase, phrases } from '../text/phrase.ts'
import { words } from '../text/words.ts'
import { drawFace } from './face.ts'
import { askPolitely, echoes, said } from './honest.ts'
import { person, steady } from './rhythm.ts'

// Honest accounts that share text, an address, or an hour, and must not be blamed for it.

/** Customers with documents and one template of their own each; most have said that they are a batch. */
export const batches = (count: number): readonly Actor[] =>
  Array.from({ length: count }, (_, i) => ({
    name: `batch/${i}`,
    enter(random, roster, startMs) {
      const account = roster.add(random, startMs, {
        class: 'batch',
        isHonest: true,
        trust: 'verified',
        profile: i % 10 === 9 ? 'unknown' : 'batch',
      })
      return async (stage) => {
        const own = stage.random
        const client = stage.client(account)
        const template = instruction(own)
        const kind = anyKind(own)
        const due = steady(stage, own, between(own, 60_000, 600_000), 0.6)
        while (await due())
          await askPolitely(stage, client, {
            messages: [{ role: 'user', content: `${template}\n\n${passage(own, kind)}` }],
          })
      }
    },
  }))

/** Nobody goes on in all the ways there are. */
function someone(random: Random): Speaker {
  const language = everydayEnglish('honest')
  return speakerOf({ ...language, follows: shuffled(random, language.follows).slice(0, 5) })
}

const WRAPPER = [
  "Use the following pieces of context to answer the question at the end. If you don't know the answer, just say that you don't know, don't try to make up an answer.\n\n",
  '\nHelpful Answer:',
] as const

/** Many tenants of one framework, whose wrapper and program all of them share. */
export const frameworkUsers = (count: number): readonly Actor[] =>
  Array.from({ length: count }, (_, i) => ({
    name: `framework/${i}`,
    enter(random, roster, startMs) {
      const account = roster.add(random, startMs, {
        class: 'framework',
        isHonest: true,
        trust: 'standard',
        infrastructure: { program: { userAgent: 'chainkit/0.9.4 (python 3.12)', fingerprint: 'fp-chainkit' } },
      })
      return async (stage) => {
        const own = stage.random
        const client = stage.client(account)
        const kind = anyKind(own)
        const due = chance(own, 0.5) ? person(stage, own, 4, 5) : steady(stage, own, between(own, 1.2e6, 5e6), 1)
        while (await due()) {
          const context = chance(own, 0.7) ? `${passage(own, kind)}\n\n` : ''
          const content = `${WRAPPER[0]}${context}Question: ${everyday('honest')(own)}${WRAPPER[1]}`
          await askPolitely(stage, client, { messages: [{ role: 'user', content }] })
        }
      }
    },
  }))

/** Forty pupils, one address, one sign-up day, the same twenty assignments, most of them pasted as they stand. */
export function classroom(count: number): readonly Actor[] {
  const shared = createRandom('classroom')
  const tasks = Array.from({ length: 20 }, (_, i) => assignment(shared.fork(`task/${i}`)))
  const network = drawFace(shared, 0).networks[0]!
  const handIn = phrase('{||||help me with this: |our task: |hw: |can you do this? }')
  return Array.from({ length: count }, (_, i) => ({
    name: `pupil/${i}`,
    enter(random, roster, startMs) {
      const account = roster.add(random, startMs, {
        class: 'classroom',
        isHonest: true,
        trust: 'new',
        infrastructure: { networks: [network], signedUpMs: startMs - 2 * 86_400_000 },
      })
      return async (stage) => {
        const own = stage.random
        const client = stage.client(account)
        const due = person(stage, own, 4, 4)
        const { follow, tiny } = someone(own)
        for (const task of shuffled(own, tasks)) {
          const words = task.split(' ').filter((_, at) => at < 2 || !chance(own, 0.12))
          let turns = [{ role: 'user', text: handIn(own) + (chance(own, 0.3) ? words.join(' ').toLowerCase() : task) }]
          do {
            if (!(await due())) return
            await askPolitely(stage, client, { messages: said(turns) })
            const text = chance(own, 0.3) ? tiny(own) : follow(own)
            turns = turns.concat({ role: 'assistant', text: echoes(own) }, { role: 'user', text })
          } while (chance(own, 0.5))
        }
      }
    },
  }))
}

const launched = spoken(
  phrases(
    [
      '{hi|hey|so|wow|ok|}{, |} {is this|are you} the new {model|one}{ everyone talks about|}?',
      '{what|so what} can you do{ that the old one could not| better|}?',
      'how {many|much} {words|tokens|text} can {you|i} {read|send|paste}',
      '{testing|first try|just signed up|hello from <place>}, {write|make|tell} {me |}{something|a poem|a joke} about {yourself|<topic>|the launch}',
      'are you better {at|in} {<code>|maths|{german|spanish|japanese}|<topic>} {now|than before}',
      '{saw|read} the {news|post|announcement}{ from <name>|}, {what changed|is it true|how much is it}',
      'compare yourself {to|with} {the last version|other models} {on <topic>|for a <job>|}',
      '{can you|will you} {remember|see pictures|browse|run <code>}{ yet| now|}?',
      'strawberry{? how many r| how many letters}',
      '<everyday>',
      '<everyday>',
    ],
    { ...words, everyday: everyday('honest') },
  ),
)

/** A launch: many new accounts within hours, from everywhere, all of them curious about the same thing. */
export const launchDay = (count: number): readonly Actor[] =>
  Array.from({ length: count }, (_, i) => ({
    name: `launch/${i}`,
    enter(random, roster, startMs) {
      const account = roster.add(random, startMs, {
        class: 'launch day',
        isHonest: true,
        trust: 'new',
        infrastructure: { signedUpMs: startMs },
      })
      return async (stage) => {
        const own = stage.random
        await stage.sleep(Math.min(stage.endMs - stage.now() - 1, exponential(own, 5 * 3_600_000)))
        const client = stage.client(account)
        const due = person(stage, own, 3, 6)
        const { follow, tiny } = someone(own)
        for (let turns = [{ role: 'user', text: launched(own) }]; await due();) {
          await askPolitely(stage, client, { messages: said(turns) })
          const goesOn = chance(own, 0.7)
          const text = !goesOn ? launched(own) : chance(own, 0.4) ? tiny(own) : follow(own)
          turns = goesOn
            ? [...turns, { role: 'assistant', text: echoes(own) }, { role: 'user', text }]
            : [{ role: 'user', text }]
        }
      }
    },
  }))
