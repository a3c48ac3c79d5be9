import type { Random } from '../../src/lab/random.ts'
import { bulkCustomer, evaluations, translators } from './honest-customers.ts'
import { classroom, frameworkUsers, speakers, supportDesks } from './honest-groups.ts'
import { apps, batchTenants, developerAgents } from './honest-programs.ts'
import { foreignSeats, ircSeats, sharegptSeats } from './honest-seats.ts'
import { languages } from '../../src/lab/text/languages/index.ts'
import type { Account } from './traffic.ts'
import type { World } from './world.ts'

export const honestClasses = [
  'sharegpt seat',
  'irc seat',
  'foreign seat',
  'speaker',
  'developer agent',
  'app',
  'batch',
  'framework user',
  'classroom',
  'support desk',
  'translator',
  'evaluation',
  'bulk customer',
] as const
export type HonestClass = (typeof honestClasses)[number]

/** Everybody who is honest, by class. No text of theirs is in any fleet. */
const classes: Readonly<Record<HonestClass, (world: World, random: Random) => readonly Account[]>> = {
  'sharegpt seat': sharegptSeats,
  'irc seat': ircSeats,
  'foreign seat': foreignSeats,
  speaker: (world, random) => speakers(world, random, languages),
  'developer agent': developerAgents,
  app: apps,
  batch: batchTenants,
  'framework user': frameworkUsers,
  classroom,
  'support desk': supportDesks,
  translator: translators,
  evaluation: evaluations,
  'bulk customer': bulkCustomer,
}

/** All but the bulk customer, whose traffic is that of all others together. */
export const everydayClasses: readonly HonestClass[] = honestClasses.filter((name) => name !== 'bulk customer')

/** The same accounts of a class whichever other classes are in. */
export function createPopulation(
  world: World,
  random: Random,
  names: readonly HonestClass[] = everydayClasses,
): readonly Account[] {
  return names.flatMap((name) => classes[name](world, random.fork(name)))
}
