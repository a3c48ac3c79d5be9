import { between } from '../chance.ts'
import type { Random } from '../random.ts'
import type { Actor } from '../run.ts'
import { everydayEnglish } from '../text/everyday.ts'
import { personSteps, type Language } from '../text/language.ts'
import { languages } from '../text/languages/index.ts'
import { askPolitely, echoes, said } from './honest.ts'
import { person } from './rhythm.ts'

const talkers = everydayEnglish('honest')

/** Three in four write English, the others in one of nine other languages, whose grammars are narrower. */
export const tongue = (random: Random): Language => (random.next() < 0.75 ? talkers : random.pick(languages.slice(1)))

/** People at keyboards, each with an account that they have had for a while. */
export const seats = (count: number): readonly Actor[] =>
  Array.from({ length: count }, (_, i) => ({
    name: `seat/${i}`,
    enter(random, roster, startMs) {
      const account = roster.add(random, startMs, { class: 'people', isHonest: true, trust: 'standard' })
      return async (stage) => {
        const client = stage.client(account)
        const due = person(stage, stage.random, between(stage.random, 1, 5), between(stage.random, 2, 7))
        const steps = personSteps(stage.random.fork('says'), tongue(stage.random), echoes)
        while (await due()) {
          const { turns } = steps.next().value as { turns: Parameters<typeof said>[0] }
          await askPolitely(stage, client, { messages: said(account.face.withHistory ? turns : turns.slice(-1)) })
        }
      }
    },
  }))
