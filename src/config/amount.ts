import type { Resource } from '../core/dimensions.ts'
import { scaled } from './decimal.ts'
import type { Complaint } from './problem.ts'

export const MAX_AMOUNT = 1e12
export const MIN_USD = 0.000001
export const MAX_USD = 1_000_000

/** What is wrong with an amount of a resource: whole numbers, but dollars to the nano-dollar. */
export function amountComplaint(amount: number, resource: Resource): Complaint | null {
  const isMoney = resource === 'cost_usd'
  const [min, max] = isMoney ? [MIN_USD, MAX_USD] : [1, MAX_AMOUNT]
  const hint = `write a ${isMoney ? '' : 'whole '}number from ${min} to ${max}`
  if (!(amount >= min)) return { message: `must be at least ${min}`, hint }
  if (amount > max) return { message: `must be at most ${max}`, hint }
  if (scaled(amount, isMoney ? 9 : 0) !== null) return null
  if (isMoney) return { message: 'finer than a nano-dollar', hint: 'write at most nine decimals' }
  return { message: `${resource} are counted in whole numbers`, hint }
}

/** In the unit that is counted: nano-dollars for money. 0 for what `amountComplaint` refuses. */
export const counted = (amount: number, resource: Resource): number =>
  scaled(amount, resource === 'cost_usd' ? 9 : 0) ?? 0

/** As it is written in the file. */
export const written = (amount: number, resource: Resource): number => (resource === 'cost_usd' ? amount / 1e9 : amount)
