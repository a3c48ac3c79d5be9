import type { Random } from '../../src/lab/random.ts'
import { apps, batchTenants, developerAgents } from './honest-programs.ts'
import { ircSeats, sharegptSeats } from './honest-seats.ts'
import type { Account } from './traffic.ts'
import type { World } from './world.ts'

export const honestClasses = ['sharegpt seat', 'irc seat', 'developer agent', 'app', 'batch'] as const
export type HonestClass = (typeof honestClasses)[number]

/** Everybody who is honest, by class. No text of theirs is in any fleet. */
const classes: Readonly<Record<HonestClass, (world: World, random: Random) => readonly Account[]>> = {
  'sharegpt seat': sharegptSeats,
  'irc seat': ircSeats,
  'developer agent': developerAgents,
  app: apps,
  batch: batchTenants,
}

/** The same accounts of a class whichever other classes are in. */
export function createPopulation(
  world: World,
  random: Random,
  names: readonly HonestClass[] = honestClasses,
): readonly Account[] {
  return names.flatMap((name) => classes[name](world, random.fork(name)))
}
