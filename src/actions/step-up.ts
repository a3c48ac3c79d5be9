import type { Make } from './part.ts'

/** Somebody is asked to show who it is. Whether there is grace left is known where it is taken. */
export const stepUp: Make<'step_up'> = (_spec, { id }) => ({ stepUp: id })
