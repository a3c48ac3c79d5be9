import type { Reader } from './line.ts'
import { readOwn } from './own.ts'

/** What `--from` can say. */
export const formatNames = ['own'] as const
export type FormatName = (typeof formatNames)[number]

export const readers: Readonly<Record<FormatName, Reader>> = { own: readOwn }
