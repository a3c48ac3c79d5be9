import type { Make } from './part.ts'

/** Another upstream answers, and nothing says so. */
export const decoy: Make<'decoy'> = ({ upstream }) => ({ decoy: upstream })
