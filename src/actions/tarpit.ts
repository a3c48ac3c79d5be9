import type { Make } from './part.ts'

/** The answer is the same and comes slowly. */
export const tarpit: Make<'tarpit'> = ({ firstByteMs, perChunkMs }) => ({ tarpit: { firstByteMs, perChunkMs } })
