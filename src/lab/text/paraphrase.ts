import type { Random } from '../random.ts'
import { chance } from '../chance.ts'

/** Words for words, as a cheap script does it: what stands in for an attacker that takes some trouble, yet pays no model for it. */
const groups = [
  ['many', 'numerous', 'lots of'],
  ['how much', 'what amount'],
  ['find', 'determine', 'work out'],
  ['write', 'compose', 'draft'],
  ['explain', 'describe', 'lay out'],
  ['each', 'every'],
  ['buys', 'purchases', 'gets'],
  ['sells', 'offers'],
  ['the following', 'this', 'the text below'],
  ['answer', 'reply', 'response'],
  ['question', 'query'],
  ['big', 'large'],
  ['small', 'little'],
  ['begin', 'start'],
  ['also', 'as well'],
  ['but', 'yet', 'though'],
  ['because', 'since', 'as'],
  ['show', 'present', 'give'],
  ['use', 'apply'],
  ['need', 'require'],
  ['people', 'persons', 'folks'],
  ['house', 'home'],
  ['job', 'task'],
  ['total', 'sum'],
  ['rest', 'remainder'],
  ['then', 'after that', 'next'],
  ['about', 'regarding', 'on'],
  ['only', 'just'],
  ['first', 'initially'],
  ['choose', 'pick', 'select'],
  ['review', 'critique'],
  ['title', 'heading'],
  ['summarize', 'sum up', 'condense'],
  ['article', 'piece', 'text'],
  ['what is', "what's"],
  ['please', 'kindly'],
] as const

const others = new Map<string, readonly string[]>(
  groups.flatMap((group) =>
    group.map((word): [string, readonly string[]] => [word, group.filter((one) => one !== word)]),
  ),
)
const known = new RegExp(`\\b(?:${[...others.keys()].join('|')})\\b`, 'gi')

/** Two in three of the words it knows change, and half of the texts get another opening. */
export function reworded(random: Random, text: string): string {
  const body = text.replaceAll(known, (word) =>
    chance(random, 0.65) ? random.pick(others.get(word.toLowerCase())!) : word,
  )
  return chance(random, 0.5)
    ? random.pick([
        'Okay: ',
        'Next one. ',
        'Hello, ',
        'Now ',
        'A quick one: ',
        'So, ',
        'Could you help? ',
        'I wonder: ',
      ]) + body
    : body
}
