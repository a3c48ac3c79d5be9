import type { Reader } from './line.ts'
import { readLitellm } from './litellm.ts'
import { readOpenai } from './openai.ts'
import { readOwn } from './own.ts'

/** What `--from` can say. */
export const formatNames = ['own', 'litellm', 'openai'] as const
export type FormatName = (typeof formatNames)[number]

export const readers: Readonly<Record<FormatName, Reader>> = { own: readOwn, litellm: readLitellm, openai: readOpenai }
