import { elicitationShare } from './account/elicitation-share.ts'
import type { Signal } from './signal.ts'

/** Every named signal. To add one: its file in `account/`, its test beside it, a line here, its base rate in the docs. */
export const signals: readonly Signal[] = [elicitationShare]
