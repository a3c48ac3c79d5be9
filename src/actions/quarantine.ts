import type { Make } from './part.ts'

/** A key that others may have. */
export const quarantine: Make<'quarantine'> = () => ({ refusal: { kind: 'quarantined' } })
