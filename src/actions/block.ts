import type { Make } from './part.ts'

/** On a descriptor it is a kill switch, which says nothing about the caller. */
export const block: Make<'block'> = (_spec, { subject }) => ({
  refusal: { kind: subject.kind === 'descriptor' ? 'switched_off' : 'blocked' },
})
